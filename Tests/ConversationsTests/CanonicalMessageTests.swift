import Conversations
import Jansson
import TestSupport
import Testing

@Suite("The beginning of a message's line") struct CanonicalMessageTests {
    static let lines: [[UInt8]] = Role.allCases.flatMap { role in
        [(nil, nil), ("turn_1", nil), (nil, "key 1"), ("turn_1", "k-2")].flatMap { (turnId: Text?, key: Text?) in
            (["", "Hello", "a\"b\\c\n\u{0}ü😀", #"","id":"x"}"#] as [Text]).map { content in
                Sample.line(
                    .message(
                        Message(id: "msg_01", role: role, content: content, turnId: turnId, idempotencyKey: key)),
                    seq: 12)
            }
        }
    }

    @Test("It reads what is written", arguments: lines)
    func reads(_ line: [UInt8]) throws {
        #expect(try agreesWithFullParse(line) == true)
    }

    @Test("A seq is read up to fifteen digits", arguments: [0, 1, 9, 10, 999_999_999_999_999])
    func seq(_ seq: Int) throws {
        let line = Sample.line(Sample.user("x"), seq: seq)
        #expect(line.withUnsafeBytes { CanonicalMessage($0)?.seq } == seq)
    }

    @Test(
        "A line of another shape is left to the parser",
        arguments: [
            ("\"seq\":12", "\"seq\": 12"), ("\"seq\":12", "\"seq\":012"), ("\"seq\":12", "\"seq\":1000000000000000"),
            ("\"seq\":12", "\"seq\":"),
            ("\"seq\":12", "\"seq\":-1"), ("\"seq\":12", "\"seq\":12.0"),
            ("\"type\":\"message\"", "\"type\":\"massage\""), ("msg_01", "msg\\u005f01"),
            ("msg_01", "müsg"), ("\"user\"", "\"users\""), ("\"user\"", "\"use\""), ("\"turn_1\"", "null"),
            ("\"turn_1\"", "\"turn\\n\""),
            (":43.123Z", ":43Z"), ("T09:", "T24:"), ("11-22", "02-30"), ("\"content\":\"", "\"content\":["),
            ("{}}", "{}} "), ("{\"seq", " {\"seq"),
        ])
    func otherShapes(_ part: String, _ other: String) {
        let line = String(
            decoding: Sample.line(Sample.user("x", id: "msg_01", turnId: "turn_1"), seq: 12), as: UTF8.self)
        #expect(line.contains(part))
        let changed = Array(line.replacing(part, with: other).utf8)
        #expect(changed.withUnsafeBytes { CanonicalMessage($0) == nil })
    }

    @Test("A line cut short is left to the parser, or says the same", arguments: lines)
    func cut(_ line: [UInt8]) throws {
        for count in 0..<line.count { _ = try agreesWithFullParse(Array(line[..<count])) }
    }

    @Test("Where it takes a changed line that is an event, it reads of it what the parser reads", arguments: 0..<10)
    func mutations(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        var taken = 0
        for _ in 0..<800 {
            var line = generator.pick(Self.lines)
            for _ in 0...generator.below(2) {
                let place = generator.below(line.count)
                switch generator.below(4) {
                case 0:
                    line[place] = generator.pick(Array("0123456789\"\\:,{}aes_TZ-. \u{0}\u{7F}".utf8) + [0x80, 0xC3])
                case 1: line.remove(at: place)
                case 2: line.insert(line[place], at: place)
                default: line.swapAt(place, generator.below(line.count))
                }
            }
            if try agreesWithFullParse(line) == true { taken += 1 }
        }
        #expect(taken > 50)
    }

    @Test("A turn that is named behind the content is not overlooked")
    func lateTurn() throws {
        let line =
            #"{"seq":1,"type":"message","id":"m","role":"user","timestamp":"2026-11-22T09:10:43.123Z","content":"x","turnId":"turn_1"}"#
        _ = try agreesWithFullParse(Array(line.utf8))
    }

    @Test(
        "A key is read where it needs no escape, and left to the parser where it does",
        arguments: [
            ("k", true), ("", true), ("a b:{}[],~", true), ("a\"b", false), ("a\\b", false), ("a\nb", false),
            ("ü", false), ("\u{7F}", false),
        ])
    func keys(_ key: String, _ isTaken: Bool) throws {
        for turnId in [nil, "turn_1"] as [Text?] {
            let message = Message(
                id: "msg_01", role: .user, content: "x", turnId: turnId, idempotencyKey: Text(key))
            #expect(try agreesWithFullParse(Sample.line(.message(message))) == isTaken)
        }
    }

    @Test("A key that is named behind the content is not overlooked")
    func lateKey() throws {
        let line =
            #"{"seq":1,"type":"message","id":"m","role":"user","turnId":"t","timestamp":"2026-11-22T09:10:43.123Z","content":"x","idempotencyKey":"k"}"#
        _ = try agreesWithFullParse(Array(line.utf8))
    }

    @Test("A reply that tells its usage is left to the parser", arguments: Role.allCases)
    func usage(_ role: Role) throws {
        let metadata = JSONFragment(try JSON.parse(#"{"usage":{"input_tokens":1}}"#.utf8))
        let line = Sample.line(.message(Message(id: "m", role: role, content: "x", metadata: metadata, turnId: "t")))
        #expect(try agreesWithFullParse(line) == (role != .assistant))
    }

    /// Whether the line's beginning was taken, of a line that is an event. Records where it says something else.
    private func agreesWithFullParse(_ line: [UInt8], at location: SourceLocation = #_sourceLocation) throws -> Bool? {
        guard let json = try? JSON.parse(line), let full = try? RecordedEvent(json) else { return nil }
        return line.withUnsafeBytes { bytes in
            guard let short = CanonicalMessage(bytes) else { return false }
            guard case .message(let message) = full.event else {
                Issue.record("it is no message", sourceLocation: location)
                return true
            }
            #expect(short.seq == full.seq, sourceLocation: location)
            #expect(short.time == full.time, sourceLocation: location)
            #expect(short.role == message.role, sourceLocation: location)
            #expect(Text(short.id) == message.id, sourceLocation: location)
            #expect(short.turnId.map { Text($0) } == message.turnId, sourceLocation: location)
            #expect(short.idempotencyKey.map { Text($0) } == message.idempotencyKey, sourceLocation: location)
            #expect(message.role != .assistant || message.usage == nil, sourceLocation: location)
            return true
        }
    }
}
