import OCI
import Testing

private func text(_ configuration: ImageConfiguration) -> String {
    String(decoding: configuration.json.serialized(), as: UTF8.self)
}

private func filled(backwards: Bool) throws -> ImageConfiguration {
    var configuration = ImageConfiguration(
        platform: Platform(os: "linux", architecture: "arm", variant: "v7"))
    let diffID = try Digest(parsing: digestText("d"))
    let setters: [(inout ImageConfiguration) -> Void] = [
        { $0.created = .epoch }, { $0.author = "me" }, { $0.user = "1:2" },
        { $0.exposedPorts = ["80/tcp", "443/tcp", "80/tcp"] }, { $0.environment = ["B=2", "A=1"] },
        { $0.entrypoint = ["/e"] }, { $0.command = ["c"] }, { $0.volumes = ["/v", "/a"] },
        { $0.workingDirectory = "/w" },
        { $0.labels = ["z": "1", "a": "2"] }, { $0.stopSignal = "SIGINT" },
        { $0.append(layer: diffID, history: HistoryEntry(created: .epoch, createdBy: "COPY . /")) },
    ]
    for set in backwards ? setters.reversed() : setters { set(&configuration) }
    return configuration
}

struct ImageConfigurationTests {
    @Test func `a configuration is written with the bytes it was read from`() throws {
        let document = try Document<ImageConfiguration>(parsing: Array(vectorConfiguration.utf8))
        let value = document.value
        #expect(text(value) == vectorConfiguration)
        #expect(value.created == .epoch)
        #expect(value.platform == Platform(os: "linux", architecture: "amd64"))
        #expect(value.command == ["/hello"])
        #expect(value.environment == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
        #expect(
            value.diffIDs.map(\.hex) == ["a32826ad161414ebdd8b3ab0c346437284f32d8a9cd48dee9d718213c6ece577"])
        #expect(value.history == [HistoryEntry(created: .epoch, createdBy: "COPY hello.txt /")])
    }

    @Test func `the same configuration made anew has the same bytes`() throws {
        var configuration = ImageConfiguration(platform: Platform(os: "linux", architecture: "amd64"))
        configuration.append(
            layer: try Digest(
                parsing: "sha256:a32826ad161414ebdd8b3ab0c346437284f32d8a9cd48dee9d718213c6ece577"),
            history: HistoryEntry(created: .epoch, createdBy: "COPY hello.txt /"))
        configuration.command = ["/hello"]
        configuration.environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        configuration.created = .epoch
        #expect(text(configuration) == vectorConfiguration)
    }

    @Test(
        "Members stand in the specification's order, whatever the order of the calls",
        arguments: [false, true])
    func order(backwards: Bool) throws {
        #expect(
            text(try filled(backwards: backwards)) == """
                {"created":"1970-01-01T00:00:00Z","author":"me","architecture":"arm","os":"linux",\
                "variant":"v7",\
                "config":{"User":"1:2","ExposedPorts":{"443/tcp":{},"80/tcp":{}},"Env":["B=2","A=1"],\
                "Entrypoint":["/e"],"Cmd":["c"],"Volumes":{"/a":{},"/v":{}},"WorkingDir":"/w",\
                "Labels":{"a":"2","z":"1"},"StopSignal":"SIGINT"},\
                "rootfs":{"type":"layers","diff_ids":["\(digestText("d"))"]},\
                "history":[{"created":"1970-01-01T00:00:00Z","created_by":"COPY . /"}]}
                """)
    }

    @Test func `what was set is read back`() throws {
        let configuration = try ImageConfiguration(json: filled(backwards: false).json)
        #expect(configuration.author == "me")
        #expect(configuration.user == "1:2")
        #expect(configuration.exposedPorts == ["443/tcp", "80/tcp"])
        #expect(configuration.entrypoint == ["/e"])
        #expect(configuration.volumes == ["/a", "/v"])
        #expect(configuration.workingDirectory == "/w")
        #expect(configuration.labels == ["a": "2", "z": "1"])
        #expect(configuration.stopSignal == "SIGINT")
        #expect(configuration.platform.description == "linux/arm/v7")
    }

    @Test func `what is emptied is left out`() throws {
        var configuration = try filled(backwards: false)
        configuration.created = nil
        configuration.author = nil
        configuration.user = ""
        configuration.exposedPorts = []
        configuration.environment = []
        configuration.entrypoint = []
        configuration.command = []
        configuration.volumes = []
        configuration.workingDirectory = nil
        configuration.labels = [:]
        configuration.stopSignal = nil
        configuration.diffIDs = []
        configuration.history = []
        configuration.platform = Platform(os: "linux", architecture: "amd64")
        #expect(
            text(configuration)
                == #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#
        )
    }

    @Test func `a base's unknown members survive every change, in their places`() throws {
        let base = """
            {"architecture":"amd64","config":{"Hostname":"","Env":["A=1"],"Healthcheck":{"Test":["CMD",\
            "x"],"Interval":3e9},\
            "ArgsEscaped":true,"OnBuild":null},"container_config":{"x":1.50},\
            "created":"2023-01-02T03:04:05.12Z",\
            "docker_version":"20.10","history":[{"created":"2023-01-02T03:04:05.12Z","x":1,\
            "empty_layer":true}],\
            "os":"linux","rootfs":{"type":"layers","diff_ids":[],"y":2}}
            """
        var configuration = try Document<ImageConfiguration>(parsing: Array(base.utf8)).value
        #expect(text(configuration) == base)
        configuration.environment.append("B=2")
        configuration.append(
            layer: try Digest(parsing: digestText("e")), history: HistoryEntry(createdBy: "RUN x"))
        let changed =
            base.replacing("\"A=1\"", with: "\"A=1\",\"B=2\"")
            .replacing("\"diff_ids\":[]", with: "\"diff_ids\":[\"\(digestText("e"))\"]")
            .replacing("\"empty_layer\":true}", with: "\"empty_layer\":true},{\"created_by\":\"RUN x\"}")
        #expect(text(configuration) == changed)
        #expect(configuration.history.map(\.isEmptyLayer) == [true, false])
        #expect(configuration[execution: "Healthcheck"]?["Test"] == ["CMD", "x"])
        configuration[execution: "Healthcheck"] = nil
        configuration[execution: "Shell"] = ["/bin/sh"]
        #expect(
            configuration.json["config"]?.object?.keys == [
                "Hostname", "Env", "ArgsEscaped", "OnBuild", "Shell",
            ])
    }

    @Test func `a changed history entry keeps its other members`() throws {
        var entry = try HistoryEntry(json: ["x": 1, "comment": "c", "empty_layer": true])
        entry.created = .epoch
        entry.isEmptyLayer = false
        entry.author = "me"
        #expect(
            entry.json == ["x": 1, "created": "1970-01-01T00:00:00Z", "author": "me", "comment": "c"])
    }

    @Test func `null is as good as absent`() throws {
        let json: JSONValue = [
            "architecture": "amd64", "os": "linux", "created": .null, "author": .null, "variant": .null,
            "config": ["Env": .null, "Cmd": .null, "Labels": .null, "Volumes": .null, "User": .null],
            "rootfs": ["type": "layers", "diff_ids": []], "history": .null,
        ]
        let configuration = try ImageConfiguration(json: json)
        #expect(configuration.json == json)
        #expect(configuration.environment == [] && configuration.labels.isEmpty && configuration.user == nil)
        #expect(
            configuration.history == [] && configuration.created == nil
                && configuration.platform.variant == nil)
    }

    @Test(
        "A configuration with a wrong member is refused with its path",
        arguments: [
            (["architecture"], nil, "architecture"), (["os"], 5, "os"), (["created"], "yesterday", "created"),
            (["variant"], 7, "variant"), (["config"], [], "config"),
            (["config", "Env"], "A=1", "config.Env"),
            (["config", "Env"], ["A=1", 2], "config.Env[1]"), (["config", "Cmd"], "/hello", "config.Cmd"),
            (["config", "Entrypoint"], [:], "config.Entrypoint"), (["config", "User"], 0, "config.User"),
            (["config", "ExposedPorts"], ["80"], "config.ExposedPorts"),
            (["config", "Volumes"], "/v", "config.Volumes"),
            (["config", "Labels"], ["a": 1], "config.Labels.a"),
            (["config", "WorkingDir"], [], "config.WorkingDir"),
            (["config", "StopSignal"], 9, "config.StopSignal"), (["rootfs"], nil, "rootfs"),
            (["rootfs", "type"], "tree", "rootfs.type"), (["rootfs", "diff_ids"], .null, "rootfs.diff_ids"),
            (["rootfs", "diff_ids"], ["sha256:1"], "rootfs.diff_ids[0]"), (["history"], [:], "history"),
            (["history"], [[:], 1], "history[1]"),
            (["history"], [["empty_layer": 1]], "history[0].empty_layer"),
        ] as [([String], JSONValue?, String)])
    func refuses(keys: [String], value: JSONValue?, path: String) throws {
        var object = try #require(JSONValue(parsing: Array(vectorConfiguration.utf8)).object)
        if keys.count == 2 {
            var inner = try #require(object[keys[0]]?.object)
            inner[keys[1]] = value
            object[keys[0]] = .object(inner)
        } else {
            object[keys[0]] = value
        }
        let error = #expect(throws: OCIError.self) { try ImageConfiguration(json: .object(object)) }
        switch error {
        case .missingMember(path), .wrongMember(path, _, _): break
        default: Issue.record("\(String(describing: error))")
        }
    }
}
