import Cryptography
import OCI
import Testing

@testable import Provenance

/// Signatures that others made, in both of their forms.
///
/// The image's statement is signed with Tekton Chains' published test key (never use it outside of tests); the summary
/// is one that Google signed for an image of its Kubernetes engine, from slsa-verifier's test data.
private enum Vector {
    static let key = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBOiqYumsujclXOl4CGGdW46tRjs4
        2oi8XEki9rNijnEekF6egMrTGZaHmbCTyz2B4VzdRZDD0/7TO4mHleqBDw==
        -----END PUBLIC KEY-----

        """
    static let payload =
        "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJuYW1lIjoiMTI3LjAuMC4x"
        + "OjU4OTkvZGVtby9hcHAiLCJkaWdlc3QiOnsic2hhMjU2IjoiNWJlNjUwOTE3ZTcxN2RhZGNkOGY5Nzg5ZmQxZDEwZjM5MTA5"
        + "MTc2NzZmNDRmYzYzNTk0OTM3MDM0ZDM5M2VkZiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJodHRwczovL3Nsc2EuZGV2L3Byb3Zl"
        + "bmFuY2UvdjEiLCJwcmVkaWNhdGUiOnsiYnVpbGREZWZpbml0aW9uIjp7ImJ1aWxkVHlwZSI6Imh0dHBzOi8vZXhhbXBsZS5j"
        + "b20va2FuaWtvLXdyYXBwZXIvdjEiLCJleHRlcm5hbFBhcmFtZXRlcnMiOnsiY29kZU1ldGFkYXRhIjp7InJlcG9zaXRvcnlV"
        + "UkwiOiJodHRwczovL2dpdGh1Yi5jb20vT1JHL1JFUE8iLCJicmFuY2giOiJtYWluIiwiY29tbWl0U2hhIjoiNGIyMjBkZTUw"
        + "NThhYmZkMDFmZjYxOWM5ZDJmZjZiMDlhMDQ5YmVhMCJ9LCJ0cmlnZ2VyTWV0YWRhdGEiOnsidHJpZ2dlclR5cGUiOiJNQU5V"
        + "QUwiLCJ0cmlnZ2VyZWRCeSI6ImFsaWNlIn0sImJ1aWxkTWV0YWRhdGEiOnsiaW1hZ2UiOiIxMjcuMC4wLjE6NTg5OS9kZW1v"
        + "L2FwcCIsImRvY2tlckZpbGUiOiJEb2NrZXJmaWxlIiwiY29udGV4dCI6Ii4ifX0sImludGVybmFsUGFyYW1ldGVycyI6eyJw"
        + "aXBlbGluZUV4ZWN1dGlvbklkIjoiZXhlYy0xIiwiYWNjb3VudElkIjoiYWNjdC0xIiwicGlwZWxpbmVJZGVudGlmaWVyIjoi"
        + "cGlwZS0xIn0sInJlc29sdmVkRGVwZW5kZW5jaWVzIjpbeyJ1cmkiOiJnaXQraHR0cHM6Ly9naXRodWIuY29tL09SRy9SRVBP"
        + "QHJlZnMvaGVhZHMvbWFpbiIsImRpZ2VzdCI6eyJnaXRDb21taXQiOiI0YjIyMGRlNTA1OGFiZmQwMWZmNjE5YzlkMmZmNmIw"
        + "OWEwNDliZWEwIn19XX0sInJ1bkRldGFpbHMiOnsiYnVpbGRlciI6eyJpZCI6Imh0dHBzOi8vZXhhbXBsZS5jb20vYnVpbGRl"
        + "cnMva2FuaWtvLXdyYXBwZXIiLCJ2ZXJzaW9uIjp7ImNpLW1hbmFnZXIiOiIxLjAuNTgwMS0wMDAiLCJwbHVnaW5zL2thbmlr"
        + "byI6IjEuNy41In19LCJtZXRhZGF0YSI6eyJpbnZvY2F0aW9uSWQiOiJpbnYtMSIsInN0YXJ0ZWRPbiI6IjIwMjMtMDktMTVU"
        + "MDg6MTc6NDkuNjczWiIsImZpbmlzaGVkT24iOiIyMDIzLTA5LTE1VDA4OjE5OjQ3LjU5MFoifX19fQ=="
    static let signature =
        "MEYCIQDOKR7X4B+KdNzNDQHXpNqoT4L+NJKjfCOtky3F7twCTQIhAI410TS7NE+3jbmC8e77xltecTjfYUmbiaYpi/nEoqZc"

    static let summaryKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeGa6ZCZn0q6WpaUwJrSk+PPYEsca
        3Xkk3UrxvbQtoZzTmq0zIYq+4QQl0YBedSyy+XcwAMaUWTouTrB05WhYtg==
        -----END PUBLIC KEY-----

        """
    static let summaryPayload =
        "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJwcmVkaWNhdGVUeXBlIjoiaHR0cHM6Ly9zbHNh"
        + "LmRldi92ZXJpZmljYXRpb25fc3VtbWFyeS92MSIsInByZWRpY2F0ZSI6eyJ0aW1lVmVyaWZpZWQiOiIyMDI0LTA2LTEyVDA3"
        + "OjI0OjM0LjM1MTYwOFoiLCJ2ZXJpZmllciI6eyJpZCI6Imh0dHBzOi8vYmNpZC5jb3JwLmdvb2dsZS5jb20vdmVyaWZpZXIv"
        + "YmNpZF9wYWNrYWdlX2VuZm9yY2VyL3YwLjEifSwidmVyaWZpY2F0aW9uUmVzdWx0IjoiUEFTU0VEIiwidmVyaWZpZWRMZXZl"
        + "bHMiOlsiQkNJRF9MMSIsIlNMU0FfQlVJTERfTEVWRUxfMiJdLCJyZXNvdXJjZVVyaSI6ImdjZV9pbWFnZTovL2drZS1ub2Rl"
        + "LWltYWdlczpna2UtMTI2MTUtZ2tlMTQxODAwMC1jb3MtMTAxLTE3MTYyLTQ2My0yOS1jLWNncHYxLXByZSIsInBvbGljeSI6"
        + "eyJ1cmkiOiJnb29nbGVmaWxlOi9nb29nbGVfc3JjL2ZpbGVzLzY0MjUxMzE5Mi9kZXBvdC9nb29nbGUzL3Byb2R1Y3Rpb24v"
        + "c2VjdXJpdHkvYmNpZC9zb2Z0d2FyZS9nY2VfaW1hZ2UvZ2tlL3ZtX2ltYWdlcy5zd19wb2xpY3kudGV4dHByb3RvIn19LCJz"
        + "dWJqZWN0IjpbeyJuYW1lIjoiXyIsImRpZ2VzdCI6eyJnY2VfaW1hZ2VfaWQiOiI4OTcwMDk1MDA1MzA2MDAwMDUzIn19XX0="
    static let summarySignature =
        "bmIy2gfnQt6oYpd0WbpQMtZcMRtmntDmyki+Be+2Z9qkboMVbi2RQAD1b5AWbBs7iAP8NZVJOI4R/4jOVYB/FA=="
}

struct AttestationVectorTests {
    private func envelope(_ payload: String, _ signature: String) throws -> Envelope {
        let text =
            #"{"payload":"\#(payload)","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"x","sig":"\#(signature)"}]}"#
        return try Envelope(parsing: Array(text.utf8))
    }

    @Test func `an image's attestation under a published key passes, and says what it says`() throws {
        let key = try VerificationKey(pem: Array(Vector.key.utf8))
        var expected = Expectations()
        expected.source = "git+https://github.com/ORG/REPO"
        expected.branch = "main"
        expected.commit = "4b220de5058abfd01ff619c9d2ff6b09a049bea0"
        expected.builderVersions = [
            try VersionRequirement(parsing: "plugins/kaniko>=1.7.5"),
            try VersionRequirement(parsing: "ci-manager>=1.0.5801"),
        ]
        let party = TrustedParty(key: key, ids: ["https://example.com/builders/kaniko-wrapper"])
        let check = AttestationCheck(
            try envelope(Vector.payload, Vector.signature),
            about: ["5be650917e717dadcd8f9789fd1d10f3910917676f44fc63594937034d393edf"],
            try Trust(builders: [Trust.Builder(party)], verifiers: [], expected), now: 1_800_000_000)
        #expect(check.passes, "\(check.checks)")
    }

    @Test func `a raw signature over a real summary holds, and its subject is another artifact`() throws {
        let key = try VerificationKey(pem: Array(Vector.summaryKey.utf8))
        let envelope = try envelope(Vector.summaryPayload, Vector.summarySignature)
        #expect(envelope.signers(among: [key]) == [key])
        let statement = try ReceivedStatement(parsing: envelope.payload)
        #expect(statement.subjects.map { $0.digests["gce_image_id"] } == ["8970095005306000053"])
        let summary = try VerificationSummary(reading: statement.predicate)
        #expect(summary.hasPassed && summary.levels == ["BCID_L1", "SLSA_BUILD_LEVEL_2"])
        #expect(summary.buildLevel == 2)
    }
}
