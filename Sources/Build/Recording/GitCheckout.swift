import Linux
import Provenance
import SystemPackage

/// The commit that a directory was checked out from, read from git's own files.
///
/// No program is run: a repository's configuration may name programs, and the
/// tree that is packed is not trusted.
///
/// Source: gitrepository-layout(5), git-config(1).
struct GitCheckout {
    /// The commit, 40 or 64 hexadecimal digits.
    let commit: String
    /// The branch, unless the commit itself was checked out.
    let branch: String?
    /// Where `origin` is.
    let remote: String?

    /// Looks at a directory and those above it.
    ///
    /// - Returns: `nil` without a repository, or with one that cannot be read.
    init?(around directory: FilePath) {
        guard let git = Self.repository(around: directory) else { return nil }
        let common = Self.text(git.appending("commondir")).map { git.pushing(FilePath($0)) } ?? git
        guard let head = Self.text(git.appending("HEAD")) else { return nil }
        if head.hasPrefix("ref: ") {
            let name = String(head.dropFirst(5))
            guard name.hasPrefix("refs/"), !name.contains("..") else { return nil }
            let loose = Self.text(common.pushing(FilePath(name)))
            guard let commit = (loose ?? Self.packed(name, in: common)).flatMap({ CommitID($0) }) else {
                return nil
            }
            self.commit = commit.hex
            branch = name.hasPrefix("refs/heads/") ? String(name.dropFirst(11)) : nil
        } else {
            guard let commit = CommitID(head) else { return nil }
            self.commit = commit.hex
            branch = nil
        }
        remote = Self.origin(in: common)
    }

    private static func repository(around directory: FilePath) -> FilePath? {
        var place = Machine.resolved(directory)
        while true {
            let git = place.appending(".git")
            if text(git.appending("HEAD")) != nil { return git }
            // A worktree or submodule has a file there, which says where the repository is.
            if let pointer = text(git), pointer.hasPrefix("gitdir: ") {
                return place.pushing(FilePath(String(pointer.dropFirst(8))))
            }
            guard place.removeLastComponent() else { return nil }
        }
    }

    private static func packed(_ name: String, in git: FilePath) -> String? {
        for line in lines(git.appending("packed-refs"), limit: 16 << 20) {
            let words = line.split(separator: " ")
            if words.count == 2, words[1] == name { return String(words[0]) }
        }
        return nil
    }

    private static func origin(in git: FilePath) -> String? {
        var isOrigin = false
        for line in lines(git.appending("config"), limit: 1 << 20) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.first?.hasPrefix("[") == true {
                isOrigin = words == ["[remote", "\"origin\"]"]
            } else if isOrigin, words.count == 3, words[0] == "url", words[1] == "=" {
                return String(words[2])
            }
        }
        return nil
    }

    private static func text(_ path: FilePath) -> String? { lines(path, limit: 4096).first }

    private static func lines(_ path: FilePath, limit: Int) -> [String] {
        // openFile: a fifo in its place does not hold the build up.
        guard let name = path.lastComponent,
            let directory = try? Directory.open(path.removingLastComponent()),
            let bytes = try? directory.content(of: FileName(name), limit: limit)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
