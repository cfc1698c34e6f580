import Jansson
import Testing

@Suite("What is refused as JSON") struct ParsingTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let kind: JSONSyntaxError.Kind

        init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }

        init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
            kind = .malformed
        }

        /// Bytes that are no UTF-8 inside a string.
        init(_ name: String, inString bytes: [UInt8]) {
            self.init(name, Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8))
        }

        var testDescription: String { name }
    }

    static let grammar = [
        Refused("nothing", ""), Refused("spaces alone", "  \r\n\t"), Refused("a word", "nul"),
        Refused("a longer word", "truex"),
        Refused("an open object", "{"), Refused("an open array", "[1"), Refused("a trailing comma", "[1,]"),
        Refused("a comma alone", "{,}"), Refused("a missing colon", #"{"a" 1}"#), Refused("a missing comma", "[1 2]"),
        Refused("a key that is no string", "{a:1}"), Refused("single quotes", "{'a':1}"),
        Refused("a comment", "{/**/}"),
        Refused("two values", "{} {}"), Refused("a closing bracket too many", "{}}"),
        Refused("the wrong bracket", "[1}"),
        Refused("a leading zero", "01"), Refused("a plus sign", "+1"), Refused("a point without digits", "1."),
        Refused("digits missing before the point", ".5"), Refused("an exponent without digits", "1e"),
        Refused("a minus alone", "-"), Refused("not a number", "NaN"), Refused("hexadecimal", "0x10"),
        Refused("an open string", #""abc"#), Refused("an unknown escape", #""\x41""#),
        Refused("a short escape", #""\u12""#),
        Refused("a line end in a string", "\"a\nb\""), Refused("a tab in a string", "\"a\tb\""),
        Refused("a NUL between tokens", [0x7B, 0, 0x7D]), Refused("a NUL in a string", [0x22, 0, 0x22]),
        Refused("a byte-order mark", [0xEF, 0xBB, 0xBF, 0x7B, 0x7D]),
    ]

    static let values = [
        Refused("a duplicate key", #"{"a":1,"b":2,"a":3}"#),
        Refused("a duplicate key, written in two ways", #"{"a":1,"\u0061":3}"#),
        Refused("a duplicate key, deep inside", #"{"x":[{"a":1,"a":1}]}"#),
        Refused("a lone high surrogate", #"["\ud800"]"#), Refused("a lone low surrogate", #"["\udc00"]"#),
        Refused("two high surrogates", #"["\ud800\ud800"]"#), Refused("a high surrogate and a letter", #"["\ud800a"]"#),
        Refused("U+0000 in a key", #"{"a\u0000b":1}"#),
        Refused("an integer past 64 bits", "9223372036854775808"),
        Refused("a negative integer past 64 bits", "-9223372036854775809"),
        Refused("a real past a double", "1e400"), Refused("a negative real past a double", "-1e400"),
    ]

    static let encodings = [
        Refused("a continuation byte alone", inString: [0x80]), Refused("a lead byte alone", inString: [0xC3]),
        Refused("an overlong slash", inString: [0xC0, 0xAF]), Refused("an overlong NUL", inString: [0xC0, 0x80]),
        Refused("an overlong three-byte form", inString: [0xE0, 0x80, 0xAF]),
        Refused("an overlong four-byte form", inString: [0xF0, 0x80, 0x80, 0xAF]),
        Refused("a surrogate in UTF-8", inString: [0xED, 0xA0, 0x80]),
        Refused("past U+10FFFF", inString: [0xF4, 0x90, 0x80, 0x80]),
        Refused("a lead byte that does not exist", inString: [0xF8, 0x88, 0x80, 0x80, 0x80]),
        Refused("a byte that does not exist", inString: [0xFF]),
        Refused("a form that breaks off", inString: [0xE2, 0x82]),
    ]

    @Test(arguments: grammar + values + encodings)
    func isRefused(_ text: Refused) {
        #expect { try JSON.parse(text.bytes) } throws: { error in
            guard let error = error as? JSONSyntaxError else { return false }
            return error.kind == text.kind && !error.reason.isEmpty && (0...text.bytes.count).contains(error.offset)
        }
    }

    @Test(
        "The offset is where reading stopped",
        arguments: [
            (#"{"a":1,}"#, 8), (#"{"a":1} x"#, 9), (#"[1,2,x]"#, 6), (#"{"a":1,"a":2}"#, 10),
        ])
    func offset(_ text: String, _ offset: Int) {
        #expect { try JSON.parse(text.utf8) } throws: { ($0 as? JSONSyntaxError)?.offset == offset }
    }

    @Test("The reason can be printed, whatever bytes it quotes")
    func reasonIsPrintable() throws {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON.parse([0x7B, 0x01, 0x1B, 0x5B]) }
        let reason = try #require(error?.reason)
        #expect(reason.unicodeScalars.allSatisfy { $0.value >= 32 })
    }
}
