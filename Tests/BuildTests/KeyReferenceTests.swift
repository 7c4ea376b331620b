import Build
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct KeyReferenceTests {
    @Test(arguments: [
        "awskms://alias/a", "gcpkms://a", "k8s://a/b", "gitlab://1", "file:///a", "https://a", "env://",
        "env://A=B",
        "",
    ])
    func `what is neither a file nor a variable is refused`(text: String) {
        #expect(throws: BuildError.self) { try KeyReference(parsing: Array(text.utf8)) }
    }

    @Test(arguments: ["cosign.key", "./a:b", "/a/b", "env", "env:a", "a b"])
    func `all else is a file`(text: String) throws {
        #expect(try KeyReference(parsing: Array(text.utf8)).description == text)
    }

    @Test func `a file's bytes come as they are, and a private key's mode is looked at`() throws {
        let scratch = try Scratch()
        let text = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n"
        let path = try scratch.write("key", text)
        for (mode, notes) in [(0o600, 0), (0o400, 0), (0o640, 1), (0o644, 1), (0o602, 1)] as [(UInt32, Int)] {
            try File.reading(path).setPermissions(mode)
            var told: [String] = []
            let bytes = try KeyReference(parsing: path.bytes).read { told.append("\($0)") }
            #expect(bytes == Array(text.utf8))
            #expect(told.count == notes)
            #expect(told.allSatisfy { $0.contains("its mode is \(String(mode, radix: 8)); chmod 600") })
        }
    }

    @Test func `a public key may be read by everybody`() throws {
        let scratch = try Scratch()
        let path = try scratch.write("key", "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n")
        try File.reading(path).setPermissions(0o644)
        _ = try KeyReference(parsing: path.bytes).read { Issue.record("\($0)") }
    }

    @Test func `only a regular file of 64 KiB at most is read`() throws {
        let scratch = try Scratch()
        try scratch.write("large", String(repeating: "a", count: 65_537))
        try scratch.write("file", "a")
        try scratch.directory("directory")
        try Command(shell: "mkfifo fifo && ln -s file link && ln -s /dev/zero device").at(scratch.path)
            .succeed()
        let expected = [
            ("large", "larger than 64 KiB"), ("directory", "no regular file"), ("fifo", "no regular file"),
            ("link", "symbolic link"), ("device", "symbolic link"), ("missing", "No such file"),
            (".", "directory"),
        ]
        for (name, reason) in expected {
            let error = #expect(throws: (any Error).self) {
                try KeyReference(parsing: scratch[name].bytes + (name == "." ? Array("/..".utf8) : [])).read {
                    _ in
                }
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(reason), "\(String(describing: error))")
        }
    }

    @Test func `a variable with a private key is read once, one with a public key as often as it is named`()
        async
    {
        await #expect(processExitsWith: .success) {
            let publicText = "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n"
            setenv("VARVE_TEST_PUBLIC", publicText, 1)
            let known = try KeyReference(parsing: Array("env://VARVE_TEST_PUBLIC".utf8))
            for _ in 0..<2 {
                let bytes = try known.read { _ in }
                precondition(bytes == Array(publicText.utf8))
            }
            let text = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n"
            let variable = "VARVE_TEST_KEY"
            setenv(variable, text, 1)
            let reference = try KeyReference(parsing: Array("env://\(variable)".utf8))
            let bytes = try reference.read { _ in }
            precondition(bytes == Array(text.utf8))
            precondition(ProcessArguments.environment[variable] == nil)
            let again = Result { try reference.read { _ in } }
            guard case .failure(BuildError.unreadableKey) = again else { preconditionFailure("read twice") }
        }
    }
}
