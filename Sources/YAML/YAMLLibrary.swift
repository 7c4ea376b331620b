/// The library behind this room.
public enum YAMLLibrary {
    /// The version of libyaml, as it says itself: `0.2.5`.
    public static var version: String { YAMLEvents.libraryVersion }
}
