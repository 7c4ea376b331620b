import Tar

/// Bytes as an mtree specification: an attribute that is written is read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTreeSpecification(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let specification = try? TreeSpecification(parsing: bytes) else { return 0 }
    precondition(specification.entries.allSatisfy { $0.permissions ?? 0 <= 0o7777 })
    let plain = bytes.prefix { (0x61...0x7A).contains($0) }
    guard !plain.isEmpty else { return 0 }
    let line = TreeSpecification.attributeLine(of: plain + [], name: bytes.filter { $0 != 0 }, value: bytes)
    let entry = try? TreeSpecification(parsing: line + plain + Array(" type=file\n".utf8)).entries.first
    guard entry?.attributes.first?.value == bytes else { fatalError("an attribute is lost") }
    return 0
}
