import DockerfileSyntax
import OCI

/// What `--build-arg` and the platforms give, before any instruction says more.
struct BuildArguments {
    /// The machine that builds, and the one that the image is for.
    let platforms: (build: Platform, target: Platform)
    /// The names that `--build-arg` gave.
    let names: [String]
    private var given = Variables()

    /// Whether an argument means something without an ARG: to RUN, to FROM, to builders.
    ///
    /// Source: Dockerfile reference, "Predefined ARGs", "Automatic platform ARGs in the global scope" and "BuildKit
    /// built-in build args".
    static func isPredefined(_ name: String) -> Bool {
        let platform = ["BUILD", "TARGET"].flatMap { prefix in
            ["PLATFORM", "OS", "ARCH", "VARIANT"].map { prefix + $0 }
        }
        return isProxy(name) || (platform + ["SOURCE_DATE_EPOCH"]).contains(name)
            || name.hasPrefix("BUILDKIT_")
    }

    /// What was given of proxies, which RUN sees without an ARG.
    var proxies: [(name: String, value: String)] {
        names.filter(Self.isProxy).compactMap { name in given[name].map { (name, $0) } }
    }

    private static func isProxy(_ name: String) -> Bool {
        ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"].contains(name.lowercased())
    }

    /// Reads `NAME=VALUE`, and `NAME` for a variable of varve's own environment, which is left out where it is not set.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    init(
        _ texts: [String], build: Platform, target: Platform, variables: [String: String]
    ) throws(BuildError) {
        platforms = (build, target)
        var names: [String] = []
        for text in texts {
            let argument = try NameAndValue(text, of: "--build-arg")
            guard let value = argument.value ?? variables[argument.name] else { continue }
            if given[argument.name] == nil { names.append(argument.name) }
            given[argument.name] = value
        }
        self.names = names
    }

    /// What was given for an argument.
    subscript(name: String) -> String? { given[name] }

    /// The variables that FROM may use: the platforms', and those of the ARGs before the first FROM.
    ///
    /// - Throws: ``SyntaxError``.
    func global(_ instructions: [Instruction]) throws(SyntaxError) -> Variables {
        var variables = platformVariables
        for instruction in instructions {
            guard case .arg(let arguments) = instruction.content else { continue }
            for argument in arguments {
                let name = try instruction.expanded(argument.name, with: variables).word.text
                if let value = given[name] {
                    variables[name] = value
                } else if let value = argument.value {
                    variables[name] = try instruction.expanded(value, with: variables).word.text
                }
            }
        }
        return variables
    }

    /// Source: Dockerfile reference, "Automatic platform ARGs in the global scope".
    private var platformVariables: Variables {
        var variables = Variables()
        for (prefix, platform) in [("BUILD", platforms.build), ("TARGET", platforms.target)] {
            let values = [
                ("PLATFORM", platform.description), ("OS", platform.os), ("ARCH", platform.architecture),
                ("VARIANT", platform.variant ?? ""),
            ]
            for (suffix, value) in values { variables[prefix + suffix] = given[prefix + suffix] ?? value }
        }
        return variables
    }
}
