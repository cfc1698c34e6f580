import Conversations
import Jansson
import Journal
import Testing

@Suite("A file that is damaged before its end") struct DamageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// The lines behind the first, as they stand in the file.
        let lines: [[UInt8]]
        /// The good ones among all lines.
        let good: [Int]
        /// Lines, counted from 1, that are told of.
        let damaged: [Int]
        var testDescription: String { name }
    }

    private static func event(_ seq: Int) -> [UInt8] { Sample.line(Sample.user(Text("\(seq)")), seq) }
    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0x0A] }

    static let cases = [
        Case(name: "a line of garbage", lines: [text("garbage"), event(2)], good: [0, 2], damaged: [2]),
        Case(
            name: "two lines of garbage", lines: [event(1), text("gar"), text("bage"), event(4)], good: [0, 1, 4],
            damaged: [3, 4]),
        Case(
            name: "a line that was cut", lines: [Array(event(1).prefix(30)) + [0x0A], event(2), event(3)],
            good: [0, 2, 3], damaged: [2]),
        Case(name: "a blank line", lines: [event(1), [0x0A], event(3)], good: [0, 1, 3], damaged: [3]),
        Case(name: "NULs", lines: [[0, 0, 0, 0x0A], event(2)], good: [0, 2], damaged: [2]),
        Case(name: "JSON that is no event", lines: [text("{\"seq\":1}"), event(2)], good: [0, 2], damaged: [2]),
        Case(name: "a repeated seq", lines: [event(1), event(1), event(3)], good: [0, 1, 3], damaged: [3]),
        Case(name: "a missing event", lines: [event(1), event(3), event(4)], good: [0, 1, 2, 3], damaged: [3]),
    ]

    @Test("Reads serve every good line", arguments: cases)
    func reading(_ damaged: Case) throws {
        let store = try TemporaryStore()
        let all = [Sample.line(.started(Sample.started()), 0)] + damaged.lines
        try store.put(Array(all.joined()))
        let log = try store.open()
        let good = damaged.good.map { String(decoding: all[$0].dropLast(), as: UTF8.self) }
        #expect(try log.copied() == "[" + good.joined(separator: ",") + "]")
        #expect(log.messageCount == damaged.good.count - 1)
    }

    @Test("Each bad place is told of once, with its line and offset", arguments: cases)
    func told(_ damaged: Case) throws {
        let store = try TemporaryStore()
        let all = [Sample.line(.started(Sample.started()), 0)] + damaged.lines
        try store.put(Array(all.joined()))
        let log = try store.open()
        #expect(log.contents.damage.map(\.line) == damaged.damaged)
        #expect(
            log.contents.damage.map(\.offset) == damaged.damaged.map { all[..<($0 - 1)].reduce(0) { $0 + $1.count } })
        #expect(log.contents.damage.allSatisfy { !$0.reason.isEmpty })
        _ = try log.copied()
        _ = try log.catchUp()
        #expect(log.contents.damage.count == damaged.damaged.count)
    }

    @Test("Writes are refused, and change nothing", arguments: cases)
    func writing(_ damaged: Case) throws {
        let store = try TemporaryStore()
        let bytes = Sample.line(.started(Sample.started()), 0) + damaged.lines.joined()
        try store.put(bytes)
        for _ in 0..<2 {
            let log = try store.open()
            #expect {
                try log.add(Sample.user())
            } throws: { error in
                if case .damaged(let places)? = error as? StoreError { places == log.contents.damage } else { false }
            }
            #expect(!log.isLocked)
        }
        #expect(try store.bytes() == bytes)
        #expect(try store.names() == ["c.jsonl"])
    }

    @Test("A line that looks like a message by its beginning is found to be bad when it is read")
    func foundLater() throws {
        let store = try TemporaryStore()
        var spoilt = Sample.line(Sample.assistant("A reply"), 2)
        let place = try #require(spoilt.lastIndex(of: UInt8(ascii: "y")))
        spoilt[place] = 0x01
        let bytes = Sample.file([Sample.user("Hi")]) + spoilt + Sample.line(Sample.user("More"), 3)
        try store.put(bytes)
        let log = try store.open()
        #expect(log.contents.damage.isEmpty)
        let copied = try log.copied()
        #expect(copied.contains("Hi") && copied.contains("More") && !copied.contains("repl"))
        #expect(try JSON.parse(copied.utf8).count == 3)
        #expect(log.contents.damage.map(\.line) == [3])
        #expect(log.contents.damage.map(\.offset) == [Sample.file([Sample.user("Hi")]).count])
        #expect(log.entry(2).kind == .damaged)
        #expect(throws: StoreError.self) { try log.add(Sample.user()) }
        _ = try log.copied()
        #expect(log.contents.damage.count == 1)
        #expect(try store.bytes() == bytes)
    }
}
