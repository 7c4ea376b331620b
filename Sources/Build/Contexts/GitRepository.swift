import Linux
import Provenance
import Registry
import SystemPackage

/// Fetches one commit of a repository, with as little else as its server allows.
///
/// Source: git-fetch(1), git-submodule(1); BuildKit's Git contexts.
enum GitRepository {
    /// Fetches and checks out what a location names, its submodules as well.
    ///
    /// - Parameters:
    ///   - location: The repository, and what of it.
    ///   - login: What its origin is shown where the location has no login of its own.
    ///   - expected: How the commit must begin, 7 to 64 hexadecimal digits.
    ///   - keepsGitDirectory: Whether `.git` stays.
    ///   - settings: How long it may take.
    ///   - progress: Told what is fetched.
    /// - Returns: The files, times as they were checked out; ``BuildContext/material`` names the commit.
    /// - Throws: ``ContextError``, ``BuildError/usage(_:_:)``, `FileError`, `Interruption`.
    static func fetch(
        _ location: GitLocation, login: Credential? = nil, expecting expected: String? = nil,
        keepsGitDirectory: Bool = false, _ settings: ContextSettings,
        progress: (Progress) -> Void
    ) throws -> BuildContext {
        let demanded = expected?.lowercased() ?? ""
        guard expected == nil || (7...64).contains(demanded.utf8.count) && demanded.allSatisfy(\.isHexDigit)
        else {
            throw BuildError.usage("--checksum", "a repository's is its commit, 7 to 64 hexadecimal digits")
        }
        progress(.fetching("\(location)", bytes: 0, of: nil))
        let scratch = try ScratchDirectory()
        let git = try GitProgram(
            in: scratch.path, for: location, login: login, seconds: settings.gitSeconds)
        try checkOut(location, git)
        let commit = try git.run("read", "rev-parse", "--verify", "-q", "HEAD^{commit}")
        for wanted in [location.commit ?? "", demanded] where !commit.hasPrefix(wanted) {
            throw ContextError.commit("\(location)", expected: wanted, found: commit)
        }
        let hasSubmodules = Machine.exists(scratch.path.appending(".gitmodules"))
        if hasSubmodules { try updateSubmodules(git) }
        if keepsGitDirectory {
            // It says where from and when; the rest says what.
            try? scratch.directory.openDirectory(".git").remove("FETCH_HEAD")
        } else {
            try scratch.directory.removeTree(".git")
            if hasSubmodules { try removePointers(below: scratch.directory) }
        }
        let directory = try open(location, in: scratch.directory)
        return try BuildContext(
            name: "\(location)", directory, in: scratch, location.material(commit: commit))
    }

    private static func checkOut(_ location: GitLocation, _ git: GitProgram) throws {
        let format = location.commit?.utf8.count == 64 ? "sha256" : "sha1"
        try git.run("prepare to fetch", "init", "-q", "--object-format=\(format)", ".")
        try git.run("prepare to fetch", "remote", "add", "origin", location.remote)
        let fetch = ["fetch", "-q", "--no-tags", "--no-recurse-submodules"]
        do {
            let wanted = location.commit ?? location.ref ?? "HEAD"
            try git.run("fetch", fetch + ["--depth=1", "origin", wanted])
        } catch let error as ContextError {
            // Not every server gives a commit by its name alone, and one that has files only gives no part of a history.
            guard location.commit != nil || error.isOfShallowFetch else { throw error }
            let all = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
            let refs = location.ref.map { [$0] } ?? (location.commit == nil ? ["HEAD"] : all)
            do {
                try git.run("fetch", fetch + ["origin"] + refs)
            } catch is ContextError {
                throw error
            }
        }
        try git.run("check out", "checkout", "-q", "--force", "--detach", location.commit ?? "FETCH_HEAD")
    }

    private static func updateSubmodules(_ git: GitProgram) throws {
        let update = ["submodule", "-q", "update", "--init", "--recursive", "--force"]
        do {
            try git.run("fetch the submodules of", update + ["--depth=1"])
        } catch is ContextError {
            // The commit that is wanted may lie deeper, and its server may not give it by its name.
            try git.run("fetch the submodules of", update + ["--no-recommend-shallow"])
        }
    }

    /// Removes the files that lead from submodules to the repository that is gone.
    ///
    /// Git checks out no file of that name.
    private static func removePointers(below root: borrowing Directory) throws {
        // A walk does not like to see its tree change; and submodules are few.
        var homes: [[UInt8]] = []
        var walk = try TreeWalk(of: root)
        while let entry = try walk.next() {
            if entry.name == ".git", entry.status == nil {
                homes.append(entry.path.dropLast(entry.name.bytes.count).dropLast())
            }
        }
        for home in homes { try root.openInRoot(home).remove(".git") }
    }

    /// Opens the directory that is the context; a link on the way could lead anywhere.
    private static func open(_ location: GitLocation, in root: borrowing Directory) throws -> Directory {
        var place = try root.duplicate()
        for name in location.subdirectory {
            do {
                place = try place.openDirectory(name)
            } catch {
                let path = location.subdirectory.map { escaped($0.bytes) }.joined(separator: "/")
                let isMissing = error.errno == .noSuchFileOrDirectory
                throw ContextError.subdirectory(
                    path, repository: escaped(location.remote.utf8),
                    reason: isMissing
                        ? "there is none at this commit" : "\(escaped(name.bytes)) is no directory of its own"
                )
            }
        }
        return place
    }
}

extension ContextError {
    /// Whether git said that this server knows no `--depth`; its messages are those of the C locale.
    fileprivate var isOfShallowFetch: Bool {
        if case .git(_, _, let reason) = self { reason.contains("shallow") } else { false }
    }
}
