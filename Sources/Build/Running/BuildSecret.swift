import Cryptography
import Linux
import SystemPackage

/// A secret that programs of a build may be shown: where it is, never what it is.
///
/// Source: docker buildx build, `--secret`.
struct BuildSecret: Equatable {
    /// Where its bytes are.
    enum Place: Equatable {
        case file(FilePath)
        case variable(String)
    }

    /// The most bytes of one, as in BuildKit.
    static let limit = 500 << 10

    let id: String
    let place: Place

    /// Reads `id=NAME`, `src=FILE` or `source=FILE`, `env=VARIABLE`, `type=file|env`.
    ///
    /// Without a place it is the variable of that name, else the file.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    init(parsing text: String) throws(BuildError) {
        var fields: [String: String] = [:]
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw .usage("--secret", "write id=NAME,src=FILE or id=NAME,env=VARIABLE")
            }
            let name = parts[0] == "source" ? "src" : String(parts[0])
            guard ["id", "src", "env", "type"].contains(name) else {
                throw .usage(
                    "--secret", "there is no field \(name); write id=NAME,src=FILE or id=NAME,env=VARIABLE")
            }
            fields[name] = String(parts[1])
        }
        let type = fields["type"]
        guard [nil, "file", "env"].contains(type) else {
            throw .usage("--secret", "type is file or env")
        }
        // With type=env, src names the variable.
        let variable = fields["env"] ?? (type == "env" ? fields["src"] : nil)
        let file = type == "env" ? nil : fields["src"]
        guard variable == nil || file == nil else { throw .usage("--secret", "give src or env, not both") }
        guard let id = fields["id"] ?? variable ?? file.map({ FilePath($0).lastComponent?.string ?? $0 })
        else {
            throw .usage("--secret", "one has no id; write id=NAME,src=FILE or id=NAME,env=VARIABLE")
        }
        self.id = id
        if let variable {
            place = .variable(variable)
        } else if let file {
            place = .file(FilePath(file))
        } else {
            place = type != "file" && SecretVariable.exists(id) ? .variable(id) : .file(FilePath(id))
        }
    }

    /// The bytes.
    ///
    /// - Throws: ``BuildError/instruction(_:)`` where they are not there, or too many; `FileError`, `CryptographyError`.
    func read() throws -> SecretBytes {
        let tooLarge = BuildError.instruction("the secret \(id) is larger than \(Self.limit >> 10) KiB")
        switch place {
        case .variable(let name):
            guard var bytes = SecretVariable.read(name, limit: Self.limit + 1) else {
                throw BuildError.instruction("the secret \(id) is not there: the variable \(name) is not set")
            }
            defer { bytes.wipe() }
            guard bytes.count <= Self.limit else { throw tooLarge }
            return try SecretBytes(bytes.span)
        case .file(let path):
            let file = try File.reading(path)
            guard try file.status().kind == .regular else { throw BuildError.noRegularFile(path) }
            let secret = try SecretBytes(capacity: Self.limit + 1) { try file.fill(&$0) }
            guard secret.count <= Self.limit else { throw tooLarge }
            return secret
        }
    }
}
