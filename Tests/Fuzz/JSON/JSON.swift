import OCI

/// Bytes as a JSON document: what is read is written so that it is read again as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONValue(parsing: bytes) else { return 0 }
    for text in [value.serialized(), value.serialized(indent: 1)] {
        guard (try? JSONValue(parsing: text)) == value else { fatalError("what was written reads otherwise") }
    }
    return 0
}
