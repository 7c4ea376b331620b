/// The words of a name, and whether one of them says that the value is secret.
///
/// Guessing wrong costs little one way (a value is missing from provenance) and much the
/// other (a password is published), so words are matched at their ends too: `DBPASSWORD`
/// and `STRIPEKEY` count, with the English words that only end alike left out.
struct SecretWords {
    /// The words in lower case, split at capitals, digits, and all that is no letter.
    let words: [String]

    init(of name: String) {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        let bytes = Array(name.utf8)
        for (place, byte) in bytes.enumerated() {
            let isUpper = SecretWords.isUpper(byte)
            guard isUpper || SecretWords.isLower(byte) else {
                words.append(word)
                word = []
                continue
            }
            let before = place > 0 ? bytes[place - 1] : 0
            let after = place + 1 < bytes.count ? bytes[place + 1] : 0
            // apiKey, and the K of APIKey
            let begins = isUpper && (SecretWords.isLower(before) || SecretWords.isLower(after))
            if begins {
                words.append(word)
                word = []
            }
            word.append(byte | 0x20)
        }
        words.append(word)
        self.words = words.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a word, or the singular of a plural, says so.
    var areSecret: Bool {
        words.contains { isSecret($0) || $0.hasSuffix("s") && isSecret(String($0.dropLast())) }
    }

    private func isSecret(_ word: String) -> Bool {
        if ["private", "authorization"].contains(word) { return true }
        if SecretWords.anywhere.contains(where: { word.contains($0) }) { return true }
        return SecretWords.endings.contains { word.hasSuffix($0) }
            && !SecretWords.innocent.contains { word.hasSuffix($0) }
    }

    private static let endings = ["pass", "pwd", "passcode", "secret", "token", "key", "cred", "auth"]
    private static let anywhere = [
        "password", "passwd", "passphrase", "credential", "secretkey", "privatekey", "apikey", "accesskey",
        "accesstoken", "authtoken",
    ]
    private static let innocent = [
        "bypass", "compass", "overpass", "surpass", "trespass", "underpass",
        "donkey", "flunkey", "hockey", "hotkey", "jockey", "lackey", "monkey", "turkey", "turnkey", "whiskey",
        "sacred",
    ]

    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
}
