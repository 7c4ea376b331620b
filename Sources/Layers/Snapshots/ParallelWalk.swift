import Linux

/// Lists the directories of a tree on several threads.
///
/// What waits are the names of directories that are still to be listed, and no descriptor: neither the depth of a tree
/// nor its width is bounded by `ulimit -n`.
final class ParallelWalk: Sendable {
    /// Directories that lie in one directory and are still to be listed.
    private struct Waiting: Sendable {
        /// The directory's path, and its number.
        let path: [UInt8]
        let parent: UInt32
        /// Their names, each with a NUL behind it, and their entries, the last one first.
        var names: [UInt8] = []
        var entries: [UInt32] = []
        /// The number of the last one.
        var number: UInt32 = 0

        mutating func popLast() -> Next? {
            guard let entry = entries.popLast() else { return nil }
            let start = names.dropLast().lastIndex(of: 0).map { $0 + 1 } ?? 0
            let name = names[start...].dropLast()
            names.removeLast(names.count - start)
            number -= 1
            return Next(name: FileName(name), bytes: Array(name), entry: entry, number: number + 1)
        }

        init(path: [UInt8], parent: UInt32) { (self.path, self.parent) = (path, parent) }
    }

    /// A directory that is to be listed.
    private struct Next: Sendable {
        let name: FileName
        let bytes: [UInt8]
        let entry: UInt32
        let number: UInt32
    }

    private struct State: Sendable {
        var waiting: [Waiting] = []
        /// How many threads are listing.
        var active = 0
        /// How many directories have numbers.
        var count: UInt32 = 1
        var failure: (any Error)?
    }

    /// What one thread listed.
    private struct Part: Sendable {
        var table = EntryTable()
        var folders: [(number: UInt32, folder: TreeSnapshot.Folder)] = []
    }

    private let root: TreeSnapshot.Root
    /// Names that are left out, by the paths of their directories.
    private let leftOut: [[UInt8]: [[UInt8]]]
    private let state = Monitor(State())

    init(_ root: TreeSnapshot.Root, leavingOut paths: [[UInt8]]) {
        self.root = root
        var leftOut: [[UInt8]: [[UInt8]]] = [:]
        for path in paths {
            let end = path.lastIndex(of: 47)
            leftOut[end.map { Array(path[..<$0]) } ?? [], default: []]
                .append(end.map { Array(path[($0 + 1)...]) } ?? path)
        }
        self.leftOut = leftOut
    }

    /// Lists the tree; called once.
    ///
    /// - Parameter jobs: Threads, the calling one among them.
    /// - Throws: `FileError`, `Interruption`.
    /// - Returns: The tables, and all directories by their numbers.
    func run(jobs: Int) throws -> (tables: [EntryTable], folders: [TreeSnapshot.Folder]) {
        var parts = [Part()]
        finish(
            try list(".", entry: 0, number: 0, below: [], parent: 0, in: root.directory, &parts[0]), &parts[0]
        )
        let workers = (1..<max(1, min(jobs, 64))).map { _ in
            Worker { [self] in
                var part = Part()
                work(&part)
                return part
            }
        }
        work(&parts[0])
        // A thread that the kernel did not give is no loss: this one lists alone.
        for worker in workers { if let part = try? worker.join() { parts.append(part) } }
        let (count, failure) = state.update { ($0.count, $0.failure) }
        if let failure { throw failure }
        var folders = [TreeSnapshot.Folder](repeating: TreeSnapshot.Folder(), count: Int(count))
        for (number, part) in parts.enumerated() {
            for var found in part.folders {
                found.folder.table = UInt16(number)
                folders[Int(found.number)] = found.folder
            }
        }
        return (parts.map(\.table), folders)
    }

    // MARK: Threads

    private func work(_ part: inout Part) {
        while let (waiting, batch) = take() {
            do {
                try Interruption.check()
                let directory = try root.directory.openBelow(waiting.path)
                var found: [Waiting] = []
                for next in batch {
                    let path = waiting.path.isEmpty ? next.bytes : waiting.path + [47] + next.bytes
                    let below = try list(
                        next.name, entry: next.entry, number: next.number, below: path,
                        parent: waiting.parent, in: directory, &part)
                    found += below
                }
                finish(found, &part)
                state.update { $0.active -= 1 }
            } catch {
                state.update { state in
                    state.active -= 1
                    if state.failure == nil { state.failure = error }
                }
            }
        }
    }

    /// Waits for directories to list.
    ///
    /// - Returns: `nil` when there are none and will be none.
    private func take() -> (Waiting, [Next])? {
        state.wait { state in
            if state.failure != nil { return .some(nil) }
            let last = state.waiting.count - 1
            guard last >= 0 else { return state.active == 0 ? .some(nil) : nil }
            // Of few directories each thread takes one: there may be much below them.
            let most = max(1, min(16, state.waiting[last].entries.count / 4))
            var batch: [Next] = []
            while batch.count < most, let next = state.waiting[last].popLast() { batch.append(next) }
            let home = Waiting(path: state.waiting[last].path, parent: state.waiting[last].parent)
            if state.waiting[last].entries.isEmpty { state.waiting.removeLast() }
            state.active += 1
            return .some((home, batch))
        }
    }

    /// Hands on what was found, and gives it numbers.
    private func finish(_ found: [Waiting], _ part: inout Part) {
        guard !found.isEmpty else { return }
        let first = state.update { state in
            let first = state.count
            for var waiting in found {
                state.count += UInt32(waiting.entries.count)
                waiting.number = state.count - 1
                state.waiting.append(waiting)
            }
            return first
        }
        var number = first
        for waiting in found {
            for entry in waiting.entries {
                part.table.setNumber(number, of: Int(entry))
                number += 1
            }
        }
    }

    // MARK: Directories

    /// Lists one directory.
    ///
    /// - Returns: The directories in it, if there are any.
    private func list(
        _ name: FileName, entry: UInt32, number: UInt32, below path: [UInt8], parent: UInt32,
        in directory: borrowing Directory, _ part: inout Part
    ) throws -> [Waiting] {
        let entries = try part.table.append(
            entriesOf: name, in: directory, device: root.status.identity.device)
        part.folders.append(
            (number, TreeSnapshot.Folder(parent: parent, entry: entry, entries: entries)))
        if let names = leftOut[path] {
            for entry in entries where names.contains(where: { part.table.name(of: entry).elementsEqual($0) })
            {
                part.table.leaveOut(entry)
            }
        }
        var waiting = Waiting(path: path, parent: number)
        for entry in entries
        where part.table.records[entry].kind == .directory && !part.table.records[entry].isLeftOut {
            waiting.names += part.table.name(of: entry)
            waiting.names.append(0)
            waiting.entries.append(UInt32(entry))
        }
        return waiting.entries.isEmpty ? [] : [waiting]
    }
}
