import OCI
import Registry

/// The first byte says what the rest is: fields WWW-Authenticate, one a line, or other words of a registry.
///
/// What is read of a challenge and written again is read as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChallenge(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let form = bytes.first else { return 0 }
    let rest = Array(bytes.dropFirst())
    let text = String(decoding: rest, as: UTF8.self)
    switch form % 4 {
    case 0: challenges(text.split(separator: "\n").map(String.init))
    case 1:
        let shown = ErrorBody(parsing: rest).description
        guard shown.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            fatalError("a control character is shown")
        }
    case 2:
        if let token = try? TokenResponse(parsing: rest), !(1...86_400).contains(token.seconds) {
            fatalError("\(token)")
        }
    default:
        if let seconds = RetryAfter.seconds(text, now: .epoch), seconds < 0 { fatalError("\(seconds)") }
        if let count = ByteRange.uploaded(text), count < 0 { fatalError("\(count)") }
        if let range = ByteRange.content(text), range.first > range.last { fatalError("\(range)") }
        if let next = LinkField.next([text]), next.isEmpty || next.contains(">") {
            fatalError("a link to nowhere")
        }
        let scopes = Scope.joined(Scope.all(in: text))
        guard Scope.joined(scopes) == scopes else { fatalError("scopes change when they are joined again") }
    }
    return 0
}

private func challenges(_ fields: [String]) {
    let found = Challenge.all(in: fields)
    guard found.count <= Challenge.countLimit else { fatalError("too many challenges") }
    _ = Authentication.choose(among: found)
    for challenge in found {
        let words = challenge.parameters.map { parameter in
            let value = parameter.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "\(parameter.name)=\"\(value)\""
        }
        let field = "\(challenge.scheme) " + (challenge.token68 ?? words.joined(separator: ", "))
        // A value of escapes alone can grow beyond what is read.
        guard field.utf8.count <= Challenge.fieldLimit else { continue }
        guard Challenge.all(in: [field]) == [challenge] else { fatalError("\(field) is another challenge") }
    }
}
