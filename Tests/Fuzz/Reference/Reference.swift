import OCI

/// Bytes as an image's name: every way to print it names the same image.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReference(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    guard let reference = try? Reference(parsing: text) else { return 0 }
    for printed in [reference.description, reference.familiar] {
        guard (try? Reference(parsing: printed)) == reference else {
            fatalError("\(printed) names another image")
        }
    }
    let tagged = try? reference.tagged("latest")
    guard tagged?.name == reference.name && tagged?.tag == "latest" else {
        fatalError("a tag makes another image")
    }
    return 0
}
