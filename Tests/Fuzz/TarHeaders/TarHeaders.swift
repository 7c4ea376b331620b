/// Changes bytes as libFuzzer does, and mends the checksums of the tar headers in them.
///
/// - Parameters:
///   - start: The bytes.
///   - count: How many they are.
///   - room: How many they may become.
///   - first: Where the first header begins.
/// - Returns: How many they are now.
public func mutateHeaders(
    _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ room: Int, from first: Int
) -> Int {
    let count = mutate(start, count, room)
    for header in stride(from: first, to: max(count - 511, first), by: 512)
    where start[header + 257] == 0x75 {
        for place in 148..<156 { start[header + place] = 0x20 }
        var sum = (0..<512).reduce(0) { $0 + Int(start[header + $1]) }
        for place in (148..<154).reversed() {
            start[header + place] = 0x30 + UInt8(sum & 7)
            sum >>= 3
        }
    }
    return count
}

@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ room: Int) -> Int
