import Conversations
import Jansson
import Journal
import TestSupport
import Testing

@Suite("Pages of a history that was changed") struct HistoryPagesTests {
    /// A random conversation, as its writer has it and read back.
    private func conversation(_ seed: UInt64) throws -> (Generator, TemporaryStore, History, [ConversationLog]) {
        var generator = Generator(seed: seed &+ 1000)
        let store = try TemporaryStore()
        let history = History(&generator, count: generator.below(40))
        let log = try store.create("c", history.events)
        return (generator, store, history, [log, try store.open()])
    }

    @Test("The index knows what history shows", arguments: 0..<20)
    func shown(_ seed: UInt64) throws {
        let (_, _, history, logs) = try conversation(seed)
        for log in logs {
            #expect((0..<log.lineCount).filter { log.entry($0).isInHistory } == history.shown())
            #expect(log.messageCount == history.shown().count)
        }
        #expect(logs[0].contents.described == logs[1].contents.described)
    }

    /// Those that fit, taken one by one from the first of `lines`.
    private func fitting(
        _ log: ConversationLog, _ lines: [Int], limit: Int, bytes: Int, isUsed: Bool = false
    ) -> [Int] {
        var taken: [Int] = []
        var sum = 0
        for line in lines {
            sum += log.span(line..<line + 1).count
            if taken.count == limit || (isUsed || !taken.isEmpty) && sum > bytes { break }
            taken.append(line)
        }
        return taken
    }

    private func expect(
        _ page: MessagePage, _ log: ConversationLog, _ history: History, shows expected: [Int], upTo end: Int,
        at location: SourceLocation = #_sourceLocation
    ) {
        let all = history.shown()
        #expect(page.lines.filter { log.entry($0).isInHistory } == expected, sourceLocation: location)
        guard let first = expected.first, let last = expected.last else {
            #expect(!page.hasTurnEnds, sourceLocation: location)
            return
        }
        #expect(page.lines.lowerBound == first, sourceLocation: location)
        #expect(page.hasBefore == all.contains { $0 < first }, sourceLocation: location)
        #expect(page.hasAfter == all.contains { $0 > last }, sourceLocation: location)
        // The ends of turns behind a message go with it.
        let next = min(all.first { $0 > last } ?? .max, end)
        #expect(
            page.hasTurnEnds == history.turnEnds.contains { $0 > first && $0 < next }, sourceLocation: location)
    }

    @Test("Newest, before and after", arguments: 0..<25)
    func pages(_ seed: UInt64) throws {
        var (generator, _, history, logs) = try conversation(seed)
        for _ in 0..<60 {
            let log = generator.pick(logs)
            let (limit, bytes) = (1 + generator.below(8), generator.pick([1, 300, 1000, 1 << 20]))
            let before = generator.pick([nil, generator.below(log.lineCount + 3)])
            let after = generator.pick([nil, generator.below(log.lineCount + 3) - 1])
            let candidates = history.shown().filter { $0 < before ?? .max && $0 > after ?? -1 }
            let expected =
                after == nil
                ? Array(fitting(log, candidates.reversed(), limit: limit, bytes: bytes).reversed())
                : fitting(log, candidates, limit: limit, bytes: bytes)
            let page = log.messagePage(limit: limit, bytes: bytes, before: before, after: after)
            expect(page, log, history, shows: expected, upTo: before ?? .max)
        }
    }

    /// The message, then half of the limit and of the room before it, then what fits behind, then what fits before.
    private func around(_ log: ConversationLog, _ all: [Int], _ line: Int, limit: Int, bytes: Int) -> [Int] {
        func size(_ lines: [Int]) -> Int { lines.reduce(0) { $0 + log.span($1..<$1 + 1).count } }
        let (older, newer) = (Array(all.filter { $0 < line }.reversed()), all.filter { $0 > line })
        var room = bytes - size([line])
        var before = fitting(log, older, limit: min(limit / 2, limit - 1), bytes: room / 2, isUsed: true)
        room -= size(before)
        let after = fitting(log, newer, limit: limit - 1 - before.count, bytes: room, isUsed: true)
        room -= size(after)
        before += fitting(
            log, Array(older.dropFirst(before.count)), limit: limit - 1 - before.count - after.count, bytes: room,
            isUsed: true)
        return before.reversed() + [line] + after
    }

    @Test("Around a message", arguments: 0..<25, [1 << 20, 0])
    func around(_ seed: UInt64, _ room: Int) throws {
        var (generator, _, history, logs) = try conversation(seed)
        let all = history.shown()
        if all.isEmpty { return }
        for _ in 0..<60 {
            let (log, line) = (generator.pick(logs), generator.pick(all))
            let limit = generator.pick([1, 2, 3, 4, 5, 7, 8, 1000])
            let bytes = room == 0 ? generator.pick([1, 200, 500, 900, 2000]) : room
            let page = log.messagePage(limit: limit, bytes: bytes, around: line)
            let expected = around(log, all, line, limit: limit, bytes: bytes)
            expect(page, log, history, shows: expected, upTo: .max)
        }
    }

    @Test("Around one that has left the history there is what was said beside it", arguments: 0..<25)
    func aroundSuperseded(_ seed: UInt64) throws {
        var (generator, _, history, logs) = try conversation(seed)
        let all = history.shown()
        let gone = (1..<logs[0].lineCount).filter { logs[0].entry($0).kind.isMessage && !all.contains($0) }
        if gone.isEmpty { return }
        for _ in 0..<20 {
            let (log, line) = (generator.pick(logs), generator.pick(gone))
            let limit = 1 + generator.below(6)
            let page = log.messagePage(limit: limit, bytes: 1 << 20, around: line)
            let shown = page.lines.filter { log.entry($0).isInHistory }
            #expect(shown.count == min(limit, all.count))
            #expect(shown == all.filter { page.lines.contains($0) })
            if !shown.isEmpty {
                #expect(page.hasBefore == (shown.first != all.first) && page.hasAfter == (shown.last != all.last))
            }
        }
    }

    @Test("The end of a turn that left the history is told with no page", arguments: [(2, false), (3, true)])
    func turnEnds(_ from: Int, _ isTold: Bool) throws {
        let store = try TemporaryStore()
        let log = try store.create(
            "c", [Sample.user("a", turnId: "t"), Sample.turnEnd("t"), .superseded(fromSeq: from), Sample.user("b")])
        for log in [log, try store.open()] {
            #expect(log.messagePage(limit: 9, bytes: 1 << 20, before: nil, after: nil).hasTurnEnds == isTold)
            #expect(log.messagePage(limit: 9, bytes: 1 << 20, around: 1).hasTurnEnds == isTold)
        }
    }
}
