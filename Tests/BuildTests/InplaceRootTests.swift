import SystemPackage
import Testing

@testable import Build
@testable import Linux

/// The decision alone: nothing is taken or removed.
struct InplaceRootTests {
    private let machine = ContainerSigns(files: [], variables: [:], controlGroups: Array("0::/\n".utf8))
    private let container = ContainerSigns(files: ["/.dockerenv"], variables: [:], controlGroups: [])

    @Test func `a container's root may be emptied, or what somebody says is one, and by root alone`() {
        #expect(InplaceRoot.obstacle(isForced: false, container, user: 0) == nil)
        #expect(InplaceRoot.obstacle(isForced: true, machine, user: 0) == nil)
        #expect(InplaceRoot.obstacle(isForced: false, machine, user: 0)?.contains("--force") == true)
        #expect(InplaceRoot.obstacle(isForced: false, machine, user: 7)?.contains("--force") == true)
        #expect(InplaceRoot.obstacle(isForced: true, container, user: 7)?.contains("user 7") == true)
    }
}
