/// A report's bytes while they are put together, line by line.
struct ReportText {
    /// By the number of its ANSI colour.
    enum Color: Int {
        case removed = 31
        case added = 32
        case place = 36
    }

    private(set) var bytes: [UInt8] = []
    private let isColored: Bool

    init(isColored: Bool) { self.isColored = isColored }

    mutating func put(_ line: String, _ color: Color? = nil) { put(line.utf8, color) }

    /// A line of a transcript behind its mark in the diff.
    mutating func put(_ line: Transcript.Line, _ mark: String, _ color: Color? = nil) {
        put(Array(mark.utf8) + (line.isEnded ? line.bytes.dropLast() : line.bytes[...]), color)
        if !line.isEnded { put(#"\ No newline at end of file"#) }
    }

    private mutating func put(_ line: some Collection<UInt8>, _ color: Color?) {
        let shown = isColored ? color : nil
        if let shown { bytes += "\u{1B}[\(shown.rawValue)m".utf8 }
        bytes += line
        if shown != nil { bytes += "\u{1B}[m".utf8 }
        bytes.append(0x0A)
    }
}
