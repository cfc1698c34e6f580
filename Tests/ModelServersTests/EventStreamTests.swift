import ModelServers
import Testing

@Suite("A stream is cut into events") struct EventStreamTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let text: String
        /// Name and data of each event.
        let events: [(String, String)]
        var testDescription: String { text.debugDescription }

        init(_ text: String, _ events: [(String, String)]) {
            self.text = text
            self.events = events
        }
    }

    static let samples = [
        Sample("", []),
        Sample("data: a\n\n", [("", "a")]),
        Sample("data:a\n\ndata:  b \n\n", [("", "a"), ("", " b ")]),
        Sample("event: x\ndata: a\n\ndata: b\n\n", [("x", "a"), ("", "b")]),
        Sample("data: a\ndata: b\ndata\ndata: c\n\n", [("", "a\nb\n\nc")]),
        Sample("data\n\n", [("", "")]),
        Sample(": keep-alive\n\n:\n\ndata: a\n: between\ndata: b\n\n", [("", "a\nb")]),
        Sample("id: 7\nretry: 10\nunknown: x\nunknown\ndata: a\n\n", [("", "a")]),
        Sample("event: lost\n\ndata: a\n\n", [("", "a")]),
        Sample("\n\n\n data: no field\ndata: a\n\n", [("", "a")]),
        Sample("data: a: b\n\n", [("", "a: b")]),
        Sample("data: Grüße 😀 日本\n\n", [("", "Grüße 😀 日本")]),
        // Only the first byte-order mark is none of the text.
        Sample("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\ndata: \u{FEFF}\n\n", [("", "a"), ("", "\u{FEFF}")]),
        // What other line ends Unicode has are none here.
        Sample("data: a\u{2028}b\u{85}c\n\n", [("", "a\u{2028}b\u{85}c")]),
        Sample("data: cut", []), Sample("data: cut\n", []),
    ]

    private static func events(_ pieces: [ArraySlice<UInt8>]) throws -> [(String, String)] {
        var stream = EventStream(limit: 1000)
        return try pieces.flatMap { try stream.take($0) }.map {
            (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.data, as: UTF8.self))
        }
    }

    @Test("With any line ends, and wherever it is cut", arguments: samples, ["\n", "\r\n", "\r"])
    func cut(_ sample: Sample, _ lineEnd: String) throws {
        let bytes = Array(sample.text.replacing("\n", with: lineEnd).utf8)
        let expected = sample.events.map { [$0.0, $0.1] }
        for place in 0...bytes.count {
            let events = try Self.events([bytes[..<place], bytes[place...]])
            #expect(events.map { [$0.0, $0.1] } == expected, "cut at \(place)")
        }
        let single = try Self.events(bytes.indices.map { bytes[$0...$0] })
        #expect(single.map { [$0.0, $0.1] } == expected)
    }

    @Test("The end gives the event that only its empty line is missing from", arguments: ["data: a", "data: a\n"])
    func end(_ text: String) throws {
        var stream = EventStream(limit: 1000)
        #expect(try stream.take(Array(text.utf8)[...]).isEmpty)
        #expect(stream.finish()?.data == Array("a".utf8))
        #expect(stream.finish() == nil)
    }

    @Test("An event of more bytes than the limit is refused, in one line, in many, or in a comment")
    func limit() throws {
        let long = String(repeating: "x", count: 10)
        var stream = EventStream(limit: 20)
        #expect(try stream.take(Array("data: \(long)\n\ndata: \(long)\n\n".utf8)[...]).count == 2)
        for text in ["data: \(long)\(long)", ":\(long)\(long)", "data: \(long)\ndata: \(long)\n"] {
            var stream = EventStream(limit: 20)
            #expect(throws: ReplyFault.self) { try stream.take(Array(text.utf8)[...]) }
        }
    }
}
