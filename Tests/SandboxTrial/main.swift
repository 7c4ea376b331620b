// Enters namespaces before any thread is there, and runs a program in a sandbox: a process with threads, as tests are,
// cannot. LINE is for the shell of the root directory; without ROOT it tells what works.
// `overlay` tells whether overlays work in DIRECTORY, or lays so many layers in it over one another.
// With CACHE the program has that directory at /cache, a file /run/secrets/key, and memory at /memory.
// usage: SandboxTrial ISOLATION ROOT LINE [CACHE] | SandboxTrial overlay DIRECTORY [COUNT] | SandboxTrial
import Glibc
import Linux
import SystemPackage

private func words(_ entry: OwnNamespaces.Entry) -> String {
    let users = entry.identityMap?.users.map { "\($0.inside)+\($0.count)" } ?? ["none"]
    return "map \(users.joined(separator: " "))\nshortage \(entry.shortage ?? "none")\n"
}

private func probe() throws {
    var said = ""
    do { said = words(try OwnNamespaces.enter()) } catch { said = "\(error)\n" }
    for row in try SandboxProbe().rows {
        said += "\(row.isolation.rawValue): \(row.reason ?? "works"); \(row.advice ?? "none")\n"
    }
    try StandardStreams.writeOutput(Array(said.utf8))
}

private func overlay(_ directory: FilePath, _ count: Int?) throws -> String {
    _ = try OwnNamespaces.enter()
    guard let count else { return try OverlayMount.obstacle(in: directory) ?? "works" }
    let mount = try OverlayMount(
        lower: (0..<count).map { FilePath("l/\($0)") }, upper: "upper", work: "work", at: "merged",
        in: directory)
    let merged = try Directory.open(mount.path)
    let same = try merged.content(of: "same", limit: 10) ?? []
    let names = try merged.names().count
    try merged.createFile("new").write(Array("new".utf8).span)
    extendLifetime(mount)
    return "\(names) \(String(decoding: same, as: UTF8.self))"
}

private func run(
    _ isolation: Isolation, _ root: FilePath, _ line: [UInt8], _ cache: FilePath?
) throws -> Int32 {
    do {
        StandardStreams.writeError(words(try OwnNamespaces.enter()))
    } catch {
        StandardStreams.writeError("\(error)\n")
    }
    var plan = SandboxPlan(
        root: root, isolation: isolation, command: [Array("/bin/sh".utf8), Array("-c".utf8), line])
    plan.environment = [Array("PATH=/bin".utf8)]
    if let cache {
        plan.mounts += [
            .bind(source: cache, at: Array("/cache".utf8), isReadOnly: false),
            .file(
                SandboxContent(Array("secret\n".utf8)), at: Array("/run/secrets/key".utf8), permissions: 0o400
            ),
            .memory(at: Array("/memory".utf8), size: 1 << 20),
        ]
    }
    return try Sandbox.run(plan) { bytes in
        try StandardStreams.writeOutput(bytes.withUnsafeBytes { Array($0) })
    }
    .code
}

StandardStreams.occupy()
Interruption.watch()
let arguments = ProcessArguments.all
do {
    if arguments.isEmpty {
        try probe()
    } else if arguments[0] == Array("overlay".utf8), arguments.count <= 3 {
        let count = arguments.count == 3 ? Int(String(decoding: arguments[2], as: UTF8.self)) : nil
        let said = try overlay(FilePath(bytes: arguments[1]), count)
        try StandardStreams.writeOutput(Array("\(said)\n".utf8))
    } else if 3...4 ~= arguments.count,
        let isolation = Isolation(rawValue: String(decoding: arguments[0], as: UTF8.self))
    {
        let cache = arguments.count == 4 ? FilePath(bytes: arguments[3]) : nil
        exit(try run(isolation, FilePath(bytes: arguments[1]), arguments[2], cache))
    } else {
        exit(2)
    }
} catch let error as Interruption {
    error.die()
} catch {
    StandardStreams.writeError("\(error)\n")
    exit(1)
}
