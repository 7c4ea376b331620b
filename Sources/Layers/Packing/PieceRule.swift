/// Where a layer's stream is cut into pieces.
///
/// The rule looks at the content alone, never at time or threads, and only at
/// what is near: after a change the next cuts fall where they fell before. It
/// can never change without changing every compressed digest.
///
/// - A piece ends before the next entry once it holds 256 KiB and the hash of
///   that entry's name, modulo 256 KiB, is less than the entry's own header and
///   content: from 256 KiB on, each byte of the stream ends it as likely as any
///   other, 256 KiB apart on average, whatever the sizes of the files.
/// - It ends before an entry whose content would make it larger than 1 MiB: a
///   smaller file is never divided, so that cuts fall on entries alone and two
///   streams that differ find each other again.
/// - A file of 1 MiB and more begins a piece, is cut at each 1 MiB of its
///   content, and ends a piece.
enum PieceRule {
    /// From how many bytes on a piece may end, and about how many more it then gathers.
    static let least = 256 << 10
    /// The most content of a piece; headers come on top.
    static let most = 1 << 20

    /// Whether a piece of so many gathered bytes ends before an entry with this path and so many bytes of content.
    static func endsPiece(holding gathered: Int, before path: [UInt8], size: Int64) -> Bool {
        guard gathered > 0 else { return false }
        if size >= most || Int64(gathered) + size > most { return true }
        return gathered >= least && Int64(hash(path) % UInt64(least)) < 512 + size
    }

    /// FNV-1a over 64 bits, finished by MurmurHash3's 64-bit mixer.
    ///
    /// FNV alone will not do: the low bits of its value depend on nothing but the low bits of the bytes.
    static func hash(_ name: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }
}
