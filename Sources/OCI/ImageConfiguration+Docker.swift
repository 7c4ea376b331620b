/// What Docker's image configuration has and OCI's has not: engines of both kinds read it.
///
/// Source: moby, Docker Image Specification v1.3, "Image JSON Field Descriptions".
extension ImageConfiguration {
    /// The program and arguments that the shell form of an instruction is given to; empty for the default.
    public var shell: [String] {
        get { self[execution: "Shell"]?.array?.compactMap(\.string) ?? [] }
        set { self[execution: "Shell"] = newValue.isEmpty ? nil : .array(newValue.map { .string($0) }) }
    }

    /// Instructions that wait for the image to become another one's base.
    public var triggers: [String] {
        get { self[execution: "OnBuild"]?.array?.compactMap(\.string) ?? [] }
        set { self[execution: "OnBuild"] = newValue.isEmpty ? nil : .array(newValue.map { .string($0) }) }
    }

    /// How an engine finds out whether the container works; durations in nanoseconds.
    public var healthcheck: JSONObject? {
        get { self[execution: "Healthcheck"]?.object }
        set { self[execution: "Healthcheck"] = newValue.map { .object($0) } }
    }
}
