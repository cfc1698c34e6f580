@_spi(_Unicode) import Swift

/// Makes letters the same that differ only in case, or in how their accents are put together: a canonical caseless
/// match by the Unicode Standard (section 3.13, D145), so `STRASSE` and `straße` are one word.
enum CaseFolding {
    /// UTF-8, in normalization form C. What is no UTF-8 becomes U+FFFD.
    ///
    /// Most letters are folded each by itself. Only a stretch with others, up to the next of ASCII, is normalized, which
    /// takes some twenty times as long.
    static func folded(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        let text = String(decoding: text, as: UTF8.self).unicodeScalars
        var place = text.startIndex
        var last = place
        var lastStart = 0
        while place < text.endIndex {
            let start = bytes.count
            if appendByItself(text[place], to: &bytes) {
                (last, lastStart) = (place, start)
                place = text.index(after: place)
            } else {
                // It may change the letter before it.
                bytes.removeSubrange(lastStart...)
                let end = text[text.index(after: place)...].firstIndex { $0.isASCII } ?? text.endIndex
                bytes += whole(text[last..<end])
                (last, lastStart) = (end, bytes.count)
                place = end
            }
        }
        return bytes
    }

    /// Any text.
    static func whole(_ text: some Collection<Unicode.Scalar>) -> [UInt8] {
        var decomposed = String()
        decomposed.unicodeScalars.append(contentsOf: withoutLongRunsOfMarks(text))
        var folded = String()
        // The standard library's own normalization, which has no public name yet; swift-foundation uses it this way.
        for scalar in decomposed._nfd { appendFolded(scalar, to: &folded.unicodeScalars) }
        return folded._nfc.reduce(into: []) { bytes, scalar in append(scalar, to: &bytes) }
    }

    // MARK: A letter by itself

    /// False for a letter that depends on those beside it, or of which that is not known here.
    private static func appendByItself(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) -> Bool {
        if scalar.value < 0x80 {
            bytes.append(UInt8(scalar.value &- 0x41 < 26 ? scalar.value | 0x20 : scalar.value))
            return true
        }
        if scalar.value < alphabetsEnd {
            bytes += alphabets[Int(scalar.value)]
            return !alphabets[Int(scalar.value)].isEmpty
        }
        guard isPlain(scalar) else { return false }
        append(scalar, to: &bytes)
        return true
    }

    private static let alphabetsEnd = 0x530

    /// Each scalar of Latin, Greek and Cyrillic folded; nothing for the marks among them.
    private static let alphabets: [[UInt8]] = (0..<alphabetsEnd).map { value in
        guard let scalar = Unicode.Scalar(UInt32(value)), !(0x300..<0x370).contains(value),
            !(0x483..<0x48A).contains(value)
        else { return [] }
        return whole(CollectionOfOne(scalar))
    }

    /// Without case, and never put together with another: punctuation, currencies, Chinese, Japanese, Korean, pictures.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2010...0x2027, 0x20A0...0x20BF, 0x3000...0x3029, 0x3041...0x3096, 0x30A1...0x30FC, 0x4E00...0x9FFF,
            0xAC00...0xD7A3, 0xFF01...0xFF20, 0xFF3B...0xFF40, 0xFF5B...0xFF65, 0x1F300...0x1F64F, 0x1F680...0x1F6FC,
            0x1F90C...0x1F9FF:
            true
        default: false
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    // MARK: Any letter

    /// Folding is lower case, except that letters which share an upper case become one: ß and ss, ς and σ. The upper
    /// case is that of the lower case, for ẞ has none but itself.
    private static func appendFolded(_ scalar: Unicode.Scalar, to folded: inout String.UnicodeScalarView) {
        switch scalar.value {
        case 0x41...0x5A: folded.append(Unicode.Scalar(UInt8(scalar.value) + 0x20))
        case 0..<0x80: folded.append(scalar)
        // A dotless i has the upper case of the other i, and is a letter of its own.
        case 0x131: folded.append(scalar)
        default:
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                for upper in lower.properties.uppercaseMapping.unicodeScalars {
                    for letter in upper.properties.lowercaseMapping.unicodeScalars { folded.append(letter) }
                }
            }
        }
    }

    /// Marks on one letter are put in order, which takes the square of their number: no language has more than a few,
    /// and those behind the thirtieth (UAX #15, section 13) are left out.
    private static func withoutLongRunsOfMarks(_ text: some Collection<Unicode.Scalar>) -> [Unicode.Scalar] {
        var run = 0
        return text.filter { scalar in
            run = isMark(scalar) ? run + 1 : 0
            return run <= 30
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
    }
}
