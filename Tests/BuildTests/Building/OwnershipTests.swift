import Testing

@testable import Build
@testable import Layers

@Suite struct OwnershipTests {
    private func accounts() -> AccountFiles {
        var accounts = AccountFiles()
        accounts.passwd = .bytes(Array("root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:\n7:x:70:71::/:\n".utf8))
        accounts.group = .bytes(Array("root:x:0:\nstaff:x:50:app\n".utf8))
        return accounts
    }

    @Test(
        "a group that is not given is the user's own, and of a number the same number",
        arguments: [
            ("5", 5, 5), ("5:6", 5, 6), ("app", 1000, 1001), ("app:staff", 1000, 50), ("app:9", 1000, 9),
            ("5:staff", 5, 50), ("app:", 1000, 1001), ("", 0, 0), (":staff", 0, 50), ("7", 7, 7),
            ("4294967294", 4_294_967_294, 4_294_967_294),
        ] as [(String, UInt32, UInt32)])
    func numbers(text: String, user: UInt32, group: UInt32) throws {
        let found = try Ownership(text).numbers(in: accounts())
        #expect(found.user == user)
        #expect(found.group == group)
    }

    @Test(
        "a name that the image does not have, and a number that nobody has, are refused",
        arguments: ["nobody", "app:nobody", "-1", "4294967295", "99999999999", "5:-1", "ro ot"])
    func refused(text: String) {
        #expect(throws: BuildError.self) { try Ownership(text).numbers(in: accounts()) }
    }

    @Test(
        "numbers need no look into the image",
        arguments: [("5", true), ("5:6", true), ("a:6", false), ("5:a", false), ("-5", true)])
    func numeric(text: String, isNumeric: Bool) { #expect(Ownership(text).isNumeric == isNumeric) }
}
