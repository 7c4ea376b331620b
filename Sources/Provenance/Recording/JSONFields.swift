import OCI

/// Objects whose fields are texts that may be missing.
extension JSONObject {
    /// The fields that are neither `nil` nor empty, in their order.
    init(texts fields: KeyValuePairs<String, String?>) {
        self.init()
        set(fields)
    }

    /// Sets the fields that are neither `nil` nor empty, and leaves the others alone.
    mutating func set(_ fields: KeyValuePairs<String, String?>) {
        for (key, text) in fields {
            if let text, !text.isEmpty { self[key] = .string(text) }
        }
    }
}
