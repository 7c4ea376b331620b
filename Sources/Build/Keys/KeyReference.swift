public import Cryptography
import Linux
import Provenance
import SystemPackage

/// Where a key is: a file, or an environment variable written as `env://NAME`.
public struct KeyReference: Sendable, CustomStringConvertible {
    private enum Place {
        case file(FilePath)
        case variable(String)
    }

    private let place: Place

    /// Reads a reference.
    ///
    /// - Throws: ``BuildError/usage(_:_:)`` for a key management service and whatever else has a scheme.
    public init(parsing text: [UInt8]) throws(BuildError) {
        let scheme = "env://"
        guard !text.isEmpty else { throw .usage("key", "the name is empty; give a file or env://NAME") }
        if text.starts(with: scheme.utf8) {
            let name = String(decoding: text.dropFirst(scheme.utf8.count), as: UTF8.self)
            guard !name.isEmpty, !name.contains("="), !name.contains("\0") else {
                throw .usage("key", "\(escaped(text)) names no environment variable")
            }
            place = .variable(name)
            return
        }
        // Cosign would ask a service here, and a file of that name is not what was meant.
        let head = text.prefix { (97...122).contains($0) || (48...57).contains($0) }
        guard head.isEmpty || !text.dropFirst(head.count).starts(with: "://".utf8) else {
            throw .usage(
                "key",
                "\(Redaction.withoutUserInformation(escaped(text))) is neither a file nor env://NAME; --sign-command reaches keys elsewhere"
            )
        }
        place = .file(FilePath(bytes: text))
    }

    /// The reference for messages.
    public var description: String {
        switch place {
        case .file(let path): path.escapedDescription
        case .variable(let name): "env://\(escaped(name.utf8))"
        }
    }

    /// The key's bytes as they stand there; a private key's are the caller's to wipe.
    ///
    /// A variable with a private key is gone afterwards, so that no program that is started later has it.
    ///
    /// - Parameter note: Told of a private key's file that others can read.
    /// - Returns: At most 64 KiB.
    /// - Throws: ``BuildError/unusableKey(_:_:)``, ``BuildError/unreadableKey(_:_:)``, `FileError`.
    public func read(note: (Progress.Note) -> Void) throws -> [UInt8] {
        switch place {
        case .file(let path): return try Self.content(of: path, note: note)
        case .variable(let name):
            // One byte more than there may be shows that there are too many.
            let bytes = SecretVariable.read(name, limit: PEM.limit + 1)
            // A public key may be read again, for another purpose.
            if let bytes, Self.isPrivate(bytes) { SecretVariable.forget(name) }
            guard let bytes else { throw BuildError.unreadableKey("\(self)", "there is no such variable") }
            guard bytes.count <= PEM.limit else { throw BuildError.unusableKey("\(self)", .tooLarge) }
            return bytes
        }
    }

    private static func content(of path: FilePath, note: (Progress.Note) -> Void) throws -> [UInt8] {
        guard let last = path.lastComponent, last.kind == .regular else {
            throw BuildError.unreadableKey(path.escapedDescription, "it is a directory; give the key's file")
        }
        let name = FileName(last)
        let directory = try Directory.open(path.removingLastComponent())
        let kind = try directory.status(of: name).kind
        guard kind != .symbolicLink else {
            throw BuildError.unreadableKey(
                path.escapedDescription,
                "it is a symbolic link, which somebody else could turn; give the file it leads to")
        }
        let file = try directory.openFile(name)
        let status = try file.status()
        guard status.kind == .regular else {
            throw BuildError.unreadableKey(path.escapedDescription, "it is no regular file")
        }
        guard status.size <= PEM.limit else {
            throw BuildError.unusableKey(path.escapedDescription, .tooLarge)
        }
        let bytes = try file.readAll(limit: PEM.limit)
        if status.permissions & 0o077 != 0, isPrivate(bytes) {
            note(.keyReadableByOthers(path, permissions: status.permissions))
        }
        return bytes
    }

    private static func isPrivate(_ bytes: [UInt8]) -> Bool {
        (try? PEM(parsing: bytes).label.hasSuffix("PRIVATE KEY")) ?? false
    }

    /// The private key.
    ///
    /// - Parameters:
    ///   - password: Asked only where the key is encrypted.
    ///   - note: As for ``read(note:)``.
    /// - Returns: The key.
    /// - Throws: As ``read(note:)``, and what the password's source throws.
    public func signingKey(
        password: Password, note: (Progress.Note) -> Void
    ) throws -> SigningKey {
        var bytes = try read(note: note)
        defer { bytes.wipe() }
        return try open(bytes, password)
    }

    /// The public key, whether it stands there or is a private one's.
    ///
    /// - Parameters:
    ///   - password: Asked only for an encrypted private key; without one such a key is refused.
    ///   - note: As for ``read(note:)``.
    /// - Returns: The key.
    /// - Throws: As ``read(note:)``, and what the password's source throws.
    public func verificationKey(
        password: Password?, note: (Progress.Note) -> Void
    ) throws -> VerificationKey {
        var bytes = try read(note: note)
        defer { bytes.wipe() }
        let isPrivate = Self.isPrivate(bytes)
        if isPrivate, let password { return try open(bytes, password).verificationKey }
        return try naming { () throws(KeyError) in try VerificationKey(pem: bytes) }
    }

    /// The file of ``verificationKey(password:note:)``.
    ///
    /// - Parameters:
    ///   - password: As there.
    ///   - note: As there.
    /// - Returns: PEM.
    /// - Throws: As there.
    public func publicPEM(password: Password?, note: (Progress.Note) -> Void) throws -> [UInt8] {
        try verificationKey(password: password, note: note).pem
    }

    private func open(_ bytes: [UInt8], _ password: Password) throws -> SigningKey {
        try naming { try KeyFile.open(bytes) { try password.existing(of: "\(self)") } }
    }

    /// Says whose mistake it is.
    func naming<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as KeyError {
            throw BuildError.unusableKey("\(self)", error)
        }
    }
}
