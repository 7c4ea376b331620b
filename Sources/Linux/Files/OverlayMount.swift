import CLinux
import Glibc
public import SystemPackage

/// Directories over one another, mounted by this process in a mount namespace of its own.
///
/// It is unmounted when its owner lets go of it, and with the namespace in any case. What is written goes to the upper
/// directory, as the kernel has it: a whiteout is a character device 0:0, an opaque directory has the attribute
/// ``opaqueAttribute``. Nothing is redirected and no file is split in data and attributes, so that the upper directory
/// stands for itself.
///
/// Source: the kernel's documentation of overlayfs.
public struct OverlayMount: ~Copyable, Sendable {
    /// Where it is seen.
    public let path: FilePath

    /// Mounts it.
    ///
    /// All paths together have to fit a page of memory: relative ones begin at a directory, which keeps them short.
    ///
    /// - Parameters:
    ///   - lower: What is seen where nothing lies over it, the uppermost first.
    ///   - upper: Where changes go.
    ///   - work: An empty directory beside `upper` that the kernel works in.
    ///   - place: The directory that it is seen at.
    ///   - directory: Where relative paths begin.
    /// - Throws: ``FileError``: `E2BIG` where the paths are too long, what mount(2) says else; ``ThreadError``.
    public init(
        lower: [FilePath], upper: FilePath, work: FilePath, at place: FilePath, in directory: FilePath
    ) throws {
        let home = Machine.absolute(directory)
        let path = home.pushing(place)
        do {
            // Nobody keeps the tree: without this, unmounting it brings all of the upper's file system to the disk.
            try Self.mount(lower, upper, work, ["volatile"], at: path, in: home)
        } catch let error as FileError {
            // Before Linux 5.10.
            guard error.errno == .invalidArgument else { throw error }
            try Self.mount(lower, upper, work, [], at: path, in: home)
        }
        self.path = path
    }

    private static func mount(
        _ lower: [FilePath], _ upper: FilePath, _ work: FilePath, _ more: [String], at path: FilePath,
        in home: FilePath
    ) throws {
        let overlay = SandboxMount.Overlay(lower: lower, upper: (upper, work), options: options + more)
        let options = FileName(overlay.words)
        // The kernel takes a page, with the zero at its end, and cuts off the rest without a word.
        guard options.terminated.count <= 4096 else { throw FileError("mount", path, .argListTooLong) }
        // A working directory belongs to all threads, but for one that parted with the others.
        let code = try Worker { () -> Int32 in
            let code = home.withPlatformString { home in
                path.withPlatformString { path in
                    options.withCString { linux_mount_overlay(home, path, $0) }
                }
            }
            return code == 0 ? 0 : errno
        }
        .join()
        guard code == 0 else { throw FileError("mount", path, Errno(rawValue: code)) }
    }

    // Whoever still has a file open in there keeps it for as long; no build fails of it.
    deinit { _ = path.withPlatformString { linux_unmount($0) } }

    /// What the names of the attributes begin with in which the kernel keeps its own state here.
    ///
    /// It reads no others: those that begin as elsewhere are a file's like any.
    public static var attributePrefix: [UInt8] {
        Array((isInUserNamespace ? "user.overlay." : "trusted.overlay.").utf8)
    }

    /// The attribute by which the kernel says that nothing is seen below a directory of the upper one.
    public static var opaqueAttribute: [UInt8] { attributePrefix + "opaque".utf8 }

    /// What the kernel is asked for: no redirects, neither made nor followed, and all of a file in one place.
    ///
    /// In a user namespace the kernel follows none anyway, and takes `redirect_dir=off` for a wish to follow them where
    /// it was built to.
    public static var options: [String] {
        ["metacopy=off", "index=off", "xino=off", isInUserNamespace ? "userxattr" : "redirect_dir=nofollow"]
    }

    /// Whether this process's root is another user outside: attributes of the name `trusted` are not its to set then.
    private static var isInUserNamespace: Bool {
        let map = (try? File.reading("/proc/self/uid_map").readAll(limit: 4096)) ?? []
        let words = map.split { $0 == 32 || $0 == 10 }
        return words.count != 3 || !words[0].elementsEqual([48]) || !words[1].elementsEqual([48])
            || !words[2].elementsEqual("4294967295".utf8)
    }
}

extension OverlayMount {
    /// Tries one out: mounts it, changes what is in it, and looks at what the upper directory says.
    ///
    /// - Parameter directory: Where upper and work would lie.
    /// - Returns: Why none can be had there; `nil` where it can.
    /// - Throws: ``FileError`` where nothing can be made in the directory; ``ThreadError``.
    public static func obstacle(in directory: FilePath) throws -> String? {
        let home = try Directory.open(Machine.absolute(directory))
        let scratch = try ScratchDirectory(in: home, prefix: Array(".varve-overlay-".utf8))
        for name: FileName in ["lower", "upper", "work", "merged"] {
            try scratch.directory.createDirectory(name)
        }
        let lower = try scratch.directory.openDirectory("lower")
        for name: FileName in ["removed", "renamed", "changed"] { _ = try lower.createFile(name) }
        for name: FileName in ["gone", "anew"] {
            try lower.createDirectory(name)
            _ = try lower.openDirectory(name).createFile("file")
        }
        do {
            let overlay = try OverlayMount(
                lower: ["lower"], upper: "upper", work: "work", at: "merged", in: scratch.path)
            try change(Directory.open(overlay.path))
            extendLifetime(overlay)
        } catch let error as FileError {
            return "\(error.operation): \(error.errno)"
        }
        return try verify(scratch.directory.openDirectory("upper"))
    }

    private static func change(_ merged: borrowing Directory) throws(FileError) {
        try merged.remove("removed")
        try merged.rename("renamed", to: "other")
        try merged.removeTree("gone")
        try merged.removeTree("anew")
        try merged.createDirectory("anew")
        _ = try merged.openDirectory("anew").createFile("new")
        try merged.setPermissions(of: "changed", 0o640)
        guard try merged.openDirectory("anew").names() == ["new"] else {
            throw FileError("recreate a directory", merged.path, .notSupported)
        }
    }

    private static func verify(_ upper: borrowing Directory) throws(FileError) -> String? {
        for name: FileName in ["removed", "renamed", "gone"] {
            let status = try upper.status(of: name)
            guard status.kind == .characterDevice, status.deviceNumber == (0, 0) else {
                return "what is removed leaves no whiteout"
            }
        }
        let opaque = try upper.openDirectory("anew").extendedAttributes { $0 == opaqueAttribute }
        guard opaque.first?.value == [UInt8(ascii: "y")] else {
            return "a directory that was made anew is not marked (\(escaped(opaqueAttribute)))"
        }
        return nil
    }
}
