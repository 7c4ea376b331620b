import Linux
import TestSupport
import Testing

@testable import Layers

struct AccountFilesTests {
    private static let passwd = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:44::/:\nbad:x:-1:0::/:\n"

    private func accounts(_ layers: [[Member]]) throws -> AccountFiles {
        let listing = try ListedImage(layers).listing
        let again = try FileListing(bytes: listing.bytes)
        #expect(again.accounts == listing.accounts)
        #expect(again.bytes == listing.bytes)
        return listing.accounts
    }

    @Test(
        arguments: [
            ("as it stands", [[.file("etc/passwd", passwd)]]),
            ("the upper layer's", [[.file("etc/passwd", "web:x:1:2::/:")], [.file("etc/passwd", passwd)]]),
            ("of a lower layer", [[.file("etc/passwd", passwd)], [.file("etc/other")]]),
            (
                "behind a link",
                [[.file("usr/share/accounts", passwd), .link("etc/passwd", to: "/usr/share/accounts")]]
            ),
            ("behind a link of an upper layer", [[.file("a", passwd)], [.link("etc/passwd", to: "../a")]]),
            (
                "in a directory behind a link",
                [[.directory("r/etc"), .link("etc", to: "r/etc"), .file("etc/passwd", passwd)]]
            ),
            ("in a directory that becomes a link", [[.file("r/passwd", passwd)], [.link("etc", to: "r")]]),
            ("by a hard link", [[.file("a", passwd), .hardLink("etc/passwd", to: "a")]]),
            (
                "whose first name is gone",
                [
                    [.file("etc/passwd", passwd)],
                    [
                        .hardLink("b", to: "etc/passwd"), .file("etc/.wh.passwd"),
                        .link("etc/passwd", to: "../b"),
                    ],
                ]
            ),
        ] as [(String, [[Member]])])
    func `passwd is found over all links`(title: String, layers: [[Member]]) throws {
        let accounts = try accounts(layers)
        #expect(accounts.passwd == .bytes(Array(Self.passwd.utf8)), "\(title)")
        let web = accounts.user(named: Array("web".utf8))
        #expect(web?.user == 33 && web?.group == 44)
        #expect(accounts.user(named: Array("bad".utf8)) == nil)
        #expect(accounts.user(named: Array("nobody".utf8)) == nil)
        #expect(accounts.group == .absent)
    }

    @Test(
        arguments: [
            ("there is none", [[.file("etc/group")]], AccountFiles.Content.absent),
            ("it was removed", [[.file("etc/passwd", "x")], [.file("etc/.wh.passwd")]], .absent),
            ("it is a directory", [[.directory("etc/passwd")]], .absent),
            ("it is a link to nothing", [[.link("etc/passwd", to: "/nowhere")]], .absent),
            (
                "it is too large", [[.file("etc/passwd", String(repeating: "x", count: 1 << 20) + "y")]],
                .tooLarge
            ),
        ] as [(String, [[Member]], AccountFiles.Content)])
    func `a passwd that nobody can read is said to be so`(
        title: String, layers: [[Member]], expected: AccountFiles.Content
    ) throws {
        #expect(try accounts(layers).passwd == expected, "\(title)")
    }

    @Test func `a group's number is found by its name`() throws {
        let accounts = try accounts([[.file("etc/group", "root:x:0:\nwww:x:82:a,b\n")]])
        #expect(accounts.group(named: Array("www".utf8)) == 82)
        #expect(accounts.group(named: Array("a".utf8)) == nil)
    }

    @Test func `a stored listing does not know what a new link's file holds`() throws {
        var listing = try FileListing(bytes: ListedImage([[.file("a", Self.passwd)]]).listing.bytes)
        try listing.apply(StoredLayer([Member.link("etc/passwd", to: "../a")]).listing)
        #expect(listing.accounts.passwd == .unknown)
        #expect(try FileListing(bytes: listing.bytes).accounts.passwd == .unknown)
    }

    @Test func `a user is found by number, with the directory and the groups that are his`() throws {
        let group = "root:x:0:\nweb:x:44:\nteam:x:50:web,root\nothers:x:51:webber\n"
        let accounts = try accounts([[.file("etc/passwd", Self.passwd), .file("etc/group", group)]])
        let web = try #require(accounts.user(numbered: 33))
        #expect(web.name == Array("web".utf8) && web.group == 44)
        #expect(accounts.user(numbered: 34) == nil)
        #expect(accounts.home(of: 0) == Array("/root".utf8) && accounts.home(of: 34) == nil)
        #expect(accounts.groups(having: web.name) == [50])
    }
}
