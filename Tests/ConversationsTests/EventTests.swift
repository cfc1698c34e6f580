import Conversations
import Jansson
import Testing

@Suite("Events and their lines") struct EventTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let event: Event
        let line: String
        var testDescription: String { line }
    }

    static func cases() throws -> [Case] {
        var full = Started(
            id: "c", userId: "u", agentId: "a", organizationId: "o", projectId: "p", type: "sales", title: "T",
            tags: ["x", "y"],
            instructions: "Be kind.", metadata: try Sample.members(#"{"z":1,"a":[1.0]}"#),
            context: try Sample.members(#"{"b":{}}"#))
        full.format = 3
        var update = Update()
        update.title = ""
        update.agentId = "b"
        update.type = "sales"
        update.archived = false
        update.instructions = "x"
        update.tags = []
        update.context = Update.Merge(set: try Sample.members(#"{"k":1}"#), remove: ["r", "s"])
        update.metadata = Update.Merge(remove: ["q"])
        var small = Update()
        small.metadata.set = try Sample.members(#"{"k":null}"#)
        let error = JSONFragment(try JSON.parse(#"{"code":1021}"#.utf8))
        let head = #""timestamp":"2026-11-22T09:10:43.123Z""#
        return [
            Case(
                event: .started(Sample.started()),
                line:
                    #"{"seq":7,"type":"started",\#(head),"format":1,"conversation":{"id":"conv_1","userId":"ada","agentId":"echo","type":"general","metadata":{},"context":{}}}"#
            ),
            Case(
                event: .started(full),
                line:
                    #"{"seq":7,"type":"started",\#(head),"format":3,"conversation":{"id":"c","userId":"u","agentId":"a","organizationId":"o","projectId":"p","type":"sales","title":"T","tags":["x","y"],"instructions":"Be kind.","metadata":{"z":1,"a":[1.0]},"context":{"b":{}}}}"#
            ),
            Case(
                event: Sample.user("Hi\n\u{0}\"", turnId: "turn_1"),
                line:
                    #"{"seq":7,"type":"message","id":"msg_1","role":"user","turnId":"turn_1",\#(head),"content":"Hi\n\u0000\"","metadata":{}}"#
            ),
            Case(
                event: .message(
                    Message(
                        id: "m", role: .system, content: "", metadata: JSONFragment(try JSON.parse(#"{"a":1}"#.utf8)))),
                line: #"{"seq":7,"type":"message","id":"m","role":"system",\#(head),"content":"","metadata":{"a":1}}"#),
            Case(
                event: .turnEnded(
                    TurnEnd(turnId: "t", messageId: "m", outcome: .failed, error: error, partial: "So f")),
                line:
                    #"{"seq":7,"type":"turnEnded",\#(head),"turnId":"t","messageId":"m","outcome":"failed","error":{"code":1021},"partial":"So f"}"#
            ),
            Case(
                event: .turnEnded(TurnEnd(turnId: "t", messageId: "m", outcome: .interrupted)),
                line: #"{"seq":7,"type":"turnEnded",\#(head),"turnId":"t","messageId":"m","outcome":"interrupted"}"#),
            Case(
                event: .updated(update),
                line:
                    #"{"seq":7,"type":"updated",\#(head),"set":{"title":"","agentId":"b","type":"sales","archived":false,"instructions":"x","tags":[]},"context":{"set":{"k":1},"remove":["r","s"]},"metadata":{"remove":["q"]}}"#
            ),
            Case(event: .updated(small), line: #"{"seq":7,"type":"updated",\#(head),"metadata":{"set":{"k":null}}}"#),
            Case(
                event: .ended(reason: "user_ended"), line: #"{"seq":7,"type":"ended",\#(head),"reason":"user_ended"}"#),
            Case(event: .reopened, line: #"{"seq":7,"type":"reopened",\#(head)}"#),
            Case(event: .deleted, line: #"{"seq":7,"type":"deleted",\#(head)}"#),
            Case(event: .restored, line: #"{"seq":7,"type":"restored",\#(head)}"#),
            Case(
                event: .turnStarted(TurnStart(turnId: "t", messageId: "m\"")),
                line: #"{"seq":7,"type":"turnStarted",\#(head),"turnId":"t","messageId":"m\""}"#),
            Case(event: .superseded(fromSeq: 3), line: #"{"seq":7,"type":"superseded",\#(head),"fromSeq":3}"#),
            Case(
                event: .message(Message(id: "m", role: .user, content: "Hi", turnId: "t", idempotencyKey: "k\n1")),
                line:
                    #"{"seq":7,"type":"message","id":"m","role":"user","turnId":"t","idempotencyKey":"k\n1",\#(head),"content":"Hi","metadata":{}}"#
            ),
            Case(
                event: .message(Message(id: "m", role: .user, content: "Hi", idempotencyKey: "k")),
                line:
                    #"{"seq":7,"type":"message","id":"m","role":"user","idempotencyKey":"k",\#(head),"content":"Hi","metadata":{}}"#
            ),
            Case(
                event: .started(
                    Sample.started { $0.forkedFrom = ForkOrigin(conversationId: "c0", seq: 12, inherited: 5) }),
                line:
                    #"{"seq":7,"type":"started",\#(head),"format":1,"conversation":{"id":"conv_1","userId":"ada","agentId":"echo","type":"general","metadata":{},"context":{}},"forkedFrom":{"conversationId":"c0","seq":12,"inherited":5}}"#
            ),
        ]
    }

    @Test("An event is written as one line, and read back as the same event", arguments: try cases())
    func roundTrip(_ example: Case) throws {
        let line = Sample.line(example.event, seq: 7)
        #expect(String(decoding: line, as: UTF8.self) == example.line)
        let read = try RecordedEvent(JSON.parse(line))
        #expect(read.seq == 7 && read.time == Sample.time())
        #expect(Sample.line(read.event, seq: read.seq, at: read.time) == line)
    }

    private static let time = #""timestamp":"2026-01-01T00:00:00.000Z""#

    @Test(
        "What is no event says why",
        arguments: [
            (#"{"type":"reopened",\#(time)}"#, "seq"), (#"{"seq":"1","type":"reopened",\#(time)}"#, "seq"),
            (#"{"seq":-1,"type":"reopened",\#(time)}"#, "seq"), (#"{"seq":1.0,"type":"reopened",\#(time)}"#, "seq"),
            (#"{"seq":1,\#(time)}"#, "type"), (#"{"seq":1,"type":1,\#(time)}"#, "type"),
            (#"{"seq":1,"type":"reopened"}"#, "timestamp"),
            (#"{"seq":1,"type":"reopened","timestamp":"now"}"#, "timestamp"),
            (#"{"seq":1,"type":"started",\#(time)}"#, "conversation"),
            (#"{"seq":1,"type":"started",\#(time),"conversation":{"userId":"u","agentId":"a"}}"#, "id"),
            (#"{"seq":1,"type":"message",\#(time),"id":"m","role":"robot","content":""}"#, "role"),
            (#"{"seq":1,"type":"message",\#(time),"role":"user","content":""}"#, "id"),
            (#"{"seq":1,"type":"message",\#(time),"id":"m","role":"user"}"#, "content"),
            (#"{"seq":1,"type":"message",\#(time),"id":"m","role":"user","content":7}"#, "content"),
            (#"{"seq":1,"type":"turnEnded",\#(time),"outcome":"failed"}"#, "turnId"),
            (#"{"seq":1,"type":"turnEnded",\#(time),"turnId":"t","outcome":"done"}"#, "outcome"), ("[]", "seq"),
            (#"{"seq":1,"type":"turnStarted",\#(time),"messageId":"m"}"#, "turnId"),
            (#"{"seq":1,"type":"turnStarted",\#(time),"turnId":"t"}"#, "messageId"),
            (#"{"seq":1,"type":"superseded",\#(time)}"#, "fromSeq"),
            (#"{"seq":1,"type":"superseded",\#(time),"fromSeq":-1}"#, "fromSeq"),
            (#"{"seq":1,"type":"superseded",\#(time),"fromSeq":"1"}"#, "fromSeq"),
            (#"{"seq":1,"type":"superseded",\#(time),"fromSeq":1125899906842624}"#, "fromSeq"),
        ])
    func faults(_ line: String, _ member: String) throws {
        let json = try JSON.parse(line.utf8)
        #expect { try RecordedEvent(json) } throws: { ($0 as? EventFault)?.reason.contains("`\(member)`") == true }
    }

    @Test("A type of a newer version is unknown, not a fault")
    func unknownType() throws {
        let read = try RecordedEvent(JSON.parse(#"{"seq":4,"type":"weather",\#(Self.time),"context":{"a":1}}"#.utf8))
        guard case .unknown = read.event else {
            Issue.record("\(read.event)")
            return
        }
        #expect(read.seq == 4)
    }

    @Test("Members of a newer version pass")
    func unknownMembers() throws {
        let line =
            #"{"new":{},"seq":4,"type":"message","id":"m","role":"user","content":"x","idempotencyKey":"k",\#(Self.time)}"#
        guard case .message(let message) = try RecordedEvent(JSON.parse(line.utf8)).event else {
            Issue.record("it is no message")
            return
        }
        #expect(message.content == "x" && message.metadata == .emptyObject)
    }

    @Test("A reply's usage is read out of its metadata")
    func usage() throws {
        func usage(_ metadata: String) throws -> TokenUsage? {
            let line =
                #"{"seq":1,"type":"message",\#(Self.time),"id":"m","role":"assistant","content":"","metadata":\#(metadata)}"#
            guard case .message(let message) = try RecordedEvent(JSON.parse(line.utf8)).event else { return nil }
            return message.usage
        }
        #expect(try usage(#"{"usage":{"input_tokens":2}}"#)?.input == 2)
        #expect(try usage(#"{"input_tokens":2}"#) == nil)
    }

    @Test(
        "An origin that says too little is none, and impossible numbers do no harm",
        arguments: [
            (#"{"conversationId":"c","seq":1}"#, nil), (#"{"seq":1,"inherited":1}"#, nil), ("7", nil),
            (#"{"conversationId":"c","inherited":1}"#, nil),
            (
                #"{"conversationId":"c","seq":-4,"inherited":-1}"#,
                ForkOrigin(conversationId: "c", seq: 0, inherited: 0)
            ),
            (
                #"{"conversationId":"c","seq":1,"inherited":\#(Int64.max)}"#,
                ForkOrigin(conversationId: "c", seq: 1, inherited: .max)
            ),
        ] as [(String, ForkOrigin?)])
    func origins(_ text: String, _ expected: ForkOrigin?) throws {
        let line =
            #"{"seq":0,"type":"started",\#(Self.time),"conversation":{"id":"c","userId":"u","agentId":"a"},"forkedFrom":\#(text)}"#
        guard case .started(let started) = try RecordedEvent(JSON.parse(line.utf8)).event else {
            Issue.record("it is no beginning")
            return
        }
        #expect(started.forkedFrom == expected)
    }
}
