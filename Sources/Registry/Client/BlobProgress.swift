/// What becomes of a blob on its way, in bytes of it.
public enum BlobProgress: Hashable, Sendable {
    /// So many bytes have come; of how many, where it is known.
    case received(Int64, of: Int64?)
    /// So many bytes went out; of how many, where it is known.
    case sent(Int64, of: Int64?)
    /// It was there already.
    case existing
    /// It was taken over from another repository.
    case mounted(from: String)
    /// The connection broke, or the registry was busy: it goes on from a byte.
    case resumed(at: Int64)
}
