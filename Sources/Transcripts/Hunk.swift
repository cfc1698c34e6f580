/// Changes near each other with the lines around them, as a unified diff shows them.
struct Hunk: Equatable {
    let changes: [Change]
    let old: Range<Int>
    let new: Range<Int>

    /// How many lines that are the same are shown on each side of a change.
    static let context = 3

    /// - Parameter count: how many lines the old text has.
    static func hunks(of changes: [Change], in count: Int) -> [Hunk] {
        var groups: [[Change]] = []
        for change in changes {
            if let last = groups.last?.last, change.old.lowerBound - last.old.upperBound <= 2 * context {
                groups[groups.count - 1].append(change)
            } else {
                groups.append([change])
            }
        }
        return groups.compactMap { Hunk($0, in: count) }
    }

    private init?(_ changes: [Change], in count: Int) {
        guard let first = changes.first, let last = changes.last else { return nil }
        let before = min(Self.context, first.old.lowerBound)
        let after = min(Self.context, count - last.old.upperBound)
        self.changes = changes
        old = first.old.lowerBound - before..<last.old.upperBound + after
        new = first.new.lowerBound - before..<last.new.upperBound + after
    }

    /// `@@ -3,7 +3,8 @@`: where the hunk stands in the old and in the new text, and how many lines it has there.
    var header: String { "@@ -\(Self.place(old)) +\(Self.place(new)) @@" }

    /// As POSIX has it: a count of 1 is left out, and an empty range is named by the line before it.
    private static func place(_ range: Range<Int>) -> String {
        switch range.count {
        case 0: "\(range.lowerBound),0"
        case 1: "\(range.lowerBound + 1)"
        default: "\(range.lowerBound + 1),\(range.count)"
        }
    }

    enum Row: Equatable {
        case same(old: Int)
        case removed(old: Int)
        case added(new: Int)
    }

    /// The hunk's lines in order, each by its index in the text that it is of.
    var rows: [Row] {
        var rows: [Row] = []
        var next = old.lowerBound
        for change in changes {
            rows += (next..<change.old.lowerBound).map { .same(old: $0) }
            rows += change.old.map { .removed(old: $0) }
            rows += change.new.map { .added(new: $0) }
            next = change.old.upperBound
        }
        return rows + (next..<old.upperBound).map { .same(old: $0) }
    }
}
