import OCI
import Provenance
import Testing

struct MetadataTests {
    @Test func `metadata leaves out what is missing and keeps the order of its fields`() {
        #expect(
            text(CodeMetadata(repositoryURL: "r", branch: "b", prNumber: "1", tag: "t", commitSha: "c").json)
                == #"{"repositoryURL":"r","branch":"b","prNumber":"1","tag":"t","commitSha":"c"}"#)
        #expect(text(CodeMetadata(tag: "t").json) == #"{"tag":"t"}"#)
        #expect(
            text(TriggerMetadata(triggerType: "MANUAL", triggeredBy: "a", triggerEvent: "RELEASE").json)
                == #"{"triggerType":"MANUAL","triggeredBy":"a","triggerEvent":"RELEASE"}"#)
        #expect(
            text(
                BuildMetadata(
                    image: "i", buildArgs: ["B": "2", "A": "1"], context: ".", dockerFile: "D",
                    labels: ["l": "v"]
                ).json)
                == #"{"image":"i","buildArgs":{"B":"2","A":"1"},"context":".","dockerFile":"D","labels":{"#
                + #""l":"v"}}"#
        )
        #expect(
            text(PipelineMetadata(pipelineExecutionId: "e", accountId: "a", pipelineIdentifier: "p").json)
                == #"{"pipelineExecutionId":"e","accountId":"a","pipelineIdentifier":"p"}"#)
    }

    @Test func `metadata without a value is empty`() {
        #expect(CodeMetadata().isEmpty)
        #expect(CodeMetadata(branch: "").isEmpty)
        #expect(TriggerMetadata().isEmpty)
        #expect(BuildMetadata().isEmpty)
        #expect(PipelineMetadata().isEmpty)
        #expect(!BuildMetadata(labels: ["a": "b"]).isEmpty)
    }

    @Test func `own values win and the other's fill the gaps`() {
        #expect(
            CodeMetadata(branch: "own", tag: "").filled(
                from: CodeMetadata(
                    repositoryURL: "r", branch: "other", prNumber: "1", tag: "t", commitSha: "c"))
                == CodeMetadata(repositoryURL: "r", branch: "own", prNumber: "1", tag: "", commitSha: "c"))
        #expect(
            TriggerMetadata(triggeredBy: "own").filled(
                from: TriggerMetadata(triggerType: "t", triggeredBy: "x", triggerEvent: "e"))
                == TriggerMetadata(triggerType: "t", triggeredBy: "own", triggerEvent: "e"))
        #expect(
            BuildMetadata(image: "own", buildArgs: ["A": "1"]).filled(
                from: BuildMetadata(
                    image: "x", buildArgs: ["B": "2"], context: ".", dockerFile: "D", labels: ["l": "v"]))
                == BuildMetadata(
                    image: "own", buildArgs: ["A": "1"], context: ".", dockerFile: "D", labels: ["l": "v"]))
        #expect(
            PipelineMetadata(accountId: "own").filled(
                from: PipelineMetadata(pipelineExecutionId: "e", accountId: "x", pipelineIdentifier: "p"))
                == PipelineMetadata(pipelineExecutionId: "e", accountId: "own", pipelineIdentifier: "p"))
    }

    private func text(_ object: JSONObject) -> String {
        String(decoding: JSONValue.object(object).serialized(), as: UTF8.self)
    }
}
