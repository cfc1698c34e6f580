import Conversations
import Jansson

/// What a list tells of a conversation, read from its file. Safe on any thread.
package struct ConversationSummary: Sendable {
    package let conversation: Conversation
    package let damage: [Damage]
    /// The beginning of the last message; nil until `loadPreview`, and where there is no message.
    package private(set) var preview: Text?
    private let lastMessage: Int?

    package init(_ id: Text, in directory: StoreDirectory) throws(StoreError) {
        let contents = try ConversationLog.open(id, in: directory).contents
        guard let conversation = contents.conversation else { throw .notFound }
        self.conversation = conversation
        damage = contents.damage
        lastMessage = (0..<contents.index.count).last { contents.index[$0].isInHistory }
    }

    /// Reads the last message. A file that changed or went meanwhile has no preview.
    package mutating func loadPreview(in directory: StoreDirectory) {
        guard let lastMessage, let opened = try? ConversationLog.open(conversation.id, in: directory),
            case .message(let message)? = try? ConversationLog(conversation.id, opened, in: directory)
                .event(lastMessage)?.event
        else { return }
        let text = String(decoding: message.content.utf8.prefix(1000), as: UTF8.self)
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        preview = Text(String(line.prefix(100)))
    }
}
