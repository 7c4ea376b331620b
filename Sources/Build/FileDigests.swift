import Cryptography
import Linux
public import OCI
public import SystemPackage

/// The digests of files, side by side.
public enum FileDigests {
    /// Hashes files on as many threads as there are processors.
    ///
    /// - Parameters:
    ///   - paths: The files; `-` is standard input.
    ///   - jobs: The most threads.
    ///   - report: Called on the caller's thread, in the order of `paths`.
    /// - Throws: `ThreadError`.
    public static func each(
        of paths: [FilePath], jobs: Int, report: (FilePath, Result<Digest, any Error>) -> Void
    ) throws {
        let next = Monitor(0)
        let results = paths.map { _ in Monitor<Result<Digest, any Error>?>(nil) }
        let workers = (0..<min(jobs, paths.count)).map { _ in
            Worker {
                while let index = next.take(below: paths.count) {
                    let result = Result { try digest(of: open(paths[index])) }
                    results[index].update { $0 = result }
                }
            }
        }
        if workers.contains(where: \.isStarted) {
            for (path, result) in zip(paths, results) { report(path, result.wait { $0 }) }
        }
        for worker in workers { try worker.join() }
    }

    private static func open(_ path: FilePath) throws -> File {
        path == "-" ? try File.standardInput() : try File.reading(path)
    }

    static func digest(of file: consuming File) throws -> Digest {
        var sha256 = try SHA256()
        var buffer: [UInt8] = []
        // Small enough for the second-level cache, so that the hash reads no memory a second time.
        while try file.readWhenReady(upTo: 128 << 10, appendingTo: &buffer) > 0 {
            sha256.update(buffer.span)
            buffer.removeAll(keepingCapacity: true)
        }
        return Digest(sha256: sha256.finish())
    }
}

extension Monitor<Int> {
    /// The next number, each once; `nil` from `end` on.
    func take(below end: Int) -> Int? {
        update { next in
            guard next < end else { return nil }
            defer { next += 1 }
            return next
        }
    }
}
