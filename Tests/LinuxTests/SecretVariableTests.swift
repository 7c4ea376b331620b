import Glibc
import Linux
import Testing

struct SecretVariableTests {
    @Test func `a variable is handed out once, and its memory is overwritten`() async {
        await #expect(processExitsWith: .success) {
            let entries = ["VARVE_SECRET=hush", "VARVE_SECRET=hush2", "VARVE_SECRETS=other"]
            var texts: [UnsafeMutablePointer<CChar>?] = []
            for entry in entries { texts.append(strdup(entry)) }
            for (index, text) in texts.enumerated() { environ[index] = text }
            let taken = SecretVariable.take("VARVE_SECRET") { span in span.indices.map { span[$0] } }
            precondition(taken == Array("hush".utf8))
            precondition(getenv("VARVE_SECRET") == nil)
            precondition(SecretVariable.take("VARVE_SECRET") { $0.count } == nil)
            // Of the first two nothing is left but the names.
            for text in texts.prefix(2) {
                guard let text else { preconditionFailure("no memory") }
                precondition(String(cString: text) == "VARVE_SECRET=")
            }
            precondition(String(cString: getenv("VARVE_SECRETS")) == "other")
        }
    }

    @Test func `an empty variable is there`() async {
        await #expect(processExitsWith: .success) {
            setenv("VARVE_SECRET", "", 1)
            precondition(SecretVariable.take("VARVE_SECRET") { $0.count } == 0)
            precondition(getenv("VARVE_SECRET") == nil)
        }
    }

    @Test func `a variable is gone, too, where its reader throws`() async {
        struct Refusal: Error {}
        await #expect(processExitsWith: .success) {
            setenv("VARVE_SECRET", "hush", 1)
            let taken = Result { try SecretVariable.take("VARVE_SECRET") { _ in throw Refusal() } }
            guard case .failure = taken else { preconditionFailure("no error") }
            precondition(getenv("VARVE_SECRET") == nil)
        }
    }
}
