public import OCI

/// What must not be published, judged by its looks.
///
/// Provenance goes wherever the image goes. These rules find what people commonly put
/// into build arguments and URLs; they cannot find a secret that looks like any other text.
public enum Redaction {
    /// What stands in a secret's place.
    public static let redacted = "redacted"

    /// Whether a parameter of this name holds a secret: `API_KEY`, `dbPassword`, `GITHUB_TOKEN`.
    ///
    /// A name is judged by its words: `KEYBOARD`, `AUTHOR` and `COMPASS` hold none.
    public static func looksSecret(name: String) -> Bool { SecretWords(of: name).areSecret }

    /// Whether this is a secret, or has one in it, whatever it is called: a private key in PEM,
    /// the token of a well-known service, a JSON web token, a URL with a password.
    public static func looksSecret(value: String) -> Bool {
        let bytes = Array(value.utf8)
        if holdsPrivateKey(value) || holdsToken(bytes) { return true }
        return URLSecret.all(in: bytes).contains { secret in
            switch secret.kind {
            case .userInformation(let hasPassword): hasPassword
            case .parameter: true
            }
        }
    }

    /// The text without what stands before the host in its URLs (`user:password@`), and with
    /// ``redacted`` for the values of secret URL parameters; all else byte for byte.
    ///
    /// `git@host:path` is no URL and stays: its user is no secret.
    public static func withoutUserInformation(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var place = 0
        for secret in URLSecret.all(in: bytes) {
            if secret.range.lowerBound >= place {
                result += bytes[place..<secret.range.lowerBound]
                if case .parameter = secret.kind { result += redacted.utf8 }
            }
            place = max(place, secret.range.upperBound)
        }
        result += bytes[place...]
        return String(decoding: result, as: UTF8.self)
    }

    /// What provenance may say of a parameter: its value without user information, or ``redacted``.
    public static func parameter(name: String, value: String) -> JSONValue {
        let text = withoutUserInformation(value)
        return .string(looksSecret(name: name) || looksSecret(value: text) ? redacted : text)
    }

    /// Whether a URL parameter of this name is the signature of a URL that opens by itself.
    static func isSignature(name: String) -> Bool {
        SecretWords(of: name).words.contains { ["sig", "signature"].contains($0) }
    }

    /// Source: RFC 7468, section 2; RFC 9580, section 6.2.
    private static func holdsPrivateKey(_ text: String) -> Bool {
        text.utf8.contains("PRIVATE KEY-----".utf8) || text.utf8.contains("PRIVATE KEY BLOCK-----".utf8)
    }

    /// How tokens begin, and the fewest characters that follow where the beginning alone is no proof.
    private static let tokens: [(prefix: String, length: Int)] = [
        ("ghp_", 1), ("gho_", 1), ("ghu_", 1), ("ghs_", 1), ("ghr_", 1), ("github_pat_", 1),
        ("glpat-", 1), ("gldt-", 1), ("glrt-", 1), ("glcbt-", 1), ("glptt-", 1),
        ("xoxb-", 1), ("xoxp-", 1), ("xoxa-", 1), ("xoxr-", 1), ("xoxs-", 1), ("xapp-", 1),
        ("AKIA", 16), ("ASIA", 16), ("AIza", 35), ("GOCSPX-", 1),
        ("dckr_pat_", 1), ("npm_", 36), ("pypi-AgEI", 1), ("rubygems_", 32), ("hf_", 30),
        ("sk_live_", 1), ("rk_live_", 1), ("sk_test_", 1), ("sk-ant-", 1), ("sk-", 32),
        ("hvs.", 20), ("hvb.", 20), ("dop_v1_", 1), ("AGE-SECRET-KEY-1", 1),
    ]

    private static func holdsToken(_ bytes: [UInt8]) -> Bool {
        var place = 0
        while place < bytes.count {
            let end = bytes[place...].firstIndex { !isTokenByte($0) } ?? bytes.count
            for start in place..<end where start == place || !isAlphanumeric(bytes[start - 1]) {
                if isToken(bytes[start..<end]) { return true }
            }
            if holdsWebToken(bytes[place..<end]) { return true }
            place = end + 1
        }
        return false
    }

    private static func isToken(_ run: ArraySlice<UInt8>) -> Bool {
        for token in tokens where run.starts(with: token.prefix.utf8) {
            if run.count >= token.prefix.utf8.count + token.length { return true }
        }
        if run.starts(with: "pat.".utf8) || run.starts(with: "sat.".utf8) {
            // Harness: kind, account, 24 hexadecimal digits, the secret.
            let parts = run.split(separator: UInt8(ascii: "."), maxSplits: 3)
            return parts.count == 4 && parts[2].count == 24 && parts[3].count >= 16
        }
        return false
    }

    /// Whether two parts in a row, of which the first begins like a JSON object, are followed by a third.
    ///
    /// Source: RFC 7519, section 3; an unsigned token leaves the third part empty.
    private static func holdsWebToken(_ run: ArraySlice<UInt8>) -> Bool {
        let parts = run.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.indices.dropLast(2).contains { index in
            let part = parts[index]
            guard !parts[index + 1].isEmpty else { return false }
            return part.indices.contains { start in
                part[start...].starts(with: "eyJ".utf8)
                    && (start == part.startIndex || !isAlphanumeric(part[start - 1]))
            }
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "-_.".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
