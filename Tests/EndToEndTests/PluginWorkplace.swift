import Cryptography
import OCI
import SystemPackage
import TestSupport
import Testing

/// An image in a real registry, and the variables of a pipeline's SLSA step about it.
struct PluginWorkplace {
    let work: RegistryWorkplace
    let registry: RealRegistry
    var scratch: Scratch { work.scratch }
    /// `HOST/team/app`.
    var app: String { "\(registry.host)/team/app" }

    init() throws {
        work = try RegistryWorkplace(isSigned: false)
        registry = try RealRegistry()
        try push("oci:out:app-1.0", "1.0")
    }

    func push(_ image: String, _ tag: String) throws {
        try work.varve("push", image, "\(app):\(tag)", "-q", "--no-attachments").succeed()
    }

    /// Variables of a Harness pipeline.
    static let pipeline = [
        "DRONE=true", "DRONE_REPO_LINK=https://example.com/app.git", "DRONE_COMMIT_BRANCH=main",
        "DRONE_COMMIT_SHA=\(String(repeating: "d", count: 40))", "DRONE_BUILD_EVENT=push",
        "DRONE_BUILD_TRIGGER=ann", "HARNESS_EXECUTION_ID=e1", "HARNESS_ACCOUNT_ID=a1",
        "HARNESS_PIPELINE_ID=p1", "STEP_EXECUTION_ID=s1",
    ]

    /// `varve plugin slsa` with a type and further variables, as `NAME=value`; what is set twice is what it is last.
    func step(_ type: String, _ variables: [String] = [], words: [String] = []) throws -> Command {
        let keys = [
            "attest": "COSIGN_PRIVATE_KEY=\(try text(of: scratch["cosign.key"]))",
            "verify": "COSIGN_PUBLIC_KEY=\(try text(of: scratch["cosign.pub"]))",
        ]
        let all =
            ["PLUGIN_TYPE=\(type)", "PLUGIN_REGISTRY=\(registry.host)", "PLUGIN_REPO=team/app"]
            + [keys[type]].compactMap { $0 } + variables
        return work.varve(["plugin", "slsa"] + words, variables: all)
    }

    func attest(_ variables: String...) throws -> Command {
        try step("attest", ["PLUGIN_TAGS=1.0"] + Self.pipeline + variables)
    }

    func verify(_ variables: String...) throws -> Command {
        try step("verify", ["PLUGIN_TAG=1.0", "PLUGIN_REGISTRY_TYPE=docker"] + variables)
    }

    /// The statements in cosign's image of attestations, in its order.
    func statements(about digest: String) throws -> [JSONValue] {
        let raw = try work.skopeo([
            "inspect", "--raw", "--tls-verify=false", "docker://\(app):sha256-\(digest.dropFirst(7)).att",
        ]).succeed().output
        return try (JSONValue(parsing: raw)["layers"]?.array ?? []).map { layer in
            #expect(layer["mediaType"] == "application/vnd.dsse.envelope.v1+json")
            let hex = String((layer["digest"]?.string ?? "").dropFirst(7))
            let path = registry.storage.appending("docker/registry/v2/blobs/sha256")
                .appending(String(hex.prefix(2))).appending(hex).appending("data")
            let payload = try JSONValue(parsing: content(of: path))["payload"]?.string ?? ""
            return try JSONValue(parsing: #require(Base64.bytes(payload.utf8)))
        }
    }

    /// A shell script that stands for opa: it writes down what it is given, and answers.
    func installAgent(_ answer: String, status: Int = 0, first: String? = nil) throws {
        try scratch.write("answer", answer)
        try scratch.write(
            "bin/opa",
            """
            #!/bin/sh
            cd '\(scratch.path)'
            cat /proc/$$/environ >opa.environment
            for word; do echo "$word"; done >>opa.words
            cat >opa.input
            \(first ?? "")
            cat answer
            exit \(status)

            """)
        try Command(["chmod", "755", scratch["bin/opa"].string]).succeed()
        try scratch.write("policy/slsa.rego", "package slsa\n")
    }
}
