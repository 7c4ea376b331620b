public import OCI

/// Which pipeline ran the build: `internalParameters`.
///
/// The names are those of Harness CI's provenance.
public struct PipelineMetadata: Hashable, Sendable {
    /// The one execution of the pipeline.
    public var pipelineExecutionId: String?
    /// Whose pipeline it is.
    public var accountId: String?
    /// The pipeline, whichever execution.
    public var pipelineIdentifier: String?

    /// Describes a pipeline by whatever is known of it.
    public init(
        pipelineExecutionId: String? = nil, accountId: String? = nil, pipelineIdentifier: String? = nil
    ) {
        self.pipelineExecutionId = pipelineExecutionId
        self.accountId = accountId
        self.pipelineIdentifier = pipelineIdentifier
    }

    /// Whether nothing would be written.
    public var isEmpty: Bool { json.isEmpty }

    /// The JSON object, without the fields that are `nil` or empty.
    public var json: JSONObject {
        JSONObject(texts: [
            "pipelineExecutionId": pipelineExecutionId, "accountId": accountId,
            "pipelineIdentifier": pipelineIdentifier,
        ])
    }

    /// These values, and the other's where there is none here.
    ///
    /// An empty text counts as a value, so that it can hide the other's.
    public func filled(from other: PipelineMetadata) -> PipelineMetadata {
        PipelineMetadata(
            pipelineExecutionId: pipelineExecutionId ?? other.pipelineExecutionId,
            accountId: accountId ?? other.accountId,
            pipelineIdentifier: pipelineIdentifier ?? other.pipelineIdentifier)
    }
}
