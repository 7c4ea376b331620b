public import SystemPackage
import Tar

/// How layers become a tree.
public struct UnpackOptions: Sendable {
    /// Threads that inflate; they change nothing.
    public var jobs = 1
    /// What a layer may hold at most.
    public var limits = UnpackLimits()
    /// Whether files are given to the users that the layers name: only root may.
    public var keepsOwners = false
    /// Whether files have the modes that the layers give them although they belong to the extracting user: for who may
    /// read and delete them anyway.
    public var keepsModes = false
    /// Whether files and directories say by an extended attribute whom they belong to in the image, where the disk
    /// cannot: ``packLayer(of:into:_:jobs:latestTime:owners:marksDevices:progress:)`` reads it.
    public var marksOwners = false
    /// Whether devices are made where owners are kept, and left out where they are not; else empty files stand for them
    /// that say so by an extended attribute: in a user namespace nobody may make one.
    public var makesDevices = true
    /// What is not the layers' to change, where they are put into this process's own root directory.
    public var kept: KeptPaths?
    /// Which extended attributes are set.
    public var attributes: AttributeFilter

    /// The defaults: one thread, the extracting user's own files.
    public init() throws(LayerError) { attributes = try AttributeFilter() }

    /// The mode that a file gets; a plain user keeps what he needs to read his tree and to delete it.
    func permissions(of entry: TarEntry) -> UInt32 {
        let permissions = entry.permissions & 0o7777
        guard !keepsOwners, !keepsModes else { return permissions }
        return permissions | (entry.kind == .directory ? 0o700 : 0o400)
    }
}

/// What was made of layers.
public struct UnpackSummary: Sendable {
    /// Members that were read, of all layers.
    public internal(set) var entries = 0
    /// Bytes of the files in them.
    public internal(set) var bytes: Int64 = 0
    /// Extended attributes that could not be set.
    public internal(set) var attributesLeftOut = 0
    /// The file of the first of them.
    public internal(set) var firstAttributeLeftOut: FilePath?
    /// Devices that only root could make.
    public internal(set) var devicesLeftOut = 0
}
