import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Linux

/// What stands for mounts in a chroot.
struct PlacedMountsTests {
    private let root: BusyboxRoot

    init() throws {
        root = try BusyboxRoot()
        try Requirement.isolation(.chroot)
    }

    private func run(_ line: String, _ mounts: [SandboxMount]) throws -> String {
        try root.run(line, .chroot) { $0.mounts += mounts }.text
    }

    private func cache(at path: String) throws -> SandboxMount {
        try root.scratch.write("outside/cache/old", "1")
        return .bind(source: root.scratch["outside/cache"], at: Array(path.utf8), isReadOnly: false)
    }

    @Test func `a cache is moved there and back`() throws {
        let mount = try cache(at: "/var/deep/cache")
        let before = try root.listing()
        let home = try Directory.open(root.scratch["outside"])
        let identity = try home.status(of: "cache").identity
        let line = "cat /var/deep/cache/old; echo 2 >/var/deep/cache/new; rm /var/deep/cache/old"
        #expect(try run(line, [mount]) == "1")
        #expect(try home.status(of: "cache").identity == identity)
        #expect(try home.openDirectory("cache").names() == ["new"])
        #expect(try root.listing() == before)
    }

    @Test func `what has the name already is put aside, and comes back as it was`() throws {
        try root.scratch.write("root/var/cache/own", "the image's")
        try root.scratch.write("root/etc/hosts", "the image's")
        let mount = try cache(at: "/var/cache")
        let before = try root.listing()
        let seen = try run(
            "ls /var/cache; cat /etc/hosts; echo x >>/etc/hosts; ls -a /var / | grep varve",
            [mount, .file(SandboxContent(Array("given\n".utf8)), at: Array("/etc/hosts".utf8))])
        #expect(seen == "old\ngiven\n")
        #expect(try root.listing() == before)
        #expect(try text(of: root["etc/hosts"]) == "the image's")
        let left = try Directory.open(root.scratch.path).names().filter {
            $0.bytes.starts(with: ".varve".utf8)
        }
        #expect(left == [])
    }

    @Test func `links that the image has in place of devices stay`() throws {
        try root.scratch.directory("root/dev")
        symlink("/proc/self/fd", root["dev/fd"].string)
        symlink("missing", root["dev/null"].string)
        let before = try root.listing()
        #expect(
            try run("readlink /dev/fd; readlink /dev/null; test -e /proc || echo none", [])
                == "/proc/self/fd\nmissing\nnone\n")
        #expect(try root.listing() == before)
    }

    @Test func `a link that leads nowhere is followed to where it would lead`() throws {
        symlink("../run/resolve/stub.conf", root["etc/resolv.conf"].string)
        let before = try root.listing()
        let file = SandboxMount.file(
            SandboxContent(Array("given\n".utf8)), at: Array("/etc/resolv.conf".utf8), permissions: 0o640)
        let line = "cat /etc/resolv.conf; stat -c '%a %u' /run/resolve/stub.conf"
        #expect(try run(line, [file]) == "given\n640 0\n")
        #expect(try root.listing() == before)
    }

    @Test(
        "whatever a program makes of a secret's place goes with it",
        arguments: [
            "true", "rm /run/secrets/key", "mv /run/secrets/key /k && cp /k /run/secrets/key; rm /k",
            "rm /run/secrets/key && mkdir -p /run/secrets/key/a", "rm -r /run/secrets", "rm -r /run",
            "rm /run/secrets/key; ln -s /etc/passwd /run/secrets/key",
        ])
    func secret(line: String) throws {
        try root.scratch.write("root/etc/passwd", "kept")
        for name in ["cp", "mv", "ln"] { symlink("busybox", root["bin/\(name)"].string) }
        let secret = SandboxMount.file(
            SandboxContent(Array("s3cr3t-varve".utf8)), at: Array("/run/secrets/key".utf8), permissions: 0o400
        )
        let before = try root.listing().split(separator: "\n").count
        #expect(try run("cat /run/secrets/key; \(line)", [secret]) == "s3cr3t-varve")
        #expect(try root.listing().split(separator: "\n").count == before)
        #expect(try text(of: root["etc/passwd"]) == "kept")
        let found = try Command(["grep", "-r", "s3cr3t-varve", root.path.string]).run()
        #expect(found.status == 1)
    }

    @Test func `a place that became a link leads nothing out`() throws {
        for name in ["ln"] { symlink("busybox", root["bin/\(name)"].string) }
        try root.scratch.write("victim/file", "untouched")
        let victim = root.scratch["victim"].string
        let line = "rm -r /c && ln -s ../../../../../../../..\(victim) /c; echo 3 >/moved"
        // The link often gets the number of the directory that is gone.
        for _ in 0..<10 {
            #expect(try run(line, [cache(at: "/c")]) == "")
            #expect(!Machine.exists(root.scratch["outside/cache"]))
            #expect(!Machine.exists(root["c"]) && Machine.exists(root["moved"]))
        }
        #expect(try text(of: root.scratch["victim/file"]) == "untouched")
    }

    @Test func `what is to be read is a copy, and what is written there is forgotten`() throws {
        try root.scratch.write("stage/a/b/file", "in")
        chmod(root.scratch["stage/a/b/file"].string, 0o4751)
        symlink("b/file", root.scratch["stage/a/link"].string)
        symlink("/a", root.scratch["stage/good"].string)
        symlink("../../../../../../../etc", root.scratch["stage/bad"].string)
        let before = try root.listing()
        func bind(_ beneath: String, _ line: String) throws -> String {
            try run(
                line,
                [
                    .bind(
                        source: root.scratch["stage"], beneath: Array(beneath.utf8), at: Array("/m".utf8),
                        isReadOnly: true)
                ])
        }
        let line = "cat /m/link; stat -c %a /m/b/file; readlink /m/link; echo 2 >/m/b/file; rm /m/link"
        #expect(try bind("/good", line) == "in4751\nb/file\n")
        #expect(try bind("good/link", "cat /m") == "in")
        #expect(try bind("/", "ls /m") == "a\nbad\ngood\n")
        #expect(throws: FileError.self) { try bind("bad/passwd", "true") }
        #expect(try text(of: root.scratch["stage/a/b/file"]) == "in")
        #expect(try root.listing() == before)
    }

    @Test func `memory is an empty directory for everybody`() throws {
        try root.scratch.write("root/tmp/own", "kept")
        let before = try root.listing()
        let line = "stat -c '%a %u' /tmp; ls -A /tmp; echo 1 >/tmp/x"
        #expect(try run(line, [.memory(at: Array("/tmp".utf8), size: 1 << 20)]) == "1777 0\n")
        #expect(try root.listing() == before)
    }

    @Test func `one lies in another, and leaves nothing there`() throws {
        let mounts = [
            try cache(at: "/c"), .file(SandboxContent([65]), at: Array("/c/x/y/z".utf8)),
            .memory(at: Array("/c/x/m".utf8), size: nil),
        ]
        let before = try root.listing()
        #expect(try run("cat /c/x/y/z; ls /c /c/x", mounts) == "A/c:\nold\nx\n\n/c/x:\nm\ny\n")
        #expect(try Directory.open(root.scratch["outside/cache"]).names() == ["old"])
        #expect(try root.listing() == before)
    }

    @Test func `a cache of another file system is copied in and out`() throws {
        let other = try Scratch(in: "/dev/shm")
        let home = try Directory.open(other.path)
        guard try home.status().identity.device != Directory.open(root.path).status().identity.device else {
            try Test.cancel("/dev/shm is no file system of its own")
        }
        try other.write("cache/sub/old", "1")
        try other.write("cache/gone", "1")
        chmod(other["cache"].string, 0o2770)
        let mount = SandboxMount.bind(source: other["cache"], at: Array("/c".utf8), isReadOnly: false)
        #expect(try run("cat /c/sub/old; stat -c %a /c; rm /c/gone; echo 2 >/c/new", [mount]) == "12770\n")
        #expect(Set(try home.openDirectory("cache").names()) == ["new", "sub"])
        #expect(try home.status(of: "cache").permissions == 0o2770)
        #expect(try home.names() == ["cache"] && !Machine.exists(root["c"]))
    }

    @Test func `a cache that others made anew meanwhile is theirs`() throws {
        let mount = try cache(at: "/c")
        let before = try root.listing()
        let plan = try root.plan(["/bin/sh", "-c", "echo 2 >/c/new; echo on"], .chroot) {
            $0.mounts += [mount]
        }
        _ = try Sandbox.run(plan) { _ in try root.scratch.write("outside/cache/theirs", "3") }
        #expect(try Directory.open(root.scratch["outside/cache"]).names() == ["theirs"])
        #expect(try root.listing() == before)
    }

    @Test func `a socket keeps its own name, and gets another`() throws {
        let path = try root.scratch.directory("outside").appending("agent")
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        try #require(code == 0)
        let before = try root.listing()
        let mount = SandboxMount.bind(source: path, at: Array("/run/agent".utf8), isReadOnly: false)
        #expect(try run("stat -c %F /run/agent; rm /run/agent", [mount]) == "socket\n")
        #expect(Machine.exists(path))
        #expect(try root.listing() == before)
    }

    @Test func `what failed on the way is taken away too`() throws {
        let before = try root.listing()
        let mounts = [
            try cache(at: "/c"), .file(SandboxContent([65]), at: Array("/s".utf8)),
            .bind(source: "/varve-no-such", at: Array("/x/y".utf8), isReadOnly: true),
        ]
        #expect(throws: FileError.self) { try run("true", mounts) }
        #expect(throws: FileError("write", "x", .noSpace)) {
            let plan = try root.plan(["/bin/echo", "on"], .chroot) { $0.mounts += mounts.prefix(2) }
            _ = try Sandbox.run(plan) { _ in throw FileError("write", "x", .noSpace) }
        }
        #expect(try root.listing() == before)
        #expect(try text(of: root.scratch["outside/cache/old"]) == "1")
        let overlay = SandboxMount.Overlay(lower: ["a"], upper: nil)
        #expect(throws: SandboxError(.mount, .notSupported, "/")) {
            try run("true", [.overlay(overlay, at: [47])])
        }
    }

    @Test func `a copy has all that a tree has`() throws {
        let scratch = root.scratch
        try scratch.directory("tree/sub/deep/er")
        try scratch.write("tree/sub/deep/file", String(repeating: "x", count: 3_000_000))
        try scratch.write("tree/z", "z")
        symlink("/nowhere", scratch["tree/link"].string)
        mkfifo(scratch["tree/fifo"].string, 0o640)
        chown(scratch["tree/sub"].string, 12, 34)
        chmod(scratch["tree/sub"].string, 0o1700)
        try Command(["touch", "-h", "-d", "2001-02-03 04:05:06.789", scratch["tree/link"].string]).succeed()
        try Command(["touch", "-d", "2001-02-03 04:05:06.789", scratch["tree/sub/deep"].string]).succeed()
        let home = try Directory.open(scratch.path)
        try home.copyTree("tree", to: "copy", in: home)
        func listing(_ name: String) throws -> String {
            try Command([
                "sh", "-c", "cd \(scratch[name].string) && find . -printf '%P %y %m %U:%G %T@ %l\\n' | sort",
            ])
            .succeed().text
        }
        #expect(try listing("copy") == listing("tree"))
        try Command([
            "diff", "-r", "--no-dereference", scratch["tree/sub"].string, scratch["copy/sub"].string,
        ])
        .succeed()
        #expect(throws: FileError.self) { try home.copyTree("tree", to: "copy", in: home) }
    }
}
