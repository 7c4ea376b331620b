import Compression
import Linux
import SystemPackage
import Tar
import TestSupport

@testable import Layers

/// A base tree with one of everything, and what a script makes of it: in place, or in an overlay over it.
final class ChangedTree: Sendable {
    /// Later times are set back to this one: what two runs of a script make has one time.
    static let latestTime: Int64 = 1_100_000_000

    /// Makes the base; what root alone can make is left out for others.
    static let base = """
        umask 022
        mkdir -p etc usr/bin lib/deep/er/still empty opt/app/data sticky home/one two
        echo one > etc/one; echo two > etc/two; echo conf > etc/conf
        echo run > usr/bin/run; echo tool > usr/bin/tool; chmod 755 usr/bin/*; chmod u+s usr/bin/run
        ln usr/bin/tool usr/bin/alias; ln -s run usr/bin/link; ln -s bin usr/sbin
        for i in 1 2 3 4 5; do echo $i > lib/deep/er/f$i; echo $i > opt/app/data/$i; done
        echo still > lib/deep/er/still/f; mkfifo home/fifo; chmod 1777 sticky
        printf x > "$(printf 'home/caf\\303\\251')"; printf y > "$(printf 'home/\\377\\376')"
        setfattr -n user.color -v blue etc/conf; setfattr -n user.dir -v yes opt
        echo future > home/future; echo past > home/past
        if [ "$(id -u)" = 0 ]; then
            chown 7:8 etc/two; chown -h 3:4 usr/bin/link; mknod home/null c 1 3
            setcap cap_net_raw+ep usr/bin/tool
        fi
        find . -exec touch -h -d '@1000000000.123456789' {} +
        touch -d '2222-01-01 UTC' home/future; touch -d '1955-01-01 UTC' home/past
        touch -d '@1000000000.123456789' home
        """

    struct Failure: Error { let description: String }

    let scratch: Scratch
    /// The base as a layer.
    let baseTar: [UInt8]

    init() throws {
        scratch = try Scratch()
        try scratch.directory("base")
        try Command(shell: Self.base).at(scratch["base"]).succeed()
        baseTar = try Self.pack(scratch["base"], in: scratch)
    }

    /// The same with what another one's base was made to.
    init(over other: ChangedTree) throws {
        scratch = other.scratch
        baseTar = try Self.pack(other.scratch["base"], in: other.scratch)
    }

    /// The tar of a tree.
    static func pack(_ root: FilePath, in scratch: Scratch) throws -> [UInt8] {
        var options = try LayerOptions()
        options.compression = .none
        options.latestTime = latestTime
        let file = try TemporaryFile(in: Directory.open(scratch.path))
        _ = try packLayer(of: root, into: file, options) { _ in }
        return try Self.content(of: file, in: scratch)
    }

    private static func content(of file: consuming TemporaryFile, in scratch: Scratch) throws -> [UInt8] {
        let name = "blob-\(UInt64.random(in: .min ... .max))"
        try file.publish(as: FileName(name.utf8))
        return try TestSupport.content(of: scratch[name])
    }

    /// The tar of changes.
    func pack(_ changes: TreeChanges, jobs: Int = 1, owners: OwnerLookup? = nil) throws -> [UInt8] {
        let file = try TemporaryFile(in: Directory.open(scratch.path))
        _ = try packLayer(
            of: changes, into: file, .none, jobs: jobs, latestTime: Self.latestTime, owners: owners
        ) { _ in }
        return try Self.content(of: file, in: scratch)
    }

    /// What a script changes in a copy of the base, by two snapshots.
    func bySnapshots(_ script: String, knowsEarlier: Bool = true, settles: Bool = true) throws -> TreeChanges
    {
        try Command(["cp", "-a", "base", "plain"]).at(scratch.path).succeed()
        let root = try Directory.open(scratch["plain"])
        var before = try TreeSnapshot(of: root, jobs: 2)
        if settles { before.settle() }
        try Command(shell: script).at(scratch["plain"]).succeed()
        let now = try TreeSnapshot(of: root, jobs: 2)
        let filter = try AttributeFilter()
        let files = try ImageFiles([StoredLayer(baseTar).listing])
        return try TreeChanges(from: before, to: now, filter) { paths in
            knowsEarlier ? try files.earlierFiles(at: paths, filter) : paths.map { _ in nil }
        }
    }

    /// What scripts change in overlays, each over the one before, by the last upper directory.
    ///
    /// - Returns: `nil` where the kernel mounts no overlay here.
    func byOverlay(_ scripts: String...) throws -> TreeChanges? {
        var lower = ["base"]
        for (number, script) in scripts.enumerated() {
            let upper = "upper\(number)"
            try scratch.write("script", script)
            for name in [upper, "work", "merged"] { try scratch.directory(name) }
            try Directory.open(scratch[upper]).takeAttributes(of: Directory.open(scratch[lower[0]]))
            let options =
                "lowerdir=\(lower.joined(separator: ":")),upperdir=\(upper),workdir=work,"
                + "redirect_dir=off,metacopy=off,index=off"
            let outcome = try Command(
                shell: "unshare -m bash -c 'mount -t overlay overlay -o \(options) merged || exit 99; "
                    + "cd merged && bash ../script'"
            ).at(scratch.path).run()
            if outcome.status == 99 { return nil }
            guard outcome.status == 0 else { throw Failure(description: outcome.errors) }
            try Command(shell: "rm -rf work merged").at(scratch.path).succeed()
            lower.insert(upper, at: 0)
        }
        let layers = try lower.dropFirst().map { OverlayLayer(try Directory.open(scratch[$0])) }
        let upper = try TreeSnapshot(of: Directory.open(scratch[lower[0]]), jobs: 2)
        return try TreeChanges(in: upper, over: layers, AttributeFilter())
    }

    /// The tar of a tree that our own unpacker makes of base and layer.
    func unpacked(_ layer: [UInt8]) throws -> [UInt8] {
        let tree = try ExtractedTree([baseTar, layer]) { $0.keepsOwners = Machine.user.id == 0 }
        return try Self.pack(tree.scratch["root"], in: tree.scratch)
    }

    /// The same, made by umoci.
    func unpackedByUmoci(_ layer: [UInt8]) throws -> [UInt8] {
        let scratch = try Scratch()
        for (name, tar) in [("base.tar", baseTar), ("layer.tar", layer)] {
            try Directory.open(scratch.path).createFile(FileName(name.utf8)).write(tar.span)
        }
        try Command(
            shell: """
                umoci init --layout image; umoci new --image image:x
                umoci raw add-layer --image image:x base.tar
                umoci raw add-layer --image image:x layer.tar
                umoci unpack --image image:x bundle
                """
        ).at(scratch.path).succeed()
        return try Self.pack(scratch["bundle/rootfs"], in: scratch)
    }

    /// The tar of the tree that ``bySnapshots(_:knowsEarlier:settles:)`` left.
    func made() throws -> [UInt8] { try Self.pack(scratch["plain"], in: scratch) }
}

/// `path kind mode owner time target records`, a line a member.
func lines(of tar: [UInt8]) throws -> [String] {
    try TarMember.all(of: tar).map { member in
        let records = member.records.filter { $0.key.hasPrefix("SCHILY") }.map { "\($0.key)=\($0.value)" }
        return "\(escaped(member.path)) \(member.type) \(String(member.mode, radix: 8)) "
            + "\(member.user):\(member.group) \(member.modified) \(escaped(member.target)) "
            + "\(String(decoding: member.content.prefix(40), as: UTF8.self).debugDescription) "
            + records.joined(separator: " ")
    }
}
