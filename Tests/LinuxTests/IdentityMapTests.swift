import Testing

@testable import Linux

struct IdentityMapTests {
    private typealias Range = IdentityMap.Range
    private static let own = Range(inside: 0, outside: 1000, count: 1)

    @Test(
        "a file of subordinate ids is read",
        arguments: [
            ("", []),
            ("other:100000:65536\n", []),
            ("me:100000:65536\n", [Range(inside: 1, outside: 100_000, count: 65_536)]),
            ("1000:100000:65536", [Range(inside: 1, outside: 100_000, count: 65_536)]),
            (
                "me:100000:10\nother:1:1\nme:300000:20\n",
                [
                    Range(inside: 1, outside: 100_000, count: 10),
                    Range(inside: 11, outside: 300_000, count: 20),
                ]
            ),
            // What is no range counts for nothing.
            ("me:100000:0\nme:100000\nme:a:b\nme:-1:5\nme:1:2:3\n", []),
            ("me:4294967295:1\nme:4294967290:6\nme:1:4294967295\nme:99999999999:1\n", []),
        ])
    func ranges(text: String, expected: [IdentityMap.Range]) {
        let names = ["me", "1000"].map { Array($0.utf8) }
        #expect(
            IdentityMap.ranges(in: Array(text.utf8), of: names, own: 1000) == [Self.own] + expected)
    }

    @Test func `the widest map of root is the ids that there are`() throws {
        guard Machine.user.id == 0 else { try Test.cancel("only root has them all") }
        let (map, shortage) = IdentityMap.widest()
        #expect(!map.isSingle && shortage == nil && map.users.first?.inside == 0)
    }

    @Test func `a single id is root, and nobody else`() {
        let map = IdentityMap.single
        #expect(map.isSingle && map.users == [Range(inside: 0, outside: Machine.user.id, count: 1)])
    }
}
