import Conversations
import Insight
import Jansson
import Journal

/// The tally of an open conversation, and how far it has come in the file.
struct KeptTally: Sendable {
    private(set) var tally: Tally
    /// The first line that it does not cover.
    private var nextLine: Int
    /// The history that it is of: how often messages had been superseded.
    private let supersessions: Int
    /// How many messages a fork inherited, and which needs its parent's context tells of; of another 0.
    private let inherited: (messages: Int, needs: Needs)
    /// Lines that the checkpoint counts, to be read again for what it does not hold, which `advance` does.
    private var recalled = Recalled()

    private struct Recalled {
        /// With budget indicators.
        var budget: [Int] = []
        /// The newest before `nextLine`.
        var newest: [Int] = []
    }

    /// Begins where a checkpoint of the file lets it, or before the first message.
    ///
    /// A checkpoint that was superseded itself counts messages that have left the history; any other counts only such
    /// as are still there.
    init(_ analyser: Analyser, _ log: ConversationLog) throws(StoreError) {
        supersessions = log.supersessions
        inherited = (log.inheritedMessages, log.inheritedNeeds)
        if let (checkpoint, known) = try Self.checkpoint(in: log, analyser) {
            let end = log.firstLine(after: checkpoint.throughSeq)
            if log.historyCount(before: end) == checkpoint.messages {
                tally = known
                nextLine = end
                recalled.budget = checkpoint.budgetSeqs.map { log.firstLine(after: $0 - 1) }.filter { $0 < end }
                recalled.newest = log.newestHistory(tally.window, before: end)
                return
            }
        }
        tally = Tally(analyser)
        nextLine = 0
    }

    /// Before the first message of a new conversation.
    init(beginning analyser: Analyser) {
        tally = Tally(analyser)
        nextLine = 0
        supersessions = 0
        inherited = (0, Needs())
    }

    /// How many events are looked at for one that can be gone on from: others were counted with other words, or have no
    /// checkpoint.
    private static let attempts = 16

    private static func checkpoint(
        in log: ConversationLog, _ analyser: Analyser
    ) throws(StoreError) -> (Checkpoint, Tally)? {
        for line in log.newestInsights.prefix(attempts) {
            if let checkpoint = try log.json(line).flatMap({ Checkpoint(event: $0) }),
                let tally = Tally(analyser, checkpoint)
            {
                return (checkpoint, tally)
            }
        }
        return nil
    }

    // MARK: Going on

    /// Whether it can go on to the file's end: nothing that it covers has left the history since.
    func isOf(_ log: ConversationLog) -> Bool { supersessions == log.supersessions }

    /// Bytes of the lines that `advance` reads.
    func bytesBehind(_ log: ConversationLog) -> Int {
        var bytes = log.span(nextLine..<max(nextLine, log.lineCount)).count
        for line in recalled.budget + recalled.newest { bytes += log.span(line..<line + 1).count }
        return bytes
    }

    /// Reads on to the file's end.
    mutating func advance(_ log: ConversationLog) throws(StoreError) {
        try recall(log)
        while nextLine < log.lineCount {
            if let stored = try log.historyMessage(at: nextLine) {
                tally.add(stored.message.role, stored.message.content, id: stored.message.id, seq: stored.seq)
            }
            pass(log)
        }
    }

    /// Takes a message that was appended just now, which spares reading it back. One that it is not at is left for
    /// `advance`.
    mutating func add(_ message: Message, at line: Int, _ log: ConversationLog) {
        guard isOf(log), recalled.newest.isEmpty, recalled.budget.isEmpty,
            !(nextLine..<line).contains(where: { log.entry($0).isInHistory })
        else { return }
        while nextLine < line { pass(log) }
        tally.add(message.role, message.content, id: message.id, seq: log.seq(line))
        pass(log)
    }

    /// The next line was looked at. What replies called for before an insight was told with it, whatever became of them
    /// since; and of those that a fork inherited what its parent's context tells.
    private mutating func pass(_ log: ConversationLog) {
        if log.entry(nextLine).kind == .insight { tally.told() }
        if nextLine == inherited.messages { tally.told(inherited.needs) }
        nextLine += 1
    }

    private mutating func recall(_ log: ConversationLog) throws(StoreError) {
        let lines = recalled
        for line in lines.budget {
            if let stored = try log.historyMessage(at: line) {
                tally.recall(budgetOf: stored.message.content, id: stored.message.id, seq: stored.seq)
            }
        }
        for line in lines.newest {
            if let message = try log.historyMessage(at: line)?.message { tally.recall(message.role, message.content) }
        }
        recalled = Recalled()
    }

    /// What it knows was told.
    mutating func told() { tally.told() }
}
