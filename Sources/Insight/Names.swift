import Jansson
@_spi(_Unicode) import Swift

/// A text to find names and numbers in: letter by letter, as they stand there and in lower case.
struct Letters: Sendable {
    let written: [Unicode.Scalar]
    /// As many as `written`.
    let lower: [Unicode.Scalar]

    init(_ text: [UInt8]) {
        // In a text of ASCII alone, as most are, a letter is a byte.
        let isASCII = text.reduce(0) { $0 | $1 } < 0x80
        written =
            isASCII
            ? text.map { Unicode.Scalar($0) } : Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        lower = written.map { $0.lower }
    }

    var count: Int { written.count }

    subscript(place: Int) -> Unicode.Scalar { written[place] }

    func text(_ places: Range<Int>) -> Text {
        Text(String(String.UnicodeScalarView(written[places])))
    }

    func firstDigit(from place: Int, upTo end: Int? = nil) -> Int? {
        written[place..<min(end ?? count, count)].firstIndex { $0.isDigit }
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { value &- 0x30 < 10 }

    /// A letter or a digit.
    var isWordPart: Bool {
        value < 0x80 ? isDigit || (value | 0x20) &- 0x61 < 26 : properties.isAlphabetic
    }

    /// A space, an unbreakable or a narrow one.
    var isBlank: Bool { self == " " || self == "\u{A0}" || self == "\u{202F}" }

    /// Names are short and ordinary: letters whose lower case is one letter are all that is needed for them.
    fileprivate var lower: Unicode.Scalar {
        if value < 0x80 { return value &- 0x41 < 26 ? Unicode.Scalar(UInt8(value) | 0x20) : self }
        let lower = properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? lower.first ?? self : self
    }
}

/// Names and what they stand for, to be recognized at a place in a text, in whatever case: symbols wherever they
/// stand, words as whole words.
struct Names<Value: Sendable>: Sendable {
    private typealias Entry = (letters: [Unicode.Scalar], value: Value)

    /// By their first and by their last letters, the longest first: "US$" before "$".
    private var beginning: [Unicode.Scalar: [Entry]] = [:]
    private var ending: [Unicode.Scalar: [Entry]] = [:]

    init(_ names: [(name: Text, value: Value)]) {
        // Accents are put together in one way or the other: what is found is shown as it stands in the text.
        let entries = names.flatMap { name, value in
            let name = name.description
            return Set([Array(name._nfc), Array(name._nfd)]).map { (letters: $0.map(\.lower), value: value) }
        }
        for entry in entries.sorted(by: { $0.letters.count > $1.letters.count }) {
            guard let first = entry.letters.first, let last = entry.letters.last else { continue }
            beginning[first, default: []].append(entry)
            ending[last, default: []].append(entry)
        }
    }

    /// The name that begins at `place`, or behind a blank there, and where it ends.
    func match(in text: Letters, at place: Int) -> (value: Value, end: Int)? {
        guard place < text.count else { return nil }
        return text[place].isBlank ? found(in: text, at: place + 1) : found(in: text, at: place)
    }

    private func found(in text: Letters, at place: Int) -> (value: Value, end: Int)? {
        guard place < text.count, let entries = beginning[text.lower[place]] else { return nil }
        for (letters, value) in entries {
            let end = place + letters.count
            guard end <= text.count, text.lower[place..<end].elementsEqual(letters) else { continue }
            if letters[letters.count - 1].isWordPart, end < text.count, text[end].isWordPart { continue }
            return (value, end)
        }
        return nil
    }

    /// The name that ends before `end`, or before a blank there, and begins at `limit` or behind it.
    func match(in text: Letters, endingAt end: Int, from limit: Int) -> (value: Value, start: Int)? {
        guard end > limit else { return nil }
        let end = text[end - 1].isBlank ? end - 1 : end
        guard end > limit, let entries = ending[text.lower[end - 1]] else { return nil }
        for (letters, value) in entries {
            let start = end - letters.count
            guard start >= limit, text.lower[start..<end].elementsEqual(letters) else { continue }
            if letters[0].isWordPart, start > 0, text[start - 1].isWordPart { continue }
            return (value, start)
        }
        return nil
    }
}
