import Layers
public import OCI
import Tar

/// An entry of a layer, as its tar describes it.
public struct ImageEntry: Sendable {
    /// The kind of file.
    public enum Kind: String, Sendable {
        case file, directory, symlink, hardlink, fifo
        case characterDevice = "character-device"
        case blockDevice = "block-device"
    }

    /// An extended attribute.
    public struct Attribute: Sendable {
        /// Its name with the name space, such as `user.origin`.
        public let name: [UInt8]
        /// Its value.
        public let value: [UInt8]
    }

    /// The path as it stands.
    public let path: [UInt8]
    /// The kind of file.
    public let kind: Kind
    /// Permissions with setuid, setgid and sticky: 12 bits.
    public let permissions: UInt32
    /// The owner's number.
    public let user: UInt32
    /// The group's number.
    public let group: UInt32
    /// When the content changed, in seconds since 1970.
    public let modified: Int64
    /// What comes on top of that.
    public let nanoseconds: UInt32
    /// Bytes of a file.
    public private(set) var size: Int64?
    /// The target of a link, as it stands.
    public private(set) var target: [UInt8]?
    /// The numbers of a device.
    public private(set) var device: (major: UInt32, minor: UInt32)?
    /// The extended attributes.
    public let attributes: [Attribute]
    /// The SHA-256 digest of a file's content, where it was read.
    public private(set) var content: Digest?

    init(_ entry: TarEntry) {
        (path, permissions) = (entry.path, entry.permissions)
        (user, group) = (entry.user, entry.group)
        (modified, nanoseconds) = (entry.modified, entry.nanoseconds)
        attributes = entry.attributes.map { Attribute(name: $0.name, value: $0.value) }
        switch entry.kind {
        case .regular(let size): (kind, self.size) = (.file, size)
        case .directory: kind = .directory
        case .symbolicLink(let target): (kind, self.target) = (.symlink, target)
        case .hardLink(let target): (kind, self.target) = (.hardlink, target)
        case .fifo: kind = .fifo
        case .characterDevice(let major, let minor): (kind, device) = (.characterDevice, (major, minor))
        case .blockDevice(let major, let minor): (kind, device) = (.blockDevice, (major, minor))
        }
    }

    init(_ listed: ListedEntry) {
        self.init(listed.entry)
        content = listed.content?.digest
    }

    /// The permissions in four octal digits.
    public var mode: String {
        let digits = String(permissions & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The time in UTC as RFC 3339 has it; beyond its years, `@` and the seconds since 1970.
    public var time: String {
        Timestamp(seconds: modified, nanoseconds: Int32(clamping: nanoseconds))?.description
            ?? "@\(modified)"
    }

    /// The entry as a program reads it.
    ///
    /// What is no UTF-8 stands under a name with `Hex` behind it, in hexadecimal digits.
    public var json: JSONValue {
        var json = JSONObject()
        json.set("path", bytes: path)
        json["type"] = .string(kind.rawValue)
        json["mode"] = .string(mode)
        json["uid"] = .number(JSONNumber(user))
        json["gid"] = .number(JSONNumber(group))
        json["mtime"] = .string(time)
        if let size { json["size"] = .number(JSONNumber(size)) }
        if let target { json.set("target", bytes: target) }
        if let device {
            json["device"] = [
                "major": .number(JSONNumber(device.major)), "minor": .number(JSONNumber(device.minor)),
            ]
        }
        if !attributes.isEmpty {
            json["xattrs"] = .array(
                attributes.map { attribute in
                    var json = JSONObject()
                    json.set("name", bytes: attribute.name)
                    json.set("value", bytes: attribute.value)
                    return .object(json)
                })
        }
        if let content { json["sha256"] = .string(content.hex) }
        return .object(json)
    }
}

extension JSONObject {
    /// Sets a member to bytes: as text where they are UTF-8.
    mutating func set(_ key: String, bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self[key] = .string(text)
        } else {
            self[key + "Hex"] = .string(hexadecimal(bytes))
        }
    }
}

/// Two lower-case digits a byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
