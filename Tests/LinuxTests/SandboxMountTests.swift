import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Linux

private let mounting: [Isolation] = [.namespaces, .outerProc]

struct SandboxMountTests {
    private let root: BusyboxRoot

    init() throws { root = try BusyboxRoot() }

    @Test(arguments: mounting) func `/dev holds what programs count on`(isolation: Isolation) throws {
        let names = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero"
        #expect(try root.run("echo $(ls /dev)", isolation).text == names + "\n")
        let uses = """
            echo x >/dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c
            echo x 2>/dev/null >/dev/full || echo full
            touch /dev/shm/x && stat -c %a /dev/shm && ls /dev/pts && ls -l /dev/null | cut -c1-10
            """
        let text = try root.run(uses, isolation).text
        #expect(text == "3\n3\nfull\n1777\nptmx\ncrw-rw-rw-\n")
    }

    @Test(arguments: mounting) func `the machine's devices stay as they are`(isolation: Isolation) throws {
        let before = try Directory.open("/dev").status(of: FileName("full".utf8))
        let line =
            "touch -d @1 /dev/full; chmod 600 /dev/full; chown 5 /dev/full; rm -f /dev/full; ls /dev/full"
        let outcome = try root.run("{ \(line); } 2>&1", isolation)
        let after = try Directory.open("/dev").status(of: FileName("full".utf8))
        #expect(outcome.text.contains("Read-only file system"))
        #expect(after.modified == before.modified && after.permissions == before.permissions)
        #expect(after.user == before.user)
    }

    @Test func `in a chroot the devices are made, and taken away again`() throws {
        try root.scratch.write("root/dev/full", "the image's own")
        let before = try root.listing()
        let line =
            "echo x >/dev/null && head -c 3 /dev/zero | wc -c; stat -c %a /dev/null; cat /dev/full; "
            + "readlink /dev/stdin"
        let outcome = try root.run(line, .chroot)
        #expect(outcome.text == "3\n666\nthe image's own/proc/self/fd/0\n")
        #expect(try root.listing() == before)
    }

    @Test func `no device that a program makes or an image brings can be opened`() throws {
        try Requirement.root()
        mknod(root["brought"].string, S_IFCHR | 0o666, 0x105)
        let line =
            "mknod /made c 1 5; mknod /dev/made c 1 5; mknod /dev/shm/made c 1 5; "
            + "for f in /brought /made /dev/made /dev/shm/made; do head -c 1 $f 2>&1; done"
        let text = try root.run(line).text
        #expect(text.split(separator: "\n").filter { $0.hasSuffix("Permission denied") }.count == 4)
    }

    @Test(
        "nothing is read that tells of the machine",
        arguments: mounting,
        ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts", "/sys/firmware", "/proc/acpi"])
    func masked(isolation: Isolation, path: String) throws {
        let line = "[ -d \(path) ] && ls -A \(path) || cat \(path) 2>/dev/null || true"
        #expect(try root.run(line, isolation).text == "")
    }

    @Test(
        "nothing is written that changes the machine",
        arguments: mounting,
        [
            "mkdir /sys/fs/cgroup/varve", "touch /sys/x", "echo 1 >/proc/sys/vm/drop_caches",
            "echo h >/proc/sysrq-trigger", "umount /proc/sys", "mount -o remount,rw /sys",
            "mount -t tmpfs x /tmp",
        ])
    func frozen(isolation: Isolation, line: String) throws {
        #expect(try root.run("(\(line)) 2>/dev/null || echo refused", isolation).text == "refused\n")
    }

    @Test(arguments: mounting)
    func `root's programs see no control groups and no traces`(isolation: Isolation) throws {
        try Requirement.root()
        let line =
            "ls /sys/kernel >/dev/null && ls -A /sys/fs/cgroup /sys/kernel/tracing /sys/kernel/debug 2>/dev/null"
        let names = try root.run(line, isolation).text.split(separator: "\n").filter { !$0.hasSuffix(":") }
        #expect(names == [])
    }

    @Test(arguments: mounting)
    func `what was made to mount on is taken away, and leaves no trace`(isolation: Isolation) throws {
        symlink("../run/resolve/stub.conf", root["etc/resolv.conf"].string)
        symlink("/var/lib/../deep", root["cache"].string)
        try root.scratch.write("outside/resolv.conf", "nameserver\n")
        try root.scratch.directory("outside/cache")
        let before = try root.listing()
        let line = "cat /etc/resolv.conf /run/resolve/stub.conf; echo 1 >/cache/x; ls /var/deep /a/b"
        let outcome = try root.run(line, isolation) { plan in
            plan.mounts += [
                .bind(
                    source: root.scratch["outside/resolv.conf"], at: Array("/etc/resolv.conf".utf8),
                    isReadOnly: true),
                .bind(
                    source: root.scratch["outside/cache"], at: Array("/cache".utf8), isReadOnly: false),
                .memory(at: Array("/a/b".utf8), size: nil),
            ]
        }
        #expect(outcome.text == "nameserver\nnameserver\n/a/b:\n\n/var/deep:\nx\n")
        #expect(try root.listing() == before)
        #expect(try text(of: root.scratch["outside/cache/x"]) == "1\n")
    }

    @Test func `what a program puts beside a mount stays`() throws {
        let line = "echo 1 >/a/kept; mkdir /b && echo 2 >/b/kept"
        _ = try root.run(line) { $0.mounts.append(.memory(at: Array("/a/b".utf8), size: nil)) }
        #expect(try text(of: root["a/kept"]) == "1\n" && text(of: root["b/kept"]) == "2\n")
        #expect(!Machine.exists(root["a/b"]))
    }

    @Test func `a place that leads out by links lies in the root`() throws {
        try root.scratch.write("victim/file", "untouched")
        try root.scratch.write("outside", "brought")
        symlink(root.scratch.path.string, root["absolute"].string)
        symlink("../../../../../../..\(root.scratch.path.string)", root["relative"].string)
        for name in ["absolute", "relative"] {
            let place = "/\(name)/victim/file"
            let outcome = try root.run("cat \(place)") { plan in
                plan.mounts.append(
                    .bind(source: root.scratch["outside"], at: Array(place.utf8), isReadOnly: false))
            }
            #expect(outcome.text == "brought")
        }
        #expect(try text(of: root.scratch["victim/file"]) == "untouched")
    }

    @Test(
        "a link where the kernel's file systems go is refused, wherever it leads",
        arguments: mounting,
        [("proc", "/"), ("sys", "."), ("dev", "../../"), ("proc", "/tmp"), ("sys", "none"), ("dev", "/proc")])
    func link(isolation: Isolation, link: (name: String, target: String)) throws {
        try Requirement.isolation(isolation)
        symlink(link.target, root[link.name].string)
        let before = try root.listing()
        #expect(throws: SandboxError(.mount, .tooManySymbolicLinkLevels, "/\(link.name)")) {
            _ = try root.run("true", isolation)
        }
        #expect(try root.listing() == before)
    }

    @Test("so is a file", arguments: mounting, ["proc", "sys", "dev"])
    func fileForDirectory(isolation: Isolation, name: String) throws {
        try Requirement.isolation(isolation)
        try root.scratch.write("root/\(name)", "the image's own")
        let before = try root.listing()
        #expect(throws: SandboxError(.mount, .notDirectory, "/\(name)")) {
            _ = try root.run("true", isolation)
        }
        #expect(try root.listing() == before)
    }

    @Test func `in a chroot a link in the place of /dev leads nowhere else, and nothing stays`() throws {
        symlink("/", root["dev"].string)
        let before = try root.listing()
        #expect(try root.run("echo x >/dev/null; ls -A /dev/shm 2>/dev/null; true", .chroot).text == "")
        #expect(try root.listing() == before)
    }

    @Test(
        "nothing is mounted on the root, whatever leads there",
        arguments: mounting,
        [
            SandboxMount.memory(at: Array("/up".utf8), size: nil),
            .memory(at: Array("/tmp/../up/".utf8), size: nil), .memory(at: Array("/..".utf8), size: nil),
            .bind(source: "/usr", at: Array("/tmp/round".utf8), isReadOnly: true),
            .file(SandboxContent([1]), at: Array("/up".utf8)),
        ])
    func rootItself(isolation: Isolation, mount: SandboxMount) throws {
        try Requirement.isolation(isolation)
        symlink("/", root["up"].string)
        symlink("../../up/tmp/..", root["tmp/round"].string)
        let before = try root.listing()
        let place = escaped(mount.steps[0].target)
        #expect(throws: SandboxError(.mount, .resourceBusy, place)) {
            _ = try root.run("true", isolation) { $0.mounts.append(mount) }
        }
        #expect(try root.listing() == before)
    }

    @Test(
        "what hides a part of a mount takes nothing else for it",
        arguments: [("/etc/x", Errno(rawValue: ENXIO)), ("/none/x", .noSuchFileOrDirectory)])
    func hidden(path: String, reason: Errno) throws {
        try Requirement.isolation(.namespaces)
        for mount in [SandboxMount.masked(Array(path.utf8)), .frozen(Array(path.utf8))] {
            #expect(throws: SandboxError(.mount, reason, path)) {
                _ = try root.run("true") { $0.mounts.append(mount) }
            }
        }
    }

    @Test(arguments: mounting)
    func `a file that would lie in /proc is refused`(isolation: Isolation) throws {
        try Requirement.isolation(isolation)
        rmdir(root["etc"].string)
        symlink("/proc", root["etc"].string)
        #expect(throws: SandboxError(.mount, .noSuchFileOrDirectory, "/etc/hosts")) {
            _ = try root.run("true", isolation) {
                $0.mounts.append(.file(SandboxContent([1]), at: Array("/etc/hosts".utf8)))
            }
        }
    }

    @Test func `a source that others wrote does not lead out of its directory`() throws {
        try root.scratch.write("stage/a/file", "in")
        symlink("/a", root.scratch["stage/good"].string)
        symlink("../../../../../../../etc", root.scratch["stage/bad"].string)
        func bind(_ beneath: String) throws -> String {
            try root.run("cat /there") { plan in
                plan.mounts.append(
                    .bind(
                        source: root.scratch["stage"], beneath: Array(beneath.utf8),
                        at: Array("/there".utf8), isReadOnly: true))
            }
            .text
        }
        #expect(try bind("good/file") == "in" && bind("/../../a/file") == "in")
        #expect(throws: SandboxError(.mount, .noSuchFileOrDirectory, "/there")) { try bind("bad/passwd") }
        #expect(!Machine.exists(root["there"]))
    }

    @Test func `what is bound to be read is not written`() throws {
        try root.scratch.write("outside/file", "kept")
        let outcome = try root.run("(echo no >/m/file) 2>/dev/null || cat /m/file") { plan in
            plan.mounts.append(
                .bind(source: root.scratch["outside"], at: Array("/m".utf8), isReadOnly: true))
        }
        #expect(outcome.text == "kept")
    }

    @Test("a file is in memory alone, and nobody writes it", arguments: mounting)
    func file(isolation: Isolation) throws {
        let before = try root.listing()
        let secret = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        let line = """
            stat -c '%a %u:%g %s' /run/secrets/a; (echo x >>/run/secrets/a) 2>/dev/null || echo refused
            rm /run/secrets/a 2>/dev/null || echo busy; cat /etc/resolv.conf; ls /run/secrets; ls -A /content 2>&1
            """
        try root.scratch.write("root/etc/resolv.conf", "the image's own")
        let outcome = try root.run(line, isolation) { plan in
            plan.mounts += [
                .file(SandboxContent(secret), at: Array("/run/secrets/a".utf8), permissions: 0o400),
                .file(SandboxContent(Array("nameserver\n".utf8)), at: Array("/etc/resolv.conf".utf8)),
            ]
        }
        #expect(
            outcome.text
                == "400 0:0 200000\nrefused\nbusy\nnameserver\na\nls: /content: No such file or directory\n")
        #expect(try text(of: root["etc/resolv.conf"]) == "the image's own")
        try Directory.removeFile(root["etc/resolv.conf"])
        #expect(try root.listing().split(separator: "\n").count == before.split(separator: "\n").count)
    }

    @Test func `a file's bytes come through, and it has its owner`() throws {
        try Requirement.subordinateIDs()
        let secret = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        var output: [UInt8] = []
        let plan = try root.plan(["/bin/cat", "/key"]) { plan in
            plan.user = 77
            plan.mounts.append(
                .file(SandboxContent(secret), at: Array("/key".utf8), permissions: 0o400, user: 77, group: 7))
        }
        for _ in 0..<2 {
            output = []
            #expect(try Sandbox.run(plan) { output += $0.withUnsafeBytes { Array($0) } } == .exited(0))
            #expect(output == secret)
        }
        #expect("\(SandboxContent(secret))" == "200000 bytes")
    }

    @Test func `memory is for everybody`() throws {
        let outcome = try root.run("stat -c '%a %u:%g' /m") {
            $0.mounts.append(.memory(at: Array("/m".utf8), size: nil))
        }
        #expect(outcome.text == "1777 0:0\n")
    }

    @Test("a cache is written by whoever runs the build", arguments: mounting)
    func cache(isolation: Isolation) throws {
        try root.scratch.write("outside/cache/old", "1")
        let outcome = try root.run("cat /c/old && echo 2 >/c/new && mkdir /c/d && rm /c/old", isolation) {
            $0.mounts.append(
                .bind(source: root.scratch["outside/cache"], at: Array("/c".utf8), isReadOnly: false))
        }
        #expect(outcome.text == "1" && outcome.status == .exited(0))
        #expect(try text(of: root.scratch["outside/cache/new"]) == "2\n")
        #expect(!Machine.exists(root.scratch["outside/cache/old"]))
    }

    @Test func `memory has its size`() throws {
        let line = "dd if=/dev/zero of=/m/x bs=1M count=2 2>&1 | grep -c 'No space'"
        let outcome = try root.run(line) {
            $0.mounts.append(.memory(at: Array("/m".utf8), size: 1 << 20))
        }
        #expect(outcome.text == "1\n")
    }

    @Test func `a root of layers takes changes aside`() throws {
        for name in ["upper", "work", "mid", "point"] { try root.scratch.directory(name) }
        try root.scratch.write("mid/etc/layer", "middle\n")
        try root.scratch.write("root/etc/base", "base\n")
        let scratch = root.scratch
        let outcome = try root.run("cat /etc/layer /etc/base; echo new >/etc/new; rm /etc/base") { plan in
            plan.root = scratch["point"]
            let overlay = SandboxMount.Overlay(
                lower: ["mid", "root"], upper: ("upper", "work"),
                options: Machine.user.id == 0 ? [] : ["userxattr"], directory: scratch.path)
            plan.mounts.insert(.overlay(overlay, at: [47]), at: 0)
        }
        #expect(outcome.text == "middle\nbase\n" && outcome.status == .exited(0))
        #expect(try text(of: scratch["upper/etc/new"]) == "new\n")
        #expect(try text(of: scratch["root/etc/base"]) == "base\n")
        let made = try Command(["find", scratch["upper"].string, "-printf", "%P %y\n"]).succeed().text
        #expect(Set(made.split(separator: "\n")) == [" d", "etc d", "etc/base c", "etc/new f"])
    }

    @Test func `the options of layers are quoted`() {
        let overlay = SandboxMount.Overlay(
            lower: ["a:b", "c,d", "e\\f"], upper: ("u", "w"), options: ["index=off"])
        #expect(
            String(decoding: overlay.words, as: UTF8.self)
                == "index=off,lowerdir=a\\:b:c\\,d:e\\\\f,upperdir=u,workdir=w")
    }

    @Test func `a mount that fails is named, and what was made for it is gone`() throws {
        try Requirement.isolation(.namespaces)
        let before = try root.listing()
        #expect(throws: SandboxError(.mount, .noSuchFileOrDirectory, "/x/y")) {
            _ = try root.run("true") { plan in
                plan.mounts.append(
                    .bind(source: "/varve-no-such", at: Array("/x/y".utf8), isReadOnly: true))
            }
        }
        #expect(try root.listing() == before)
        #expect(throws: SandboxError(.root, .noSuchFileOrDirectory, "/varve-no-such")) {
            _ = try root.run("true") { $0.root = "/varve-no-such" }
        }
    }

    @Test func `nothing is mounted outside`() throws {
        _ = try root.run("true")
        let mounts = try content(of: "/proc/self/mounts")
        let place = root.scratch.path.bytes
        #expect(!mounts.split(separator: 32).contains { $0.starts(with: place) })
    }
}
