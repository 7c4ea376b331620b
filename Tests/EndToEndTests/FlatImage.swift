import OCI
import SystemPackage
import TestSupport

/// An image as one tree: its layers read one after the other by a reader that shares no code with varve.
struct FlatImage {
    /// A line for each entry but for its time, by its path; directories end with `/`, and `./` is the root.
    private(set) var entries: [String: String] = [:]
    /// When each was changed, in seconds since 1970.
    private(set) var times: [String: Int64] = [:]
    /// The image configuration.
    let configuration: JSONValue
    /// The paths of each layer, in its order.
    private(set) var layers: [[String]] = []
    /// The contents of small files.
    private var contents: [String: [UInt8]] = [:]

    /// Reads an image of a layout in the workplace.
    init(_ layout: String, _ tag: String, in work: BuildWorkplace) throws {
        let layout = work.scratch[layout]
        let index = try JSONValue(parsing: content(of: layout.appending("index.json")))
        let found = index["manifests"]?.array?.first {
            $0["annotations"]?["org.opencontainers.image.ref.name"]?.string == tag
        }
        let manifest = PackedTree.blob(found?["digest"]?.string ?? "", in: layout)
        try self.init(content(of: manifest)) { PackedTree.blob($0, in: layout) }
    }

    /// Reads an image that skopeo calls `dir:`.
    init(directory: FilePath) throws {
        try self.init(content(of: directory.appending("manifest.json"))) { digest in
            directory.appending(String(digest.dropFirst(7)))
        }
    }

    private init(_ manifest: [UInt8], blob: (String) -> FilePath) throws {
        let manifest = try JSONValue(parsing: manifest)
        configuration = try JSONValue(
            parsing: content(of: blob(manifest["config"]?["digest"]?.string ?? "")))
        for layer in manifest["layers"]?.array ?? [] {
            let stored = try content(of: blob(layer["digest"]?.string ?? ""))
            let isGzip = stored.starts(with: [0x1f, 0x8b])
            let tar =
                isGzip
                ? try Command(["gzip", "-dc"]).reading(blob(layer["digest"]?.string ?? "")).succeed().output
                : stored
            let members = try TarMember.all(of: tar)
            layers.append(members.map { Self.path(of: $0) })
            try apply(members)
        }
    }

    /// What an engine starts a container with, by its name.
    subscript(name: String) -> JSONValue? { configuration["config"]?[name] }

    /// A file's content.
    func text(_ path: String) -> String? { contents[path].map { String(decoding: $0, as: UTF8.self) } }

    private static func path(of member: TarMember) -> String {
        var path = member.path[...]
        while path.starts(with: "./".utf8) { path = path.dropFirst(2) }
        while path.first == UInt8(ascii: "/") { path = path.dropFirst() }
        while path.last == UInt8(ascii: "/") { path = path.dropLast() }
        return String(decoding: path, as: UTF8.self) + (member.type == "5" ? "/" : "")
    }

    private mutating func apply(_ members: [TarMember]) throws {
        for member in members {
            let path = path(member)
            let bare = path.hasSuffix("/") ? String(path.dropLast()) : path
            if let name = FilePath(bare).lastComponent?.string, name.hasPrefix(".wh.") {
                try remove(FilePath(bare).removingLastComponent().appending(String(name.dropFirst(4))).string)
                continue
            }
            if member.type != "5" { try remove(bare) } else { entries[bare] = nil }
            if member.type == "1" {
                let target = String(decoding: member.target, as: UTF8.self)
                entries[path] = "also \(target)"
                contents[path] = contents[target]
                times[path] = times[target]
                continue
            }
            entries[path] = try line(member)
            times[path] = member.modified
            contents[path] = member.type == "0" && member.content.count <= 4096 ? member.content : nil
        }
    }

    private func path(_ member: TarMember) -> String { Self.path(of: member) }

    private mutating func remove(_ path: String) throws {
        for name in entries.keys where name == path || name.hasPrefix("\(path)/") {
            (entries[name], contents[name], times[name]) = (nil, nil, nil)
        }
    }

    private func line(_ member: TarMember) throws -> String {
        var words = [
            "\(member.type)", String(member.mode & 0o7777, radix: 8), "\(member.user):\(member.group)",
        ]
        switch member.type {
        case "0":
            words += ["\(member.content.count)", try RegistryContent.digest(member.content)]
        case "2": words.append(String(decoding: member.target, as: UTF8.self))
        case "3", "4": words.append("\(member.device.major),\(member.device.minor)")
        default: break
        }
        for record in member.records where record.key.hasPrefix("SCHILY.xattr.") {
            words.append("\(record.key.dropFirst(13))=\(record.value)")
        }
        return words.joined(separator: " ")
    }
}
