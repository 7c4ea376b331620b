import Glibc
import Linux
public import SystemPackage

/// A call that a program makes which does nothing else, to see whether it comes through.
public struct SystemCall: Sendable, CustomStringConvertible {
    /// How the program enters the kernel.
    public enum Entry: Sendable {
        case own
        /// As programs for 32 bits do.
        case compatible
        /// As programs for 32-bit addresses and 64-bit registers do.
        case x32
    }

    /// Its name, and whose way it takes into the kernel.
    public let description: String
    let entry: Entry
    let number: UInt32

    /// The calls of keyrings(7), by each way into the kernel that a program can take here.
    public static let keys: [SystemCall] = {
        let names = ["add_key", "request_key", "keyctl"]
        func calls(_ suffix: String, _ entry: Entry, from first: UInt32) -> [SystemCall] {
            names.enumerated().map {
                SystemCall(description: $1 + suffix, entry: entry, number: first + UInt32($0))
            }
        }
        if Machine.hardware == "aarch64" { return calls("", .own, from: 217) }
        return calls("", .own, from: 248) + calls(" of i386", .compatible, from: 286)
            + calls(" of x32", .x32, from: 1 << 30 | 248)
    }()

    /// Writes a program that makes the call with arguments that no call has a use for; its status is the errno(3).
    public func write(to path: FilePath) throws {
        let code = Machine.hardware == "aarch64" ? armCode : intelCode
        var program: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + Array(repeating: 0, count: 9)
        let (base, start): (UInt64, UInt64) = (0x40_0000, 120)
        program +=
            bytes(UInt16(2)) + bytes(UInt16(Machine.hardware == "aarch64" ? 183 : 62)) + bytes(UInt32(1))
        program += bytes(base + start) + bytes(UInt64(64)) + bytes(UInt64(0)) + bytes(UInt32(0))
        for field: UInt16 in [64, 56, 1, 0, 0, 0] { program += bytes(field) }
        let size = start + UInt64(code.count)
        program += bytes(UInt32(1)) + bytes(UInt32(5)) + bytes(UInt64(0)) + bytes(base) + bytes(base)
        program += bytes(size) + bytes(size) + bytes(UInt64(0x1000))
        try Directory.writeFile(at: path, program + code)
        chmod(path.string, 0o755)
    }

    private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// `call(9999, 0, 0, 0, 0)`, and `exit(-result)`.
    private var intelCode: [UInt8] {
        // The first argument is in edi or ebx; the others are 0 when a program begins.
        let first: UInt8 = entry == .compatible ? 0xBB : 0xBF
        let enter: [UInt8] = entry == .compatible ? [0xCD, 0x80] : [0x0F, 0x05]
        return [0xB8] + bytes(number) + [first] + bytes(UInt32(9999)) + enter
            + [0xF7, 0xD8, 0x89, 0xC7, 0xB8] + bytes(UInt32(60)) + [0x0F, 0x05]
    }

    private var armCode: [UInt8] {
        func move(_ value: UInt32, to register: UInt32) -> UInt32 { 0xD280_0000 | value << 5 | register }
        let call: UInt32 = 0xD400_0001
        return [move(number, to: 8), move(9999, to: 0), call, 0xCB00_03E0, move(93, to: 8), call]
            .flatMap(bytes)
    }
}
