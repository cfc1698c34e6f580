import Testing

@Suite("The budget indicators that docs/insight.md shows") struct MoneyTableTests {
    @Test("Every row of the table is what is found")
    func rows() throws {
        let rows = try Self.rows()
        #expect(rows.count >= 25)
        for (text, indicators) in rows { #expect(try Money.told(text, try Words.builtIn()) == indicators, "\(text)") }
    }

    /// The table's first column, and its second.
    private static func rows() throws -> [(text: String, indicators: String)] {
        let lines = String(decoding: try Words.file("docs/insight.md"), as: UTF8.self).split(separator: "\n")
        let head = lines.firstIndex { $0.hasPrefix("| a user says |") }
        return try lines[try #require(head)...].dropFirst(2).prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.dropFirst().dropLast().split(separator: "|").map { $0.trimmed }
            try #require(cells.count == 2, "\(line)")
            return (cells[0], cells[1])
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
