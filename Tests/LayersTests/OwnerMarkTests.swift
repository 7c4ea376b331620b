import Linux
import Testing

@testable import Layers

struct OwnerMarkTests {
    @Test(arguments: [(0, 0), (1000, 100), (UInt32.max - 1, 7)] as [(UInt32, UInt32)])
    func `what is written is read`(user: UInt32, group: UInt32) {
        let mark = OwnerMark.attribute(user: user, group: group)
        let owner = OwnerMark.owner(in: [ExtendedAttribute(name: Array("user.a".utf8), value: []), mark])
        #expect(owner?.user == user && owner?.group == group)
    }

    @Test(arguments: ["", "5", ":", "5:", ":5", "-1:0", "0:4294967296", "a:b", "1:2:3", "1 :2", "\u{0}:0"])
    func `what something else wrote is no owner`(text: String) {
        #expect(
            OwnerMark.owner(in: [ExtendedAttribute(name: OwnerMark.name, value: Array(text.utf8))]) == nil)
    }

    @Test func `a mark is in no layer`() throws {
        #expect(try !AttributeFilter(alsoKeeping: ["user.*"]).keeps(OwnerMark.name))
    }
}
