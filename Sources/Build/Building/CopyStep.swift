import DockerfileSyntax
import Layers
import Linux
import OCI

/// COPY or ADD with its words expanded: what it takes, and what becomes of that.
///
/// Source: Dockerfile reference, "COPY" and "ADD"; BuildKit's `dispatchCopy` for what that leaves open.
struct CopyStep {
    /// Something that is taken.
    enum Taken {
        /// A file or a directory of a place where files are, and which of its files.
        case file(FileOrigin, path: [UInt8], CopyFilter, permissions: UInt32?)
        /// A local archive, whose members are taken.
        case archive(FileOrigin, path: [UInt8], CopyFilter)
        /// A file that stands in the Dockerfile.
        case heredoc(Heredoc)
    }

    let transfer: Transfer
    /// Where to, with a final `/` where that can only be a directory.
    let destination: [UInt8]
    /// Whom files are given to; `nil` for root, or for whom they belong to where they come from.
    let owner: Ownership?
    let mode: FileMode?
    let keepsParents: Bool
    let taken: [Taken]
    /// Wildcards that match nothing.
    let unmatched: [String]

    /// What the files become, in an image.
    ///
    /// - Parameters:
    ///   - listing: The image's files; those of an empty image for `--link`.
    ///   - numbers: Whom they belong to.
    ///   - time: How old what has no time of its own is, in seconds since 1970.
    ///   - filter: Which extended attributes are kept.
    ///   - limits: What an archive may hold.
    /// - Throws: ``BuildError/instruction(_:)``, `LayerError`, `FileError`, `Interruption`, `TarError`.
    /// - Returns: The layer, yet to be written.
    func plan(
        over listing: FileListing, as numbers: (user: UInt32, group: UInt32)?, time: Int64,
        _ filter: AttributeFilter, _ limits: UnpackLimits
    ) throws -> LayerPlan {
        var plan = LayerPlan(over: listing, filter)
        for (number, item) in taken.enumerated() {
            try Interruption.check()
            if number > 0 { try expectDirectory(in: plan.listing) }
            switch item {
            case .file(let origin, let path, let filter, let permissions):
                let rules = rules(filter, numbers, time, origin, permissions)
                try origin.copy(path, filter, into: &plan, at: destination, rules)
            case .archive(let origin, let path, let filter):
                var rules = rules(filter, numbers, time, origin, nil)
                // An archive's own owners count, unless others are wanted.
                if numbers == nil { rules.owner = { ($0.user, $0.group) } }
                try origin.unpack(path, into: &plan, at: destination, rules, limits)
            case .heredoc(let heredoc):
                let (user, group) = numbers ?? (0, 0)
                let permissions = mode?.applied(to: 0o644, isDirectory: false) ?? 0o644
                try plan.addFile(
                    Array(heredoc.text.utf8), named: Array(heredoc.name.utf8), to: destination,
                    CopyRules.Attributes(
                        user: user, group: group, permissions: permissions, modified: time),
                    parents: CopyRules.Attributes(
                        user: user, group: group, permissions: 0o755, modified: time))
            }
        }
        return plan
    }

    /// Of several files that a pattern matches each would take the place of the one before.
    private func expectDirectory(in listing: FileListing) throws {
        guard !LayerPlan.isNamedAsDirectory(destination),
            try listing.entry(at: destination)?.kind != .directory
        else { return }
        throw BuildError.instruction(
            "a pattern matches several files, which go into a directory: end the destination \(transfer.destination.text) with /"
        )
    }

    private func rules(
        _ filter: CopyFilter, _ numbers: (user: UInt32, group: UInt32)?, _ time: Int64, _ origin: FileOrigin,
        _ permissions: UInt32?
    ) -> CopyRules {
        var rules = CopyRules(modified: time)
        rules.verdict = filter.decision()
        if let numbers {
            rules.owner = { _ in numbers }
            (rules.parents.user, rules.parents.group) = numbers
        } else if origin.hasOwners {
            rules.owner = { ($0.user, $0.group) }
        }
        let mode = mode
        rules.permissions = { entry in
            let own = permissions ?? entry.permissions
            return mode?.applied(to: own, isDirectory: entry.kind == .directory) ?? own
        }
        return rules
    }
}
