import CSodium

/// Bytes that nobody else shall see: a password, a private key.
///
/// They lie between guard pages, are kept out of core files and, as far as the limit on locked memory
/// goes, out of swap; and they are wiped when the last owner lets go of them. Printing shows their number alone.
///
/// Source: libsodium's documentation, "Secure memory".
public final class SecretBytes: @unchecked Sendable {  // nothing changes them after init
    private let memory: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    /// How many there are.
    public let count: Int

    /// Makes room for `capacity` bytes, all zero, and lets a closure fill it.
    ///
    /// - Parameters:
    ///   - capacity: The most bytes that there can be.
    ///   - fill: Writes from the start, and returns how many bytes it wrote.
    /// - Throws: ``CryptographyError`` without memory, and what `fill` throws.
    public init(capacity: Int, filling fill: (inout MutableSpan<UInt8>) throws -> Int) throws {
        let memory = try Self.allocate(capacity)
        do {
            var span = MutableSpan(_unsafeStart: memory, count: capacity)
            let count = try fill(&span)
            precondition(0...capacity ~= count, "more secret bytes than there was room for")
            (self.memory, self.capacity, self.count) = (memory, capacity, count)
        } catch {
            sodium_free(memory)
            throw error
        }
    }

    /// Copies bytes, whose first home is the caller's to wipe.
    public convenience init(_ bytes: borrowing Span<UInt8>) throws {
        let count = bytes.count
        try self.init(capacity: count)
        bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { memory.update(from: start, count: count) }
        }
    }

    /// Room for a C function to write to; for this room only, and before anybody else has the object.
    init(capacity count: Int) throws(CryptographyError) {
        memory = try Self.allocate(count)
        (capacity, self.count) = (count, count)
    }

    private static func allocate(_ count: Int) throws(CryptographyError) -> UnsafeMutablePointer<UInt8> {
        guard sodium_init() >= 0, let memory = sodium_malloc(max(count, 1)) else {
            throw CryptographyError("keep a secret", reason: "no memory for it")
        }
        sodium_memzero(memory, max(count, 1))
        return memory.bindMemory(to: UInt8.self, capacity: max(count, 1))
    }

    // It wipes, too.
    deinit { sodium_free(memory) }

    /// Shows the bytes for the time of a call.
    public func withSpan<Value>(_ body: (Span<UInt8>) throws -> Value) rethrows -> Value {
        try body(Span(_unsafeStart: UnsafePointer(memory), count: count))
    }

    /// The bytes for a C function.
    func withPointer<Value>(_ body: (UnsafeMutablePointer<UInt8>) -> Value) -> Value { body(memory) }

    /// The first so many of them; the rest is wiped with the original.
    public func prefix(_ count: Int) throws -> SecretBytes {
        try withSpan { try SecretBytes($0.extracting(first: count)) }
    }
}

extension SecretBytes: Equatable {
    /// Compares in a time that depends on the numbers of bytes alone.
    public static func == (first: SecretBytes, second: SecretBytes) -> Bool {
        first.count == second.count && sodium_memcmp(first.memory, second.memory, first.count) == 0
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Their number.
    public var description: String { "\(count) secret bytes" }
    /// Their number.
    public var debugDescription: String { description }
    /// Nothing: a dump shows no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
    /// Overwrites the bytes with zeros, as far as an array can: copies that it grew out of stay.
    public mutating func wipe() {
        withUnsafeMutableBytes { memory in
            if let start = memory.baseAddress { sodium_memzero(start, memory.count) }
        }
        removeAll()
    }
}
