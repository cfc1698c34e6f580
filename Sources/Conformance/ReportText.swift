extension Report {
    /// The report for people, with a line end: a table, the end of stderr where something fell short, and the sum.
    ///
    /// - Parameter width: columns that it must fit into; nil where a check is to stay on one line.
    package func text(width: Int?, isColored: Bool) -> String {
        let nameWidth = findings.map(\.check.rawValue.count).max() ?? 0
        let indent = nameWidth + Finding.Outcome.widest + 4
        var lines: [String] = []
        for finding in findings {
            let name = finding.check.rawValue.padded(to: nameWidth)
            let outcome = finding.outcome.words.padded(to: Finding.Outcome.widest)
            let detail = finding.detail.printable.wrapped(to: width.map { max(20, $0 - indent) })
            lines.append("\(name)  \(isColored ? finding.outcome.color.paint(outcome) : outcome)  \(detail[0])")
            lines += detail.dropFirst().map { String(repeating: " ", count: indent) + $0 }
        }
        if !isOK, !errors.isEmpty {
            lines += ["", "The end of its stderr:"]
            for line in errors.split(separator: "\n", omittingEmptySubsequences: false) {
                let shown = "  | " + String(line).printable
                lines.append(isColored ? Color.dim.paint(shown) : shown)
            }
        }
        return (lines + ["", summary]).joined(separator: "\n") + "\n"
    }
}

/// By its number in ANSI's sequences.
private enum Color: Int {
    case dim = 2
    case red = 31
    case green = 32

    func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[m" }
}

extension Finding.Outcome {
    fileprivate static let widest = "falls short".count

    fileprivate var words: String {
        switch self {
        case .ok: "ok"
        case .short: "falls short"
        case .skipped: "not tried"
        }
    }

    fileprivate var color: Color {
        switch self {
        case .ok: .green
        case .short: .red
        case .skipped: .dim
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// In lines that are at most so wide, cut between words; longer words are cut too. At least one line.
    fileprivate func wrapped(to width: Int?) -> [String] {
        guard let width else { return [self] }
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            var word = String(word)
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            while word.count > width {
                lines.append(String(word.prefix(width)))
                word = String(word.dropFirst(width))
            }
            line += line.isEmpty ? word : " " + word
        }
        return lines + [line]
    }
}
