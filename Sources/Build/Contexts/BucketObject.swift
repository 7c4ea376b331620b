import Linux
import Provenance
import Registry
import SystemPackage

/// An archive in an object store, which that store's own program fetches: it knows the logins.
///
///     s3://BUCKET/OBJECT      aws
///     gs://BUCKET/OBJECT      gcloud, or gsutil
///     https://ACCOUNT.blob.core.windows.net/CONTAINER/OBJECT with $AZURE_STORAGE_ACCESS_KEY      az
struct BucketObject: Sendable, CustomStringConvertible {
    /// A program that can fetch it.
    private struct Fetcher: Sendable {
        /// Its name and arguments; a file's path follows.
        let words: [String]
        var variables: [(name: String, value: [UInt8])] = []
    }

    static let azureKey = "AZURE_STORAGE_ACCESS_KEY"
    private static let azureHost = ".blob.core.windows.net"
    /// The longest that a program may take.
    private static let seconds = 3600

    /// The URL; none of these holds a login.
    let text: String
    private let fetchers: [Fetcher]

    /// Reads a place.
    ///
    /// - Returns: `nil` for what is in no object store that has a program.
    /// - Throws: ``BuildError/usage(_:_:)``.
    init?(parsing text: String, _ flag: String) throws(BuildError) {
        let scheme = text.firstRange(of: "://").map { text[..<$0.lowerBound].lowercased() } ?? ""
        let rest = text.dropFirst(scheme.count + 3)
        switch scheme {
        case "s3":
            let endpoint = SecretVariable.read("S3_ENDPOINT", limit: 4096) ?? []
            let option =
                endpoint.isEmpty ? [] : ["--endpoint-url", String(decoding: endpoint, as: UTF8.self)]
            fetchers = [Fetcher(words: ["aws", "s3", "cp", "--only-show-errors"] + option + [text])]
        case "gs":
            fetchers = [
                Fetcher(words: ["gcloud", "storage", "cp", "--no-user-output-enabled", text]),
                Fetcher(words: ["gsutil", "-q", "cp", text]),
            ]
        case "https" where rest.prefix { $0 != "/" }.lowercased().hasSuffix(Self.azureHost):
            // Who signed the URL needs no key.
            guard !text.contains("?"), let key = SecretVariable.read(Self.azureKey, limit: 4096) else {
                return nil
            }
            let words = ["az", "storage", "blob", "download", "--no-progress", "--output", "none"]
            fetchers = [
                Fetcher(
                    words: words + ["--blob-url", text, "--file"], variables: [("AZURE_STORAGE_KEY", key)])
            ]
        default: return nil
        }
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !parts[0].hasPrefix("-") else {
            throw .usage(
                flag, "\(escaped(text.utf8)) names no object; write \(scheme)://BUCKET/CONTEXT.tar.gz")
        }
        self.text = text
    }

    var description: String { escaped(text.utf8) }

    /// Fetches it.
    ///
    /// - Parameter directory: Where the file goes.
    /// - Returns: Its path.
    /// - Throws: ``ContextError/noFetcher(_:programs:)``, ``ContextError/fetcher(_:_:reason:)``, `Interruption`.
    func fetch(into directory: FilePath) throws -> FilePath {
        let path = directory.appending("object")
        for fetcher in fetchers {
            let words = fetcher.words.map { Array($0.utf8) } + [path.bytes]
            let program = ChildProgram(words, without: Self.withheld, with: fetcher.variables)
            do {
                let outcome = try program.outcome(input: [], limit: 1 << 20, seconds: Self.seconds)
                guard outcome.status == 0, Machine.kind(of: path) == .regular else {
                    throw ContextError.fetcher(fetcher.words[0], description, reason: Self.reason(outcome))
                }
                return path
            } catch ChildError.notStarted {
                continue
            }
        }
        throw ContextError.noFetcher(description, programs: fetchers.map { $0.words[0] })
    }

    private static func reason(_ outcome: ChildProgram.Outcome) -> String {
        let lines = outcome.errors.split { $0 == 10 || $0 == 13 }.filter { !$0.allSatisfy { $0 == 32 } }
        let told = lines.first { String(decoding: $0, as: UTF8.self).lowercased().contains("error") }
        let last = told ?? lines.last
        let words = last.map {
            escaped(Redaction.withoutUserInformation(String(decoding: $0, as: UTF8.self)).utf8)
        }
        return words ?? "it ended with status \(outcome.status)"
    }

    private static var withheld: [String] {
        KeySettings.secretVariables.sorted() + GitLogin.variables + [azureKey]
            + ProcessArguments.variableNames.filter { CredentialVariables.isCredential($0) }
    }
}
