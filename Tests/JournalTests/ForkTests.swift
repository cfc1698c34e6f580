import Conversations
import Jansson
import Journal
import TestSupport
import Testing

@Suite("A fork") struct ForkTests {
    private func fork(
        _ log: ConversationLog, before end: Int, as id: Text = "f", in store: TemporaryStore
    ) throws -> ConversationLog {
        try ConversationLog.fork(
            log.snapshot, of: log.id, before: end, as: id, in: store.directory, at: Sample.time(5000), durably: false)
        return try store.open(id)
    }

    @Test(
        "At every line it is what the conversation was there, with the messages that history showed",
        arguments: 0..<12)
    func everywhere(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let store = try TemporaryStore()
        let history = History(&generator, count: generator.below(30))
        let log = try store.create("c", history.events)
        for end in 1...log.lineCount {
            let shown = history.shown(before: end)
            let id = Text("f\(end)")
            _ = try fork(end % 2 == 0 ? log : try store.open(), before: end, as: id, in: store)
            let started = history.folded(before: end).forked(as: id, inherited: shown.count)
            #expect(started.forkedFrom == ForkOrigin(conversationId: "c", seq: end - 1, inherited: shown.count))
            var expected = JSONWriter()
            expected.event(.started(started), seq: 0, at: Sample.time(5000))
            expected.endLine()
            for (seq, line) in zip(1..., shown) {
                guard case .message(var message) = history.events[line - 1] else { continue }
                message.turnId = nil
                message.idempotencyKey = nil
                expected.event(.message(message), seq: seq, at: Sample.time(Int64(line)))
                expected.endLine()
            }
            let bytes = try store.bytes(id)
            #expect(
                String(decoding: bytes, as: UTF8.self) == String(decoding: expected.bytes, as: UTF8.self),
                "before line \(end)")
        }
        #expect(try store.names().count == log.lineCount + 1)
    }

    @Test("It goes on by itself: its turns, keys and usage are its own")
    func own() throws {
        let store = try TemporaryStore()
        let usage = #"{"usage":{"input_tokens":1,"output_tokens":2}}"#
        let asked = Message(id: "u", role: .user, content: "Hi", turnId: "t", idempotencyKey: "k")
        let log = try store.create("c", [.message(asked), History.reply("a", "Yes.", "t", usage)])
        let bytes = try store.bytes()
        let fork = try fork(log, before: 2, in: store)
        #expect(fork.openTurn == nil && fork.messageCount == 1)
        #expect(try fork.message(withKey: "k") == nil)
        #expect(try fork.message(withID: "u")?.message.turnId == nil)
        try fork.add(History.reply("b", "No.", nil, usage))
        #expect(fork.contents.conversation?.usage?.total == 3 && log.contents.conversation?.usage?.total == 3)
        let whole = try self.fork(log, before: 3, as: "g", in: store)
        #expect(whole.contents.conversation?.usage == nil && whole.messageCount == 2)
        #expect(try store.bytes() == bytes, "the parent stays as it is")
    }

    @Test("A fork of a fork inherits all that it shows")
    func forkOfFork() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [Sample.user(), Sample.assistant(), Sample.user("more")])
        let first = try fork(log, before: 3, in: store)
        try first.add(Sample.user("else"))
        let second = try fork(first, before: 4, as: "g", in: store)
        #expect(
            second.contents.conversation?.forkedFrom == ForkOrigin(conversationId: "f", seq: 3, inherited: 3))
        #expect(second.messageCount == 3)
    }

    @Test("Members that nobody knows come along")
    func unknownMembers() throws {
        let store = try TemporaryStore()
        let time = #""timestamp":"2026-11-22T09:10:43.123Z""#
        let line =
            #"{"seq":1,"type":"message","id":"m","role":"user","turnId":"t",\#(time),"content":"Hi","metadata":{},"new":{"a":[1.5,null]}}"#
        try store.put(Sample.file() + Array("\(line)\n".utf8))
        let fork = try fork(try store.open(), before: 2, in: store)
        #expect(
            try fork.copied(1..<2)
                == #"[{"seq":1,"type":"message","id":"m","role":"user",\#(time),"content":"Hi","metadata":{},"new":{"a":[1.5,null]}}]"#
        )
    }

    @Test("What is taken stays as it is")
    func taken() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [Sample.user()])
        _ = try store.create("f", [Sample.user("mine")])
        let bytes = try store.bytes("f")
        #expect {
            try fork(log, before: 2, in: store)
        } throws: { error in
            if case .exists? = error as? StoreError { true } else { false }
        }
        #expect(try store.bytes("f") == bytes)
        #expect(try store.names() == ["c.jsonl", "f.jsonl"])
    }

    @Test("Long conversations are written in pieces")
    func long() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c", (0..<30).map { _ in Sample.user(Text(String(repeating: "x", count: 100_000))) })
        let fork = try fork(log, before: log.lineCount, in: store)
        #expect(fork.messageCount == 30 && fork.contents.damage.isEmpty)
        #expect(try fork.copied(1..<31).count == log.copied(1..<31).count)
    }

    @Test("Of a damaged conversation the good messages come along, and their number is told truly")
    func damaged() throws {
        let store = try TemporaryStore()
        var spoilt = Sample.line(Sample.assistant("A reply"), 2)
        spoilt[try #require(spoilt.lastIndex(of: UInt8(ascii: "y")))] = 0xFF
        try store.put(
            Sample.file([Sample.user("Hi")]) + spoilt + Sample.line(Sample.user("More"), 3)
                + Array("garbage\n".utf8) + Sample.line(Sample.user("Last"), 5))
        let fork = try fork(try store.open(), before: 6, in: store)
        #expect(fork.messageCount == 3 && fork.contents.damage.isEmpty)
        #expect(fork.contents.conversation?.forkedFrom?.inherited == 3)
    }
}

@Suite("A conversation made in one go") struct MakingTests {
    @Test("It is the same as one to which these events happened", arguments: 0..<8)
    func create(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let history = History(&generator, count: generator.below(30))
        let store = try TemporaryStore()
        let log = try store.create("c", history.events)
        let other = try TemporaryStore()
        let events = [.started(Sample.started())] + history.events
        try ConversationLog.create(
            "c", events.enumerated().map { (Sample.time(Int64($0.offset)), $0.element) }, in: other.directory,
            durably: generator.below(2) == 0)
        #expect(try other.bytes() == store.bytes())
        #expect(try log.lines() == store.bytes(), "its lines are those of its file")
        #expect(try store.open().lines() == store.bytes())
    }

    @Test("Lines that are damaged are left out of what goes elsewhere")
    func lines() throws {
        let store = try TemporaryStore()
        var spoilt = Sample.line(Sample.assistant("A reply"), 2)
        spoilt[try #require(spoilt.lastIndex(of: UInt8(ascii: "y")))] = 0xFF
        let (start, end) = (Sample.file([Sample.user("Hi")]), Sample.line(Sample.user("Last"), 4))
        try store.put(start + spoilt + Array("garbage\n".utf8) + end)
        let log = try store.open()
        #expect(try log.lines() == start + end)
        #expect(try log.lines() == start + end)
    }
}
