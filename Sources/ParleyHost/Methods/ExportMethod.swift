import Conversations
import Exchange
import JSONRPC
import Jansson
import Journal

/// A conversation as a text of its own.
enum ExportMethod {
    private static let format = Parameter<ExchangeFormat>.optional("format", .word(), default: .json)

    static let export = Method(
        "conversation/export", [Common.conversationId.declaration, format.declaration]
    ) { (host, call, params) throws(RPCError) in
        let format = try params[format]
        host.withConversation(try params[Common.conversationId], for: .reading, call) {
            conversation, log throws(RPCError) in
            if log.size > Limits.lineBytes { throw .wouldBeTooLarge(log.size, instead: "conversation/events") }
            // What is pending goes to the file, from which a worker reads.
            host.commit()
            let (id, source, store) = (conversation.id, log.snapshot, host.store)
            host.runAside(for: call) {
                Result { () throws(StoreError) in
                    try ConversationLog(id, source, in: store).exported(as: format)
                }
            } answer: { host, outcome in
                switch outcome {
                case .success(let text): host.answer(call) { $0.export(text, format) }
                case .failure(let error): host.answer(call, RPCError(error, id))
                }
            }
        }
    }
}

extension ConversationLog {
    /// One JSON value: the conversation, or its text as a string.
    fileprivate func exported(as format: ExchangeFormat) throws(StoreError) -> JSONFragment {
        switch format {
        case .jsonl: return .string(Text(utf8: try lines()))
        case .json:
            let conversation = try portable()
            return JSONFragment { $0.conversation(conversation) }
        case .markdown: return .string(Text(utf8: try portable().markdown))
        }
    }

    private func portable() throws(StoreError) -> PortableConversation {
        guard let conversation = contents.conversation else { throw .notFound }
        var messages: [PortableMessage] = []
        for line in 0..<lineCount where entry(line).isInHistory {
            guard let recorded = try event(line), case .message(let message) = recorded.event else { continue }
            messages.append(
                PortableMessage(
                    id: message.id, role: message.role, content: message.content, time: recorded.time,
                    metadata: message.metadata))
        }
        return PortableConversation(conversation, messages: messages)
    }
}

extension JSONWriter {
    fileprivate mutating func export(_ value: JSONFragment, _ format: ExchangeFormat) {
        beginObject()
        key("format")
        string(format.rawValue)
        key(format == .json ? "conversation" : "text")
        self.value(value)
        endObject()
    }
}
