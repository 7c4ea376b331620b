import Build
import Linux
import OCI
import SystemPackage

/// An image as a table for a person; whatever the image says is escaped, for nobody vouches for it.
struct InspectionTable {
    private let inspection: ImageInspection
    private var rows: [(label: String, text: String)] = []

    init(_ inspection: ImageInspection) {
        self.inspection = inspection
        let configuration = inspection.configuration.value
        add("image", inspection.name)
        add("digest", "\(inspection.descriptor.digest)")
        add("platform", "\(configuration.platform)")
        add("created", configuration.created.map { "\($0)" })
        add("author", configuration.author)
        addExecution(configuration)
        for (name, text) in inspection.manifest.value.annotations.entries {
            add("annotation", "\(name)=\(text)")
        }
        add("provenance", inspection.provenance.map(\.escapedDescription), isEscaped: true)
    }

    private mutating func addExecution(_ configuration: ImageConfiguration) {
        add("entrypoint", list(configuration.entrypoint))
        add("cmd", list(configuration.command))
        add("user", configuration.user)
        add("workingdir", configuration.workingDirectory)
        for variable in configuration.environment { add("env", variable) }
        for (name, text) in configuration.labels.entries { add("label", "\(name)=\(text)") }
        if !configuration.exposedPorts.isEmpty {
            add("ports", configuration.exposedPorts.joined(separator: " "))
        }
        for volume in configuration.volumes { add("volume", volume) }
        add("stop signal", configuration.stopSignal)
    }

    private mutating func add(_ label: String, _ text: String?, isEscaped: Bool = false) {
        if let text { rows.append((label, isEscaped ? text : escaped(text.utf8))) }
    }

    private func list(_ words: [String]) -> String? {
        guard !words.isEmpty else { return nil }
        return String(decoding: JSONValue.array(words.map { .string($0) }).serialized(), as: UTF8.self)
    }

    var text: String {
        let width = (rows.map(\.label.count).max() ?? 0) + 2
        let lines = rows.map { $0.label.padded(to: width) + $0.text }
        return (lines + [""] + layers + [""] + history).joined(separator: "\n") + "\n"
    }

    private var layers: [String] {
        let layers = inspection.manifest.value.layers
        let diffIDs = inspection.configuration.value.diffIDs
        var lines = [
            "\(layers.count) layer\(layers.count == 1 ? "" : "s"), \(Quantity.bytes(inspection.layersSize))"
        ]
        for (index, layer) in layers.enumerated() {
            let size = Quantity.bytes(layer.size)
            lines.append(
                "  \(size.padded(to: 10))\(layer.digest)  \(escaped(layer.mediaType.description.utf8))")
            if index < diffIDs.count { lines.append("  \("diff ID".padded(to: 10))\(diffIDs[index])") }
        }
        return lines
    }

    private var history: [String] {
        ["history"]
            + inspection.configuration.value.history.map { entry in
                let time = entry.created.map { "\($0)" } ?? ""
                return "  \(time.padded(to: 22))\(escaped((entry.createdBy ?? "").utf8))"
                    + (entry.isEmptyLayer ? "  (no layer)" : "")
            }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
