import CLinux
import Glibc
import SystemPackage

/// The namespaces that this process enters before it builds.
///
/// In them it mounts what nobody outside sees and what ends with it, however it ends; and it sees owners and
/// capabilities of files as the image has them.
public enum OwnNamespaces {
    /// What was entered.
    public struct Entry: Equatable, Sendable {
        /// The ids of the user namespace; `nil` where none was needed.
        public let identityMap: IdentityMap?
        /// Why there is root alone, where there is.
        public let shortage: String?
    }

    /// Enters a mount namespace, and where this process may not have one, a user namespace with it.
    ///
    /// To be called first in `main`: a process that has threads cannot enter a user namespace.
    ///
    /// - Throws: ``SandboxError``; nothing was entered then, and the process may go on without.
    public static func enter() throws -> Entry {
        if sandbox_unshare(0) == 0 { return Entry(identityMap: nil, shortage: nil) }
        let (widest, shortage) = IdentityMap.widest()
        let single = IdentityMap.single
        var go = try Pipe()
        var answer = try Pipe()
        let helper = fork()
        guard helper >= 0 else { throw SandboxError(.processes, .current) }
        if helper == 0 {
            go.closeInput()
            answer.closeOutput()
            _exit(writeMap(widest, waitingFor: go, telling: answer))
        }
        go.closeOutput()
        answer.closeInput()
        let entered = sandbox_unshare(1)
        let reason = Errno.current
        if entered == 0 { _ = go.write([1], from: 0) }
        go.closeInput()
        let words = read(answer)
        var status: Int32 = 0
        _ = retrying { waitpid(helper, &status, 0) }
        guard entered == 0 else { throw SandboxError(.namespaces, reason) }
        guard status == 0, sandbox_become_root() == 0 else {
            throw SandboxError(.identities, .notPermitted, words)
        }
        let isShort = !words.isEmpty
        return Entry(identityMap: isShort ? single : widest, shortage: isShort ? words : shortage)
    }

    /// What the process outside does: it gives its parent the map, or at least a single id, and tells why.
    ///
    /// - Returns: Its exit status: 0 where there is a map.
    private static func writeMap(
        _ widest: IdentityMap, waitingFor go: borrowing Pipe, telling answer: borrowing Pipe
    ) -> Int32 {
        var byte: [UInt8] = []
        guard (try? go.read(upTo: 1, appendingTo: &byte)) == 1 else { return 1 }
        let parent = getppid()
        do {
            try widest.write(to: parent)
            return 0
        } catch {
            _ = answer.write(Array("\(error)".utf8.prefix(4096)), from: 0)
            return widest != .single && (try? IdentityMap.single.write(to: parent)) != nil ? 0 : 1
        }
    }

    private static func read(_ answer: borrowing Pipe) -> String {
        var bytes: [UInt8] = []
        while let count = try? answer.read(upTo: 4096, appendingTo: &bytes), count > 0 {}
        return String(decoding: bytes, as: UTF8.self)
    }
}
