import Agents
import Conversations
import Jansson

/// Messages that were appended here lately, so that the next turn's agent can be told them without reading them back.
struct RecentMessages {
    private var messages: [(line: Int, message: ChatMessage)] = []

    /// How many are kept, and bytes of one: more than an agent is told of most conversations.
    private static let count = 12
    private static let bytes = 2048

    /// - Parameter line: where it stands in the file; what stands there never becomes another.
    mutating func add(_ message: Message, at line: Int) {
        if message.content.utf8.count > Self.bytes { return }
        if messages.count == Self.count { messages.removeFirst() }
        messages.append((line, ChatMessage(message.role, message.content)))
    }

    subscript(line: Int) -> ChatMessage? { messages.last { $0.line == line }?.message }
}
