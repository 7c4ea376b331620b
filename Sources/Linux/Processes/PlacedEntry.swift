import Glibc
import SystemPackage

/// One thing that was put into the root of a chroot, at a place that was free by then.
final class PlacedEntry {
    let place: RootedPlace
    /// Where it goes back to once the program has ended; `nil` for what is nobody's.
    private let source: RootedPlace?
    /// The name under which lies aside what was there before.
    var before: FileName?
    /// Whether it is a directory that others are put in, and stays where the program put something there, too.
    var isMade = false
    private var isMoved = false
    /// What goes back, kept open: the number of a file that is gone may be given to what comes in its place.
    private var directory: Directory?
    private var file: File?

    init(_ place: RootedPlace, returningTo source: RootedPlace? = nil) {
        (self.place, self.source) = (place, source)
    }

    /// Moves a file or directory here.
    ///
    /// - Returns: `false` where it lies on another file system.
    func move(from source: RootedPlace) throws(FileError) -> Bool {
        try hold(source)
        do {
            try source.home.move(source.name, to: place.name, in: place.home)
        } catch {
            guard error.errno == .improperLink else { throw error }
            return false
        }
        isMoved = true
        return true
    }

    /// Remembers that what lies at a place is what goes back.
    func hold(_ place: RootedPlace) throws(FileError) {
        directory = nil
        file = nil
        if try place.home.status(of: place.name).kind == .directory {
            directory = try place.home.openDirectory(place.name)
        } else {
            file = try place.home.openFile(place.name)
        }
    }

    /// Whether that lies there.
    private func isHeld(at place: RootedPlace) throws(FileError) -> Bool {
        guard let here = try place.status()?.identity else { return false }
        if try directory?.status().identity == here { return true }
        return try file?.status().identity == here
    }

    /// Takes it away, and puts back what was there before.
    func takeAway(_ aside: PlacedAside?) throws {
        let modified = try place.home.status().modified
        if isMade {
            guard (try? place.home.removeDirectory(place.name)) != nil else { return }
            return try place.home.setModified(of: ".", modified)
        }
        var failure: (any Error)?
        do { try giveBack() } catch { failure = error }
        do {
            if try place.status() != nil { try place.home.removeTree(place.name) }
            if let before, let aside { try aside.give(before, to: place) }
            try place.home.setModified(of: ".", modified)
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure }
    }

    /// Brings what the program may have written in to where it came from, if it is still there.
    private func giveBack() throws {
        guard let source, try isHeld(at: place) else { return }
        if isMoved {
            do {
                try place.home.move(place.name, to: source.name, in: source.home)
            } catch {
                // Somebody missed it, and made another one: that one counts.
                guard [.directoryNotEmpty, .fileExists].contains(error.errno) else { throw error }
                return
            }
            // What a program left running may have come between.
            if try !isHeld(at: source) { try source.home.removeTree(source.name) }
            return
        }
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let copy = FileName(TemporaryFile.prefix + random.utf8)
        do {
            try place.home.copyTree(place.name, to: copy, in: source.home)
            if try source.status()?.kind == .directory { try source.home.removeTree(source.name) }
            try source.home.rename(copy, to: source.name)
        } catch {
            _ = try? source.home.removeTree(copy)
            throw error
        }
    }
}

/// Where things lie that something else took the place of: beside the root, so that the program does not see them.
final class PlacedAside {
    private let scratch: ScratchDirectory
    private var count = 0

    /// Makes it on a file system; in the root itself where that is a mount.
    init(beside root: borrowing Directory, _ device: UInt64) throws(FileError) {
        let prefix = Array(".varve-aside-".utf8)
        let above = try Directory.open(root.path.removingLastComponent())
        let isNear = try above.status().identity.device == device
        scratch =
            isNear
            ? try ScratchDirectory(in: above, prefix: prefix)
            : try ScratchDirectory(in: root, prefix: prefix)
    }

    /// Takes what is at a place.
    ///
    /// - Returns: The name that it has here.
    func take(_ place: RootedPlace) throws(FileError) -> FileName {
        count += 1
        let name = FileName("\(count)".utf8)
        try place.home.move(place.name, to: name, in: scratch.directory)
        return name
    }

    /// Brings it back.
    func give(_ name: FileName, to place: RootedPlace) throws(FileError) {
        try scratch.directory.move(name, to: place.name, in: place.home)
    }
}
