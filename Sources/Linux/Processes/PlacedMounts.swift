import CLinux
import Glibc
import SystemPackage

/// What a program in a chroot sees in place of mounts, where nothing can be mounted.
///
/// It is put into the root, and taken away again: files and directories are copied there, a directory that the program
/// may write in is moved there and back where it lies on the same file system, and else copied in and out; a socket gets
/// a further name, which takes the same file system. What has the name already is put aside meanwhile, out of the root, and what was made for it is removed; the times of
/// directories stay what they were. Whatever a program made of a place is removed with it, unless that is still the
/// directory that goes back: nothing else leaves the root. Where something has its own place by then, it is given up.
///
/// Where this process is killed, all of it stays in the root, which is swept as a whole; a directory that was moved
/// there is lost with it.
final class PlacedMounts {
    /// As many as mounts.c makes.
    private static let mostMade = 128

    private let root: Directory
    private var entries: [PlacedEntry] = []
    private var aside: PlacedAside?

    /// Opens the root.
    init(in path: FilePath) throws(FileError) { root = try Directory.open(Machine.resolved(path)) }

    /// Puts something in its place; what has no meaning in a chroot is left out.
    ///
    /// - Throws: ``FileError``, ``Interruption``; ``SandboxError`` for what cannot be had.
    func add(_ mount: SandboxMount) throws {
        switch mount {
        case .bind(let source, let beneath, let target, let isReadOnly):
            try add(try Self.place(of: source, beneath), at: target, isReadOnly)
        case .file(let content, let target, let permissions, let user, let group):
            try put(at: target) { entry in
                let file = try entry.place.home.createFile(entry.place.name, permissions: 0o600)
                try content.write(to: file)
                try file.setOwner(user: user, group: group)
                try file.setPermissions(permissions)
            }
        case .memory(let target, _):
            try put(at: target) { entry in
                try entry.place.home.createDirectory(entry.place.name, permissions: 0o700)
                try entry.place.home.setPermissions(of: entry.place.name, 0o1777)
            }
        case .devices: try mount.steps.forEach(addDevice)
        case .overlay(_, let target): throw SandboxError(.mount, .notSupported, escaped(target))
        case .proc, .outerProc, .system, .masked, .frozen: break
        }
    }

    /// Takes everything away, the last one first.
    ///
    /// - Throws: The first ``FileError`` or ``Interruption``; the rest is taken away all the same.
    func takeAway() throws {
        var failure: (any Error)?
        while let entry = entries.popLast() {
            do { try entry.takeAway(aside) } catch { failure = failure ?? error }
        }
        aside = nil
        if let failure { throw failure }
    }

    private func add(_ source: RootedPlace, at target: [UInt8], _ isReadOnly: Bool) throws {
        // Others speak to a socket by its own name meanwhile.
        if try source.status()?.kind == .socket {
            return try put(at: target) { entry in
                try entry.place.home.createHardLink(entry.place.name, to: source.name, in: source.home)
            }
        }
        try put(at: target, from: isReadOnly ? nil : source) { entry in
            if !isReadOnly, try entry.move(from: source) { return }
            try source.home.copyTree(source.name, to: entry.place.name, in: entry.place.home)
            if !isReadOnly { try entry.hold(entry.place) }
        }
    }

    /// Makes a device, or a link to one, as far as this process may; one that the image has stays.
    private func addDevice(_ step: SandboxMount.Step) throws {
        // A link counts as there, wherever it leads: many images bring /dev/fd.
        let start = step.target.lastIndex(of: 47).map { $0 + 1 } ?? 0
        guard step.kind == SANDBOX_DEVICE || step.kind == SANDBOX_LINK,
            try RootedPlace(
                home: root.open(Array(step.target[..<start]), making: { try self.makeDirectory($0) }),
                name: FileName(step.target[start...])
            ).status() == nil
        else { return }
        try put(at: step.target) { entry in
            let place = entry.place
            if step.kind == SANDBOX_LINK { return try place.home.createLink(place.name, to: step.source) }
            let (major, minor) = step.device
            try? place.home.createCharacterDevice(place.name, major: major, minor: minor)
            try? place.home.setPermissions(of: place.name, 0o666)
        }
    }

    private func put(
        at target: [UInt8], from source: RootedPlace? = nil, _ body: (PlacedEntry) throws -> Void
    ) throws {
        let entry = PlacedEntry(
            try root.place(of: target) { try self.makeDirectory($0) }, returningTo: source)
        let modified = try entry.place.home.status().modified
        if let status = try entry.place.status() {
            let aside = try aside ?? PlacedAside(beside: root, status.identity.device)
            self.aside = aside
            entry.before = try aside.take(entry.place)
        }
        // From here on there is something to take away, also where the rest fails.
        entries.append(entry)
        try body(entry)
        try entry.place.home.setModified(of: ".", modified)
    }

    /// Makes a directory to put something in, unless it is there.
    private func makeDirectory(_ path: [UInt8]) throws {
        let entry = PlacedEntry(try root.place(of: path) { try self.makeDirectory($0) })
        guard try entry.place.status() == nil else { return }
        guard entries.count < Self.mostMade else {
            throw FileError("create", entry.place.home.childPath(entry.place.name), .noSpace)
        }
        let modified = try entry.place.home.status().modified
        try entry.place.home.createDirectory(entry.place.name, permissions: 0o700)
        entry.isMade = true
        entries.append(entry)
        try entry.place.home.setPermissions(of: entry.place.name, 0o755)
        try entry.place.home.setModified(of: ".", modified)
    }

    private static func place(of source: FilePath, _ beneath: [UInt8]?) throws -> RootedPlace {
        if let beneath, !beneath.allSatisfy({ $0 == 46 || $0 == 47 }) {
            return try Directory.open(source).place(of: beneath)
        }
        let path = Machine.resolved(source)
        guard let last = path.lastComponent else { throw FileError("move", path, .resourceBusy) }
        return RootedPlace(home: try Directory.open(path.removingLastComponent()), name: FileName(last))
    }
}
