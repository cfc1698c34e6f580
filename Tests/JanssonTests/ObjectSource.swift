import TestSupport

/// Makes objects of all that JSON has, mostly valid, and spoils them.
struct ObjectSource {
    var generator: Generator
    private var bytes: [UInt8] = []

    init(seed: UInt64) { generator = Generator(seed: seed) }

    /// An object, valid but perhaps for a duplicate key or a number out of range.
    mutating func object() -> [UInt8] {
        bytes = []
        space()
        object(depth: 1)
        space()
        return bytes
    }

    /// An object that was cut, or of which bytes were changed, put in, taken out or doubled.
    mutating func spoilt() -> [UInt8] {
        var text = object()
        for _ in 0...generator.below(2) where !text.isEmpty {
            let place = generator.below(text.count)
            switch generator.below(7) {
            case 0: text.removeSubrange(place...)
            case 1: text[place] ^= 1 << UInt8(generator.below(8))
            case 2: text[place] = UInt8(generator.below(256))
            case 3: text.insert(generator.pick(Array("{}[]:,\"\\0-1e.+tfnu \u{0}".utf8)), at: place)
            case 4: text.remove(at: place)
            case 5: text.insert(contentsOf: text[place..<min(text.count, place + 6)], at: place)
            default: text.insert(contentsOf: generator.pick(Self.spoilers), at: place)
            }
        }
        return text
    }

    private static let spoilers: [[UInt8]] = [
        [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xFF], [0xC3, 0xA9],
        [0xF0, 0x9F, 0x98, 0x80],
        Array("\\u0000".utf8), Array("\\ud800".utf8), Array("\\udc00".utf8), Array("\\ud83d\\ude00".utf8),
        Array("\\u12G4".utf8),
    ]

    private static let numbers = [
        "0", "-0", "1", "-1", "10", "01", "-01", "1.", ".5", "1.5", "1e5", "1E+5", "1e-5", "1e", "1e+", "-", "+1",
        "0.0", "0e0", "1.0e",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "123456789012345678",
        "1234567890123456789", "12345678901234567890", "1e308", "1e309", "-1e309", "1e-400", "0.1e400",
        "1.7976931348623159e308",
        "1.7976931348623157e308", "NaN", "Infinity", "0x1", "1_000", "000000000000000000000",
        "0.00000000000000000000000000001",
    ]

    private static let pieces: [[UInt8]] = [
        Array("a".utf8), Array("b".utf8), Array("key".utf8), Array("ü".utf8), Array("雲".utf8), Array("😀".utf8),
        Array("\\n".utf8),
        Array("\\\"".utf8), Array("\\\\".utf8), Array("\\/".utf8), Array("\\u0041".utf8), Array("\\ud83d\\ude00".utf8),
        [0x7F],
        Array("\u{2028}".utf8), Array(" ".utf8), Array("0123456789".utf8),
    ]

    private mutating func space() {
        if generator.below(8) == 0 { bytes.append(generator.pick([0x20, 0x09, 0x0D, 0x0A])) }
    }

    private mutating func object(depth: Int) {
        bytes.append(UInt8(ascii: "{"))
        for index in 0..<generator.below(4) {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            space()
            string()
            space()
            bytes.append(UInt8(ascii: ":"))
            space()
            value(depth: depth + 1)
        }
        space()
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func value(depth: Int) {
        switch generator.below(depth > 6 ? 4 : 8) {
        case 0: bytes += Array(generator.pick(Self.numbers).utf8)
        case 1: bytes += Array(String(Int64(bitPattern: generator.next()) >> Int64(generator.below(60))).utf8)
        case 2: bytes += Array(generator.pick(["true", "false", "null", "true", "nul", "truee", "True"]).utf8)
        case 3: string()
        case 4, 5: object(depth: depth)
        default:
            bytes.append(UInt8(ascii: "["))
            for index in 0..<generator.below(4) {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                space()
                value(depth: depth + 1)
                space()
            }
            bytes.append(UInt8(ascii: "]"))
        }
    }

    private mutating func string() {
        bytes.append(0x22)
        for _ in 0..<generator.below(5) { bytes += generator.pick(Self.pieces) }
        bytes.append(0x22)
    }
}
