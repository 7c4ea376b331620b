import Linux
import OCI

/// Settings of the plugin that cannot be carried out; those that Kaniko's plugin knows are told in its words.
///
/// Pipelines look for these texts.
public enum PluginError: Error, CustomStringConvertible {
    /// A setting whose value is wrong: which, and why.
    case setting(String, String)
    /// `no_push` and `push_only`.
    case pushedAndNot(PluginKind)
    /// There is something to push, and no name for it.
    case noRepository
    /// No registry is named, and this kind has no usual one.
    case noRegistry
    /// `push_only` without `source_tar_path`.
    case noTarballNamed
    /// The file of `source_tar_path` is not there.
    case noTarball(String)
    /// `push_only` without `repo`.
    case nowhereToPush
    /// The file of `source_tar_path` holds no image that can be read.
    case unreadableTarball(any Error)
    /// The image of a tarball could not be pushed.
    case pushFailed(tarball: String, destinations: [String], any Error)
    /// The Dockerfile is not there; its absolute path.
    case noDockerfile(String)
    /// `auto_tag` and `expand_tag`.
    case autoTagAndExpandTag
    /// `auto_tag` and tags of the user's own.
    case autoTagAndTags([String])
    /// `auto_tag` on a branch that is not the default one; the reference of the commit.
    case otherBranch(String)
    /// `auto_tag` on a tag that is no version; the reference of the commit.
    case noVersion(String)
    /// A tag that no registry takes.
    case noTag(String)
    /// The directory of `tar_path` could not be made.
    case tarDirectory(String, any Error)

    /// What happened below, where it did not happen here.
    var cause: (any Error)? {
        switch self {
        case .unreadableTarball(let error), .pushFailed(_, _, let error), .tarDirectory(_, let error): error
        default: nil
        }
    }

    /// The class of the failure.
    var kind: ErrorClass {
        if let cause { return ErrorClass(of: cause) }
        return switch self {
        case .noTarball, .noDockerfile, .otherBranch, .noVersion: .input
        default: .usage
        }
    }

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .setting(let name, let reason): "\(name): \(reason)"
        case .pushedAndNot(.ecr): "no-push and push-only flags cannot be used together"
        case .pushedAndNot:
            "inputs no-push and push-only cannot be used together. please define only one"
        case .noRepository: "repository name to publish image must be specified"
        case .noRegistry: "registry must be specified"
        case .noTarballNamed:
            "source_tar_path is required when push_only is set. please provide a valid tarball path"
        case .noTarball(let path): "image tarball does not exist at path: \(escaped(path.utf8))"
        case .nowhereToPush: "missing required destination repository for push-only operation"
        case .unreadableTarball(let error): "failed to load image from tarball: \(error)"
        case .pushFailed(let tarball, let destinations, let error):
            "failed to push image from tarball [\(escaped(tarball.utf8))] to destination [\(destinations.joined(separator: " "))]: \(error)"
        case .noDockerfile(let path): "dockerfile does not exist at path: \(escaped(path.utf8))"
        case .autoTagAndExpandTag: "The auto-tag flag conflicts with the expand-tag flag"
        case .autoTagAndTags(let tags):
            "The auto-tag flag does not work with user provided tags [\(escaped(tags.joined(separator: " ").utf8))]"
        case .otherBranch(let reference):
            "Could not auto detect the tag. Skipping automated docker build for commit \(escaped(reference.utf8))"
        case .noVersion(let reference):
            "Invalid semantic version when auto detecting the tag. Skipping automated docker build for \(escaped(reference.utf8))."
        case .noTag(let tag):
            "\(tag.quoted) is no tag that a registry takes: "
                + (tag.utf8.contains(UInt8(ascii: "+"))
                    ? "+ is not legal in one; leave the build metadata away, or write it behind a - or _"
                    : "one has 1 to 128 letters, digits and _ . - and begins with none of the last two")
        case .tarDirectory(let path, let error):
            "failed to create directory for tar path \(escaped(path.utf8)): \(error)"
        }
    }
}
