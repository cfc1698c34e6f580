import JSONRPC
import Jansson
import Journal

/// Conversations that a worker's thread makes: forks and imports. Calls on one that come meanwhile wait until it is there.
extension Host {
    /// Takes an id for a conversation that will be made.
    ///
    /// - Throws: `conversationExists`, `overloaded`.
    func reserve(_ id: Text) throws(RPCError) {
        if isTaken(id) { throw .conversationExists(id) }
        try makeRoom()
        let place = OpenConversation(id)
        place.isBeingMade = true
        conversations[id] = place
    }

    /// Has the file of a reserved conversation made.
    ///
    /// - Parameters:
    ///   - work: makes the file under its own name, or fails and leaves nothing.
    ///   - then: answers the call; the error is nil where the conversation is there now.
    func make(
        _ id: Text, _ work: @escaping @Sendable (StoreDirectory) throws(StoreError) -> Void,
        then: @escaping @Sendable (isolated Host, RPCError?) -> Void
    ) {
        let store = store
        runAside {
            Result { () throws(StoreError) in try work(store) }
        } then: { host, outcome in
            switch outcome {
            case .success: host.release(id) { then(host, nil) }
            case .failure(let error): host.release(id) { then(host, RPCError(error, id)) }
            }
        }
    }

    /// Gives a reserved id back, does `first`, and then carries out what waits.
    func release(_ id: Text, _ first: () -> Void = {}) {
        // Nobody else takes away a conversation that has no log yet.
        let parked = conversations[id]?.parked ?? []
        conversations[id] = nil
        first()
        // One that `first` made is there for others when it is stored.
        commit()
        if conversations[id]?.log?.isPublished ?? true { published(id) }
        for call in parked { enter(id, call) }
    }

    /// Whether there is a conversation of that id, or will be in a moment.
    func isTaken(_ id: Text) -> Bool {
        if store.exists(id) { return true }
        guard let conversation = conversations[id] else { return false }
        guard conversation.log.map(\.isPublished) ?? false else { return true }
        // Another process took its file away.
        drop(conversation, .conversationNotFound(id))
        return conversations[id] != nil
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
