public import OCI

/// One question of a verification, and its answer.
public struct Check: Hashable, Sendable {
    /// What is asked, in the order it is.
    public enum Question: String, Hashable, Sendable, CaseIterable {
        case signature, payloadType = "payload type", statement, subject, predicateType = "predicate type"
        case builder, verifier, resource, result, levels, policy, buildType = "build type", source, branch,
            tag
        case commit, builderVersions = "builder versions", age, parameters
    }

    /// What the answer is.
    public enum Outcome: String, Hashable, Sendable {
        case ok, failed, notAsked = "not asked"
    }

    /// What is asked.
    public let question: Question
    /// What the answer is.
    public let outcome: Outcome
    /// What was found, or what is missing.
    public let detail: String

    init(_ question: Question, _ outcome: Outcome, _ detail: String) {
        (self.question, self.outcome, self.detail) = (question, outcome, detail)
    }

    /// An answer that is yes or no.
    init(_ question: Question, _ isMet: Bool, _ detail: String) {
        self.init(question, isMet ? .ok : .failed, detail)
    }

    /// The object, for programs.
    public var json: JSONValue {
        [
            "check": .string(question.rawValue), "outcome": .string(outcome.rawValue),
            "detail": .string(detail),
        ]
    }
}
