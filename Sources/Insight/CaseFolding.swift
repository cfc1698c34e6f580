@_spi(_Unicode) import Swift

/// Makes letters the same that differ only in case, or in how their accents are put together: a canonical caseless
/// match by the Unicode Standard (section 3.13, D145), so `STRASSE` and `straße` are one word.
enum CaseFolding {
    /// UTF-8, in normalization form C. What is no UTF-8 becomes U+FFFD.
    static func folded(_ text: [UInt8]) -> [UInt8] {
        let text = String(decoding: text, as: UTF8.self)
        return letterByLetter(text) ?? whole(text)
    }

    /// Any text, at some 0.2 ms a thousand bytes.
    static func whole(_ text: String) -> [UInt8] {
        var folded = String.UnicodeScalarView()
        let text = hasLongRunOfMarks(text) ? withoutMarks(text) : text
        // The standard library's own normalization, which has no public name yet; swift-foundation uses it this way.
        for scalar in text._nfd { fold(scalar, into: &folded) }
        return String(folded)._nfc.reduce(into: []) { bytes, scalar in
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// Marks on one letter are put in order, which takes the square of their number: no language has more than a few
    /// (UAX #15, section 13, has 30), and a text with more is folded without any.
    private static func hasLongRunOfMarks(_ text: String) -> Bool {
        var run = 0
        for scalar in text.unicodeScalars {
            run = isMark(scalar) ? run + 1 : 0
            if run > 30 { return true }
        }
        return false
    }

    private static func withoutMarks(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { !isMark($0) }))
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
    }

    /// A text whose letters don't depend on those beside them, which most are, twenty times as fast; nil for others.
    private static func letterByLetter(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.value < 0x80 {
                bytes.append(UInt8(scalar.value &- 0x41 < 26 ? scalar.value | 0x20 : scalar.value))
            } else if scalar.value < alphabetsEnd {
                let folded = alphabets[Int(scalar.value)]
                if folded.isEmpty { return nil }
                bytes += folded
            } else if isPlain(scalar), let encoded = UTF8.encode(scalar) {
                bytes.append(contentsOf: encoded)
            } else {
                return nil
            }
        }
        return bytes
    }

    private static let alphabetsEnd = 0x530

    /// Each scalar of Latin, Greek and Cyrillic folded; nothing for the marks among them.
    private static let alphabets: [[UInt8]] = (0..<alphabetsEnd).map { value in
        guard let scalar = Unicode.Scalar(UInt32(value)), !(0x300..<0x370).contains(value),
            !(0x483..<0x48A).contains(value)
        else { return [] }
        return whole(String(scalar))
    }

    /// Without case, and never put together with another: punctuation, currencies, Chinese, Japanese and Korean.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2010...0x2027, 0x20A0...0x20BF, 0x3000...0x3029, 0x3041...0x3096, 0x30A1...0x30FC, 0x4E00...0x9FFF,
            0xAC00...0xD7A3, 0xFF01...0xFF20, 0xFF3B...0xFF40, 0xFF5B...0xFF65, 0x1F300...0x1F64F:
            true
        default: false
        }
    }

    /// Folding is lower case, except that letters which share an upper case become one: ß and ss, ς and σ. The upper
    /// case is that of the lower case, for ẞ has none but itself.
    private static func fold(_ scalar: Unicode.Scalar, into folded: inout String.UnicodeScalarView) {
        switch scalar.value {
        case 0x41...0x5A: folded.append(Unicode.Scalar(UInt8(scalar.value) + 0x20))
        case 0..<0x80: folded.append(scalar)
        // A dotless i has the upper case of the other i, and is a letter of its own.
        case 0x131: folded.append(scalar)
        default:
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                for upper in lower.properties.uppercaseMapping.unicodeScalars {
                    folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
                }
            }
        }
    }
}
