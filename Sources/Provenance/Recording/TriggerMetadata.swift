public import OCI

/// What set the build off: `externalParameters.triggerMetadata`.
///
/// The names are those of Harness CI's provenance; policies read them.
public struct TriggerMetadata: Hashable, Sendable {
    /// The kind of trigger, such as `MANUAL` or `push`.
    public var triggerType: String?
    /// Who or what pulled it.
    public var triggeredBy: String?
    /// The event behind it, such as `RELEASE`.
    public var triggerEvent: String?

    /// Describes a trigger by whatever is known of it.
    public init(triggerType: String? = nil, triggeredBy: String? = nil, triggerEvent: String? = nil) {
        self.triggerType = triggerType
        self.triggeredBy = triggeredBy
        self.triggerEvent = triggerEvent
    }

    /// Whether nothing would be written.
    public var isEmpty: Bool { json.isEmpty }

    /// The JSON object, without the fields that are `nil` or empty.
    public var json: JSONObject {
        JSONObject(texts: [
            "triggerType": triggerType, "triggeredBy": triggeredBy, "triggerEvent": triggerEvent,
        ])
    }

    /// These values, and the other's where there is none here.
    ///
    /// An empty text counts as a value, so that it can hide the other's.
    public func filled(from other: TriggerMetadata) -> TriggerMetadata {
        TriggerMetadata(
            triggerType: triggerType ?? other.triggerType, triggeredBy: triggeredBy ?? other.triggeredBy,
            triggerEvent: triggerEvent ?? other.triggerEvent)
    }
}
