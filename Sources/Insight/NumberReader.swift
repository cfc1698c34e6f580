import Jansson

/// Reads numbers as people write them: "5,000", "1.234,56", "2.5".
struct NumberReader: Sendable {
    struct Number {
        let value: Double
        let start: Int
        let end: Int
    }

    private let decimal: Unicode.Scalar
    private let groups: Set<Unicode.Scalar>

    init(decimal: Text, groups: [Text]) {
        self.decimal = decimal.description.unicodeScalars.first ?? "."
        self.groups = Set(groups.compactMap(\.description.unicodeScalars.first))
    }

    /// The number that begins with the digit at `start`; nil where these are the digits of something else, such as a
    /// version or a date.
    func number(in text: Letters, at start: Int) -> Number? {
        var place = start
        var digits = String.UnicodeScalarView()
        func take() {
            while place < text.count, text[place].isDigit {
                digits.append(text[place])
                place += 1
            }
        }
        take()
        // Groups of exactly three digits belong to it where at most three stand before the first.
        let isGrouped = place - start <= 3 && isGroup(in: text, at: place, of: nil)
        if isGrouped {
            let mark = text[place]
            while isGroup(in: text, at: place, of: mark) {
                place += 1
                take()
            }
        }
        if place + 1 < text.count, text[place] == decimal && text[place + 1].isDigit || isCents(in: text, at: place) {
            digits.append(".")
            place += 1
            take()
        }
        let goesOn = place + 1 < text.count && (isMark(text[place]) && !text[place].isBlank) && text[place + 1].isDigit
        guard !goesOn, let value = Double(String(digits)), value.isFinite else { return nil }
        return Number(value: value, start: start, end: place)
    }

    /// Whether a fraction is marked as elsewhere, which only two digits tell from a group: "1,50" in English.
    private func isCents(in text: Letters, at place: Int) -> Bool {
        guard place + 2 < text.count, text[place] == "," || text[place] == ".", text[place + 1].isDigit,
            text[place + 2].isDigit
        else { return false }
        return place + 3 == text.count || !text[place + 3].isDigit
    }

    /// Where digits that are no number end, with all that hangs together with them.
    func skipping(_ text: Letters, from start: Int) -> Int {
        text.written[start...].firstIndex { !$0.isDigit && (!isMark($0) || $0.isBlank) } ?? text.count
    }

    private func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "," || scalar == decimal || groups.contains(scalar)
    }

    /// Whether a mark and three digits, and no fourth, stand there.
    private func isGroup(in text: Letters, at place: Int, of mark: Unicode.Scalar?) -> Bool {
        guard place + 3 < text.count, groups.contains(text[place]), mark == nil || mark == text[place],
            text[place + 1].isDigit, text[place + 2].isDigit, text[place + 3].isDigit
        else { return false }
        return place + 4 == text.count || !text[place + 4].isDigit
    }
}
