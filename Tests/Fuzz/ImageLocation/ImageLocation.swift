import Images
import SystemPackage

/// Bytes as an image's location: what is printed names the same place.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImageLocation(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        let location = try ImageLocation(parsing: bytes)
        let printed = location.description
        // A name that was escaped for a message is another name.
        guard !printed.contains("\\") else { return 0 }
        guard (try? ImageLocation(parsing: Array(printed.utf8))) == location else {
            fatalError("another place")
        }
        _ = try? location.name
    } catch {
        precondition(!error.description.isEmpty)
    }
    return 0
}
