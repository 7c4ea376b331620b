/// Which entry of one layer stands for which of another: those of the same path.
///
/// Where a path stands several times, the first ones are a pair, then the second ones.
struct EntryPairs {
    private static let none = UInt32.max
    private var second: [UInt32]
    private var first: [UInt32]

    /// Pairs the records of two layers.
    init(_ one: LayerRecords, _ other: LayerRecords) {
        second = [UInt32](repeating: Self.none, count: one.count)
        first = [UInt32](repeating: Self.none, count: other.count)
        let (names, otherNames) = (one.byName, other.byName)
        var (here, there) = (0, 0)
        while here < names.count, there < otherNames.count {
            let name = one[Int(names[here])].name
            let otherName = other[Int(otherNames[there])].name
            if name == otherName {
                second[Int(names[here])] = otherNames[there]
                first[Int(otherNames[there])] = names[here]
            }
            if name <= otherName { here += 1 }
            if otherName <= name { there += 1 }
        }
    }

    /// The second layer's entry that stands for an entry of the first one.
    func second(of number: Int) -> Int? { second[number] == Self.none ? nil : Int(second[number]) }

    /// The first layer's entry that stands for an entry of the second one.
    func first(of number: Int) -> Int? { first[number] == Self.none ? nil : Int(first[number]) }

    /// How many entries have a partner.
    var count: Int { second.count { $0 != Self.none } }

    /// The first place where entries that both layers have come in another order: what stands there in each.
    var outOfPlace: (first: Int, second: Int)? {
        var there = 0
        for (here, partner) in second.enumerated() where partner != Self.none {
            while first[there] == Self.none { there += 1 }
            if Int(partner) != there { return (here, there) }
            there += 1
        }
        return nil
    }
}
