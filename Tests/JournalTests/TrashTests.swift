import Conversations
import Foundation
import Jansson
import Journal
import TestSupport
import Testing

@Suite("The trash") struct TrashTests {
    private func make(_ store: TemporaryStore, _ id: Text, _ content: Text = "Hi") throws {
        try store.put(
            Sample.line(.started(Sample.started(id)), 0) + Sample.line(Sample.user(content), 1), as: id)
    }

    private func trashed(_ store: TemporaryStore) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(store.path)/trash").sorted()
    }

    private func isFault(_ expected: String, _ error: any Error) -> Bool {
        switch error as? StoreError {
        case .notFound?: expected == "notFound"
        case .exists?: expected == "exists"
        default: false
        }
    }

    @Test(
        "What is deleted is found there under its id and time",
        arguments: ["a", "a.b-c_d", "x.jsonl", "2026-01-01", "a-2", "Z", "a.jsonl.torn-4"],
        [Int64(1_795_338_643_123), 0, 253_402_300_799_999, -62_167_219_200_000])
    func roundTrip(_ id: String, _ milliseconds: Int64) throws {
        let store = try TemporaryStore()
        try make(store, Text(id))
        let bytes = try store.bytes(Text(id))
        let time = Timestamp(milliseconds: milliseconds)
        try store.directory.moveToTrash(Text(id), at: time, durably: true)
        #expect(try store.names().isEmpty)
        let found = try store.directory.trashed()
        #expect(found.map(\.id) == [Text(id)] && found.map(\.time) == [time] && found.map(\.bytes) == [bytes.count])
        #expect(try store.directory.leftovers() == [])
        try store.directory.restore(Text(id), at: Sample.time(), durably: true)
        let restored = try store.bytes(Text(id))
        let event = #"{"seq":2,"type":"restored","timestamp":"2026-11-22T09:10:43.123Z"}"# + "\n"
        #expect(restored == bytes + Array(event.utf8))
        #expect(try trashed(store).isEmpty)
    }

    @Test("The name of a file there says which conversation and when")
    func name() throws {
        let store = try TemporaryStore()
        for _ in 0..<2 {
            try make(store, "a.b")
            try store.directory.moveToTrash("a.b", at: Sample.time(), durably: false)
        }
        #expect(try trashed(store) == ["a.b~20261122T091043.123Z-2.jsonl", "a.b~20261122T091043.123Z.jsonl"])
    }

    @Test("Deleting again, even at the same moment, replaces nothing; the newest comes back first")
    func twice() throws {
        let store = try TemporaryStore()
        for number in 1...12 {
            try make(store, "a", Text("number \(number)"))
            try store.directory.moveToTrash("a", at: Sample.time(), durably: false)
        }
        try make(store, "a", "later")
        try store.directory.moveToTrash("a", at: Sample.time(1), durably: false)
        try make(store, "a", "earlier")
        try store.directory.moveToTrash("a", at: Sample.time(-1), durably: false)
        #expect(try trashed(store).count == 14)
        for expected in ["later"] + (1...12).reversed().map({ "number \($0)" }) + ["earlier"] {
            try store.directory.restore("a", at: Sample.time(), durably: false)
            #expect(try store.open("a").lastUserMessage()?.message.content == Text(expected))
            try FileManager.default.removeItem(atPath: store.file("a"))
        }
        #expect { try store.directory.restore("a", at: Sample.time(), durably: false) } throws: {
            isFault("notFound", $0)
        }
    }

    @Test("It is listed by time, then number, then id")
    func order() throws {
        let store = try TemporaryStore()
        let deletions: [(Text, Int64)] = [("b", 5), ("a", 9), ("c", 1), ("b", 5), ("a", 5)]
        for (id, offset) in deletions {
            try make(store, id)
            try store.directory.moveToTrash(id, at: Sample.time(offset), durably: false)
        }
        let found = try store.directory.trashed()
        #expect(found.map(\.id) == ["c", "a", "b", "b", "a"])
        #expect(found.map(\.time) == [1, 5, 5, 5, 9].map { Sample.time($0) })
    }

    @Test("Names that Parley did not give are not its own")
    func foreignNames() throws {
        let store = try TemporaryStore()
        let names = [
            "a.jsonl", "a~.jsonl", "a~x.jsonl", "a~20261122T091043.123Z", "a~20261122T091043.123Z-1.jsonl",
            "a~20261122T091043.123Z-02.jsonl", "a~20261122T091043.123Z-x.jsonl", "a~20261122T091043.123Z-.jsonl",
            "~20261122T091043.123Z.jsonl", "a~2026-11-22T09:10:43.123Z.jsonl", "a~20261322T091043.123Z.jsonl",
            "a~20261122.jsonl", "sp ace~20261122T091043.123Z.jsonl", "a~b~20261122T091043.123Z.jsonl",
            "a~20261122T091043.123Z-+2.jsonl", "a~20261122T091043Z.jsonl",
        ]
        for name in names { try Data("x".utf8).write(to: URL(filePath: "\(store.path)/trash/\(name)")) }
        #expect(try store.directory.trashed().map(\.id) == [])
        #expect(try store.directory.leftovers() == names.map { "trash/\($0)" }.sorted())
        #expect { try store.directory.restore("a", at: Sample.time(), durably: false) } throws: {
            isFault("notFound", $0)
        }
        try store.directory.purge("a", durably: false)
        #expect(try trashed(store) == names.sorted())
    }

    @Test("What is not there can't be deleted; what is there is not replaced by what comes back")
    func faults() throws {
        let store = try TemporaryStore()
        #expect {
            try store.directory.moveToTrash("a", at: Sample.time(), durably: false)
        } throws: {
            isFault("notFound", $0)
        }
        try make(store, "a", "old")
        try store.directory.moveToTrash("a", at: Sample.time(), durably: false)
        try make(store, "a", "new")
        let bytes = try store.bytes("a")
        #expect { try store.directory.restore("a", at: Sample.time(), durably: false) } throws: {
            isFault("exists", $0)
        }
        #expect(try store.bytes("a") == bytes && trashed(store).count == 1)
    }

    @Test("One file goes for good, the others stay")
    func purgeOne() throws {
        let store = try TemporaryStore()
        for offset in 0..<3 {
            try make(store, "a", Text("\(offset)"))
            try store.directory.moveToTrash("a", at: Sample.time(Int64(offset)), durably: false)
        }
        let found = try store.directory.trashed()
        try store.directory.purge(found[1])
        #expect(try store.directory.trashed().map(\.time) == [Sample.time(0), Sample.time(2)])
        try store.directory.purge(found[1])
    }

    // MARK: Purging a conversation

    /// Everything that there may be of a conversation.
    private func put(_ id: String, _ store: TemporaryStore) throws -> [String] {
        let names = [
            "conversations/\(id).jsonl", "conversations/\(id).jsonl.torn-120", "conversations/\(id).jsonl.torn-120-2",
            "conversations/\(id).jsonl.damaged-1795338643123", "conversations/\(id).jsonl.damaged-1795338643123-2",
            "locks/\(id).lock", "trash/\(id)~20261122T091043.123Z.jsonl", "trash/\(id)~20261122T091043.123Z-2.jsonl",
        ]
        for name in names { try Data("x".utf8).write(to: URL(filePath: "\(store.path)/\(name)")) }
        return names
    }

    private func all(_ store: TemporaryStore) throws -> [String] {
        try ["conversations", "locks", "trash"].flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: "\(store.path)/\(folder)").map { "\(folder)/\($0)" }
        }.sorted()
    }

    @Test("Purging leaves nothing of it, and everything of others", arguments: ["a", "a.jsonl", "ab", "a.b"])
    func purge(_ id: String) throws {
        let store = try TemporaryStore()
        let others = ["a", "a.jsonl", "ab", "a.b", "b", "a-2", "A"].filter { $0 != id }
        _ = try put(id, store)
        let left = try others.flatMap { try put($0, store) }
        try store.directory.purge(Text(id), durably: true)
        #expect(try all(store) == left.sorted())
        #expect(try !store.directory.purgeCopies(Text(id), durably: false), "there is nothing left of it")
        #expect(try all(store) == left.sorted())
    }

    @Test("A conversation whose id looks like another's copy is not purged with it")
    func lookalike() throws {
        let store = try TemporaryStore()
        _ = try put("a", store)
        let left = try put("a.jsonl.torn-5", store) + put("a.jsonl.damaged-5", store)
        try store.directory.purge("a", durably: false)
        #expect(try all(store) == left.sorted())
    }

    @Test("What is in the trash alone is purged without a look at what may have begun anew under its id")
    func trashAlone() throws {
        let store = try TemporaryStore()
        try make(store, "a")
        try store.directory.moveToTrash("a", at: Sample.time(), durably: false)
        try make(store, "a", "new")
        let kept = try store.bytes("a")
        #expect(try store.directory.purgeCopies("a", durably: false))
        #expect(try all(store) == ["conversations/a.jsonl"] && store.bytes("a") == kept)
        #expect(try !store.directory.purgeCopies("a", durably: false))
    }
}
