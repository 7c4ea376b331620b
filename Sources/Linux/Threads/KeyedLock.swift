/// A lock for each of many names: who has one keeps nobody from another.
public final class KeyedLock<Key: Hashable & Sendable>: Sendable {
    private let held = Monitor<Set<Key>>([])

    /// Nobody has any.
    public init() {}

    /// Runs a body while no other thread runs one of the same name.
    public func exclusively<Value>(_ key: Key, _ body: () throws -> Value) rethrows -> Value {
        _ = held.wait { $0.insert(key).inserted ? true : nil }
        defer { held.update { _ = $0.remove(key) } }
        return try body()
    }
}
