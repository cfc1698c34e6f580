import Conversations
import JSONRPC
import Jansson
import Journal

/// A branch of a conversation, to go another way.
enum ForkMethod {
    private static let newId = Parameter<Text?>.optional("newConversationId", .conversationID)
    private static let before = Parameter<Text?>.optional("beforeMessageId", .string)
    private static let through = Parameter<Text?>.optional("throughMessageId", .string)

    static let fork = Method(
        "conversation/fork",
        [Common.conversationId.declaration, newId.declaration, before.declaration, through.declaration]
    ) { (host, call, params) throws(RPCError) in
        let newId = try params[newId]
        let before = try params[before]
        let through = try params[through]
        if before != nil, through != nil {
            throw RPCError(
                .invalidParams, "A fork goes `beforeMessageId` or `throughMessageId`, not both.",
                [("path", .string("throughMessageId"))])
        }
        let id = try params[Common.conversationId]
        guard let newId else {
            let free = host.freeConversationID()
            try host.reserve(free)
            host.fork(id, before: before, through: through, as: free, call)
            return
        }
        host.claim(newId, call) { () throws(RPCError) in
            // Its own place can't be taken before it is looked at.
            if newId == id, !host.isTaken(id) { throw .conversationNotFound(id) }
            try host.reserve(newId)
            host.fork(id, before: before, through: through, as: newId, call)
        }
    }
}

extension Host {
    fileprivate func fork(_ id: Text, before: Text?, through: Text?, as fork: Text, _ call: Call) {
        withConversation(id, for: .reading, call) { _ in
            self.release(fork)
            return false
        } _: { conversation, log throws(RPCError) in
            let end =
                if let before {
                    try log.line(of: before)
                } else if let through {
                    log.end(ofWhatCameOf: try log.line(of: through))
                } else {
                    log.lineCount
                }
            // What is pending goes to the file, from which a worker reads.
            self.commit()
            let source = log.snapshot
            let now = self.options.clock.now()
            let durably = self.isDurable
            self.make(fork) { (store) throws(StoreError) in
                try ConversationLog.fork(source, of: id, before: end, as: fork, in: store, at: now, durably: durably)
            } then: { host, error in
                host.answer(call, with: fork, unless: error)
            }
        }
    }
}

extension ConversationLog {
    fileprivate func line(of messageId: Text) throws(RPCError) -> Int {
        let found = try read { (log) throws(StoreError) in try log.message(withID: messageId) }
        if let found { return found.line }
        throw RPCError(
            .messageNotFound,
            "There is no message `\(messageId)` in `\(id)`: `conversation/events` shows all there are.",
            [("conversationId", .shown(id)), ("messageId", .shown(messageId))])
    }
}

extension Host {
    /// Answers {conversation} with one that was just made.
    fileprivate func answer(_ call: Call, with id: Text, unless error: RPCError?) {
        if let error {
            answer(call, error)
            return
        }
        withConversation(id, for: .reading, call) { conversation, log throws(RPCError) in
            self.answerConversation(call, conversation, log)
        }
    }
}
