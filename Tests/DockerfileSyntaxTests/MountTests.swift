import DockerfileSyntax
import Testing

struct MountTests {
    private func mount(_ text: String) throws -> Mount {
        guard case .run(let run) = try instruction("RUN --mount=\(text) a").content else {
            throw OtherInstruction()
        }
        return try run.mounts[0].mount()
    }

    @Test func `a bind mount is read only where nothing else is said`() throws {
        let mount = try mount("from=base,source=/a,target=/b")
        #expect(mount.kind == .bind && mount.origin == "base" && mount.source == "/a" && mount.target == "/b")
        #expect(mount.isReadOnly)
        #expect(try !self.mount("target=/b,rw").isReadOnly && !self.mount("dst=/b,ro=false").isReadOnly)
        #expect(try !self.mount("destination=/b,readwrite=true").isReadOnly)
    }

    @Test func `a cache has an owner, a mode and a way of sharing`() throws {
        let mount = try mount("type=cache,id=x,target=/b,sharing=LOCKED,mode=0755,uid=1,gid=2")
        #expect(mount.kind == .cache && mount.id == "x" && mount.sharing == .locked && !mount.isReadOnly)
        #expect(mount.mode == 0o755 && mount.userID == 1 && mount.groupID == 2)
    }

    @Test func `keys stand in any order, and a value with a comma in quotes`() throws {
        #expect(try mount("required,id=x,type=secret,env=TOKEN").isRequired)
        #expect(try mount("'\"source=a,b\",target=/c'").source == "a,b")
        #expect(try mount("TYPE=ssh").kind == .ssh)
    }

    @Test(
        "The size of a tmpfs",
        arguments: [("1", 1), ("64m", 64 << 20), ("1.5g", 3 << 29), ("2kb", 2_048), ("2KiB", 2_048)]
            as [(String, Int64)])
    func size(text: String, bytes: Int64) throws {
        #expect(try mount("type=tmpfs,target=/a,size=\(text)").size == bytes)
    }

    @Test(
        "A mount that is wrong is refused where it stands",
        arguments: [
            ("type=bind", "a bind mount needs a target"), ("type=secret", "a secret mount needs an id"),
            ("type=secret,id=a,source=b", "a secret mount has an id or a source, not both"),
            ("type=secret,id=a,from=b", "a secret mount has no from"),
            ("type=bind,target=/a,mode=1", "a bind mount has no mode"),
            ("type=bind,target=/a,sharing=shared", "a bind mount has no sharing"),
            ("type=cache,target=/a,size=1", "a cache mount has no size"),
            ("type=cache,target=/a,required", "a cache mount has no required"),
            ("target", "target of --mount needs a value"),
            ("type=cache,target=/a,mode=9", "mode is an octal number, not \"9\""),
            ("type=ssh,uid=-1", "uid is a number, not \"-1\""),
            ("target=/a,ro=x", "ro is true or false, not \"x\""),
            ("type=tmpfs,target=/a,size=x", "size is a number of bytes such as 64m, not \"x\""),
            ("type=cache,target=/a,sharing=x", "sharing is one of shared, private, locked, not \"x\""),
            ("from=$A,target=/a", "from has no variables; name a stage FROM the variable, and mount from it"),
            ("'\"target=/a'", "a \" in --mount that no other \" closes"), ("", "unknown key \"\" of --mount"),
        ])
    func wrong(text: String, reason: String) {
        #expect(refusal("FROM a\nRUN --mount=\(text) b")?.reason == reason)
        #expect(refusal("FROM a\nRUN --mount=\(text) b")?.position.line == 2)
    }

    @Test func `values with variables are checked once they are expanded`() throws {
        let run = try instruction("RUN --mount=type=cache,target=$A,uid=${B} a")
        let expansion = try run.expanded(with: Variables([("A", "/a"), ("B", "7")]))
        guard case .run(let expanded) = expansion.instruction.content else { throw OtherInstruction() }
        #expect(try expanded.mounts[0].mount().userID == 7)
        #expect(expansion.use.used == ["A", "B"])
        let error = #expect(throws: SyntaxError.self) {
            try run.expanded(with: Variables([("A", "/a"), ("B", "x")]))
        }
        #expect(
            error?.reason == "uid is a number, not \"x\"" && error?.position == Position(line: 2, column: 38))
    }
}
