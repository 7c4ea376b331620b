import Linux

@testable import Build

/// Bytes as a context's place, and as what a server says a file is called.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzContextPlace(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    if let name = RemoteFileName.find(disposition: text, path: "/") { check(name) }
    if let name = RemoteFileName.find(disposition: nil, path: text) { check(name) }
    do {
        let place = try ContextPlace(parsing: bytes)
        precondition(!place.description.isEmpty)
        guard case .git(let location) = place else { return 0 }
        // What git is told must be neither a flag nor several words.
        for word in [location.remote, location.ref ?? "x"] {
            precondition(!word.hasPrefix("-") && word.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F })
        }
        precondition(!location.subdirectory.contains(".."))
        _ = try? location.material(commit: String(repeating: "0a", count: 20))
    } catch {
        precondition(!"\(error)".isEmpty)
    }
    return 0
}

/// A name that a stranger gave must be one component that leads nowhere.
private func check(_ name: FileName) {
    precondition(!name.bytes.isEmpty && name.bytes.count <= 255 && name != "." && name != "..")
    precondition(!name.bytes.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7F })
}
