import Glibc

/// Checks that bytes are exactly one JSON object, without building it: what a line of a file must pass before it is
/// copied into an answer as it stands.
///
/// It takes and refuses what `JSON.parse` does, except that duplicate keys pass (finding them needs memory). A test
/// holds the two against each other.
package struct JSONScanner {
    private var position: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    package static func isObject(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return false }
        let first = start.assumingMemoryBound(to: UInt8.self)
        var scanner = JSONScanner(position: first, end: first + bytes.count)
        return scanner.document()
    }

    private init(position: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
        self.position = position
        self.end = end
    }

    /// The byte at `position`; 0, which no token starts with, at the end.
    private var byte: UInt8 { position < end ? position.pointee : 0 }

    private mutating func take(_ expected: UInt8) -> Bool {
        guard byte == expected else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func document() -> Bool {
        skipSpace()
        guard byte == UInt8(ascii: "{"), value(depth: 1) else { return false }
        skipSpace()
        return position == end
    }

    private mutating func value(depth: Int) -> Bool {
        if depth > JSON.maximumDepth { return false }
        return switch byte {
        case UInt8(ascii: "{"): object(depth: depth)
        case UInt8(ascii: "["): array(depth: depth)
        case UInt8(ascii: "\""): string(isKey: false)
        case UInt8(ascii: "t"): word("true")
        case UInt8(ascii: "f"): word("false")
        case UInt8(ascii: "n"): word("null")
        default: number()
        }
    }

    private mutating func object(depth: Int) -> Bool {
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return true }
        while true {
            guard string(isKey: true) else { return false }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return false }
            skipSpace()
            guard value(depth: depth + 1) else { return false }
            skipSpace()
            if take(UInt8(ascii: "}")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
            skipSpace()
        }
    }

    private mutating func array(depth: Int) -> Bool {
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return true }
        while true {
            guard value(depth: depth + 1) else { return false }
            skipSpace()
            if take(UInt8(ascii: "]")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
            skipSpace()
        }
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end - position >= count, memcmp(position, word.utf8Start, count) == 0 else { return false }
        position += count
        // libjansson reads a word as long as letters follow: `truex` is one bad token.
        return !Self.isLetter(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    // MARK: Numbers

    private mutating func number() -> Bool {
        let start = position
        let negative = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            guard digits() == 0 else { return false }
        } else {
            guard digits() > 0 else { return false }
        }
        let integerEnd = position
        if take(UInt8(ascii: ".")) {
            guard digits() > 0 else { return false }
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { return false }
        }
        let text = UnsafeBufferPointer(start: start, count: position - start)
        if position == integerEnd {
            // 18 digits always fit into 64 bits.
            return text.count - (negative ? 1 : 0) <= 18 || Int64(String(decoding: text, as: UTF8.self)) != nil
        }
        return text.count <= 300 && !text.contains { $0 | 0x20 == UInt8(ascii: "e") }
            || Double(String(decoding: text, as: UTF8.self)).map(\.isFinite) ?? false
    }

    private mutating func digits() -> Int {
        let start = position
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    // MARK: Strings

    private mutating func string(isKey: Bool) -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while position < end {
            let byte = position.pointee
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return true
            case UInt8(ascii: "\\"):
                position += 1
                guard escape(isKey: isKey) else { return false }
            case 0..<0x20: return false
            case 0x20..<0x80: position += 1
            default: guard multibyte(byte) else { return false }
            }
        }
        return false
    }

    private mutating func escape(isKey: Bool) -> Bool {
        let letter = byte
        position += 1
        switch letter {
        case UInt8(ascii: "u"):
            guard let unit = hexadecimal() else { return false }
            switch unit {
            case 0: return !isKey
            case 0xDC00...0xDFFF: return false
            case 0xD800...0xDBFF:
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = hexadecimal() else { return false }
                return (0xDC00...0xDFFF).contains(low)
            default: return true
            }
        default: return "\"\\/bfnrt".utf8.contains(letter)
        }
    }

    private mutating func hexadecimal() -> UInt32? {
        guard end - position >= 4 else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(position.pointee)).hexDigitValue, position.pointee < 0x80 else {
                return nil
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    /// RFC 3629, section 4: no overlong forms, no surrogates, nothing past U+10FFFF.
    private mutating func multibyte(_ lead: UInt8) -> Bool {
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0x80...0xBF)
            }
        guard length > 0, end - position >= length, second.contains(position[1]) else { return false }
        for index in 2..<max(2, length) where !(0x80...0xBF).contains(position[index]) { return false }
        position += length
        return true
    }
}
