import ArgumentParser
import Build
import Linux

struct LoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Tries a registry's login, and keeps it.",
        discussion: """
            Kept with the credential program that config.json names, else in $REGISTRY_AUTH_FILE, \
            $DOCKER_CONFIG/config.json or ~/.docker/config.json, for its owner alone to read. Nothing is kept that the \
            registry does not take.
            """)

    @Argument(help: "The registry, such as registry.example.com:5000; a path below it limits the login.")
    var registryName: TextArgument

    @Option(name: [.customShort("u"), .customLong("username")], help: "The user's name.")
    var user: TextArgument

    @Flag(help: "Read the password from standard input; else it is asked for.")
    var passwordStdin = false

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let place = try RegistryLogin(registry.settings()).login(
            registryName.text, user: user.text,
            password: passwordStdin || !Terminal.isStandardInput ? .standardInput : .prompt)
        Console(messages).say("login kept in \(escaped(place))")
    }
}

struct LogoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forgets a registry's login.")

    @Argument(help: "The registry, as it was logged in to.")
    var registryName: TextArgument

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let wasThere = try RegistryLogin(DistributionSettings()).logout(registryName.text)
        Console(messages).say(wasThere ? "login removed" : "there was no login")
    }
}
