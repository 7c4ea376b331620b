import Images
import Linux
import OCI
import SystemPackage

/// A layout that a new image goes to, under one name or several.
final class LayoutOutput {
    let path: FilePath
    /// Which directory it is: two outputs may lead to one.
    let identity: FileStatus.Identity
    private(set) var names: [String]
    private var copies: [(digest: Digest, copy: LayerCopy)] = []
    /// Gone once the writer has taken it over.
    private var layout: ImageLayout?
    private var writer: LayoutWriter?

    /// Opens it, or makes it ready; nothing is locked yet.
    init(_ path: FilePath, name: String) throws {
        let layout = try ImageLayout(writing: path)
        identity = try layout.identity()
        (self.path, names) = (path, [name])
        self.layout = consume layout
    }

    /// Takes the names of another output that leads here.
    func merge(_ other: LayoutOutput) { names += other.names.filter { !names.contains($0) } }

    /// A file for the layer in the making, in the directory it will stay in.
    func temporaryBlob() throws -> TemporaryFile {
        guard let file = try layout?.temporaryBlob() else { preconditionFailure("the layout was locked") }
        return file
    }

    /// Takes the layer's own file over, where it was made here.
    func adopt(_ spool: consuming TemporaryFile, as digest: Digest) {
        copies.append((digest, LayerCopy(spool)))
    }

    /// Copies the layers that are not here yet; nobody is kept waiting meanwhile.
    func copyLayers(of image: NewImage) throws {
        for layer in image.layers where !copies.contains(where: { $0.digest == layer.descriptor.digest }) {
            if !layer.isOwn, try layout?.holdsGood(layer.descriptor) == true { continue }
            guard let copy = try layout?.copy(layer) else { continue }
            copies.append((layer.descriptor.digest, LayerCopy(copy)))
        }
    }

    /// Takes the layout's lock, and writes everything but the name.
    func write(_ image: NewImage) throws {
        guard let layout = layout.take() else { preconditionFailure("the layout was locked") }
        var writer = try LayoutWriter(layout)
        for (digest, copy) in copies {
            if let file = copy.file.take() { try writer.adopt(file, as: digest) }
        }
        // What was here before may have been taken away until the lock was ours.
        for layer in image.layers where !writer.holds(layer.descriptor) {
            try writer.adopt(writer.copy(layer), as: layer.descriptor.digest)
        }
        try writer.put(image)
        self.writer = consume writer
    }

    /// Gives the image its names.
    func publish(_ image: NewImage) throws { try writer?.tag(image.manifest, as: names) }
}

/// A layer's file on its way into a layout: an array holds nothing that cannot be copied.
private final class LayerCopy {
    var file: TemporaryFile?

    init(_ file: consuming TemporaryFile) { self.file = consume file }
}
