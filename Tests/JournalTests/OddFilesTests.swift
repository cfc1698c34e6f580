import Conversations
import Foundation
import Jansson
import Journal
import Testing

@Suite("Files that no Parley wrote") struct OddFilesTests {
    @Test("A file whose events do not begin with number 0 is damaged")
    func lateBeginning() throws {
        let store = try TemporaryStore()
        try store.put(Sample.line(.started(Sample.started()), 5) + Sample.line(Sample.user(), 6))
        let log = try store.open()
        #expect(log.contents.damage.map(\.line) == [1])
    }

    @Test("A file whose only event lacks its line end can be opened")
    func unterminatedBeginning() throws {
        let store = try TemporaryStore()
        try store.put(Sample.file().dropLast())
        let log = try store.open()
        #expect(try log.lock { _ in } == .ready)
        #expect(try store.bytes() == Sample.file())
    }

    @Test("A second torn end at the same place does not overwrite what was kept of the first")
    func tornTwice() throws {
        let store = try TemporaryStore()
        let log = try store.create()
        for tail in ["first", "second"] {
            try store.append(Array(tail.utf8))
            #expect(try log.lock { _ in } == .ready)
            log.unlock()
        }
        let kept = try store.names().filter { $0.contains("torn") }.map {
            try readFile("\(store.path)/conversations/\($0)")
        }
        #expect(Set(kept) == [Array("first".utf8), Array("second".utf8)])
    }

    @Test("Places of damage are told in the order of the file")
    func order() throws {
        let store = try TemporaryStore()
        try store.put(Sample.file() + Array("garbage\n".utf8) + [5, 6].flatMap { Sample.line(Sample.user(), $0) })
        let lines = try store.open().contents.damage.map(\.line)
        #expect(lines == lines.sorted() && !lines.isEmpty)
    }

    @Test("A turn's end is told with the page that has its message, and with no other")
    func turnEnds() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [Sample.user("a", turnId: "t"), Sample.turnEnd("t"), Sample.user("b")])
        let newest = log.messagePage(limit: 1, bytes: 1 << 20, before: nil, after: nil)
        let older = log.messagePage(limit: 1, bytes: 1 << 20, before: 3, after: nil)
        #expect(older.hasTurnEnds)
        #expect(!newest.hasTurnEnds)
    }

    @Test("The greatest seq there is does no harm")
    func greatestSeq() throws {
        let store = try TemporaryStore()
        let far = String(decoding: Sample.line(Sample.user(), 1), as: UTF8.self).replacing(
            "1,", with: "\(Int.max),", maxReplacements: 1)
        try store.put(Sample.file() + Array(far.utf8) + Sample.line(Sample.user(), 2))
        #expect(try store.open().contents.damage.isEmpty == false)
    }
}
