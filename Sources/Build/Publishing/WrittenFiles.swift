import SystemPackage

/// Where a request writes to: its images, what is said of them, and the files that tell what was made.
struct WrittenFiles {
    let paths: [FilePath]

    init(_ outputs: [ImagePlace], _ provenance: ProvenanceSettings, _ results: ResultPaths) {
        var paths = results.all
        for output in outputs where !output.isStandardStream {
            guard let path = output.path else { continue }
            paths.append(path)
            if case .beside = provenance.destination {
                paths += ProvenanceLocation.beside(output)?.paths ?? []
            }
        }
        if case .file(let file) = provenance.destination { paths.append(file) }
        self.paths = paths
    }
}
