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
        for attestation in inspection.attestations {
            let words = [attestation.artifactType?.description] + attestation.predicateTypes
            add(
                "attestation",
                (["\(attestation.descriptor.digest)"] + words.compactMap { $0 }).joined(separator: "  "))
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
        for (label, key) in [("healthcheck", "Healthcheck"), ("shell", "Shell"), ("onbuild", "OnBuild")] {
            add(
                label, configuration[execution: key].map { String(decoding: $0.serialized(), as: UTF8.self) })
        }
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
        let layers = inspection.layers
        let width = "\(layers.count)".count
        let margin = String(repeating: " ", count: width + 4)
        var lines = [
            "\(layers.count) layer\(layers.count == 1 ? "" : "s"), \(Quantity.bytes(inspection.layersSize))"
        ]
        for (index, layer) in layers.enumerated() {
            let number = "\(index + 1)"
            let size = Quantity.bytes(layer.descriptor.size).padded(to: 10)
            let mediaType = escaped(layer.descriptor.mediaType.description.utf8)
            lines.append(
                "  " + String(repeating: " ", count: width - number.count) + number
                    + "  \(size)\(layer.descriptor.digest)  \(mediaType)")
            lines.append("\(margin)\("diff ID".padded(to: 10))\(layer.diffID)")
            if !inspection.isInRegistry { lines.append("\(margin)\(Self.content(of: layer))") }
        }
        return lines
    }

    private static func content(of layer: ImageInspection.Layer) -> String {
        guard let content = layer.content else { return "not read: varve unpacks no such layer" }
        return "\(Quantity.bytes(content.size).padded(to: 10))uncompressed, "
            + "\(Quantity.count(content.entries)) entr\(content.entries == 1 ? "y" : "ies")"
    }

    private var history: [String] {
        ["history"]
            + inspection.configuration.value.history.flatMap { entry in
                let time = ((entry.created.map { "\($0)" } ?? "") + "  ").padded(to: 22)
                let step =
                    "  \(time)\(escaped((entry.createdBy ?? "").utf8))"
                    + (entry.isEmptyLayer ? "  (no layer)" : "")
                guard let comment = entry.comment, !comment.isEmpty else { return [step] }
                return [step, "  \("".padded(to: 22))# \(escaped(comment.utf8))"]
            }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
