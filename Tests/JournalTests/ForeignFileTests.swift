import Conversations
import Foundation
import Jansson
import Journal
import TestSupport
import Testing

@Suite("Events that come from elsewhere") struct ForeignFileTests {
    /// The two ways in, which must agree: a text, and a file.
    enum Way: CaseIterable { case text, path }

    private func read(_ bytes: [UInt8], _ way: Way, _ store: TemporaryStore) throws -> ForeignFile {
        if way == .text { return try ForeignFile(text: bytes) }
        let path = "\(store.path)/foreign"
        try Data(bytes).write(to: URL(filePath: path))
        return try ForeignFile(path: path)
    }

    private static func event(_ seq: Int) -> [UInt8] { Sample.line(Sample.user(Text("\(seq)")), seq) }

    @Test("What is good gets into the store byte for byte", arguments: Way.allCases, 0..<6)
    func good(_ way: Way, _ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let history = History(&generator, count: 1 + generator.below(30))
        let (from, to) = (try TemporaryStore(), try TemporaryStore())
        let log = try from.create("c", history.events)
        let file = try read(try from.bytes(), way, to)
        #expect(file.conversation.id == "c" && file.conversation.seq == log.seq)
        #expect(file.conversation.messageCount == history.shown().count)
        try file.publish(in: to.directory, durably: seed % 2 == 0)
        #expect(try to.bytes() == from.bytes())
        #expect(try to.open().contents.described == log.contents.described)
        #expect(try to.names() == ["c.jsonl"])
    }

    @Test("Lines of other shapes stay as they are", arguments: Way.allCases)
    func otherShapes(_ way: Way) throws {
        let store = try TemporaryStore()
        let time = #""timestamp":"2026-11-22T09:10:43.123Z""#
        let line = #"{ "type":"message", \#(time), "seq":1, "role":"user", "id":"m", "content":"Hi\/", "new":[1.50] }"#
        let bytes = Sample.file() + Array("\(line)\r\n".utf8)
        try read(bytes, way, store).publish(in: store.directory, durably: false)
        #expect(try store.bytes() == bytes)
    }

    @Test("The last line may lack its end, which it gets", arguments: Way.allCases, [0, 3])
    func unterminated(_ way: Way, _ count: Int) throws {
        let store = try TemporaryStore()
        let bytes = Sample.file((0..<count).map { Sample.user(Text("\($0)")) })
        try read(bytes.dropLast(), way, store).publish(in: store.directory, durably: false)
        #expect(try store.bytes() == bytes)
    }

    @Test("A file of many blocks is copied whole", arguments: Way.allCases)
    func long(_ way: Way) throws {
        let store = try TemporaryStore()
        let bytes = Sample.file((0..<12).map { _ in Sample.user(Text(String(repeating: "x", count: 99_999))) })
        try read(bytes, way, store).publish(in: store.directory, durably: false)
        #expect(try store.bytes() == bytes)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let line: Int
        /// What the reason speaks of.
        let word: String
        let bytes: [UInt8]
        var testDescription: String { name }
        init(_ name: String, _ line: Int, _ word: String, _ parts: [UInt8]...) {
            self.name = name
            self.line = line
            self.word = word
            bytes = Array(parts.joined())
        }
    }

    static let bad: [Bad] = {
        let start = Sample.file()
        func started(_ change: (inout Started) -> Void) -> [UInt8] {
            var started = Sample.started()
            change(&started)
            return Sample.line(.started(started), 0)
        }
        func text(_ text: String) -> [UInt8] { Array("\(text)\n".utf8) }
        let half = Array(event(1).prefix(60))
        return [
            Bad("bad JSON", 2, "JSON", start, text("{\"seq\":1,"), event(2)),
            Bad("bad JSON at the end", 3, "JSON", start, event(1), text("garbage")),
            Bad("bad JSON at the end, without its line end", 3, "JSON", start, event(1), Array("garbage".utf8)),
            Bad("a line that breaks off", 2, "JSON", start, half),
            Bad("a blank line", 2, "JSON", start, text(""), event(2)),
            Bad("JSON that is no event", 2, "type", start, text(#"{"seq":1}"#), event(2)),
            Bad("a gap", 3, "3", start, event(1), event(3)),
            Bad("a gap with more behind it", 3, "3", start, event(1), event(3), event(4)),
            Bad("a repeated number", 3, "1", start, event(1), event(1), event(2)),
            Bad("a repeated number at the end", 3, "1", start, event(1), event(1)),
            Bad("an event before the first", 1, "started", event(0), event(1)),
            Bad("a late first", 1, "5", Sample.line(.started(Sample.started()), 5), event(6)),
            Bad("a newer format", 1, "format 2", started { $0.format = 2 }, event(1)),
            Bad("an id with a slash", 1, "../x", started { $0.id = "../x" }),
            Bad("an empty id", 1, "``", started { $0.id = "" }),
            Bad("an id that is too long", 1, "id", started { $0.id = Text(String(repeating: "x", count: 129)) }),
            Bad("nothing", 1, "", []),
            Bad("a line end", 1, "", [0x0A]),
            Bad(
                "a duplicate key behind a beginning like ours", 3, "duplicate", start, event(1), duplicateKey(2),
                event(3)),
            Bad("invalid UTF-8 in a content", 3, "0xff", start, event(1), invalidText(2), event(3)),
            Bad("invalid UTF-8 in the last content", 3, "0xff", start, event(1), invalidText(2)),
            Bad("NULs at the end", 3, "JSON", start, event(1), [0, 0, 0]),
        ]
    }()

    static func duplicateKey(_ seq: Int) -> [UInt8] {
        let line = String(decoding: event(seq), as: UTF8.self)
        return Array(line.replacing("\"metadata\":{}", with: #""metadata":{"a":1,"a":2}"#).utf8)
    }

    static func invalidText(_ seq: Int) -> [UInt8] {
        Sample.line(Sample.user("ÿ"), seq).flatMap { $0 == 0xC3 ? [0xFF] : $0 == 0xBF ? [] : [$0] }
    }

    @Test("What is bad is told with its line, and nothing is stored", arguments: bad, Way.allCases)
    func faults(_ bad: Bad, _ way: Way) throws {
        let store = try TemporaryStore()
        #expect {
            try read(bad.bytes, way, store)
        } throws: { error in
            guard case .bad(let line, let reason)? = error as? ForeignFile.Fault else { return false }
            return line == bad.line && !reason.isEmpty && (bad.word.isEmpty || reason.contains(bad.word))
        }
        #expect(try store.names().isEmpty)
    }

    @Test("What can't be read is told as that", arguments: ["none", "conversations", "", "locks/x/y"])
    func unreadable(_ name: String) throws {
        let store = try TemporaryStore()
        #expect {
            try ForeignFile(path: "\(store.path)/\(name)")
        } throws: { error in
            if case .unreadable(let failure)? = error as? ForeignFile.Fault { failure.number != 0 } else { false }
        }
    }

    @Test("A file without permission is unreadable", .enabled(if: getuid() != 0))
    func forbidden() throws {
        let store = try TemporaryStore()
        try store.put(Sample.file())
        chmod(store.file(), 0)
        #expect {
            try ForeignFile(path: store.file())
        } throws: { error in
            if case .unreadable(let failure)? = error as? ForeignFile.Fault { failure.number == EACCES } else { false }
        }
    }

    @Test("A taken id is refused, and what is there stays as it is", arguments: Way.allCases)
    func taken(_ way: Way) throws {
        let store = try TemporaryStore()
        _ = try store.create("c", [Sample.user("mine")])
        let bytes = try store.bytes()
        let file = try read(Sample.file([Sample.user("theirs")]), way, store)
        #expect {
            try file.publish(in: store.directory, durably: false)
        } throws: { error in
            if case .exists? = error as? StoreError { true } else { false }
        }
        #expect(try store.bytes() == bytes && store.names() == ["c.jsonl"])
    }
}
