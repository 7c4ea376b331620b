import Cryptography
import Linux
import OCI

/// The entries of a fingerprint: their fields, in batches, and the hash of all of them.
struct FingerprintEntries: ~Copyable {
    /// A file below what is copied.
    struct Met {
        /// Its path below what is copied.
        let path: [UInt8]
        /// Its name on disk; for a file that is copied by itself, over a link, the path has another one.
        let name: FileName
        /// What lstat(2) said of it.
        let status: FileStatus
        /// Where in the path its name begins.
        let nameStart: Int
    }

    /// What an entry begins with: part of every fingerprint, and so fixed.
    private enum Mark {
        static let directorySource: UInt8 = 1
        static let fileSource: UInt8 = 2
        static let entry: UInt8 = 3
    }

    /// Files of a batch: what is kept in memory of them is bounded so.
    private static let batch = 4096

    private let digests: ContentDigests
    private let hashing: ContentHashing
    private let note: ((_ path: [UInt8], _ digest: [UInt8]) -> Void)?
    /// For how many entries more somebody wants to know: their digests are not to be had for nothing.
    private var notes: Int
    private var hash: SHA256
    private var fields = EntryFields()
    private var count = 0
    /// Where entries end and which they are, if somebody wants to know.
    private var ends: [(path: [UInt8], start: Int, end: Int)] = []
    /// Directories that the walk is in; those wait that come along only for what is in them.
    private var levels: [(met: Met, attributes: [ExtendedAttribute])] = []
    /// How many of them, from the outermost on, do not wait.
    private var arrived = 0
    /// Where what is copied lies below the source's root, and a `/` behind it.
    private var prefix: [UInt8] = []
    /// The first path of each file with several names.
    private var firstNames: [FileStatus.Identity: [UInt8]] = [:]
    /// The directory of the file that was hashed last, by its path below the root.
    private var place: [UInt8] = []

    var filter: AttributeFilter { digests.filter }

    init(
        _ digests: ContentDigests, _ hashing: ContentHashing, noteLimit: Int,
        _ note: ((_ path: [UInt8], _ digest: [UInt8]) -> Void)?
    ) throws {
        (self.digests, self.hashing, self.note) = (digests, hashing, note)
        notes = note == nil ? 0 : noteLimit
        hash = try SHA256()
        fields.put(Array("varve copy 1".utf8))
        // What is hashed is fixed; another number would mean that owners count.
        fields.put(UInt8(0))
    }

    /// Ends the last batch.
    ///
    /// - Returns: The digest of all entries.
    consuming func finish() throws -> Digest {
        try flush()
        return Digest(sha256: hash.finish())
    }

    // MARK: Sources

    /// Begins what is in a directory.
    mutating func begin(directory path: [UInt8]) {
        begin(in: path)
        fields.put(Mark.directorySource)
    }

    /// Begins a file that is copied by itself, and lies in this directory.
    mutating func begin(fileIn directory: [UInt8]) {
        begin(in: directory)
        fields.put(Mark.fileSource)
    }

    private mutating func begin(in directory: [UInt8]) {
        prefix = directory.isEmpty ? [] : directory + [47]
        // Names of one file are known within one copy.
        firstNames = [:]
    }

    // MARK: Entries

    /// Leaves all directories but the outermost ones.
    mutating func leave(toDepth depth: Int) {
        if levels.count > depth { levels.removeLast(levels.count - depth) }
        arrived = min(arrived, depth)
    }

    /// Adds a directory, at once or as soon as something in it is added.
    mutating func enter(_ met: Met, _ attributes: [ExtendedAttribute], waits: Bool) throws {
        levels.append((met, attributes))
        if !waits { try arrive() }
    }

    private mutating func arrive() throws {
        while arrived < levels.count {
            let (met, attributes) = levels[arrived]
            let start = begin(met)
            fields.put(attributes)
            try end(met, from: start)
            arrived += 1
        }
    }

    /// Adds what is no directory; a socket is not added.
    mutating func add(_ met: Met, in directory: borrowing Directory) throws {
        let status = met.status
        guard status.kind != .socket else { return }
        try arrive()
        let start = begin(met)
        let first = status.links > 1 ? firstNames[status.identity] : nil
        fields.put(first ?? [])
        if first == nil {
            if status.links > 1 { firstNames[status.identity] = met.path }
            try putContent(met, in: directory)
        }
        try end(met, from: start)
    }

    private mutating func begin(_ met: Met) -> Int {
        let start = fields.bytes.count
        fields.put(Mark.entry)
        fields.put(met.status.kind.mark)
        fields.put(met.path)
        fields.put(met.status.permissions)
        return start
    }

    private mutating func putContent(_ met: Met, in directory: borrowing Directory) throws {
        switch met.status.kind {
        case .regular: return try putDigest(met)
        case .symbolicLink: fields.put(try directory.linkTarget(of: met.name))
        case .characterDevice, .blockDevice:
            fields.put(met.status.deviceNumber.major)
            fields.put(met.status.deviceNumber.minor)
        case .fifo, .directory, .socket: break
        }
        // As a planned layer has it.
        guard met.status.kind != .symbolicLink || filter.isWidened else { return }
        fields.put(try directory.extendedAttributes(of: met.name, where: filter.keeps))
    }

    private mutating func putDigest(_ met: Met) throws {
        if let known = digests.known(met.status) { return fields.put(known) }
        let place = fields.bytes.count
        fields.put(DigestTable.Digest(words: (0, 0, 0, 0)))
        try hashing.push(
            ContentHashing.Item(
                directory: self.directory(of: met), name: met.name, status: met.status, place: place))
    }

    /// The path of the directory that a file lies in; files beside each other share its memory.
    private mutating func directory(of met: Met) -> [UInt8] {
        let path = (prefix + met.path[..<met.nameStart]).dropLast()
        if !place.elementsEqual(path) { place = Array(path) }
        return place
    }

    private mutating func end(_ met: Met, from start: Int) throws {
        if notes > 0 {
            notes -= 1
            ends.append((prefix + met.path[..<met.nameStart] + met.name.bytes, start, fields.bytes.count))
        }
        count += 1
        if count >= Self.batch { try flush() }
    }

    private mutating func flush() throws {
        var digests: [(digest: DigestTable.Digest, place: Int)] = []
        try hashing.drain { digests.append(($1, $0.place)) }
        for (digest, place) in digests { fields.set(digest, at: place) }
        if let note {
            for (path, start, end) in ends {
                note(path, try SHA256.of(Array(fields.bytes[start..<end])))
            }
        }
        let bytes = fields.bytes
        hash.update(bytes.span)
        fields.clear()
        ends = []
        count = 0
    }
}

extension FileStatus.Kind {
    /// What stands for it: part of every fingerprint, and so fixed.
    fileprivate var mark: UInt8 {
        switch self {
        case .regular: 1
        case .directory: 2
        case .symbolicLink: 3
        case .fifo: 4
        case .characterDevice: 5
        case .blockDevice: 6
        case .socket: 7
        }
    }
}
