import Conversations
import Foundation
import Jansson
import Journal
import Testing

/// Two opened files conflict as those of two processes do: flock(2) belongs to the open file description.
@Suite("Several writers of one file") struct NeighboursTests {
    @Test("Each sees what the other wrote")
    func catchingUp() throws {
        let store = try TemporaryStore()
        let one = try store.create()
        let other = try store.open()
        try one.add(Sample.user("Hi"), Sample.assistant())
        #expect(other.seq == 0)
        #expect(try other.catchUp() == .ready)
        #expect(other.seq == 2 && other.messageCount == 2)
        try other.add(Sample.user("More"))
        #expect(try one.catchUp() == .ready)
        #expect(one.contents.described == other.contents.described)
    }

    @Test("Whoever takes the lock knows of all that was written before")
    func alternating() throws {
        let store = try TemporaryStore()
        let logs = [try store.create(), try store.open(), try store.open()]
        for round in 0..<30 { try logs[round * 7 % 3].add(Sample.user(Text("\(round)"))) }
        let seqs = try store.bytes().split(separator: 0x0A).map { try JSON.parse($0)["seq"]?.integer }
        #expect(seqs == (0...30).map { Int64($0) })
        for log in logs { _ = try log.catchUp() }
        #expect(Set(logs.map(\.contents.described)).count == 1)
        #expect(logs[0].contents.damage.isEmpty)
    }

    @Test("While one holds the lock the other is told so, and can still read")
    func contended() throws {
        let store = try TemporaryStore()
        let holder = try store.create()
        let other = try store.open()
        #expect(try holder.lock { _ in } == .ready)
        #expect(try holder.lock { _ in } == .ready, "taking it again is nothing")
        holder.append(Sample.user("Hi"), at: Sample.time())
        try holder.write()
        #expect(try other.lock { _ in } == .contended)
        #expect(!other.isLocked)
        #expect(try other.catchUp() == .ready)
        #expect(other.seq == 1)
        holder.unlock()
        #expect(try other.lock { _ in } == .ready)
        #expect(other.isLocked)
    }

    @Test("Dropping a log lets its lock go")
    func dropped() throws {
        let store = try TemporaryStore()
        let other = try store.create()
        do {
            let holder = try store.open()
            #expect(try holder.lock { _ in } == .ready)
            #expect(try other.lock { _ in } == .contended)
        }
        #expect(try other.lock { _ in } == .ready)
    }

    @Test("A file that was taken away is gone, for readers and writers")
    func gone() throws {
        let store = try TemporaryStore()
        let log = try store.create()
        try FileManager.default.removeItem(atPath: store.file())
        #expect(try log.catchUp() == .gone)
        #expect(try log.lock { _ in } == .gone)
        #expect(!log.isLocked)
    }

    @Test("Another file of the name, or one that became shorter, is another file", arguments: [true, false])
    func replaced(_ isOther: Bool) throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [Sample.user("Hi")])
        if isOther {
            try FileManager.default.moveItem(atPath: store.file(), toPath: store.file("kept"))
            try store.put(Sample.file([Sample.user("Hi"), Sample.user("More")]))
        } else {
            try store.put(Sample.file())
        }
        #expect(try log.catchUp() == .replaced)
        #expect(try log.lock { _ in } == .replaced)
        #expect(!log.isLocked)
        let anew = try store.open()
        #expect(try anew.lock { _ in } == .ready, "who was told lets the lock go")
    }

    @Test("Half a line of another's write is not read yet")
    func halfWritten() throws {
        let store = try TemporaryStore()
        let log = try store.create()
        let line = Sample.line(Sample.user("Hi"), 1)
        for byte in line.dropLast() {
            try store.append([byte])
            #expect(try log.catchUp() == .ready)
            #expect(log.seq == 0)
        }
        try store.append([0x0A])
        #expect(try log.catchUp() == .ready)
        #expect(log.seq == 1 && log.contents.damage.isEmpty)
    }
}
