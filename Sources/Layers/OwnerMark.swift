import Linux

/// An extended attribute that says whom a file belongs to in the image, where on disk all files are one user's.
///
/// It stays with the file where a program renames it, links it, or changes it in an overlay, and stands in no layer.
enum OwnerMark {
    static let name = Array("user.varve.owner".utf8)

    /// The attribute, as `USER:GROUP`.
    static func attribute(user: UInt32, group: UInt32) -> ExtendedAttribute {
        ExtendedAttribute(name: name, value: Array("\(user):\(group)".utf8))
    }

    /// What a mark among attributes says; `nil` where there is none, or something else wrote it.
    static func owner(in attributes: [ExtendedAttribute]) -> (user: UInt32, group: UInt32)? {
        guard let mark = attributes.first(where: { $0.name == name }) else { return nil }
        let numbers = mark.value.split(separator: 58, maxSplits: 1).map { number in
            UInt32(String(decoding: number, as: UTF8.self))
        }
        guard numbers.count == 2, let user = numbers[0], let group = numbers[1] else { return nil }
        return (user, group)
    }
}
