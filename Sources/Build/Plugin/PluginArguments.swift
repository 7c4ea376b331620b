import Linux
import OCI
import Provenance
import Registry

/// Kaniko's command line that says what the plugin's settings say, in the order that its plugin has.
struct PluginArguments {
    /// How a setting becomes an argument.
    private enum Form {
        /// `--flag=VALUE`
        case value
        /// `--flag=VALUE` for each element of a list.
        case list
        /// `--flag` where it is true.
        case flag
        /// `--flag=true` where it is true.
        case trueValue
        /// `--flag=true` or `--flag=false` where it is set.
        case truth
        /// `--flag=N` where it is more than 0.
        case number
    }

    private typealias Row = (flag: String, form: Form, variable: String)

    private static let beforeCache: [Row] = [
        ("registry-mirror", .list, "PLUGIN_REGISTRY_MIRRORS"),
        ("target", .value, "PLUGIN_TARGET"),
        ("skip-tls-verify", .trueValue, "PLUGIN_SKIP_TLS_VERIFY"),
        ("snapshot-mode", .value, "PLUGIN_SNAPSHOT_MODE"),
    ]

    private static let beforeTarball: [Row] = [
        ("no-push", .flag, "PLUGIN_NO_PUSH"),
        ("verbosity", .value, "PLUGIN_VERBOSITY"),
        ("skip-unused-stages", .flag, "PLUGIN_SKIP_UNUSED_STAGES"),
    ]

    private static let behindTarball: [Row] = [
        ("cache-copy-layers", .flag, "PLUGIN_CACHE_COPY_LAYERS"),
        ("cache-run-layers", .truth, "PLUGIN_CACHE_RUN_LAYERS"),
        ("cleanup", .trueValue, "PLUGIN_CLEANUP"),
        ("compressed-caching", .truth, "PLUGIN_COMPRESSED_CACHING"),
        ("context-sub-path", .value, "PLUGIN_CONTEXT_SUB_PATH"),
    ]

    private static let behindPlatform: [Row] = [
        ("force", .flag, "PLUGIN_FORCE"),
        ("image-name-with-digest-file", .value, "PLUGIN_IMAGE_NAME_WITH_DIGEST_FILE"),
        ("image-name-tag-with-digest-file", .value, "PLUGIN_IMAGE_NAME_TAG_WITH_DIGEST_FILE"),
        ("insecure", .flag, "PLUGIN_INSECURE"),
        ("insecure-pull", .flag, "PLUGIN_INSECURE_PULL"),
        ("insecure-registry", .list, "PLUGIN_INSECURE_REGISTRY"),
        ("log-format", .value, "PLUGIN_LOG_FORMAT"),
        ("log-timestamp", .flag, "PLUGIN_LOG_TIMESTAMP"),
        ("oci-layout-path", .value, "PLUGIN_OCI_LAYOUT_PATH"),
        ("push-retry", .number, "PLUGIN_PUSH_RETRY"),
        ("registry-certificate", .value, "PLUGIN_REGISTRY_CERTIFICATE"),
        ("registry-client-cert", .value, "PLUGIN_REGISTRY_CLIENT_CERT"),
        ("skip-default-registry-fallback", .flag, "PLUGIN_SKIP_DEFAULT_REGISTRY_FALLBACK"),
        ("reproducible", .flag, "PLUGIN_REPRODUCIBLE"),
        ("single-snapshot", .flag, "PLUGIN_SINGLE_SNAPSHOT"),
        ("skip-push-permission-check", .flag, "PLUGIN_SKIP_PUSH_PERMISSION_CHECK"),
        ("skip-tls-verify-pull", .flag, "PLUGIN_SKIP_TLS_VERIFY_PULL"),
    ]

    private static let behindVerification: [Row] = [
        ("use-new-run", .flag, "PLUGIN_USE_NEW_RUN"),
        ("ignore-var-run", .truth, "PLUGIN_IGNORE_VAR_RUN"),
        ("ignore-path", .value, "PLUGIN_IGNORE_PATH"),
        ("ignore-path", .list, "PLUGIN_IGNORE_PATHS"),
        ("image-fs-extract-retry", .number, "PLUGIN_IMAGE_FS_EXTRACT_RETRY"),
        ("image-download-retry", .number, "PLUGIN_IMAGE_DOWNLOAD_RETRY"),
    ]

    /// The words behind the program's name.
    private(set) var words: [String] = []
    private let variables: PluginVariables

    /// - Parameters:
    ///   - settings: What they say.
    ///   - variables: All the rest of them.
    ///   - digestFile: Where the executor leaves the digest; `nil` where nobody wants it.
    /// - Throws: ``PluginError/setting(_:_:)``.
    init(_ settings: PluginSettings, _ variables: PluginVariables, digestFile: String?) throws(PluginError) {
        self.variables = variables
        add("dockerfile", variables.text("PLUGIN_DOCKERFILE") ?? "Dockerfile")
        add("context", "dir://\(variables.text("PLUGIN_CONTEXT") ?? ".")")
        for destination in settings.destinations { add("destination", destination) }
        for argument in try buildArguments() { words += ["--build-arg", argument] }
        for label in try variables.pairs("PLUGIN_CUSTOM_LABELS") { add("label", label) }
        try add(Self.beforeCache)
        if try variables.isTrue("PLUGIN_ENABLE_CACHE") {
            add("cache", "true")
            if let repository = settings.cacheRepository { add("cache-repo", repository) }
        }
        if let hours = try variables.number("PLUGIN_CACHE_TTL"), hours > 0 { add("cache-ttl", "\(hours)h") }
        try add([("cache-dir", .value, "PLUGIN_CACHE_DIR")])
        if let digestFile { add("digest-file", digestFile) }
        try add(Self.beforeTarball)
        if let path = settings.tarPath { add("tar-path", path) }
        try add(Self.behindTarball)
        if let platform = variables.text("PLUGIN_PLATFORM", "PLUGIN_CUSTOM_PLATFORM") {
            add("custom-platform", platform)
        }
        try add(Self.behindPlatform)
        for registry in try unverifiedRegistries(settings) { add("skip-tls-verify-registry", registry) }
        try add(Self.behindVerification)
    }

    /// What a person sees of it: without what looks like a secret, and in one line.
    var line: String {
        var shown: [String] = []
        var isArgument = false
        for word in words {
            let prefix = word.hasPrefix("--label=") ? "--label=" : ""
            if isArgument || !prefix.isEmpty {
                let pair = NameAndValue(String(word.dropFirst(prefix.utf8.count)))
                let value = pair.value.map { Redaction.parameter(name: pair.name, value: $0).string ?? "" }
                shown.append(prefix + pair.name + (value.map { "=\($0)" } ?? ""))
            } else {
                shown.append(Redaction.withoutUserInformation(word))
            }
            isArgument = word == "--build-arg"
        }
        return "+ /kaniko/executor " + escaped(shown.joined(separator: " ").utf8)
    }

    private mutating func add(_ flag: String, _ value: String) { words.append("--\(flag)=\(value)") }

    private mutating func add(_ rows: [Row]) throws(PluginError) {
        for (flag, form, variable) in rows {
            switch form {
            case .value: if let value = variables.text(variable) { add(flag, value) }
            case .list: for value in variables.list(variable) { add(flag, value) }
            case .flag: if try variables.isTrue(variable) { words.append("--\(flag)") }
            case .trueValue: if try variables.isTrue(variable) { add(flag, "true") }
            case .truth: if let isTrue = try variables.bool(variable) { add(flag, "\(isTrue)") }
            case .number:
                if let number = try variables.number(variable), number > 0 { add(flag, "\(number)") }
            }
        }
    }

    private func buildArguments() throws(PluginError) -> [String] {
        // With a semicolon between them values may hold commas.
        try variables.isTrue("PLUGIN_MULTIPLE_BUILD_ARGS")
            ? variables.pairs("PLUGIN_BUILD_ARGS_NEW", between: [";"]) : variables.pairs("PLUGIN_BUILD_ARGS")
    }

    /// The registry that the image goes to, where the setting is just true; else those that it names.
    private func unverifiedRegistries(_ settings: PluginSettings) throws(PluginError) -> [String] {
        let variable = "PLUGIN_SKIP_TLS_VERIFY_REGISTRY"
        if variables.text(variable)?.contains(".") == true || variables.text(variable)?.contains(":") == true
        {
            return variables.list(variable)
        }
        guard try variables.isTrue(variable) else { return [] }
        if let name = settings.name, let reference = try? Reference(parsing: name.destination) {
            return [reference.registry]
        }
        return settings.registry.isEmpty ? [] : [AuthKey(parsing: settings.registry).registry]
    }
}
