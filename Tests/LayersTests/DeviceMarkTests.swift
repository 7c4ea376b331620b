import Linux
import Tar
import Testing

@testable import Layers

struct DeviceMarkTests {
    @Test func `what is written is read`() {
        for kind in [
            TarEntry.Kind.characterDevice(major: 1, minor: 7), .blockDevice(major: 259, minor: .max),
        ] {
            let mark = DeviceMark.attribute(of: kind)
            #expect(DeviceMark.device(in: [mark].compactMap(\.self)) == kind)
        }
        #expect(DeviceMark.attribute(of: .fifo) == nil && DeviceMark.device(in: []) == nil)
    }

    @Test(arguments: ["", "c", "c 1", "c 1:", "1:3", "p 1:3", "c1:3", "c -1:3", "c 1:4294967296", "c 1:2:3"])
    func `what something else wrote is no device`(text: String) {
        let mark = ExtendedAttribute(name: DeviceMark.name, value: Array(text.utf8))
        #expect(DeviceMark.device(in: [mark]) == nil)
    }

    @Test func `a mark is in no layer`() throws {
        #expect(try !AttributeFilter(alsoKeeping: ["user.*"]).keeps(DeviceMark.name))
    }
}
