/// Bytes to compress, the same in each run.
enum Samples {
    /// Words in an order that repeats late.
    static let text: [UInt8] = {
        var random: UInt64 = 1
        return (0..<20_000).flatMap { _ -> [UInt8] in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Array("word\(random >> 54) ".utf8)
        }
    }()

    /// Bytes that no compressor shrinks.
    static let noise: [UInt8] = {
        var random: UInt64 = 1
        return (0..<300_000).map { _ in
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return UInt8(truncatingIfNeeded: random >> 24)
        }
    }()

    /// One of each kind, by name.
    static let all: [(name: String, bytes: [UInt8])] = [
        ("empty", []), ("one byte", [0]), ("text", text), ("noise", noise),
        ("zeros", [UInt8](repeating: 0, count: 1 << 20)), ("65535", Array(noise.prefix(65535))),
        ("65536", Array(noise.prefix(65536))), ("1 MiB and a header", text + noise + text),
    ]
}
