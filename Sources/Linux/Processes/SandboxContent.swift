import CLinux
import Glibc

/// The bytes of a file that a program sees: wiped when their last owner lets go of them, and never printed.
public final class SandboxContent: @unchecked Sendable {  // nothing changes them after init
    private let memory: UnsafeMutableRawBufferPointer

    /// Copies bytes, whose first home is the caller's to wipe.
    public init(_ bytes: Span<UInt8>) {
        memory = .allocate(byteCount: bytes.count, alignment: 1)
        bytes.withUnsafeBytes { memory.copyMemory(from: $0) }
    }

    /// Copies bytes that are no secret.
    public convenience init(_ bytes: [UInt8]) { self.init(bytes.span) }

    deinit {
        if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
        memory.deallocate()
    }

    /// How many there are.
    public var count: Int { memory.count }

    /// The bytes for the child, which wipes its own copy of them.
    var start: UnsafeMutableRawPointer? { memory.baseAddress }

    /// Writes them to a file.
    ///
    /// - Throws: ``FileError``.
    func write(to file: borrowing File) throws(FileError) {
        try file.write(Span(_unsafeElements: UnsafeBufferPointer(memory.bindMemory(to: UInt8.self))))
    }
}

extension SandboxContent: Equatable {
    /// Whether the bytes are the same.
    public static func == (first: SandboxContent, second: SandboxContent) -> Bool {
        first.memory.elementsEqual(second.memory)
    }
}

extension SandboxContent: CustomStringConvertible, CustomReflectable {
    /// Their number.
    public var description: String { "\(count) bytes" }
    /// Nothing: a dump shows no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
