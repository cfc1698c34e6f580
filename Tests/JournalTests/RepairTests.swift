import Conversations
import Foundation
import Jansson
import Journal
import TestSupport
import Testing

@Suite("A damaged file is made whole") struct RepairTests {
    private static let owner = Repair.Owner(userId: "grace", agentId: "scripted")

    private func repair(_ store: TemporaryStore) throws -> Repair? {
        try Repair.run("c", in: store.directory, owner: Self.owner, at: Sample.time(9))
    }

    private func messages(_ log: ConversationLog) throws -> [Message] {
        try (0..<log.lineCount).compactMap { line in
            if case .message(let message)? = try log.event(line)?.event { message } else { nil }
        }
    }

    @Test("Every good event is kept, in its order, and the original beside it", arguments: DamagedFile.all)
    func table(_ file: DamagedFile) throws {
        let store = try TemporaryStore()
        try store.put(file.bytes)
        let repair = try #require(try repair(store))
        let after = try Verification("c", in: store.directory)
        #expect(after.damaged.isEmpty && after.torn == nil)
        #expect(after.events == file.kept.count + file.others + 1 && repair.isBegunAnew == !file.keepsStarted)
        #expect(repair.kept == after.events - (repair.isBegunAnew ? 1 : 0))
        let name = "c.jsonl.damaged-\(Sample.time(9).milliseconds)"
        #expect(repair.original == "\(store.path)/conversations/\(name)")
        #expect(try readFile(repair.original) == file.bytes)
        #expect(try store.names() == ["c.jsonl", name])
        let log = try store.open()
        #expect(try messages(log).map(\.content) == file.kept)
        #expect((0..<log.lineCount).map { log.contents.index.seq($0) } == Array(0..<log.lineCount))
        let conversation = try #require(log.contents.conversation)
        #expect(conversation.id == "c" && conversation.userId == (file.keepsStarted ? "ada" : "grace"))
        #expect(conversation.agentId == (file.keepsStarted ? "echo" : "scripted"))
        try log.add(Sample.user("next"))
        #expect(try self.repair(store) == nil, "there is nothing more to repair")
    }

    @Test("A good file is left as it is")
    func good() throws {
        let store = try TemporaryStore()
        try store.put(Sample.file([Sample.user()]))
        #expect(try repair(store) == nil)
        #expect(try store.bytes() == Sample.file([Sample.user()]) && store.names() == ["c.jsonl"])
    }

    @Test("Repaired twice at one moment, both originals are kept")
    func twice() throws {
        let store = try TemporaryStore()
        for tail in ["one\n", "two\n"] {
            try store.put(Sample.file() + Array(tail.utf8) + Sample.line(Sample.user(), 2))
            _ = try repair(store)
        }
        let name = "c.jsonl.damaged-\(Sample.time(9).milliseconds)"
        #expect(try store.names() == ["c.jsonl", name, "\(name)-2"])
        let kept = try [name, "\(name)-2"].map { try readFile("\(store.path)/conversations/\($0)") }
        #expect(kept.map { $0.contains(UInt8(ascii: "w")) } == [false, true])
    }

    /// A file of these events, each with the number that stands beside it, and a bad line behind the first.
    private func put(_ events: [(Int, Event)], started: Started = Sample.started(), in store: TemporaryStore) throws {
        try store.put(
            Sample.line(.started(started), 0) + Array("garbage\n".utf8)
                + events.flatMap { Sample.line($0.1, $0.0) })
    }

    private func user(_ id: String) -> Event { .message(Message(id: Text(id), role: .user, content: Text(id))) }

    @Test(
        "What an event superseded, it supersedes afterwards",
        arguments: [(1, []), (2, []), (3, ["b"]), (4, ["b", "c"]), (5, ["b", "c", "d"]), (9, ["b", "c", "d"])])
    func superseded(_ from: Int, _ left: [String]) throws {
        let store = try TemporaryStore()
        let events = [(2, user("b")), (3, user("c")), (4, user("d")), (5, Event.superseded(fromSeq: from))]
        try put(events + [(6, user("e"))], in: store)
        let before = try store.open()
        func shown(_ log: ConversationLog) throws -> [Text] {
            try (0..<log.lineCount).filter { log.entry($0).isInHistory }.compactMap { line in
                if case .message(let message)? = try log.event(line)?.event { message.id } else { nil }
            }
        }
        #expect(try shown(before) == (left + ["e"]).map { Text($0) })
        _ = try repair(store)
        #expect(try shown(try store.open()) == shown(before))
        #expect(try store.open().messageCount == before.messageCount)
    }

    @Test("History is the same afterwards, wherever lines were lost", arguments: 0..<20)
    func history(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let store = try TemporaryStore()
        let history = History(&generator, count: 10 + generator.below(20))
        _ = try store.create("c", history.events)
        var lines = try store.bytes().split(separator: 0x0A).map { Array($0) + [0x0A] }
        for _ in 0...generator.below(3) { lines[1 + generator.below(lines.count - 2)] = Array("lost\n".utf8) }
        try store.put(Array(lines.joined()))
        let before = try store.open()
        func ids(_ log: ConversationLog) throws -> [[Text]] {
            try [true, false].map { isShown in
                try (0..<log.lineCount).filter { log.entry($0).isInHistory == isShown }.compactMap { line in
                    if case .message(let message)? = try log.event(line)?.event { message.id } else { nil }
                }
            }
        }
        _ = try repair(store)
        let after = try store.open()
        #expect(try ids(after) == ids(before))
        #expect(after.contents.damage.isEmpty && after.messageCount == before.messageCount)
    }

    @Test("Members that nobody knows are kept")
    func unknownMembers() throws {
        let store = try TemporaryStore()
        let time = #""timestamp":"2026-11-22T09:10:43.123Z""#
        func line(_ seq: Int) -> String { #"{"seq":\#(seq),"type":"insight",\#(time),"about":{"b":[1.5],"a":null}}"# }
        try store.put(Sample.file() + Array("garbage\n\(line(2))\n".utf8))
        _ = try repair(store)
        #expect(try store.bytes() == Sample.file() + Array("\(line(1))\n".utf8))
    }

    @Test("What a fork inherited is still told from what is its own")
    func inherited() throws {
        let store = try TemporaryStore()
        let usage = #"{"usage":{"input_tokens":1,"output_tokens":0}}"#
        var started = Sample.started()
        started.forkedFrom = ForkOrigin(conversationId: "p", seq: 7, inherited: 3)
        // The first of three inherited messages is lost.
        try put(
            [
                (2, History.reply("b", "", nil, usage)), (3, History.reply("c", "", nil, usage)),
                (4, History.reply("d", "", nil, usage)),
            ], started: started, in: store)
        #expect(try store.open().contents.conversation?.usage?.input == 1)
        _ = try repair(store)
        #expect(try store.open().contents.conversation?.usage?.input == 1)
    }

    @Test("What a newer Parley wrote is refused", arguments: [0, 1])
    func newerFormat(_ place: Int) throws {
        let store = try TemporaryStore()
        var started = Sample.started()
        started.format = 2
        var lines = [Sample.line(.started(started), place), Sample.line(Sample.user(), 2)]
        lines.insert(Array("garbage\n".utf8), at: 1 - place)
        try store.put(Array(lines.joined()))
        let bytes = try store.bytes()
        #expect {
            try repair(store)
        } throws: { error in
            if case .newerFormat(2)? = error as? StoreError { true } else { false }
        }
        #expect(try store.bytes() == bytes && store.names() == ["c.jsonl"])
    }

    @Test("What is not there is not found")
    func missing() throws {
        let store = try TemporaryStore()
        #expect {
            try repair(store)
        } throws: { error in
            if case .notFound? = error as? StoreError { true } else { false }
        }
    }

    @Test("A file that somebody holds is not repaired under their hands")
    func held() throws {
        let store = try TemporaryStore()
        try put([(2, user("b"))], in: store)
        let holder = try store.open()
        #expect(try holder.lock(evenIfDamaged: true) { _ in } == .ready)
        let bytes = try store.bytes()
        #expect {
            try repair(store)
        } throws: { error in
            if case .failed? = error as? StoreError { true } else { false }
        }
        #expect(try store.bytes() == bytes && store.names() == ["c.jsonl"])
        holder.unlock()
        #expect(try repair(store) != nil)
        #expect(try holder.catchUp() == .replaced, "whoever has the old file open finds that it was replaced")
    }
}
