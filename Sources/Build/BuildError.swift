import Compression
public import Cryptography
import HTTP
import Images
import Layers
public import Linux
public import OCI
import Provenance
public import SystemPackage
import Registry
import Tar

/// A wish that cannot be carried out as it was made.
public enum BuildError: Error, Equatable, CustomStringConvertible {
    /// A flag or argument whose value is wrong: which, and why.
    case usage(String, String)
    /// An instruction of a Dockerfile that cannot be carried out, and why.
    case instruction(String)
    /// A number that no stage has.
    case noSuchStage(String)
    /// A name that no stage has, and no image: the stages that there are, and what became of the image.
    case noStageNorImage(String, stages: [String], String)
    /// RUN where nothing can be run: what was tried, and why it failed.
    case noIsolation([String])
    /// A program of RUN that failed: how, what it wrote last, and why it could give files to root only, if so.
    case programFailed(Termination, lastLines: [String], shortage: String?)
    /// Something in RUN that takes other users than root where there are none, and why that is so.
    case noSubordinateIDs(String, shortage: String)
    /// Files that were other ones before they were copied than afterwards.
    case contextChanged
    /// A context without the Dockerfile: where it was looked for.
    case noDockerfile(String)
    /// The root file system is something else than a directory.
    case notADirectory(FilePath)
    /// An output that lies within the tree that is packed.
    case outputInsideTree(output: FilePath, tree: FilePath)
    /// A time that no image configuration can hold, in seconds since 1970.
    case timeOutOfRange(Int64)

    /// A key that cannot be used: which, and why.
    case unusableKey(String, KeyError)
    /// A key that cannot be read: which, and why.
    case unreadableKey(String, String)
    /// A password that cannot be used, and why.
    case password(String)
    /// A file that would be overwritten.
    case fileExists(FilePath)
    /// A private key that was replaced while its public key could not be: their files, and why.
    case onlyPrivateKey(FilePath, FilePath, String)
    /// Something else than a file in a key's place.
    case notAKeyFile(FilePath)
    /// A file that envelopes or signatures cannot be added to: which, and why.
    case cannotAdd(FilePath, String)
    /// A directory, a pipe or a device where a file is wanted.
    case noRegularFile(FilePath)
    /// A signature that the public key does not verify: whose.
    case wrongSignature(String)

    /// An image beside which no build said how it came to be.
    case noRecord(FilePath)
    /// A reference that no registry has.
    case noSuchImage(Reference)
    /// What a manifest names and its registry does not have.
    case missingInRegistry(Digest, repository: String)
    /// A blob that another registry did not give, and why.
    case cannotFetch(Digest, String)
    /// A blob of a layout that was there a moment ago.
    case blobTakenAway(Digest)
    /// An image that is published, and a CI system that could not be told: which, and why.
    case publishedUntold(Digest, to: String, String)
    /// Policies that cannot be evaluated, and why.
    case policies(String)
    /// Attachments of an image that others write at the same time.
    case attachmentsInDispute(Digest, repository: String)
    /// A layer that the cache gave and that is not what its entry says: which, and why.
    case cachedLayerLost(Digest, String)
    /// A manifest and a configuration that speak of different numbers of layers.
    case layerCount(layers: Int, diffIDs: Int)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .noRecord(let path):
            "there is no build record \(path.escapedDescription); give --predicate, or pack without --no-provenance"
        case .noSuchImage(let reference):
            "there is no image \(reference); look for another tag, or varve login \(reference.registry)"
        case .missingInRegistry(let digest, let repository):
            "\(repository) has no \(digest), which an image names"
        case .cannotFetch(let digest, let reason): "cannot fetch \(digest): \(reason)"
        case .blobTakenAway(let digest):
            "somebody removed the blob \(digest) from the layout while an image that needs it was written; try again"
        case .publishedUntold(let digest, let system, let reason):
            "the image \(digest) is published, but \(system) could not be told: \(reason); mend that, or leave --ci-output out"
        case .policies(let reason): "the policies cannot be evaluated: \(reason)"
        case .attachmentsInDispute(let digest, let repository):
            "others write what is attached to \(digest) in \(repository) at the same time; try again"
        case .cachedLayerLost(let digest, let reason):
            "the cached layer \(digest) cannot be used: \(reason); try again, with --no-cache if need be"
        case .layerCount(let layers, let diffIDs):
            "the image's manifest has \(layers) layers, and its configuration speaks of \(diffIDs)"
        case .instruction(let reason): reason
        case .noSuchStage(let number): "there is no stage \(number)"
        case .noStageNorImage(let name, let stages, let reason):
            "no stage is named \(name) (there are \(stages.prefix(8).joined(separator: ", "))), and as an image: \(reason)"
        case .noIsolation(let tried):
            "no program can be run here; varve doctor says what is missing (\(tried.joined(separator: "; ")))"
        case .programFailed(let ended, let lines, let shortage):
            "its program ended with \(ended)"
                + (shortage.map { " (chown to others than root fails here: \($0))" } ?? "")
                + (lines.isEmpty
                    ? "" : "; it wrote last:\n" + lines.map { "    \($0)" }.joined(separator: "\n"))
        case .noSubordinateIDs(let what, let shortage):
            "\(what): \(shortage); varve doctor says how to get subordinate ids"
        case .contextChanged: "files of the context changed while they were copied; build again"
        case .noDockerfile(let place): "there is no file \(place); --file names another Dockerfile"
        case .usage(let flag, let reason): "\(flag): \(reason)"
        case .unusableKey(let key, let error): "\(key): \(error)"
        case .unreadableKey(let key, let reason): "cannot read the key \(key): \(reason)"
        case .password(let reason): "no password: \(reason)"
        case .fileExists(let path): "\(path.escapedDescription) exists; --force replaces it"
        case .onlyPrivateKey(let key, let publicKey, let reason):
            "\(key.escapedDescription) is the new key and \(publicKey.escapedDescription) is not: \(reason); varve key public prints it"
        case .notAKeyFile(let path): "\(path.escapedDescription) is no regular file, and is not replaced"
        case .cannotAdd(let path, let reason):
            "cannot add to \(path.escapedDescription): \(reason)"
        case .noRegularFile(let path):
            "\(path.escapedDescription) is no regular file; give one"
        case .wrongSignature(let signer):
            "the signature that \(signer) made is not one of the message by the public key"
        case .notADirectory(let path):
            "\(path.escapedDescription) is no directory; give the root file system's directory"
        case .outputInsideTree(let output, let tree):
            "\(output.escapedDescription) lies within \(tree.escapedDescription), which is packed; write outside of it"
        case .timeOutOfRange(let seconds):
            "the newest file's time, \(seconds) s since 1970, is out of the years 1 to 9999; give --source-date-epoch"
        }
    }
}

/// What kind of failure an error is: the same for every version, for programs to tell apart.
public enum ErrorClass: String, Sendable {
    /// Flags or arguments that are wrong.
    case usage
    /// The tree, a layout or a document cannot be used as it is.
    case input
    /// Files changed while they were read.
    case changed
    /// Bytes are not what their digest says.
    case integrity
    /// The system refused: permission, space, a device.
    case system
    /// Another process holds a lock.
    case locked
    /// A registry or another server refused, or could not be reached.
    case registry
    /// A signal asked to stop.
    case interrupted
    /// Varve's own mistake.
    case `internal`

    /// The class of an error of any room.
    public init(of error: any Error) {
        self =
            switch error {
            case let error as InstructionError: ErrorClass(of: error.cause)
            case let error as PluginError: error.kind
            case is DockerfileError: .input
            case BuildError.usage, ImageError.malformedLocation, LayerError.pattern, is TrustError: .usage
            case LayerError.changed, BuildError.contextChanged: .changed
            case LayerError.unreadable, is FileError, is ThreadError, is ChildError, is CryptographyError,
                is SandboxError, is IdentityError, BuildError.noIsolation, BuildError.publishedUntold:
                .system
            case ImageError.blobMismatch, LayerError.digestMismatch, LayerError.diffIDMismatch,
                LayerError.sizeMismatch, is CompressionError, BuildError.layerCount,
                BuildError.wrongSignature, BuildError.cachedLayerLost, is RecordError:
                .integrity
            case let error as ContextError:
                error.isMismatch ? .integrity : error.isRemote ? .registry : .input
            case let error as RegistryError: error.isMismatch ? .integrity : .registry
            case is HTTPError, is URLError, is CredentialError, is TokenError, BuildError.noSuchImage,
                BuildError.cannotFetch:
                .registry
            case ImageError.locked: .locked
            case is Interruption: .interrupted
            case is BuildError, is LayerError, is ImageError, is OCIError, is JSONError, is ProvenanceError,
                is TarError, is KeyError, is PolicyError, is EnvelopeError, is StatementError:
                .input
            default: .internal
            }
    }
}

extension RegistryError {
    /// Whether bytes came that are not those of their digest.
    fileprivate var isMismatch: Bool {
        switch reason {
        case .digestMismatch, .sizeMismatch: true
        default: false
        }
    }
}
