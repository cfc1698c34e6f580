import Jansson

/// Reads numbers as people write them: "5,000", "1.234,56", "2.5".
struct NumberReader: Sendable {
    struct Number {
        /// Where three digits stand behind a single mark that could be either, they are a group: "1.000".
        let value: Double
        /// What it is where a factor follows, as in "1.125 million".
        let valueBeforeFactor: Double
        let start: Int
        let end: Int
    }

    private let decimal: Unicode.Scalar
    private let groups: Set<Unicode.Scalar>
    /// How long a number may be: more is none that anybody has.
    private static let letters = 30

    init(decimal: Text, groups: [Text]) {
        self.decimal = decimal.description.unicodeScalars.first ?? "."
        self.groups = Set(groups.compactMap(\.description.unicodeScalars.first))
    }

    /// The number that begins with the digit at `start`; nil where these are the digits of something else, such as a
    /// version, a date or a time.
    func number(in text: Letters, at start: Int) -> Number? {
        var parts = Parts(text, at: start)
        while let mark = parts.nextMark, canFollow(mark, parts, in: text) { parts.take(mark) }
        let place = parts.end
        if place + 1 < text.count, hangsTogether(text[place]), text[place + 1].isDigit { return nil }
        guard place - start <= Self.letters, let (value, other) = values(of: parts) else { return nil }
        return Number(value: value, valueBeforeFactor: other, start: start, end: place)
    }

    /// Where digits that are no number end, with all that hangs together with them.
    func skipping(_ text: Letters, from start: Int) -> Int {
        text.written[start...].firstIndex { !$0.isDigit && !hangsTogether($0) } ?? text.count
    }

    /// What keeps digits together that are no number: those of a date, a time, a version.
    func hangsTogether(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "," || scalar == "/" || scalar == ":" || scalar == decimal
            || groups.contains(scalar) && !scalar.isBlank
    }

    /// Digits, and the marks between them.
    private struct Parts {
        private let text: Letters
        private(set) var end: Int
        private(set) var digits: [String] = []
        private(set) var marks: [Unicode.Scalar] = []

        init(_ text: Letters, at start: Int) {
            self.text = text
            end = start
            takeDigits()
        }

        /// A mark with a digit behind it.
        var nextMark: Unicode.Scalar? {
            end + 1 < text.count && !text[end].isDigit && text[end + 1].isDigit ? text[end] : nil
        }

        mutating func take(_ mark: Unicode.Scalar) {
            marks.append(mark)
            end += 1
            takeDigits()
        }

        private mutating func takeDigits() {
            let start = end
            while end < text.count, text[end].isDigit { end += 1 }
            digits.append(String(String.UnicodeScalarView(text.written[start..<end])))
        }

        /// How many digits stand behind the next mark.
        var nextDigits: Int { text.written[(end + 1)...].prefix(31).prefix { $0.isDigit }.count }
        /// A nought begins no groups: "0.125".
        var areGroups: Bool {
            digits[0].utf8.count <= 3 && digits[0].utf8.first != 0x30
                && digits.dropFirst().allSatisfy { $0.utf8.count == 3 }
        }
    }

    private func canFollow(_ mark: Unicode.Scalar, _ parts: Parts, in text: Letters) -> Bool {
        // One more group, of the same kind as those before.
        let isGroup = groups.contains(mark) || mark == "." || mark == ","
        if isGroup, parts.nextDigits == 3, parts.areGroups, parts.marks.allSatisfy({ $0 == mark }) { return true }
        // A fraction: behind groups the other mark, without them the decimal mark, or another with one or two digits.
        guard mark == "." || mark == "," || mark == decimal, parts.areGroups || parts.marks.isEmpty else {
            return false
        }
        if let before = parts.marks.last { return before != mark && (mark == "." || mark == ",") }
        return mark == decimal || parts.nextDigits <= 2
    }

    private func values(of parts: Parts) -> (value: Double, beforeFactor: Double)? {
        let whole = parts.digits.joined()
        let fraction = parts.digits.dropLast().joined() + "." + (parts.digits.last ?? "")
        let isFraction =
            !parts.marks.isEmpty
            && (parts.marks.count > 1 && parts.marks.last != parts.marks.first || !parts.areGroups)
        guard let plain = Double(isFraction ? fraction : whole), plain.isFinite else { return nil }
        guard parts.marks == [decimal], !isFraction, let other = Double(fraction) else { return (plain, plain) }
        return (plain, other)
    }
}
