import Images
import Linux
import OCI
import Registry
import SystemPackage

/// Copies an image from one place to others, byte for byte, with what is attached to it.
public struct ImageCopier {
    private let request: CopyRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: CopyRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// What is copied, read as far as its documents.
    private struct Original {
        let source: ImageSource
        /// Where it is, if it is in a registry.
        let place: Registries.Place?
        let contents: ImageContents
        let attached: [(entry: Descriptor, contents: ImageContents)]
        /// What lies beside it.
        let beside: [(image: Descriptor, attachment: Attachment)]
    }

    /// Copies.
    ///
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them.
    public func copy() throws -> CopiedImage {
        let destinations = try request.destinations.map { try ImagePlace(writing: $0) }
        let registries = try Registries(request.distribution)
        try check(destinations)
        let references = destinations.compactMap { place in
            if case .registry(let reference) = place { reference } else { nil }
        }
        let push = RegistryPush(registries, progress: progress)
        let original = try self.original(registries)
        var summary = TransferSummary()
        for case .stored(let location) in destinations {
            summary = try summary + store(original, at: location, registries)
        }
        if !references.isEmpty {
            let source = original.source
            summary =
                try summary
                + push.put(
                    original.contents, to: references, from: { [place = original.place] _ in place }
                ) {
                    .file(try source.openBlob($0))
                }
            for place in try Set(references.map(registries.placeToPush)) {
                let attachments = AttachmentPush(registries, at: place, progress: progress)
                summary =
                    try summary
                    + attachments.copy(original.attached, from: source, at: original.place)
                for (image, attachment) in original.beside {
                    try attachments.add(attachment, to: image, at: Attester.now)
                }
            }
            try push.tag(original.contents, as: references)
        }
        let attachments = original.attached.count + original.beside.count
        let canHold = destinations.contains { $0.isLayout || $0.path == nil }
        if attachments > 0, !canHold { progress(.note(.nowhereForAttachments(attachments))) }
        return CopiedImage(
            digest: "\(original.contents.root.digest)", summary: summary,
            attachments: canHold ? attachments : 0)
    }

    private func check(_ destinations: [ImagePlace]) throws {
        guard !destinations.isEmpty else { throw BuildError.usage("destination", "give at least one") }
        for place in destinations {
            _ = try place.writtenName
            guard case .stored = place else {
                guard request.direction != .pull else {
                    throw BuildError.usage(
                        "destination", "\(place) is in a registry; varve copy writes to it")
                }
                continue
            }
            guard request.direction != .push else {
                throw BuildError.usage(
                    "destination", "\(place) is not in a registry; varve copy writes to it")
            }
            guard !place.isStandardStream else {
                throw BuildError.usage("destination", "an image is not copied to standard output")
            }
        }
    }

    // MARK: What is copied

    private func original(_ registries: Registries) throws -> Original {
        let place = try ImagePlace(parsing: request.source)
        let source: ImageSource
        var remote: RemoteImage?
        switch place {
        case .stored(let location):
            guard request.direction != .pull else {
                throw BuildError.usage("image", "\(place) is not in a registry; varve copy reads it")
            }
            source = try ImageSource(reading: location)
        case .registry(let reference):
            let found = try RemoteImage(reference, in: registries)
            (source, remote) = (found.source, found)
        }
        let root = try root(of: place, in: source, remote?.root)
        let contents = try ImageContents(of: root, in: source)
        let attached: [Descriptor] =
            if !request.hasAttachments {
                []
            } else if let remote {
                try RemoteImage.attachments(of: contents.subjects, at: remote.place, registries)
            } else {
                source.attachments(of: contents.subjects)
            }
        return Original(
            source: source, place: remote?.place, contents: contents,
            attached: readable(attached, of: contents.subjects, in: source),
            beside: request.hasAttachments ? try EnvelopesBeside(of: contents, at: place).attachments : [])
    }

    /// Attachments that are whole, and about what is copied; of others the user is told.
    private func readable(
        _ entries: [Descriptor], of images: [Digest], in source: ImageSource
    ) -> [(entry: Descriptor, contents: ImageContents)] {
        entries.compactMap { entry in
            do {
                let subject =
                    try CosignImage.subject(of: entry)?.image ?? source.manifest(entry).value.subject?.digest
                guard subject.map(images.contains) == true else { return nil }
                return (entry, try ImageContents(of: entry, in: source))
            } catch {
                progress(.note(.attachmentLeftOut(entry.digest, "\(error)")))
                return nil
            }
        }
    }

    /// The image or index; without a name's and an index's annotations, which are another place's business.
    private func root(
        of place: ImagePlace, in source: ImageSource, _ remote: Descriptor?
    ) throws -> Descriptor {
        let selector: ImageLocation.Selector? =
            if let remote {
                .digest(remote.digest)
            } else if case .stored(let location) = place {
                location.selector
            } else {
                nil
            }
        let found =
            switch request.platforms {
            case .one(let text): try source.resolve(selector, platform: ImageSettings.platform(text))
            case .all: try source.top(selector)
            }
        return Descriptor(mediaType: found.mediaType, digest: found.digest, size: found.size)
    }

    // MARK: To a layout or an archive

    private func store(
        _ original: Original, at location: ImageLocation, _ registries: Registries
    ) throws -> TransferSummary {
        let source = original.source
        guard location.transport != .layout else {
            let origin = BlobOrigin(source: source, place: original.place, registries: registries)
            let summary = try LayoutPull(progress: progress).pull(
                original.contents, with: original.attached, to: location
            ) { try origin.read($0, progress: $1, $2) }
            try attach(original.beside, in: location)
            return summary
        }
        guard original.contents.root.mediaType.isManifest else {
            throw BuildError.usage(
                "destination", "an archive holds one image; choose it with --platform, or write to oci:DIR")
        }
        let archive = try ArchiveOutput(location)
        let (found, summary) = try fetch(original, beside: archive, registries)
        try archive.write(
            NewImage(found.manifest(original.contents.root), original.contents.root, in: found))
        try archive.publish()
        return summary
    }

    /// Brings all blobs of an image in a registry here, several at once: the image as it is then, in files without
    /// names.
    private func fetch(
        _ original: Original, beside archive: ArchiveOutput, _ registries: Registries
    ) throws -> (ImageSource, TransferSummary) {
        guard let place = original.place else { return (original.source, TransferSummary()) }
        var files: [Digest: HandedFile] = [:]
        for blob in original.contents.blobs {
            if let file = try archive.scratchFile() { files[blob.digest] = HandedFile(file) }
        }
        let (waiting, origin) = (
            files, BlobOrigin(source: original.source, place: place, registries: registries)
        )
        let summary = try Transfers(progress: progress).run(original.contents.blobs) { blob, progress in
            guard let file = waiting[blob.digest] else { return }
            try origin.read(blob, progress: progress) { try file.write($0) }
        }
        var slices: [Digest: FileSlice] = [:]
        for (digest, file) in files { slices[digest] = try file.take()?.slice() }
        let (found, remote) = (slices, original.source)
        let source = ImageSource(
            named: "\(place.repository)", index: Index(manifests: [original.contents.root]),
            fetching: BlobFetch {
                try remote.document($0)
            } blob: { blob in
                try found[blob.digest] ?? remote.openBlob(blob)
            })
        return (source, summary)
    }

    private func attach(
        _ attachments: [(image: Descriptor, attachment: Attachment)], in location: ImageLocation
    ) throws {
        for (image, attachment) in attachments {
            var writer = try LayoutWriter(ImageLayout(writing: location.path))
            try writer.attach(attachment, to: image, at: Attester.now) { content, _ in
                attachment.has(content)
            }
        }
    }
}
