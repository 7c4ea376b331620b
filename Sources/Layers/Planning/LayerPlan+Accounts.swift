import Linux

extension LayerPlan {
    /// Looks into etc/passwd and etc/group where the plan changed them.
    mutating func settleAccounts() {
        for path in [AccountFiles.paths.passwd, AccountFiles.paths.group] {
            guard let node = listing.node(at: path), listing.known[listing.tree[node].member] == nil,
                let entry = entries[node]
            else { continue }
            let member = listing.tree[node].member
            switch entry.content {
            case .bytes(let bytes):
                listing.known[member] = bytes.count <= AccountFiles.limit ? .bytes(bytes) : .tooLarge
            case .file(let source, let path, let status):
                guard status.size <= AccountFiles.limit else {
                    listing.known[member] = .tooLarge
                    continue
                }
                if let bytes = try? source.open(path).readAll(limit: AccountFiles.limit) {
                    listing.known[member] = .bytes(bytes)
                }
            case .spooled(let spool, let place):
                guard place.size <= AccountFiles.limit else {
                    listing.known[member] = .tooLarge
                    continue
                }
                if let bytes = try? spool.content(place) { listing.known[member] = .bytes(bytes) }
            default: break
            }
        }
        listing.settleAccounts()
    }
}
