public import OCI

/// What the builder was asked to build: `externalParameters.buildMetadata`.
///
/// The names are those of Harness CI's provenance; policies read them. Nothing is
/// redacted here: ``Redaction/parameter(name:value:)`` makes values that may be published.
public struct BuildMetadata: Hashable, Sendable {
    /// The image's name, without a tag.
    public var image: String?
    /// The build arguments by name, in the order they were given.
    public var buildArgs: JSONObject
    /// Where the files for COPY come from.
    public var context: String?
    /// The Dockerfile's path.
    public var dockerFile: String?
    /// The labels by name, in the order they were given.
    public var labels: JSONObject

    /// Describes what was asked for.
    public init(
        image: String? = nil, buildArgs: JSONObject = JSONObject(), context: String? = nil,
        dockerFile: String? = nil, labels: JSONObject = JSONObject()
    ) {
        self.image = image
        self.buildArgs = buildArgs
        self.context = context
        self.dockerFile = dockerFile
        self.labels = labels
    }

    /// Whether nothing would be written.
    public var isEmpty: Bool { json.isEmpty }

    /// The JSON object, without the fields that are `nil` or empty.
    public var json: JSONObject {
        var object = JSONObject(texts: ["image": image])
        if !buildArgs.isEmpty { object["buildArgs"] = .object(buildArgs) }
        object.set(["context": context, "dockerFile": dockerFile])
        if !labels.isEmpty { object["labels"] = .object(labels) }
        return object
    }

    /// These values, and the other's where there is none here.
    ///
    /// An empty text counts as a value, so that it can hide the other's. Arguments and labels
    /// are never mixed: a build that was given one of its own was not given the other's.
    public func filled(from other: BuildMetadata) -> BuildMetadata {
        BuildMetadata(
            image: image ?? other.image, buildArgs: buildArgs.isEmpty ? other.buildArgs : buildArgs,
            context: context ?? other.context, dockerFile: dockerFile ?? other.dockerFile,
            labels: labels.isEmpty ? other.labels : labels)
    }
}
