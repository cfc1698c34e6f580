/// The figures for a person, in at most 100 columns, and for a program.
enum Table {
    private static let columns: [(title: String, isRight: Bool)] = [
        ("row", false), ("durability", false), ("parley", true), ("floor", true), ("ratio", true),
        ("must reach", true), ("met", false),
    ]

    static func text(_ outcomes: [Outcome]) -> String {
        let cells = [columns.map(\.title)] + outcomes.map(cells)
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            let padded = zip(row, zip(widths, columns)).map { $0.padded(to: $1.0, right: $1.1.isRight) }
            return trimmed(padded.joined(separator: "  ")) + "\n"
        }.joined()
    }

    private static func cells(_ outcome: Outcome) -> [String] {
        let unit = outcome.row.unit
        return [
            outcome.row.name, outcome.row.durability.rawValue,
            outcome.parley.map(unit.text) ?? "-", outcome.reference.map(unit.text) ?? "-",
            outcome.ratio.map { $0.fixed(2) } ?? "-", outcome.row.bound.text(in: unit), outcome.verdict.rawValue,
        ]
    }

    private static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// An array of objects, a row each. Names and units are ours and need no escaping.
    static func json(_ outcomes: [Outcome]) -> String {
        let rows = outcomes.map { outcome in
            let members = [
                ("row", quoted(outcome.row.name)), ("durability", quoted(outcome.row.durability.rawValue)),
                ("unit", quoted(outcome.row.unit.rawValue)), ("parley", number(outcome.parley)),
                ("floor", number(outcome.reference)), ("ratio", number(outcome.ratio)),
                ("mustReach", quoted(outcome.row.bound.text(in: outcome.row.unit))),
                ("met", quoted(outcome.verdict.rawValue)), ("pairs", "\(outcome.samples.count)"),
            ]
            return "  {" + members.map { "\(quoted($0)):\($1)" }.joined(separator: ",") + "}"
        }
        return "[\n" + rows.joined(separator: ",\n") + "\n]\n"
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }

    private static func number(_ figure: Double?) -> String { figure.map { $0.fixed(3) } ?? "null" }
}
