/// The private keys that one run signs with: each is read once, whatever it signs, and one password opens them all.
///
/// A variable that had a key or the password is gone once it was read: who signs twice would find neither.
final class SigningKeys {
    private let password = Password()
    private var signers: [KeySettings: Signer] = [:]

    /// Who signs, with a key that is read now if it was not before.
    ///
    /// - Parameters:
    ///   - settings: Whose signature.
    ///   - note: Told of a private key's file that others can read.
    /// - Throws: ``BuildError``, and what the password's source throws.
    /// - Returns: The signer.
    func signer(for settings: KeySettings, note: (Progress.Note) -> Void) throws -> Signer {
        if let known = signers[settings] { return known }
        let signer = try settings.signer(password: password, note: note)
        signers[settings] = signer
        return signer
    }
}
