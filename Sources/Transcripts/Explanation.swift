import Jansson

/// What differs between a line received as it is written and as it came, in words.
struct Explanation {
    /// The line's number in the written file, counted from 1.
    let line: Int
    let differences: [JSONDifference]

    /// How many differences are told at most.
    static let mostTold = 8

    /// Explains a change's lines that are JSON on both sides. Where one came as it is written, and only its line end or
    /// its place is new, there is nothing to explain.
    static func all(of change: Change, _ old: [Transcript.Line], _ new: [Transcript.Line]) -> [Explanation] {
        pairs(received(change.old, old), received(change.new, new)).compactMap { written, came in
            if old[written.index].text == new[came.index].text { return nil }
            return Explanation(line: written.index + 1, differences: JSONDifference.all(written.json, came.json))
        }
    }

    /// A line received that is JSON.
    private struct Received {
        let index: Int
        let json: JSON
        let subject: Subject

        init(_ index: Int, _ json: JSON) {
            self.index = index
            self.json = json
            subject = Subject(method: json["method"].map(JSONFragment.init), id: json["id"].map(JSONFragment.init))
        }
    }

    /// What a line is about: the request that it answers, or a notification's method.
    private struct Subject: Hashable {
        let method: JSONFragment?
        let id: JSONFragment?
    }

    private static func received(_ range: Range<Int>, _ lines: [Transcript.Line]) -> [Received] {
        range.filter { lines[$0].kind == .received }.compactMap { index in
            (try? JSON.parse(lines[index].text)).map { Received(index, $0) }
        }
    }

    /// Lines about the same first, so that one line too many does not set all behind it against the wrong ones; what is
    /// left is matched in order.
    private static func pairs(_ old: [Received], _ new: [Received]) -> [(Received, Received)] {
        // Last ones first, to be taken from the end.
        var open = Dictionary(grouping: new.reversed(), by: \.subject)
        var pairs: [(old: Received, new: Received)] = []
        var alone: [Received] = []
        for written in old {
            if let came = open[written.subject]?.popLast() {
                pairs.append((written, came))
            } else {
                alone.append(written)
            }
        }
        let rest = open.values.joined().sorted { $0.index < $1.index }
        pairs += zip(alone, rest).map { (old: $0, new: $1) }
        return pairs.sorted { $0.old.index < $1.old.index }
    }

    /// Lines of a comment: `patch` passes over them between hunks.
    var text: [String] {
        let told = differences.prefix(Self.mostTold).map(\.description)
        let more = differences.count - told.count
        let said =
            told.isEmpty
            ? ["the same members, in another order or spelling"] : told + (more > 0 ? ["… and \(more) more"] : [])
        return ["# line \(line):"] + said.map { "#     \($0)" }
    }
}
