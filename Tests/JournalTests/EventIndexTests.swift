import Conversations
import Jansson
import Journal
import TestSupport
import Testing

@Suite("Where each line stands") struct EventIndexTests {
    private func index(_ kinds: [EventIndex.Kind], seqs: [Int]? = nil) -> EventIndex {
        var index = EventIndex()
        for (line, kind) in kinds.enumerated() {
            index.append(
                offset: line * 100, seq: seqs?[line] ?? line, kind: kind,
                message: EventIndex.hash("m\(line)".utf8), isChecked: line % 2 == 0)
        }
        return index
    }

    private func history(_ index: EventIndex) -> [Int] { (0..<index.count).filter { index[$0].isInHistory } }

    private static let kinds: [EventIndex.Kind] = [
        .other, .user, .assistant, .turnEnded, .system, .turnStarted, .damaged, .user,
    ]

    @Test(
        "From a seq on everything leaves the history, and the messages among it are counted",
        arguments: [(0, 4, []), (1, 4, []), (2, 3, [1]), (3, 2, [1, 2]), (7, 1, [1, 2, 4]), (8, 0, [1, 2, 4, 7])]
            + [(99, 0, [1, 2, 4, 7])] as [(Int, Int, [Int])])
    func superseding(_ from: Int, _ count: Int, _ left: [Int]) {
        var index = index(Self.kinds)
        #expect(index.supersede(from: from) == count)
        #expect(history(index) == left)
        for line in 0..<index.count {
            #expect(index[line].isSuperseded == (line >= from))
            #expect(index[line].kind == Self.kinds[line] && index[line].offset == line * 100)
            #expect(index[line].isChecked == (line % 2 == 0))
        }
        #expect(index.supersede(from: from) == 0, "what has left can't leave again")
    }

    @Test("What comes later is in the history, and a later range takes what is left")
    func twice() {
        var index = index(Self.kinds)
        #expect(index.supersede(from: 4) == 2)
        index.append(offset: 800, seq: 8, kind: .other, isChecked: true)
        index.append(offset: 900, seq: 9, kind: .assistant, isChecked: true)
        #expect(history(index) == [1, 2, 9])
        #expect(index.supersede(from: 2) == 2)
        #expect(history(index) == [1])
    }

    @Test(
        "Where numbers jump, it goes by the numbers",
        arguments: [(3, 2, [1]), (4, 2, [1]), (5, 2, [1]), (6, 1, [1, 2])])
    func jumps(_ from: Int, _ count: Int, _ left: [Int]) {
        var index = index([.other, .user, .assistant, .user], seqs: [0, 2, 5, 6])
        #expect(index.supersede(from: from) == count)
        #expect(history(index) == left)
    }

    @Test("The hash is FNV-1a", arguments: [("", 0x811C_9DC5), ("a", 0xE40C_292C), ("foobar", 0xBF9C_F968)])
    func hash(_ text: String, _ value: UInt32) {
        #expect(EventIndex.hash(text.utf8) == value)
    }

    @Test("Lines about a message are found newest first, those of another hash are not")
    func lines() {
        var index = EventIndex()
        for (line, id) in ["", "a", "b", "a", "a", "c"].enumerated() {
            index.append(offset: line, seq: line, kind: .user, message: EventIndex.hash(id.utf8), isChecked: true)
        }
        #expect(index.lines(about: "a", in: 0..<6) == [4, 3, 1])
        #expect(index.lines(about: "a", in: 2..<4) == [3])
        #expect(index.lines(about: "a", in: 2..<99) == [4, 3])
        #expect(index.lines(about: "d", in: 0..<6) == [])
    }

    @Test("Keys are found newest first")
    func keys() {
        var index = EventIndex()
        #expect(index.lines(withKey: "k") == [])
        for (line, key) in [(3, "k"), (5, "l"), (9, "k")] { index.note(key: EventIndex.hash(key.utf8), line: line) }
        #expect(index.lines(withKey: "k") == [9, 3])
        #expect(index.lines(withKey: "l") == [5])
        #expect(index.lines(withKey: "m") == [])
    }
}

@Suite("Ids and keys of the same hash") struct CollisionTests {
    /// Two texts of the same hash: among a hundred thousand there is one such pair more often than not.
    private static let pair: (Text, Text)? = {
        var seen: [UInt32: Text] = [:]
        for number in 0..<1_000_000 {
            let id = Text("msg_\(number)")
            if let other = seen.updateValue(id, forKey: EventIndex.hash(id.utf8)) { return (other, id) }
        }
        return nil
    }()

    private let one: Text
    private let other: Text

    init() throws {
        (one, other) = try #require(Self.pair)
        try #require(one != other && EventIndex.hash(one.utf8) == EventIndex.hash(other.utf8))
    }

    @Test("Both lines are looked at, and the right one is found")
    func ids() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c",
            [one, other].map { .message(Message(id: $0, role: .user, content: $0, turnId: "t")) })
        #expect(log.contents.index.lines(about: one, in: 0..<log.lineCount) == [2, 1])
        for log in [log, try store.open()] {
            #expect(try log.message(withID: one)?.line == 1)
            #expect(try log.message(withID: other)?.line == 2)
        }
    }

    @Test("An id that is not there is not found by another's hash")
    func absent() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c", [.message(Message(id: one, role: .user, content: "x", idempotencyKey: one))])
        #expect(try log.message(withID: other) == nil)
        #expect(try log.message(withKey: other) == nil)
    }

    @Test("So it is with keys")
    func keys() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c",
            [one, other].map { .message(Message(id: "m", role: .user, content: $0, idempotencyKey: $0)) })
        for log in [log, try store.open()] {
            #expect(log.contents.index.lines(withKey: one) == [2, 1])
            #expect(try log.message(withKey: one)?.message.content == one)
            #expect(try log.message(withKey: other)?.message.content == other)
        }
    }

    @Test("A turn on the other message is not taken for one on this")
    func progress() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c",
            [
                .message(Message(id: one, role: .user, content: "x", turnId: "t1")),
                .message(Message(id: other, role: .user, content: "x")),
                .turnEnded(TurnEnd(turnId: "t1", messageId: one, outcome: .failed)),
                .turnStarted(TurnStart(turnId: "t2", messageId: other)),
            ])
        let (first, second) = (try #require(try log.message(withID: one)), try #require(try log.message(withID: other)))
        guard case .ended = try log.progress(of: first), case .running = try log.progress(of: second) else {
            Issue.record("\(try log.progress(of: first)), \(try log.progress(of: second))")
            return
        }
    }
}
