import Jansson
import Testing

@Suite("The scanner takes what the parser takes") struct ScannerTests {
    private static func scans(_ text: [UInt8]) -> Bool { text.withUnsafeBytes { JSONScanner.isObject($0) } }

    /// What the parser says; nil where it refuses for a duplicate key, which the scanner does not look for.
    private static func parses(_ text: [UInt8]) -> Bool? {
        do throws(JSONSyntaxError) {
            return try JSON.parse(text).isObject
        } catch {
            return error.reason.contains("duplicate") ? nil : false
        }
    }

    @Test("Whole and spoilt objects: the two agree", arguments: 0..<20)
    func agrees(_ seed: UInt64) {
        var source = ObjectSource(seed: seed)
        var taken = 0
        for number in 0..<1000 {
            let text = number % 3 == 0 ? source.object() : source.spoilt()
            guard let expected = Self.parses(text) else { continue }
            if expected { taken += 1 }
            if Self.scans(text) != expected {
                Issue.record("parser: \(expected): \(String(decoding: text, as: UTF8.self)) \(text)")
            }
        }
        // A corpus that is nearly all bad, or all good, would show nothing.
        #expect((150...850).contains(taken))
    }

    @Test(
        "A value in an object: the two agree",
        arguments: [
            "1", "-0", "01", "-", "1.", "1e5", "1E+05", "1e", "1e400", "-1e400", "1e-400", "9223372036854775807",
            "9223372036854775808",
            "true", "truex", "tru", "true1", "trueé", "null", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"",
            "\"\\uD83D\\uDE00\"", "\"\\u00e\"",
            "\"\u{7F}\"", "\"\u{2028}\"", "[]", "[,]", "[1,]", "{}", "{,}", "{\"a\"}", "\"\\x\"", "\"", "",
        ])
    func values(_ value: String) {
        let text = Array("{\"a\":\(value)}".utf8)
        #expect(Self.scans(text) == Self.parses(text))
    }

    @Test("Digits without end: the two agree", arguments: [17, 18, 19, 20, 299, 300, 301, 308, 309, 310, 400])
    func longNumbers(_ digits: Int) {
        for text in ["9", "-9", "1"].map({ $0 + String(repeating: "9", count: digits - 1) }) {
            for end in ["", ".0", ".5e1", "e0", "e-300"] {
                let object = Array("{\"a\":\(text)\(end)}".utf8)
                #expect(Self.scans(object) == Self.parses(object))
            }
        }
    }

    @Test("Every byte in a string, alone and behind a lead byte: the two agree")
    func encodings() {
        for lead in [[], [0xC3], [0xE0], [0xE2, 0x82], [0xED], [0xF0], [0xF0, 0x9F, 0x98], [0xF4], [0x5C]] as [[UInt8]]
        {
            for byte in UInt8.min...UInt8.max {
                for rest in 0...2 {
                    let string = lead + [byte] + [UInt8](repeating: 0x80, count: rest)
                    let text = Array("{\"a\":\"".utf8) + string + Array("\"}".utf8)
                    if Self.scans(text) != Self.parses(text) { Issue.record("\(string)") }
                }
            }
        }
    }

    @Test("Halves of surrogate pairs at the ends of their ranges: the two agree")
    func surrogates() {
        let units = ["0000", "0041", "d7ff", "d800", "dBfF", "dc00", "DFFF", "e000", "ffff"]
        for first in units {
            for second in units {
                let text = Array("{\"a\":\"\\u\(first)\\u\(second)\"}".utf8)
                #expect(Self.scans(text) == Self.parses(text), "\(first) \(second)")
            }
        }
    }

    @Test(
        "It takes one object and nothing else",
        arguments: ["", " ", "1", "[]", "\"a\"", "null", "{} {}", "{}x", "{}\u{0}"])
    func notAnObject(_ text: String) { #expect(!Self.scans(Array(text.utf8))) }

    @Test("It takes space around the object, and duplicate keys", arguments: [" {} ", "\t{}\r\n", #"{"a":1,"a":2}"#])
    func anObject(_ text: String) { #expect(Self.scans(Array(text.utf8))) }

    @Test("U+0000 may stand in a string, not in a key")
    func nulInKey() {
        #expect(Self.scans(Array(#"{"a":"\u0000"}"#.utf8)))
        #expect(!Self.scans(Array(#"{"\u0000":"a"}"#.utf8)))
    }

    @Test("Nesting: the two agree at the bound", arguments: 2046...2050)
    func depth(_ depth: Int) {
        for (open, inner, close) in [("[", "", "]"), ("[", "{}", "]"), (#"{"a":"#, "{}", "}")] {
            let count = depth - 1 - (inner.isEmpty ? 0 : 1)
            let text =
                #"{"a":"# + String(repeating: open, count: count) + inner + String(repeating: close, count: count) + "}"
            let bytes = Array(text.utf8)
            #expect(Self.scans(bytes) == Self.parses(bytes))
        }
    }

    @Test("Nesting: a plain value in the innermost array counts too", arguments: ["1", "true", "\"a\""])
    func depthOfPlainValues(_ value: String) {
        for depth in 2046...2049 {
            let text =
                #"{"a":"# + String(repeating: "[", count: depth - 1) + value + String(repeating: "]", count: depth - 1)
                + "}"
            let bytes = Array(text.utf8)
            #expect(Self.scans(bytes) == Self.parses(bytes), "\(depth)")
        }
    }
}
