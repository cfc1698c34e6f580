import Conversations
import Foundation
import Jansson
import Journal
import Testing

/// What a killed writer or a crash may leave behind the last whole event.
@Suite("The end of a file that was torn") struct TornTailTests {
    private static let good = Sample.file([Sample.user("Hi"), Sample.assistant()])
    private static let next = Sample.line(Sample.user("\"ü\" and more"), 3)

    struct Tail: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        var testDescription: String { name }
    }

    static let tails: [Tail] =
        (1..<(next.count - 1)).map { Tail(name: "cut at \($0)", bytes: Array(next[..<$0])) } + [
            Tail(name: "NULs", bytes: [UInt8](repeating: 0, count: 5000)),
            Tail(name: "NULs and a line end", bytes: [0, 0, 0, 0x0A]),
            Tail(name: "an event of NULs behind its beginning", bytes: next[..<20] + [UInt8](repeating: 0, count: 40)),
            Tail(name: "a line of garbage", bytes: Array("garbage\n".utf8)),
            Tail(name: "two lines of garbage", bytes: Array("gar\nbage\n".utf8)),
            Tail(name: "garbage without an end", bytes: Array("gar\nbage".utf8)),
            Tail(name: "a blank line", bytes: [0x0A]),
            Tail(name: "JSON that is no event", bytes: Array("{\"seq\":3}\n".utf8)),
            Tail(name: "garbage, then an event without an end", bytes: Array("garbage\n".utf8) + next.dropLast()),
            Tail(
                name: "an event without an end that has another's seq",
                bytes: Sample.line(Sample.user("x"), 2).dropLast()),
        ]

    @Test("It is cut, and kept beside the file byte for byte", arguments: tails)
    func cut(_ tail: Tail) throws {
        let store = try TemporaryStore()
        try store.put(Self.good + tail.bytes)
        let reader = try store.open()
        #expect(reader.seq == 2 && reader.contents.damage.isEmpty)
        #expect(try store.bytes() == Self.good + tail.bytes, "readers cut nothing")
        let log = try store.open()
        var told: [String] = []
        #expect(try log.lock { told.append($0) } == .ready)
        let name = "c.jsonl.torn-\(Self.good.count)"
        #expect(try store.bytes() == Self.good)
        #expect(try store.names() == ["c.jsonl", name])
        #expect(try readFile("\(store.path)/conversations/\(name)") == tail.bytes)
        #expect(told.count == 1 && told.first?.contains(name) == true)
        log.append(Sample.user("after"), at: Sample.time(3))
        try log.write()
        log.unlock()
        #expect(try store.bytes() == Self.good + Sample.line(Sample.user("after"), 3))
        #expect(try store.open().contents.damage.isEmpty)
        #expect(try reader.catchUp() == .ready)
        #expect(reader.seq == 3)
    }

    @Test("A whole event that lacks its line end alone gets it")
    func unterminated() throws {
        let store = try TemporaryStore()
        try store.put(Self.good + Self.next.dropLast())
        #expect(try store.open().seq == 2)
        let log = try store.open()
        var told = 0
        #expect(try log.lock { _ in told += 1 } == .ready)
        #expect(told == 1 && log.seq == 3)
        #expect(try store.bytes() == Self.good + Self.next)
        #expect(try store.names() == ["c.jsonl"])
    }

    @Test("A clean file is not touched, and nothing is told of it")
    func clean() throws {
        let store = try TemporaryStore()
        try store.put(Self.good)
        let log = try store.open()
        #expect(try log.lock { _ in Issue.record("it was mended") } == .ready)
        #expect(try store.bytes() == Self.good)
    }

    @Test("A neighbour's torn write is mended by whoever writes next")
    func neighbour() throws {
        let store = try TemporaryStore()
        let log = try store.create()
        try store.append(Array(Self.next[..<25]))
        try log.add(Sample.user("Hi"))
        #expect(log.seq == 1)
        #expect(try store.bytes() == Sample.file([Sample.user("Hi")]))
    }

    @Test("A tail of many blocks is kept whole")
    func longTail() throws {
        let store = try TemporaryStore()
        let tail = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 % 251) | 0x80 }
        try store.put(Self.good + tail)
        #expect(try store.open().lock { _ in } == .ready)
        #expect(try readFile("\(store.path)/conversations/c.jsonl.torn-\(Self.good.count)") == tail)
        #expect(try store.bytes() == Self.good)
    }

    @Test("A file without even a first event can't be read", arguments: ["garbage\n", "{}\n", "garbage", ""])
    func noBeginning(_ text: String) throws {
        let store = try TemporaryStore()
        try store.put(Array(text.utf8))
        #expect {
            try store.open()
        } throws: { error in
            if case .unreadable(let damage)? = error as? StoreError { damage.line == 1 } else { false }
        }
        #expect(try store.bytes() == Array(text.utf8))
    }
}
