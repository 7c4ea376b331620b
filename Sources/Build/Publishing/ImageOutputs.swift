import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// All the places that one new image goes to.
///
/// Whatever can fail happens before the first of them shows the image.
final class ImageOutputs {
    private var layouts: [LayoutOutput] = []
    private var archives: [ArchiveOutput] = []
    private let registry: RegistryOutput?

    /// Opens them all; what is made for them goes again, unless it is published.
    ///
    /// Registries are asked first: who may not push need not pack.
    init(_ places: [ImagePlace], _ registries: Registries, progress: @escaping (Progress) -> Void) throws {
        let references = places.compactMap { place in
            if case .registry(let reference) = place { reference } else { nil }
        }
        registry =
            references.isEmpty ? nil : try RegistryOutput(references, registries, progress: progress)
        for place in places {
            guard case .stored(let location) = place else { continue }
            guard location.transport == .layout else {
                if let known = archives.first(where: { $0.isAt(location) }) {
                    try known.merge(location)
                } else {
                    archives.append(try ArchiveOutput(location))
                }
                continue
            }
            let layout = try LayoutOutput(location.path, name: location.name.description)
            if let known = layouts.first(where: { $0.identity == layout.identity }) {
                known.merge(layout)
            } else {
                layouts.append(layout)
            }
        }
    }

    /// A file for the layer: a blob of the first layout, else one without a name beside the first archive.
    func spool() throws -> TemporaryFile {
        if let layout = layouts.first { return try layout.temporaryBlob() }
        for archive in archives {
            if let file = try archive.scratchFile() { return file }
        }
        let home = registry == nil ? "." : Machine.temporaryDirectory
        var file = try TemporaryFile(in: Directory.open(home))
        try file.forgetName()
        return file
    }

    /// Takes over a layer that was written to ``spool()``.
    func adopt(_ spool: consuming TemporaryFile, as layer: Digest) { layouts.first?.adopt(spool, as: layer) }

    /// Writes everything but the names.
    ///
    /// Streams come last of what takes long, for nobody can take them back; locks come after them.
    ///
    /// - Parameters:
    ///   - image: The image.
    ///   - mounts: Repositories that have some of its blobs: a registry takes them over by itself.
    /// - Throws: `FileError`, `ImageError`, `RegistryError`, `HTTPError`, `Interruption`.
    func write(_ image: NewImage, mounting mounts: [Digest: Registries.Place] = [:]) throws {
        for archive in archives where !archive.isStream { try archive.write(image) }
        for layout in layouts { try layout.copyLayers(of: image) }
        for archive in archives where archive.isStream { try archive.write(image) }
        // In an order of their own, so that two processes never wait for each other.
        let ordered = layouts.sorted { first, second in
            (first.identity.device, first.identity.inode) < (second.identity.device, second.identity.inode)
        }
        // Sending can take long, and nobody shall wait for a lock meanwhile.
        try registry?.write(image, mounting: mounts)
        for layout in ordered { try layout.write(image) }
    }

    /// Whether it goes nowhere.
    var isEmpty: Bool { layouts.isEmpty && archives.isEmpty && registry == nil }

    /// Whether it goes to a registry, too.
    var hasRegistry: Bool { registry != nil }

    /// What it is called in registries.
    var references: [Reference] { registry?.references ?? [] }

    /// The archives that can be found again.
    var archivePaths: [FilePath] { archives.filter { !$0.isStream }.map(\.location.path) }

    /// Signs what is said of the image for those who fetch it from a registry.
    func attest(
        _ image: NewImage, by signer: Signer, _ statement: ([ResourceDescriptor]) throws -> Statement
    ) throws {
        try registry?.attest(image, by: signer, statement)
    }

    /// Shows the image in all places; calls `begun` once one does, for what is said of the image must stay then.
    func publish(_ image: NewImage, begun: () -> Void) throws {
        if let registry {
            try registry.publish(image)
            begun()
        }
        for layout in layouts {
            try layout.publish(image)
            begun()
        }
        for archive in archives {
            try archive.publish()
            begun()
        }
    }

    /// Where provenance goes, and what each statement is about besides the manifest.
    func provenance(_ destination: ProvenanceSettings.Destination) -> [ProvenanceTarget] {
        let layouts = layouts.map {
            ProvenanceTarget(.beside(layout: $0.path), names: $0.names, archives: [])
        }
        let all = archives.map { archive in
            ProvenanceTarget(
                .beside(archive: archive.location.path), names: archive.names.map(\.description),
                archives: [archive])
        }
        switch destination {
        case .none: return []
        case .beside: return layouts + all.filter { !$0.archives.allSatisfy(\.isStream) }
        case .file(let path):
            var names: [String] = []
            let remote = registry?.references.map(\.description) ?? []
            for name in (layouts + all).flatMap(\.names) + remote where !names.contains(name) {
                names.append(name)
            }
            return [ProvenanceTarget(.file(path), names: names, archives: archives)]
        }
    }
}
