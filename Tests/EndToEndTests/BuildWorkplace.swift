import Linux
import SystemPackage
import TestSupport
import Testing

/// A context to build, bases that varve packed, and a home of its own for who builds.
final class BuildWorkplace: Sendable {
    /// What the tests change: `context`, `bases`, `home`, `tmp`; images go to `out`.
    let scratch: Scratch
    /// The build context.
    var context: FilePath { scratch["context"] }

    /// Makes an empty context, and a base where one is wanted.
    init(withBase: Bool = true) throws {
        scratch = try Scratch()
        for name in ["context", "home", "tmp"] { try scratch.directory(name) }
        if withBase { try makeBase(Self.baseScript) }
    }

    /// Writes files of the context, by a script in it; `umask` is 022.
    func prepare(_ script: String) throws {
        try Command(["bash", "-euc", "umask 022\n" + script]).at(context).with("LC_ALL", "C").succeed()
    }

    /// Packs a root that a script makes.
    func makeBase(_ script: String) throws {
        try scratch.directory("base")
        try Command(["bash", "-euc", script]).at(scratch["base"]).succeed()
        // A plain user's tree is root's in the image, too.
        try varve(
            "pack", "base", "-q", "--no-provenance", "-o", "oci:bases:base", "--env", "PATH=/usr/bin:/bin",
            "--env", "LANG=C", "--owner", "0:0"
        ).succeed()
    }

    /// A root whose `/bin` and `/lib` lead below `/usr`, and whose `/var/run` leads to `/run`.
    private static let baseScript = """
        umask 022; mkdir -p usr/bin usr/lib/deep etc/skel run var/lib home/app tmp opt srv/closed
        ln -s usr/bin bin; ln -s usr/lib lib; ln -s /run var/run; ln -s ../opt srv/up; ln -s /etc/motd srv/motd
        ln -s loop srv/loop; ln -s ../../../../../../etc srv/out; ln -s /none/there srv/broken
        chmod 1777 tmp; chmod 0700 srv/closed; chmod 02775 opt
        printf 'root:x:0:0:root:/root:/bin/sh\\napp:x:1000:1001::/home/app:/bin/sh\\n' > etc/passwd
        printf 'root:x:0:\\napp:x:1001:\\nstaff:x:50:\\n' > etc/group
        echo motd > etc/motd; echo tool > usr/bin/tool; chmod 0755 usr/bin/tool; echo library > usr/lib/library
        find . -print0 | xargs -0 touch -h -d @1600000000
        """

    // MARK: Varve

    /// Varve in the scratch directory, with nothing of the user's around it; killed after two minutes.
    func varve(_ words: [String], variables: [String] = []) -> Command {
        let environment = [
            "env", "-i", "PATH=/usr/bin:/bin", "HOME=\(scratch["home"])", "TMPDIR=\(scratch["tmp"])",
        ]
        return Command(
            environment + variables + ["timeout", "-s", "KILL", "120", Command.varvePath.string] + words
        ).at(scratch.path)
    }

    /// The same.
    func varve(_ words: String...) -> Command { varve(words) }

    /// Writes a Dockerfile.
    func write(_ dockerfile: String) throws { try scratch.write("context/Dockerfile", dockerfile + "\n") }

    /// Builds the context as the image `oci:out:new`; `base` is the root that was packed.
    func build(_ flags: [String] = []) -> Command {
        varve(
            [
                "build", "context", "-o", "oci:out:new", "-q", "--no-provenance", "--build-context",
                "base=oci:bases:base",
            ] + flags)
    }

    /// Builds a Dockerfile, and reads the image.
    @discardableResult
    func built(_ dockerfile: String, _ flags: String...) throws -> FlatImage {
        try write(dockerfile)
        try build(flags).succeed()
        return try FlatImage("out", "new", in: self)
    }

    // MARK: Failures

    /// Puts an image there that no failure may touch.
    func makeOld() throws {
        try scratch.write("old/etc/motd", "old\n")
        try varve("pack", "old", "-q", "--no-provenance", "-o", "oci:out:old").succeed()
    }

    /// What no failure may change: the layout, the files beside it, and that nothing temporary is left.
    func snapshot() throws -> [String] {
        try ["out", "tmp", "context"].flatMap { name in
            Machine.exists(scratch[name])
                ? try Workplace.snapshot(of: scratch[name]).map { "\(name)/\($0)" } : []
        } + Directory.open(scratch.path).names().map { "\($0)" }.filter { $0 != "home" }.sorted()
    }

    /// What the cache holds that has no final name.
    func unfinished() throws -> [String] {
        guard Machine.exists(scratch["home"]) else { return [] }
        return try Workplace.snapshot(of: scratch["home"]).filter { $0.contains("tmp") }
    }

    /// Runs a build that must fail, and must change nothing.
    ///
    /// - Returns: What it said.
    @discardableResult
    func refuse(
        _ command: Command, status: Int32 = 1, saying texts: [String],
        at place: SourceLocation = #_sourceLocation
    ) throws -> String {
        let before = try snapshot()
        let outcome = try command.run()
        #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: place)
        for text in texts {
            #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: place)
        }
        #expect(outcome.output == [], sourceLocation: place)
        #expect(try snapshot() == before, sourceLocation: place)
        #expect(try unfinished() == [], sourceLocation: place)
        return outcome.errors
    }
}
