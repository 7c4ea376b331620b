import Linux
public import OCI
public import SystemPackage

/// What a person who waits may want to know.
public enum Progress: Sendable {
    /// A layer grows: bytes of its tar, bytes of its blob, entries.
    case packing(bytesIn: Int64, bytesOut: Int64, entries: Int)
    /// A tree grows: which layer of how many, and bytes of tar so far.
    case unpacking(layer: Int, of: Int, bytes: Int64)
    /// Blobs are hashed: bytes so far.
    case checking(bytes: Int64)
    /// Layers are read: which of how many, and bytes of tar so far.
    case reading(layer: Int, of: Int, bytes: Int64)
    /// Blobs go to a registry or come from one: how many are done of how many, and bytes of all.
    case transferring(blobs: Int, of: Int, bytes: Int64, total: Int64)
    /// A file or a repository comes from elsewhere: what, its bytes so far, and of how many where that is known.
    case fetching(String, bytes: Int64, of: Int64?)
    /// An instruction of a Dockerfile begins, or its layer is there.
    case instruction(InstructionProgress)
    /// What a program of a Dockerfile writes.
    case output(ProgramOutput)
    /// A blob is where it shall be.
    case transferred(TransferredBlob)
    /// Something was done otherwise than it may be expected.
    case note(Note)

    /// What was done otherwise.
    public enum Note: Sendable, CustomStringConvertible {
        /// Sockets stayed out of the layer: how many, and the first.
        case sockets(Int, first: FilePath)
        /// So many entries of the packing user's own became root's.
        case givenToRoot(Int, user: UInt32, group: UInt32)
        /// A docker archive whose layer the elder Docker cannot read.
        case zstdInDockerArchive
        /// An image on standard output has no place beside it.
        case nowhereForProvenance
        /// So many attestations and signatures stay where they are.
        case nowhereForAttachments(Int)
        /// What somebody attached to an image and cannot be read.
        case attachmentLeftOut(Digest, String)
        /// A registry that takes no manifests with a subject: what it said.
        case noReferrers(String)
        /// A registry gets signed provenance only.
        case unsignedForRegistry
        /// An environment variable or label looks like a secret, and the image shows it to everybody.
        case secretInImage(kind: String, name: String)
        /// Something in a Dockerfile that is allowed and probably not meant: in which file and line, and what.
        case dockerfile(String, line: Int, String)
        /// Files below the context that the build itself writes.
        case ownFiles([String])
        /// A build argument that no ARG takes.
        case argumentUnused(String)
        /// Programs are run in a chroot, for want of namespaces.
        case weakIsolation
        /// A cache that another program has alone is waited for.
        case waitingForCache(String)
        /// The kernel's keys cannot be kept from programs.
        case keysInReach
        /// Programs are run in this container's own root directory.
        case ownRoot
        /// Programs can give files to root only, and why.
        case singleIdentity(String)
        /// A pattern of COPY or ADD that matches no file.
        case nothingMatches(String)
        /// Devices that only root can make.
        case devicesLeftOut(Int)
        /// Extended attributes that this user or file system cannot set.
        case attributesLeftOut(Int, first: FilePath)
        /// A private key's file that others than its owner may use.
        case keyReadableByOthers(FilePath, permissions: UInt32)
        /// A setting of the plugin that means nothing here, or a file of the pipeline's that could not be written.
        case plugin(String)
        /// What the build cache did otherwise.
        case cache(CacheNote)

        /// Fields of a build's record that only the one who signs may say, and did not.
        case recordLeftOut([String])

        /// One line.
        public var description: String {
            switch self {
            case .sockets(let count, let first):
                "left out \(count) socket\(count == 1 ? "" : "s"), the first is \(first.escapedDescription): a layer cannot hold one"
            case .givenToRoot(let count, let user, let group):
                "\(count) entries of user \(user), group \(group) belong to 0:0 in the layer; --keep-owner leaves them"
            case .dockerfile(let file, let line, let reason): "\(file), line \(line): \(reason)"
            case .ownFiles(let names):
                "left out of the context, for this build writes there: \(names.joined(separator: ", "))"
            case .argumentUnused(let name):
                "no ARG takes the build argument \(name); is its name right?"
            case .weakIsolation:
                "RUN has a root directory of its own and nothing else: no /proc, and programs see this machine's processes; while one has a secret in a file, that lies on the disk; varve doctor says what would give more"
            case .waitingForCache(let id):
                "waiting for the cache \(escaped(id.utf8)), which another program has"
            case .keysInReach:
                "programs of RUN reach what this user keeps as keys in the kernel (keyctl); --no-new-privileges prevents it, or a container whose seccomp profile refuses them"
            case .ownRoot:
                "RUN works in this container's own /, whose files are removed for every stage: programs can do there whatever varve can"
            case .singleIdentity(let reason):
                "in RUN every file is root's, and chown to others fails: \(reason); varve doctor says how to get subordinate ids"
            case .nothingMatches(let pattern): "no file matches \(pattern)"
            case .devicesLeftOut(let count):
                "\(count) device\(count == 1 ? "" : "s") only root can make; the owners' table has what is missing"
            case .attributesLeftOut(let count, let first):
                "\(count) extended attribute\(count == 1 ? "" : "s") could not be set, the first is of \(first.escapedDescription)"
            case .zstdInDockerArchive:
                "Docker before 23.0 cannot load a layer compressed with zstd; --compression gzip makes one that it can"
            case .recordLeftOut(let fields):
                "left out what only the build said: \(fields.prefix(10).joined(separator: ", "))"
                    + (fields.count > 10 ? " and \(fields.count - 10) more" : "")
            case .nowhereForProvenance:
                "provenance has no place beside standard output, and is not written; --provenance FILE gives it one"
            case .nowhereForAttachments(let count):
                "\(count) attestation\(count == 1 ? " or signature stays" : "s and signatures stay") behind: an archive holds none; oci:DIR does"
            case .attachmentLeftOut(let digest, let reason):
                "left out \(digest), which is attached to the image: \(reason)"
            case .noReferrers(let reason):
                "the registry keeps attestations in cosign's form only: \(reason)"
            case .unsignedForRegistry:
                "provenance that nobody signed does not go to a registry; --sign-key signs it, --provenance FILE keeps it"
            case .keyReadableByOthers(let path, let permissions):
                "others than its owner may use the private key \(path.escapedDescription), its mode is \(String(permissions, radix: 8)); chmod 600 mends that"
            case .plugin(let text): text
            case .cache(let note): note.description
            case .secretInImage(let kind, let name):
                "the \(kind) \(name) looks like a secret, and everybody who has the image can read it"
            }
        }
    }
}
