import Linux
import SystemPackage

/// The directory of a layout; what was made of it is removed again where it stays empty.
///
/// Whoever writes to the layout shares the directory's lock for as long, and
/// only who has it alone removes anything: two processes that begin one layout
/// never take each other's directories away.
///
/// A class, because the layout and the files in the making in it share it: it
/// ends with the last of them.
final class LayoutDirectory {
    let directory: Directory
    private var made: [FilePath]

    /// One to write to, made with the directories above it where it is missing.
    init(making path: FilePath) throws(FileError) {
        var tries = 100
        while true {
            tries -= 1
            var made: [FilePath] = []
            do throws(FileError) {
                made = try Directory.makeDirectory(path)
                let directory = try Directory.open(path)
                let isShared = directory.tryLockShared()
                guard isShared, try Directory.open(path).status().identity == directory.status().identity
                else {
                    throw FileError("lock", path, .resourceTemporarilyUnavailable)
                }
                self.directory = directory
                self.made = made
                return
            } catch {
                for path in made.reversed() { try? Directory.removeDirectory(path) }
                // Another process made it, failed, and takes it away now, or did so in between.
                let isPassing = [.noSuchFileOrDirectory, .resourceTemporarilyUnavailable].contains(
                    error.errno)
                guard isPassing, tries > 0 else { throw error }
                Machine.sleep(milliseconds: 5)
            }
        }
    }

    deinit {
        guard !made.isEmpty, directory.tryLock() else { return }
        for path in made.reversed() { try? Directory.removeDirectory(path) }
    }

    /// Makes and opens `blobs/sha256`.
    func makeBlobs() throws(FileError) -> Directory {
        if try directory.createDirectory("blobs") { made.append(directory.childPath("blobs")) }
        let all = try directory.openDirectory("blobs")
        if try all.createDirectory("sha256") { made.append(all.childPath("sha256")) }
        return try all.openDirectory("sha256")
    }

    /// Leaves it all where it is.
    func keep() { made = [] }

    /// Waits until the names of what was made are on the disk.
    func synchronizeParents() throws(FileError) { try Directory.synchronizeParents(of: made) }
}
