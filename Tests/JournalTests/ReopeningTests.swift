import Conversations
import Jansson
import Journal
import TestSupport
import Testing

@Suite("A file read back is what was written") struct ReopeningTests {
    @Test("Random events: the fold and the index are those of whoever wrote them", arguments: 0..<25)
    func random(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let store = try TemporaryStore()
        let log = try store.create()
        let watcher = try store.open()
        for _ in 0..<generator.below(12) {
            _ = try log.lock { _ in }
            for _ in 0..<generator.below(8) {
                log.append(Sample.any(&generator), at: Sample.time(Int64(generator.below(100))))
            }
            try log.write()
            log.unlock()
            if generator.below(2) == 0 { _ = try watcher.catchUp() }
        }
        _ = try watcher.catchUp()
        #expect(try store.open().contents.described == log.contents.described)
        #expect(watcher.contents.described == log.contents.described)
        #expect(try store.bytes().count == log.size)
        #expect(try watcher.copied() == log.copied())
    }

    @Test("Lines longer than a block are read whole", arguments: [100_000, 262_143, 262_144, 600_000])
    func longLines(_ length: Int) throws {
        let store = try TemporaryStore()
        let long = Sample.user(Text(String(repeating: "x", count: length)))
        let log = try store.create("c", [Sample.user("a"), long, Sample.assistant(), long, Sample.user("b")])
        #expect(try store.open().contents.described == log.contents.described)
        #expect(try store.open().copied() == log.copied())
    }

    @Test("Many lines across blocks are read whole")
    func manyLines() throws {
        let store = try TemporaryStore()
        let events = (0..<5000).map {
            $0 % 2 == 0 ? Sample.user(Text("\($0)")) : Sample.assistant(Text(String(repeating: "y", count: $0 % 300)))
        }
        let log = try store.create("c", events)
        #expect(try store.open().contents.described == log.contents.described)
    }

    @Test("Lines that a person or a newer version wrote are events too, and stay as they are")
    func otherShapes() throws {
        let store = try TemporaryStore()
        let time = #""timestamp":"2026-11-22T09:10:43.123Z""#
        let lines = [
            #"{ "type":"message", "seq":1, "role":"user", "id":"m", "content":"Hi", \#(time), "turnId":"t", "new":[1.50] }"#,
            #"{"seq":2,"type":"insight",\#(time),"context":{"a":1}}"#,
            #"{"seq":3,"type":"message","id":"a","role":"assistant","turnId":"t",\#(time),"content":"Yo","metadata":{},"later":null}"#,
        ]
        try store.put(Sample.file() + Array(lines.map { $0 + "\n" }.joined().utf8))
        let log = try store.open()
        let conversation = try #require(log.contents.conversation)
        #expect(
            conversation.messageCount == 2 && conversation.seq == 3 && conversation.openTurn == nil
                && conversation.title == "Hi")
        #expect(try log.copied(1..<4) == "[" + lines.joined(separator: ",") + "]")
        try log.add(Sample.user())
        #expect(try store.bytes().starts(with: Sample.file() + Array(lines.map { $0 + "\n" }.joined().utf8)))
        #expect(log.seq == 4)
    }

    @Test("A file of a newer format is read, not written")
    func newerFormat() throws {
        let store = try TemporaryStore()
        var started = Sample.started()
        started.format = 2
        try store.put(Sample.line(.started(started), 0) + Sample.line(Sample.user("Hi"), 1))
        let log = try store.open()
        #expect(log.messageCount == 1)
        #expect {
            try log.add(Sample.user())
        } throws: { error in
            if case .newerFormat(2)? = error as? StoreError { true } else { false }
        }
        #expect(!log.isLocked)
    }

    @Test("There is no conversation without a file")
    func missing() throws {
        let store = try TemporaryStore()
        #expect {
            try store.open("none")
        } throws: { error in
            if case .notFound? = error as? StoreError { true } else { false }
        }
    }

    @Test("One event of a line is read back")
    func event() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [Sample.user("Hi"), Sample.turnEnd("t")])
        guard case .message(let message)? = try log.event(1)?.event, case .turnEnded(let end)? = try log.event(2)?.event
        else {
            Issue.record("they are other events")
            return
        }
        #expect(message.content == "Hi" && end.turnId == "t")
    }
}
