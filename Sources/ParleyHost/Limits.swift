/// Every bound that a client can reach, in one place.
package enum Limits {
    /// Bytes of a line, either way.
    package static let lineBytes = 64 << 20
    /// Members of a batch.
    package static let batchMembers = 1000
    /// Turns that may wait in one conversation.
    package static let queuedTurns = 1000
    /// Bytes of lines that may wait for others, as with `--in-order`, before no more are read.
    static let waitingBytes = 64 << 20
    /// Bytes of events in one page.
    package static let pageBytes = 16 << 20
    /// Bytes of a file that is imported as JSON or Markdown, and so held in memory.
    static let importBytes = 256 << 20
    /// Seconds that a request waits for another process to let go of a conversation's file.
    static let lockSeconds = 5
    /// Bytes of a conversation's file up to which it is opened at once rather than aside.
    static let quickOpenBytes = 1 << 20
    /// Bytes of messages that are counted at once rather than aside.
    static let quickCountBytes = 1 << 20
    /// Messages without a turn that may come until what is known of them is told.
    static let messagesWithoutInsight = 256
    /// Conversations that are kept open, and bytes of what is known of them.
    static let openConversations = 2048
    static let openBytes = 64 << 20
    /// Descriptors that are left for everything but open conversations.
    static let sparedDescriptors = 24
    /// Bytes of answers that are collected before they are handed to the writer.
    static let flushBytes = 64 << 10
}
