import Testing

@testable import Layers

struct OwnerPolicyTests {
    @Test(
        arguments: [
            (.kept, 1000, 1001, 1000, 1001), (.kept, 0, 0, 0, 0),
            (.fixed(user: 5, group: 6), 1000, 1001, 5, 6), (.fixed(user: 0, group: 0), 33, 33, 0, 0),
            (.rootInsteadOf(user: 1000, group: 1001), 1000, 1001, 0, 0),
            (.rootInsteadOf(user: 1000, group: 1001), 1000, 44, 0, 44),
            (.rootInsteadOf(user: 1000, group: 1001), 33, 1001, 33, 0),
            (.rootInsteadOf(user: 1000, group: 1001), 1001, 1000, 1001, 1000),
            (.rootInsteadOf(user: 1000, group: 1001), 0, 0, 0, 0),
        ] as [(OwnerPolicy, UInt32, UInt32, UInt32, UInt32)])
    func `an owner on disk is this owner in the layer`(
        policy: OwnerPolicy, user: UInt32, group: UInt32, newUser: UInt32, newGroup: UInt32
    ) {
        #expect(policy.owner(user: user, group: group) == (newUser, newGroup))
    }
}
