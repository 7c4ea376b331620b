import Cryptography
import Linux
import Provenance
public import SystemPackage

/// The two files of a key: PREFIX.key for its owner alone, PREFIX.pub for everybody.
public struct KeyPairFiles: Sendable {
    /// The encrypted private key.
    public let key: FilePath
    /// The public key.
    public let publicKey: FilePath
    private let replaces: Bool

    /// Looks whether they may be written, before anybody is asked for a password.
    ///
    /// - Parameters:
    ///   - prefix: The path that both begin with, as bytes.
    ///   - replaces: Whether files of these names go.
    /// - Throws: ``BuildError/fileExists(_:)``, `FileError`.
    public init(prefix: [UInt8], replaces: Bool) throws {
        key = FilePath(bytes: prefix + ".key".utf8)
        publicKey = FilePath(bytes: prefix + ".pub".utf8)
        self.replaces = replaces
        for path in [key, publicKey] { try Self.refuse(path, replaces) }
    }

    private static func refuse(_ path: FilePath, _ replaces: Bool) throws {
        guard let last = path.lastComponent else { throw FileError("write", path, .isDirectory) }
        let kind: FileStatus.Kind
        do {
            kind = try Directory.open(path.removingLastComponent())
                .status(of: FileName(last)).kind
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return
        }
        guard replaces else { throw BuildError.fileExists(path) }
        guard kind == .regular else { throw BuildError.notAKeyFile(path) }
    }

    /// Makes a new key and writes it.
    ///
    /// - Throws: ``BuildError``, `FileError`, and what the password's source throws.
    public func generate(password: Password) throws { try write(SigningKey.generate(), password) }

    /// Writes a key that another file has, under a password.
    ///
    /// - Throws: ``BuildError``, `FileError`, and what the password's source throws.
    public func importKey(
        _ reference: KeyReference, password: Password, note: (Progress.Note) -> Void
    ) throws {
        try write(reference.signingKey(password: password, note: note), password)
    }

    private func write(_ key: SigningKey, _ password: Password) throws {
        let sealed = try KeyFile.seal(key, password: password.new(of: self.key.escapedDescription))
        try Interruption.check()
        var privateFile = try StagedFile(at: self.key, sealed, permissions: 0o600)
        var publicFile = try StagedFile(at: publicKey, key.verificationKey.pem, permissions: 0o644)
        // The private one first: the other one can be made of it.
        try privateFile.publish(isNew: !replaces)
        do {
            try publicFile.publish(isNew: !replaces)
        } catch {
            throw replaces ? BuildError.onlyPrivateKey(self.key, publicKey, "\(error)") : error
        }
        privateFile.keep()
        publicFile.keep()
    }
}
