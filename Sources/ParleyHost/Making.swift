import JSONRPC
import Jansson
import Journal

extension Host {
    /// Has a worker's thread make the file of a new conversation, a fork's or an import's. Calls on it that come
    /// meanwhile wait until it is there.
    ///
    /// - Parameters:
    ///   - work: makes the file under its own name, or fails and leaves nothing.
    ///   - then: answers the call; `nil` where the conversation is there now.
    func make(
        _ id: Text, _ work: @escaping @Sendable (StoreDirectory) throws(StoreError) -> Void,
        then: @escaping @Sendable (isolated Host, RPCError?) -> Void
    ) throws(RPCError) {
        if isTaken(id) { throw .conversationExists(id) }
        try makeRoom()
        let place = OpenConversation(id)
        place.isBeingMade = true
        conversations[id] = place
        let store = store
        runAside {
            Result { () throws(StoreError) in try work(store) }
        } then: { host, outcome in
            // Nobody else takes away a conversation that has no log yet.
            let parked = host.conversations[id]?.parked ?? []
            host.conversations[id] = nil
            host.published(id)
            switch outcome {
            case .success: then(host, nil)
            case .failure(let error): then(host, RPCError(error, id))
            }
            for call in parked { host.enter(id, call) }
        }
    }

    /// Whether there is a conversation of that id, or will be in a moment.
    func isTaken(_ id: Text) -> Bool {
        if store.exists(id) { return true }
        guard let conversation = conversations[id] else { return false }
        guard conversation.log.map(\.isPublished) ?? false else { return true }
        // Another process took its file away.
        drop(conversation, .conversationNotFound(id))
        return false
    }

    /// An id that no conversation has.
    func freeConversationID() -> Text {
        let now = options.clock.now()
        var id = identifiers.next(.conversation, at: now)
        while isTaken(id) { id = identifiers.next(.conversation, at: now) }
        return id
    }

    var isDurable: Bool { options.durability == .fsync }
}
