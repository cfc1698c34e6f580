import Conversations
import Foundation
import Jansson
import Journal
import TestSupport
import Testing

@Suite("A look at every line") struct VerificationTests {
    @Test("Every kind of damage is told with its line, where that begins, and why", arguments: DamagedFile.all)
    func damage(_ file: DamagedFile) throws {
        let store = try TemporaryStore()
        try store.put(file.bytes)
        let found = try Verification("c", in: store.directory)
        #expect(found.damaged.map(\.line) == file.damaged)
        #expect(found.damaged.map(\.offset) == file.damaged.map { file.offset(ofLine: $0) })
        #expect(found.torn?.line == file.torn)
        #expect(found.torn?.offset == file.torn.map { file.offset(ofLine: $0) })
        let reasons = (found.damaged + [found.torn].compactMap { $0 }).map(\.reason)
        #expect(file.word.isEmpty || reasons.first?.contains(file.word) == true, "\(reasons)")
        #expect(reasons.allSatisfy { !$0.isEmpty })
        #expect(try store.bytes() == file.bytes && store.names() == ["c.jsonl"], "looking changes nothing")
    }

    @Test("Of a good file the events are counted, and nothing is told", arguments: 0..<8)
    func good(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let history = History(&generator, count: generator.below(40))
        let store = try TemporaryStore()
        _ = try store.create("c", history.events)
        let found = try Verification("c", in: store.directory)
        #expect(found.damaged.isEmpty && found.torn == nil)
        #expect(found.events == history.events.count + 1)
        #expect(try found.bytes == store.bytes().count)
    }

    @Test("Bad lines are not counted as events; an event whose number is wrong is one")
    func counting() throws {
        let store = try TemporaryStore()
        let lines = [Array("x\n".utf8), Sample.line(Sample.user(), 2), Sample.line(Sample.user(), 9)]
        try store.put(Sample.file() + lines.joined() + Array("torn".utf8))
        let found = try Verification("c", in: store.directory)
        #expect(found.events == 3 && found.damaged.map(\.line) == [2, 4] && found.torn?.line == 5)
        #expect(try found.bytes == store.bytes().count - 4)
    }

    @Test("What is not there is not found")
    func missing() throws {
        let store = try TemporaryStore()
        #expect {
            try Verification("c", in: store.directory)
        } throws: { error in
            if case .notFound? = error as? StoreError { true } else { false }
        }
    }

    @Test("What is told to be a torn end is cut off by the next write", arguments: DamagedFile.all)
    func torn(_ file: DamagedFile) throws {
        guard file.damaged.isEmpty, file.torn != nil else { return }
        let store = try TemporaryStore()
        try store.put(file.bytes)
        try store.open().add(Sample.user("next"))
        let found = try Verification("c", in: store.directory)
        #expect(found.damaged.isEmpty && found.torn == nil)
    }

    @Test(
        "That holds for a last line that is bad behind a beginning like ours",
        arguments: [ForeignFileTests.duplicateKey(2), ForeignFileTests.invalidText(2)])
    func tornBehindItsBeginning(_ line: [UInt8]) throws {
        let store = try TemporaryStore()
        try store.put(Sample.file([Sample.user("first")]) + line)
        let found = try Verification("c", in: store.directory)
        #expect((found.torn ?? found.damaged.first)?.line == 3)
        // Told to be damage, it is a person's to repair.
        if found.torn == nil { return }
        try store.open().add(Sample.user("next"))
        #expect(try Verification("c", in: store.directory).damaged.isEmpty)
    }
}

@Suite("Files that belong to no conversation") struct LeftoversTests {
    @Test("Those of the store are known, all others are told in order")
    func leftovers() throws {
        let store = try TemporaryStore()
        _ = try store.create("a.b")
        let known = [
            "conversations/a.b.jsonl.torn-12", "conversations/a.b.jsonl.torn-12-2",
            "conversations/a.b.jsonl.damaged-1795338643123", "trash/a~20261122T091043.123Z.jsonl", "trash/.nfs01",
        ]
        let strange = [
            "conversations/.a.1-2.new", "conversations/notes.txt", "conversations/a", "conversations/sp ace.jsonl",
            "conversations/.jsonl", "trash/a.jsonl", "trash/b~x.jsonl",
        ]
        for name in known + strange { try Data("x".utf8).write(to: URL(filePath: "\(store.path)/\(name)")) }
        #expect(try store.directory.leftovers() == strange.sorted())
    }

    @Test("A conversation that is being written is none of them, until its writer is gone")
    func beingWritten() throws {
        let store = try TemporaryStore()
        do {
            let log = try ConversationLog(creating: "c", in: store.directory)
            #expect(try store.directory.leftovers() == [])
            #expect(log.isLocked)
        }
        #expect(try store.directory.leftovers() == [])
        try Data().write(to: URL(filePath: "\(store.path)/conversations/.c.77-5.new"))
        #expect(try store.directory.leftovers() == ["conversations/.c.77-5.new"])
    }
}
