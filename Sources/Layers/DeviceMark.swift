import Linux
import Tar

/// An extended attribute that says which device an empty file stands for, where the kernel lets nobody make one.
///
/// It stays with the file where a program renames it, links it, or changes it in an overlay, and stands in no layer.
enum DeviceMark {
    static let name = Array("user.varve.device".utf8)

    /// The attribute, as `c MAJOR:MINOR` or `b MAJOR:MINOR`; `nil` for what is no device.
    static func attribute(of kind: TarEntry.Kind) -> ExtendedAttribute? {
        switch kind {
        case .characterDevice(let major, let minor):
            ExtendedAttribute(name: name, value: Array("c \(major):\(minor)".utf8))
        case .blockDevice(let major, let minor):
            ExtendedAttribute(name: name, value: Array("b \(major):\(minor)".utf8))
        default: nil
        }
    }

    /// What a mark among attributes says; `nil` where there is none, or something else wrote it.
    static func device(in attributes: [ExtendedAttribute]) -> TarEntry.Kind? {
        guard let mark = attributes.first(where: { $0.name == name }) else { return nil }
        let numbers = mark.value.dropFirst(2).split(separator: 58, maxSplits: 1).map { number in
            UInt32(String(decoding: number, as: UTF8.self))
        }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        if mark.value.starts(with: "c ".utf8) { return .characterDevice(major: major, minor: minor) }
        if mark.value.starts(with: "b ".utf8) { return .blockDevice(major: major, minor: minor) }
        return nil
    }
}
