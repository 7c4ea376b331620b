import OCI

@testable import Registry

/// Up to the first newline a registry and a path, behind it a document of credentials.
///
/// No error shows what the document holds, and a login that is stored is found again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAuthFile(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let name = bytes.prefix { $0 != 10 }
    let key = AuthKey(parsing: String(decoding: name, as: UTF8.self))
    guard AuthKey(parsing: key.server).registry == key.registry else {
        fatalError("\(key) is another registry")
    }
    do {
        var file = try AuthFile(parsing: Array(bytes.dropFirst(name.count + 1)), named: "file")
        _ = try file.entries(for: key)
        _ = try file.program(for: AuthKey(registry: key.registry))
        guard try file.set(["auth": "dTpw"], for: key) else { fatalError("nothing was stored") }
        let again = try AuthFile(parsing: JSONValue.object(file.document).serialized(), named: "file")
        let isFound = try again.entries(for: key).contains { entry in
            if case .credential(.basic(user: "u", _)) = entry { true } else { false }
        }
        // A key such as `host/v1` means the whole host when it is read again.
        guard isFound || AuthKey(parsing: key.server) != key else {
            fatalError("what was stored is not found")
        }
    } catch CredentialError.malformed(_, let reason) {
        guard !reason.contains("s3cret") else { fatalError("an error shows a secret") }
    } catch {}
    return 0
}
