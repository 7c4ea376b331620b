import Testing

@testable import Layers

struct StreamWindowTests {
    @Test func `what went by last is there, across chunks`() {
        let window = StreamWindow()
        for start in [0, 10, 20] { window.append((start..<start + 10).map { UInt8($0) }) }
        #expect(window.bytes(0..<3) == [0, 1, 2])
        #expect(window.bytes(8..<22) == (8..<22).map { UInt8($0) })
        #expect(window.bytes(30..<30) == [])
        #expect(window.bytes(29..<31) == nil)
    }

    @Test func `what went by long ago is not kept, and the reach always is`() {
        let window = StreamWindow()
        let chunk = [UInt8](repeating: 1, count: 1 << 20)
        for _ in 0..<10 { window.append(chunk) }
        #expect(window.end == 10 << 20)
        #expect(window.bytes(0..<1) == nil)
        #expect(window.bytes(Int64(7 << 20)..<Int64(10 << 20))?.count == 3 << 20)
    }
}
