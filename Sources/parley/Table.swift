import Glibc

/// Rows for people. On a terminal the last column ends where the terminal does.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: [String]) { self.headings = headings }

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// Without a line end.
    var text: String {
        let lines = [headings] + rows
        let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let terminal = Terminal.width
        return lines.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            guard let terminal, line.count > terminal else { return line }
            return line.prefix(terminal - 1) + "…"
        }.joined(separator: "\n")
    }
}

enum Terminal {
    /// Columns of the terminal that stdout is; nil where it is none.
    static var width: Int? {
        var size = winsize()
        guard isatty(1) != 0, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return nil }
        return Int(size.ws_col)
    }
}

/// How far something has come, on one line of a terminal; nothing elsewhere.
struct ProgressBar {
    private let title: String
    private let isShown = isatty(2) != 0

    init(_ title: String) { self.title = title }

    func show(_ done: Int, of total: Int) {
        guard isShown, total > 0 else { return }
        let filled = 30 * done / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        printBytes("\r\(title) [\(bar)] \(done)/\(total)".utf8, to: 2)
    }

    func clear() {
        if isShown { printBytes("\r\u{1B}[K".utf8, to: 2) }
    }
}
