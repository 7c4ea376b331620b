import Linux
import Provenance

/// The executor's `--context`, in the words of `varve build`.
///
/// Source: Kaniko, README, "Using Different Storage"; `pkg/buildcontext`.
struct ExecutorContext {
    /// The bytes of a place.
    let place: [UInt8]

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(_ arguments: ExecutorArguments, _ variables: [String: String]) throws(BuildError) {
        var place = arguments.bytes("context") ?? Array("/workspace/".utf8)
        if let bucket = try arguments.text("bucket") {
            let start = bucket.contains("://") ? bucket : "gs://\(bucket)"
            place = Array("\(start)/".utf8) + place.drop { $0 == UInt8(ascii: "/") }
        }
        let git = Array("git://".utf8)
        guard place.starts(with: git) else {
            self.place = place
            return
        }
        // Nobody serves that protocol: it is how Kaniko writes repositories.
        let method = variables["GIT_PULL_METHOD"] ?? "https"
        guard method == "https" || method == "http" else {
            throw .usage("GIT_PULL_METHOD", "\(escaped(method.utf8)) is neither https nor http")
        }
        place = Array("git+\(method)://".utf8) + place.dropFirst(git.count)
        let options = try Self.options(arguments.texts("git").joined(separator: ","))
        if let branch = options["branch"], !branch.isEmpty, !place.contains(UInt8(ascii: "#")) {
            place += "#refs/heads/\(branch)".utf8
        }
        self.place = place
    }

    /// Reads the options of a repository.
    ///
    /// That one branch alone comes, not deeper than its commit, and with its submodules, is so anyway.
    private static func options(_ text: String) throws(BuildError) -> [String: String] {
        var options: [String: String] = [:]
        for item in text.split(separator: ",") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard
                ["branch", "single-branch", "recurse-submodules", "insecure-skip-tls", "depth"].contains(name)
            else { throw .usage("--git", "\(escaped(item.utf8)) is no option; branch=NAME is one") }
            options[name] = parts.count > 1 ? String(parts[1]) : "true"
        }
        if let value = options["insecure-skip-tls"], ExecutorArguments.truth(value) != false {
            throw .usage(
                "--git",
                "insecure-skip-tls is not done: whoever answers would decide what is built; trust its certificate in git's configuration, http.sslCAInfo"
            )
        }
        return options
    }
}
