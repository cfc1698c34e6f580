import Conversations
import Jansson
import Journal
import TestSupport
import Testing

@Suite("Events are copied as they stand in the file") struct CopyTests {
    /// The lines that a range should give, worked out from the whole file and what waits behind it.
    private func expected(
        _ lines: [ArraySlice<UInt8>], _ log: ConversationLog, _ range: Range<Int>, messagesAlone: Bool
    ) -> String {
        let wanted = range.filter { !messagesAlone || log.entry($0).kind.isMessage }
        return "[" + wanted.map { String(decoding: lines[$0], as: UTF8.self) }.joined(separator: ",") + "]"
    }

    @Test("Any range, across what is written and what is not yet", arguments: 0..<12)
    func ranges(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let store = try TemporaryStore()
        _ = try store.create("c", (0..<generator.below(20)).map { _ in Sample.any(&generator) })
        let log = try store.open()
        #expect(try log.lock { _ in } == .ready)
        for _ in 0..<generator.below(6) { log.append(Sample.any(&generator), at: Sample.time()) }
        let all = try store.bytes() + log.pending.bytes
        let lines = all.split(separator: 0x0A)
        #expect(lines.count == log.lineCount && all.count == log.size)
        for _ in 0..<60 {
            let lower = generator.below(log.lineCount + 1)
            let range = lower..<(lower + generator.below(log.lineCount - lower + 1))
            let messagesAlone = generator.below(2) == 0
            let copied = try log.copied(range) { !messagesAlone || $0.isInHistory }
            #expect(copied == expected(lines, log, range, messagesAlone: messagesAlone))
        }
        try log.write()
    }

    @Test("Runs of megabytes are copied whole")
    func long() throws {
        let store = try TemporaryStore()
        let lengths = [10, 900_000, 10, 400_000, 1_200_000, 5, 5]
        let log = try store.create("c", lengths.map { Sample.user(Text(String(repeating: "x", count: $0))) })
        let lines = try store.bytes().split(separator: 0x0A)
        #expect(try log.copied() == expected(lines, log, 0..<log.lineCount, messagesAlone: false))
        #expect(try log.copied(2..<5) == expected(lines, log, 2..<5, messagesAlone: false))
    }

    @Test("Copied between other values, events are separated from them")
    func separated() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [Sample.user("Hi")])
        var writer = JSONWriter()
        writer.beginArray()
        writer.integer(1)
        try log.copy(0..<0, where: { _ in true }, to: &writer)
        try log.copy(0..<2, where: { _ in true }, to: &writer)
        try log.copy(0..<2, where: { _ in false }, to: &writer)
        writer.integer(2)
        writer.endArray()
        let json = try JSON.parse(writer.bytes)
        #expect(json.elements.map(\.kind) == [.integer, .object, .object, .integer])
    }

    @Test("A line between two that are not wanted stands alone")
    func picked() throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c", [Sample.user("a"), Sample.turnEnd(), Sample.user("b"), .reopened, Sample.user("c")])
        let copied = try JSON.parse(try log.copied { $0.isInHistory }.utf8)
        #expect(copied.elements.compactMap { $0["content"]?.text } == ["a", "b", "c"])
    }

    @Test("A file that became shorter meanwhile is an error, not an answer")
    func shortened() throws {
        let store = try TemporaryStore()
        let log = try store.create("c", [Sample.user("Hi")])
        try store.put([])
        #expect(throws: StoreError.self) { try log.copied() }
    }
}
