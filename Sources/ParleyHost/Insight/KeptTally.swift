import Conversations
import Insight
import Jansson
import Journal

/// The tally of an open conversation, and how far it has come in the file.
struct KeptTally: Sendable {
    private(set) var tally: Tally
    /// The first line that it does not cover.
    private(set) var nextLine: Int
    /// The history that it is of: how often messages had been superseded.
    private let supersessions: Int

    /// Begins where a checkpoint of the file lets it, or before the first message.
    ///
    /// A checkpoint that was superseded itself counts messages that have left the history; any other counts only such
    /// as are still there.
    init(_ analyser: Analyser, _ log: ConversationLog) throws(StoreError) {
        supersessions = log.supersessions
        if let checkpoint = try Self.checkpoint(in: log), let known = Tally(analyser, checkpoint) {
            let end = log.firstLine(after: checkpoint.throughSeq)
            if log.historyCount(before: end) == checkpoint.messages {
                tally = known
                nextLine = end
                try recall(checkpoint, log)
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
    }

    /// How many events without a usable checkpoint are looked at before all is counted anew: those of analysers.
    private static let attempts = 16

    private static func checkpoint(in log: ConversationLog) throws(StoreError) -> Checkpoint? {
        for line in log.newestInsights.prefix(attempts) {
            if let checkpoint = try log.json(line).flatMap({ Checkpoint(event: $0) }) { return checkpoint }
        }
        return nil
    }

    private mutating func recall(_ checkpoint: Checkpoint, _ log: ConversationLog) throws(StoreError) {
        for seq in checkpoint.budgetSeqs {
            let line = log.firstLine(after: seq - 1)
            if line < nextLine, let stored = try log.historyMessage(at: line) {
                tally.recall(budgetOf: stored.message.content, id: stored.message.id, seq: stored.seq)
            }
        }
        for line in log.newestHistory(tally.window, before: nextLine) {
            if let message = try log.historyMessage(at: line)?.message { tally.recall(message.role, message.content) }
        }
    }

    // MARK: Going on

    /// Whether it can go on to the file's end: nothing that it covers has left the history since.
    func isOf(_ log: ConversationLog) -> Bool { supersessions == log.supersessions }

    /// Bytes of lines that it does not cover.
    func bytesBehind(_ log: ConversationLog) -> Int { log.span(nextLine..<max(nextLine, log.lineCount)).count }

    /// Reads on to the file's end.
    mutating func advance(_ log: ConversationLog) throws(StoreError) {
        while nextLine < log.lineCount {
            // What replies called for before an insight was told with it, whatever became of them since; and a fork
            // inherited what its parent's context tells.
            if log.entry(nextLine).kind == .insight { tally.told() }
            if nextLine == log.inheritedMessages + 1 { tally.told(log.inheritedNeeds) }
            if let stored = try log.historyMessage(at: nextLine) {
                tally.add(stored.message.role, stored.message.content, id: stored.message.id, seq: stored.seq)
            }
            nextLine += 1
        }
    }

    /// Takes a message that was appended just now, which spares reading it back. One that it is not at is left for
    /// `advance`.
    mutating func add(_ message: Message, at line: Int, _ log: ConversationLog) {
        guard isOf(log), !(nextLine..<line).contains(where: { log.entry($0).isInHistory }) else { return }
        tally.add(message.role, message.content, id: message.id, seq: log.contents.index.seq(line))
        nextLine = line + 1
    }

    /// What it knows was told.
    mutating func told() { tally.told() }
}
