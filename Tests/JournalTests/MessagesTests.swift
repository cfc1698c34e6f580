import Conversations
import Jansson
import Journal
import TestSupport
import Testing

@Suite("Finding messages") struct MessagesTests {
    private func user(_ id: Text, turnId: Text? = nil, key: Text? = nil) -> Event {
        .message(Message(id: id, role: .user, content: Text("about \(id)"), turnId: turnId, idempotencyKey: key))
    }

    private func reply(_ id: String, _ turnId: Text?) -> Event { History.reply(id, "Yes.", turnId) }

    private func failed(_ turnId: Text, _ messageId: Text = "u") -> Event {
        .turnEnded(TurnEnd(turnId: turnId, messageId: messageId, outcome: .failed))
    }

    private func started(_ turnId: Text, _ messageId: Text = "u") -> Event {
        .turnStarted(TurnStart(turnId: turnId, messageId: messageId))
    }

    // MARK: By id and by key

    @Test("A message that is in the history comes before one of that id that is not")
    func preferred() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c", [user("a"), user("b"), .superseded(fromSeq: 2), user("b"), user("d"), .superseded(fromSeq: 5)])
        let again = try store.open()
        for log in [log, again] {
            let (a, b, d) = (try log.message(withID: "a"), try log.message(withID: "b"), try log.message(withID: "d"))
            #expect(a?.line == 1 && a?.seq == 1 && a?.isInHistory == true && a?.message.content == "about a")
            #expect(b?.line == 4 && b?.isInHistory == true)
            #expect(d?.line == 5 && d?.isInHistory == false, "one that was superseded is still found")
            #expect(try log.message(withID: "c") == nil)
        }
    }

    @Test("An older one in the history comes before a newer one that was superseded")
    func older() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [user("a"), user("a"), .superseded(fromSeq: 2)])
        #expect(try log.message(withID: "a")?.line == 1)
    }

    @Test("Starts and ends of turns are not taken for their message")
    func turns() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [user("u", turnId: "t"), failed("t"), started("v"), reply("a", "v")])
        #expect(try log.message(withID: "u")?.line == 1)
        #expect(try log.message(withID: "t") == nil)
    }

    @Test("A message is found by its key, superseded or not, as long as it is the whole key")
    func keys() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c", [user("a", key: "k1"), user("b", key: "ü\n"), .superseded(fromSeq: 2), user("k3")])
        for log in [log, try store.open()] {
            #expect(try log.message(withKey: "k1")?.message.id == "a")
            #expect(try log.message(withKey: "ü\n")?.isInHistory == false)
            #expect(try log.message(withKey: "k") == nil && log.message(withKey: "k3") == nil)
        }
    }

    @Test("The same key twice means the newer message")
    func sameKey() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [user("a", key: "k"), user("b", key: "k")])
        #expect(try log.message(withKey: "k")?.message.id == "b")
    }

    @Test("The last message of a user is the newest that history shows", arguments: 0..<15)
    func lastUser(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let history = History(&generator, count: generator.below(30))
        let store = try TemporaryStore()
        let log = try store.create("c", history.events)
        let expected = history.shown().last {
            if case .message(let message) = history.events[$0 - 1] { message.role == .user } else { false }
        }
        #expect(try log.lastUserMessage()?.line == expected)
        #expect(try store.open().lastUserMessage()?.line == expected)
    }

    @Test("Without a user's message there is none")
    func noUser() throws {
        let store = try TemporaryStore()
        #expect(try store.create("c", [reply("a", nil)]).lastUserMessage() == nil)
    }

    // MARK: Progress

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [Event]
        let expected: String
        var testDescription: String { name }
        init(_ name: String, _ expected: String, _ events: [Event]) {
            self.name = name
            self.events = events
            self.expected = expected
        }
    }

    static let cases: [Case] = {
        let tests = MessagesTests()
        let (asked, reply) = (tests.user("u", turnId: "t1"), tests.reply)
        return [
            Case("nobody was asked", "none", [tests.user("u")]),
            Case("nobody was asked, and others went on", "none", [tests.user("u"), tests.user("v", turnId: "t1")]),
            Case("it runs", "running", [asked]),
            Case("it was answered", "completed 2 t1", [asked, reply("a", "t1")]),
            Case(
                "it was answered after others", "completed 4 t1",
                [asked, tests.user("v"), reply("b", nil), reply("a", "t1")]),
            Case("it failed", "ended", [asked, tests.failed("t1")]),
            Case("it failed, and somebody spoke", "ended", [asked, tests.failed("t1"), reply("b", nil)]),
            Case("it is tried again", "running", [asked, tests.failed("t1"), tests.started("t2")]),
            Case(
                "it was tried again and answered", "completed 4 t2",
                [asked, tests.failed("t1"), tests.started("t2"), reply("a", "t2")]),
            Case(
                "it was tried again and failed again", "ended",
                [asked, tests.failed("t1"), tests.started("t2"), tests.failed("t2")]),
            Case(
                "it was answered and is answered anew", "running",
                [asked, reply("a", "t1"), .superseded(fromSeq: 2), tests.started("t2")]),
            Case(
                "it was answered twice", "completed 5 t2",
                [asked, reply("a", "t1"), .superseded(fromSeq: 2), tests.started("t2"), reply("b", "t2")]),
            Case(
                "it was answered, and then failed", "ended",
                [asked, reply("a", "t1"), .superseded(fromSeq: 2), tests.started("t2"), tests.failed("t2")]),
            Case(
                "it was asked of nobody first", "completed 3 t2",
                [tests.user("u"), tests.started("t2"), reply("a", "t2")]),
            Case(
                "a turn on another message began", "completed 2 t1",
                [asked, reply("a", "t1"), tests.user("v"), tests.started("t9", "v")]),
            Case("another turn's end", "ended", [asked, tests.failed("t9"), tests.user("v", turnId: "t3")]),
            Case("it gave way to another without an end", "ended", [asked, tests.user("v", turnId: "t2")]),
        ]
    }()

    @Test("How far the last turn on a message has come", arguments: cases)
    func progress(_ example: Case) throws {
        let store = try TemporaryStore()
        let log = try store.create("c", example.events)
        for log in [log, try store.open()] {
            let stored = try #require(try log.message(withID: "u"))
            #expect(try text(log.progress(of: stored)) == example.expected)
        }
    }

    private func text(_ progress: TurnProgress) -> String {
        switch progress {
        case .none: "none"
        case .running: "running"
        case .completed(let line, let turnId): "completed \(line) \(turnId)"
        case .ended: "ended"
        }
    }
}

@Suite("Numbers that are given away already") struct SequentialIdentifiersTests {
    @Test("Ids that are made of a number are found in every file, wherever in a line they stand")
    func found() throws {
        let store = try TemporaryStore()
        let message = Message(id: "msg_000001", role: .user, content: "turn_000009x", turnId: "turn_000002")
        _ = try store.create("a", [.message(message)])
        let metadata = JSONFragment(try JSON.parse(#"{"execution_id":"exec_1000000","n":"msg_12345"}"#.utf8))
        let other = Message(id: "msg_01J8ZZZZZZZZZZZZZZZZZZZZZZ", role: .system, content: "", metadata: metadata)
        _ = try store.create("b", [.message(other)])
        try store.put(Array("garbage\n\"msg_000077\"\n".utf8), as: "damaged")
        #expect(
            try store.directory.sequentialIdentifiers()
                == ["msg_000001", "turn_000002", "exec_1000000", "msg_000077"])
    }
}
