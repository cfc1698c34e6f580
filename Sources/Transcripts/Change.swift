/// Neighbouring elements of an old list that others take the place of in a new one; one of the ranges may be empty.
struct Change: Equatable {
    var old: Range<Int>
    var new: Range<Int>

    /// More elements than this, without those that are alike at both ends, are not compared one by one, for that takes
    /// time and memory with the square of how many differ: they are one change.
    static let mostCompared = 4000

    /// The fewest changes that lead from one list to the other, in order.
    static func between<Element: Equatable>(_ old: [Element], _ new: [Element]) -> [Change] {
        let start = zip(old, new).prefix { $0 == $1 }.count
        let end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
        let (oldMiddle, newMiddle) = (old[start..<old.count - end], new[start..<new.count - end])
        if oldMiddle.count + newMiddle.count > mostCompared {
            return [Change(old: oldMiddle.indices, new: newMiddle.indices)]
        }
        return grouped(newMiddle.difference(from: oldMiddle), from: start, to: oldMiddle.endIndex, newMiddle.endIndex)
    }

    /// - Parameter start: where both lists begin that the difference is of.
    private static func grouped<Element>(
        _ difference: CollectionDifference<Element>, from start: Int, to oldEnd: Int, _ newEnd: Int
    ) -> [Change] {
        let removed = Set(difference.removals.map { $0.offset + start })
        let inserted = Set(difference.insertions.map { $0.offset + start })
        var changes: [Change] = []
        var (old, new) = (start, start)
        while old < oldEnd || new < newEnd {
            let (oldStart, newStart) = (old, new)
            while removed.contains(old) { old += 1 }
            while inserted.contains(new) { new += 1 }
            if old > oldStart || new > newStart { changes.append(Change(old: oldStart..<old, new: newStart..<new)) }
            old += 1
            new += 1
        }
        return changes
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
