import Conversations
import Exchange
import JSONRPC
import Jansson
import Journal

/// A conversation that was read and is not in the store yet.
enum Arrival: Sendable {
    case portable(PortableConversation)
    case events(ForeignFile)
}

extension Host {
    /// Stores it and answers {conversation, imported{messages}}.
    func take(_ arrival: Arrival, _ call: Call, opensExisting: Bool) throws(RPCError) {
        let durably = isDurable
        switch arrival {
        case .events(let file):
            store(file.conversation.id, call, opensExisting: opensExisting) { (store) throws(StoreError) in
                try file.publish(in: store, durably: durably)
            }
        case .portable(let conversation):
            if let type = conversation.type { _ = try self.type(type, at: "conversation.type") }
            identifiers.exclude { Set(conversation.messages.compactMap(\.id)) }
            let now = options.clock.now()
            let id = conversation.id ?? freeConversationID()
            let defaults = ImportDefaults(
                id: id, userId: options.userId, agentId: registry.defaultAgent, now: now)
            let events = conversation.events(defaults) { identifiers.next(.message, at: now) }
            store(id, call, opensExisting: opensExisting) { (store) throws(StoreError) in
                try ConversationLog.create(id, events, in: store, durably: durably)
            }
        }
    }

    private func store(
        _ id: Text, _ call: Call, opensExisting: Bool,
        _ work: @escaping @Sendable (StoreDirectory) throws(StoreError) -> Void
    ) {
        claim(id, call) { () throws(RPCError) in
            if opensExisting, self.isTaken(id) {
                self.answerImported(call, id, isNew: false)
            } else {
                try self.reserve(id)
                self.makeImported(id, call, work)
            }
        }
    }

    private func makeImported(
        _ id: Text, _ call: Call, _ work: @escaping @Sendable (StoreDirectory) throws(StoreError) -> Void
    ) {
        make(id, work) { host, error in
            if let error {
                host.answer(call, error)
            } else {
                let store = host.store
                host.identifiers.exclude { store.sequentialIdentifiers(of: id) }
                host.answerImported(call, id, isNew: true)
            }
        }
    }

    private func answerImported(_ call: Call, _ id: Text, isNew: Bool) {
        withConversation(id, for: .reading, call) { conversation, log throws(RPCError) in
            self.answer(call, about: conversation) { writer in
                writer.beginObject()
                writer.key("conversation")
                writer.conversation(of: conversation, log)
                writer.key("imported")
                writer.beginObject()
                writer.key("messages")
                writer.integer(isNew ? log.messageCount : 0)
                writer.endObject()
                writer.endObject()
            }
        }
    }
}
