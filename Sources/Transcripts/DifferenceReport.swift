/// How what came out differs from what a transcript says: a place, a sentence, a unified diff that `patch` takes, and
/// below each hunk what changed in the JSON of its lines.
package struct DifferenceReport {
    private let file: String
    private let written: [Transcript.Line]
    private let received: [Transcript.Line]
    private let changes: [Change]
    /// How many exchanges there are and how many of them differ.
    private let exchanges: (all: Int, different: Int)

    /// nil where nothing differs.
    ///
    /// - Parameter file: the transcript's name, as the report is to say it.
    /// - Parameter received: what `written` became when it was played.
    package init?(file: String, written: Transcript, received: Transcript) {
        changes = written.changes(to: received)
        if changes.isEmpty { return nil }
        self.file = file
        self.written = written.lines
        self.received = received.lines
        let different = zip(written.exchanges, received.exchanges).count { $0.received != $1.received }
        exchanges = (written.exchanges.count, different)
    }

    /// The report, each line with its end.
    ///
    /// - Parameter isColored: whether a terminal is to show it, in colours by ANSI sequences.
    package func text(isColored: Bool = false) -> [UInt8] {
        var text = ReportText(isColored: isColored)
        text.put("\(file):\(firstLine): \(sentence)")
        text.put("--- \(file) (written)")
        text.put("+++ \(file) (received)")
        for hunk in Hunk.hunks(of: changes, in: written.count) {
            text.put(hunk.header, .place)
            for row in hunk.rows {
                switch row {
                case .same(let index): text.put(written[index], " ")
                case .removed(let index): text.put(written[index], "-", .removed)
                case .added(let index): text.put(received[index], "+", .added)
                }
            }
            for explanation in hunk.changes.flatMap({ Explanation.all(of: $0, written, received) }) {
                for line in explanation.text { text.put(line) }
            }
        }
        return text.bytes
    }

    /// The first line that is not as it came, or where lines are missing the one before them.
    private var firstLine: Int {
        guard let first = changes.first else { return 1 }
        return first.old.isEmpty ? first.old.lowerBound : first.old.lowerBound + 1
    }

    private var sentence: String {
        guard let first = changes.first else { return "" }
        let isWritten = first.old.contains { written[$0].kind == .received }
        let hasCome = first.new.contains { received[$0].kind == .received }
        let what =
            switch (isWritten, hasCome) {
            case (false, _): "behind this line came what is not written"
            case (true, true): "another line came than is written here"
            case (true, false): "this line did not come"
            }
        if exchanges.different == 1 { return what + "." }
        return "\(what); \(exchanges.different) of \(exchanges.all) exchanges differ."
    }
}

extension Transcript {
    /// Exchange by exchange, so that an answer is never taken for one to another request, and so that a file of any
    /// length is compared in a time that grows with it.
    fileprivate func changes(to other: Transcript) -> [Change] {
        var changes: [Change] = []
        var (old, new) = (prologue.count, other.prologue.count)
        for (mine, others) in zip(exchanges, other.exchanges) {
            for change in Change.between(mine.lines, others.lines) {
                let moved = change.moved(old, new)
                if let last = changes.last, last.old.upperBound == moved.old.lowerBound,
                    last.new.upperBound == moved.new.lowerBound
                {
                    changes[changes.count - 1].old = last.old.lowerBound..<moved.old.upperBound
                    changes[changes.count - 1].new = last.new.lowerBound..<moved.new.upperBound
                } else {
                    changes.append(moved)
                }
            }
            old += mine.lines.count
            new += others.lines.count
        }
        return changes
    }
}

extension Change {
    fileprivate func moved(_ old: Int, _ new: Int) -> Change {
        Change(
            old: self.old.lowerBound + old..<self.old.upperBound + old,
            new: self.new.lowerBound + new..<self.new.upperBound + new)
    }
}
