import Conversations
import Jansson
import Journal
import TestSupport
import Testing

@Suite("Pages of messages and events") struct PagesTests {
    /// A conversation of random events, and what each line is.
    private func conversation(_ generator: inout Generator) throws -> (store: TemporaryStore, log: ConversationLog) {
        let store = try TemporaryStore()
        let log = try store.create("c", (0..<generator.below(25)).map { _ in Sample.any(&generator) })
        return (store, log)
    }

    private func size(_ log: ConversationLog, _ line: Int) -> Int { log.span(line..<line + 1).count }

    /// The messages that fit, taken one by one from the first of `lines`.
    private func fitting(_ log: ConversationLog, _ lines: [Int], limit: Int, bytes: Int) -> [Int] {
        var taken: [Int] = []
        var sum = 0
        for line in lines where log.entry(line).kind.isMessage {
            sum += size(log, line)
            if taken.count == limit || (!taken.isEmpty && sum > bytes) { break }
            taken.append(line)
        }
        return taken
    }

    @Test(
        "A page of messages holds those that are asked for, and tells truly whether there are more", arguments: 0..<20)
    func messages(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let (_, log) = try conversation(&generator)
        let count = log.lineCount
        for _ in 0..<60 {
            let limit = 1 + generator.below(8)
            let bytes = generator.pick([1, 300, 1000, 1 << 20])
            let before = generator.pick([nil, generator.below(count + 3)])
            let after = generator.pick([nil, generator.below(count + 3) - 1])
            let candidates = (0..<count).filter { line in
                (before.map { line < $0 } ?? true) && (after.map { line > $0 } ?? true)
            }
            let expected =
                after == nil
                ? Array(fitting(log, candidates.reversed(), limit: limit, bytes: bytes).reversed())
                : fitting(log, candidates, limit: limit, bytes: bytes)
            let page = log.messagePage(limit: limit, bytes: bytes, before: before, after: after)
            let messages = page.lines.filter { log.entry($0).kind.isMessage }
            #expect(messages == expected)
            let all = (0..<count).filter { log.entry($0).kind.isMessage }
            if let first = expected.first, let last = expected.last {
                #expect(page.hasBefore == all.contains { $0 < first })
                #expect(page.hasAfter == all.contains { $0 > last })
            }
            #expect(page.hasTurnEnds == page.lines.contains { log.entry($0).kind == .turnEnded })
        }
    }

    @Test("Going from page to page meets every message once", arguments: 0..<6, [1, 2, 5])
    func walking(_ seed: UInt64, _ limit: Int) throws {
        var generator = Generator(seed: seed &+ 100)
        let (_, log) = try conversation(&generator)
        let all = (0..<log.lineCount).filter { log.entry($0).kind.isMessage }
        var forwards: [Int] = []
        var after = -1
        while true {
            let page = log.messagePage(limit: limit, bytes: 1 << 20, before: nil, after: after)
            let messages = page.lines.filter { log.entry($0).kind.isMessage }
            forwards += messages
            guard let last = messages.last, page.hasAfter else { break }
            after = last
        }
        #expect(forwards == all)
        var backwards: [Int] = []
        var before: Int?
        while true {
            let page = log.messagePage(limit: limit, bytes: 1 << 20, before: before, after: nil)
            let messages = page.lines.filter { log.entry($0).kind.isMessage }
            backwards = messages + backwards
            guard let first = messages.first, page.hasBefore else { break }
            before = first
        }
        #expect(backwards == all)
    }

    @Test("A page of events holds the lines behind the one that is named", arguments: 0..<10)
    func events(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let (_, log) = try conversation(&generator)
        for _ in 0..<60 {
            let limit = 1 + generator.below(8)
            let bytes = generator.pick([1, 300, 1000, 1 << 20])
            let after = generator.below(log.lineCount + 3) - 1
            var expected: [Int] = []
            var sum = 0
            for line in 0..<log.lineCount where line > after {
                sum += size(log, line)
                if expected.count == limit || (!expected.isEmpty && sum > bytes) { break }
                expected.append(line)
            }
            #expect(Array(log.eventPage(limit: limit, bytes: bytes, after: after)) == expected)
        }
    }

    @Test("In a damaged file pages go by the events' own numbers")
    func damaged() throws {
        let store = try TemporaryStore()
        let lines =
            [Sample.line(.started(Sample.started()), 0), Array("garbage\n".utf8)]
            + [2, 3, 7, 8].map { Sample.line(Sample.user(Text("\($0)")), $0) }
        try store.put(Array(lines.joined()))
        let log = try store.open()
        func seqs(_ lines: Range<Int>) -> [Int] {
            lines.filter { log.entry($0).kind != .damaged }.map { log.contents.index.seq($0) }
        }
        #expect(seqs(log.eventPage(limit: 9, bytes: 1 << 20, after: 2)) == [3, 7, 8])
        #expect(seqs(log.eventPage(limit: 9, bytes: 1 << 20, after: 5)) == [7, 8])
        #expect(seqs(log.messagePage(limit: 2, bytes: 1 << 20, before: 8, after: nil).lines) == [3, 7])
        #expect(seqs(log.messagePage(limit: 1, bytes: 1 << 20, before: nil, after: 4).lines) == [7])
    }
}
