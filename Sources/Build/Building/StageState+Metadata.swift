import DockerfileSyntax
import OCI

extension StageState {
    /// Carries out an instruction as far as it changes the configuration only; its words are expanded.
    ///
    /// - Throws: ``BuildError``.
    mutating func apply(_ instruction: Instruction) throws {
        switch instruction.content {
        case .env(let pairs): setEnvironment(pairs)
        case .label(let pairs): addLabels(pairs)
        case .cmd(let command):
            configuration.command = words(command)
            hasCommand = true
            note("CMD \(HistoryText.quoted(configuration.command))")
        case .entrypoint(let command):
            configuration.entrypoint = words(command)
            if !hasCommand { configuration.command = [] }
            note("ENTRYPOINT \(HistoryText.quoted(configuration.entrypoint))")
        case .expose(let words): try expose(words)
        case .user(let user):
            configuration.user = user.text
            note("USER \(user.text)")
        case .volume(let paths):
            configuration.volumes += paths.map(\.text)
            note("VOLUME \(HistoryText.list(paths.map(\.text)))")
        case .stopSignal(let signal):
            configuration.stopSignal = signal.text
            note("STOPSIGNAL \(signal.text)")
        case .shell(let words):
            configuration.shell = words.map(\.text)
            note("SHELL \(HistoryText.list(configuration.shell))")
        case .healthcheck(let check):
            configuration.healthcheck = healthcheck(check)
            note(HistoryText.healthcheck(configuration.healthcheck ?? JSONObject()))
        case .maintainer(let name):
            configuration.author = name.text
            note("MAINTAINER \(name.text)")
        case .onbuild(let trigger): configuration.triggers += [trigger.text]
        case .from, .arg, .add, .copy, .run, .workdir: break
        }
    }

    private mutating func setEnvironment(_ pairs: [Assignment]) {
        for pair in pairs { variables.set(pair.name.text, pair.value.text) }
        configuration.setVariables(pairs.map { ($0.name.text, $0.value.text) })
        note("ENV \(HistoryText.pairs(pairs))")
    }

    private mutating func addLabels(_ pairs: [Assignment]) {
        var labels = configuration.labels
        for pair in pairs { labels[pair.name.text] = pair.value.text }
        configuration.labels = labels
        note("LABEL \(HistoryText.pairs(pairs))")
    }

    private mutating func expose(_ words: [Word]) throws {
        var ports: [String] = []
        for word in words {
            let port = try Port(word)
            ports += port.numbers.map { "\($0)/\(port.transport)" }
        }
        configuration.exposedPorts += ports
        note(HistoryText.ports(ports))
    }

    /// A command as an engine starts it.
    func words(_ command: CommandLine) -> [String] {
        switch command {
        case .exec(let words): words.map(\.text)
        case .shell(let line): shell + [line.text]
        }
    }

    /// What the shell form is given to.
    var shell: [String] { configuration.shell.isEmpty ? ["/bin/sh", "-c"] : configuration.shell }

    /// Source: moby, Docker Image Specification v1.3, "Healthcheck".
    private func healthcheck(_ check: Healthcheck) -> JSONObject {
        guard case .command(let command, let times) = check else { return ["Test": ["NONE"]] }
        let test: [String] =
            switch command {
            case .exec(let words): ["CMD"] + words.map(\.text)
            case .shell(let line): ["CMD-SHELL", line.text]
            }
        var json: JSONObject = ["Test": .array(test.map { .string($0) })]
        let numbers = [
            ("Interval", times.interval), ("Timeout", times.timeout), ("StartPeriod", times.startPeriod),
            ("StartInterval", times.startInterval), ("Retries", Int64(times.retries)),
        ]
        for (name, number) in numbers where number != 0 { json[name] = .number(JSONNumber(number)) }
        return json
    }
}
