import Conversations
import Jansson

/// Lines of the history, and of what was found out about it.
extension ConversationLog {
    /// How often messages were superseded: where it is the same as before, all that was in the history still is.
    package var supersessions: Int { contents.supersessions }

    /// How many messages behind the first event are those of the conversation that this is a fork of.
    package var inheritedMessages: Int { contents.conversation?.forkedFrom?.inherited ?? 0 }

    /// Which needs of those messages' replies were told there.
    package var inheritedNeeds: Needs { contents.conversation?.inheritedNeeds ?? Needs() }

    /// The first line whose event comes after `seq`.
    package func firstLine(after seq: Int) -> Int { contents.index.firstLine(after: seq) }

    /// Lines of insight about messages that all are in the history still, the newest first.
    package var newestInsights: some Sequence<Int> {
        (0..<lineCount).reversed().lazy.filter { self.entry($0).kind == .insight && !self.entry($0).isSuperseded }
    }

    /// The line behind a message and the insight that was told with it.
    package func end(ofWhatCameOf line: Int) -> Int {
        line + 1 < lineCount && entry(line + 1).kind == .insight ? line + 2 : line + 1
    }

    /// How many messages of the history stand before a line.
    package func historyCount(before end: Int) -> Int { (0..<end).count { entry($0).isInHistory } }

    /// The newest `count` messages of the history that stand before a line, the oldest first.
    package func newestHistory(_ count: Int, before end: Int) -> [Int] {
        Array((0..<end).reversed().lazy.filter { self.entry($0).isInHistory }.prefix(count)).reversed()
    }

    /// The message at a line; nil where there is none that history shows.
    package func historyMessage(at line: Int) throws(StoreError) -> StoredMessage? {
        entry(line).isInHistory ? try message(at: line) : nil
    }
}
