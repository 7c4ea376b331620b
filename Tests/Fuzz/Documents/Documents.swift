import OCI

/// Bytes as each document of an image: what is read is written so that it is read again as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDocuments(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    read(Manifest.self, bytes) { manifest in
        precondition(manifest.layers.allSatisfy { $0.size >= 0 })
    }
    read(Index.self, bytes) { index in _ = index.first(for: Platform(os: "linux", architecture: "arm")) }
    read(ImageConfiguration.self, bytes) { configuration in
        _ = (configuration.created, configuration.platform.normalized, configuration.labels)
        _ = (configuration.user, configuration.environment, configuration.exposedPorts)
        var changed = configuration
        changed.append(layer: .emptyObject, history: HistoryEntry(comment: "fuzz"))
        guard changed.diffIDs.count == configuration.diffIDs.count + 1 else { fatalError("a layer is lost") }
        guard changed.history.count == configuration.history.count + 1 else { fatalError("a step is lost") }
    }
    return 0
}

private func read<Value: JSONDocument>(_: Value.Type, _ bytes: [UInt8], _ use: (Value) -> Void) {
    let document: Document<Value>
    do {
        document = try Document(parsing: bytes)
    } catch {
        precondition(!error.description.isEmpty)
        return
    }
    use(document.value)
    let written = Document(document.value)
    guard (try? Document(parsing: written.bytes)) == written else {
        fatalError("what was written reads otherwise")
    }
}
