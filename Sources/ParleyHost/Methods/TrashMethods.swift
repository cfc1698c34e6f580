import Conversations
import JSONRPC
import Jansson
import Journal

/// Into the trash, out of it, and gone for good.
enum TrashMethods {
    private static let purge = Parameter<Bool>.optional("purge", .boolean, default: false)

    static let delete = Method(
        "conversation/delete", [Common.conversationId.declaration, purge.declaration]
    ) { (host, call, params) throws(RPCError) in
        host.delete(try params[Common.conversationId], call, purges: try params[purge])
    }

    static let restore = Method(
        "conversation/restore", [Common.conversationId.declaration]
    ) { (host, call, params) throws(RPCError) in
        let id = try params[Common.conversationId]
        guard Identifier.isConversationID(id) else { throw .notInTrash(id) }
        host.claim(id, call) { () throws(RPCError) in
            do throws(StoreError) {
                if !(try host.store.trashed().contains { $0.id == id }) { throw .notFound }
                if host.isTaken(id) { throw .exists }
                try host.store.restore(id, at: host.options.clock.now(), durably: host.isDurable)
            } catch {
                if case .exists = error { throw .restoringOver(id) }
                if case .notFound = error { throw .notInTrash(id) }
                throw RPCError(error, id)
            }
            let store = host.store
            host.identifiers.exclude { store.sequentialIdentifiers(of: id) }
            host.withConversation(id, for: .reading, call) { error in
                // It is out of the trash all the same: only there it can be repaired.
                host.answer(call, RPCError(error.kind, "`\(id)` was restored. \(error.message)", error.data))
                return true
            } _: { conversation, log throws(RPCError) in
                host.answerConversation(call, conversation, log)
            }
        }
    }
}

extension Host {
    fileprivate func delete(_ id: Text, _ call: Call, purges: Bool) {
        withConversation(id, for: .moving, call) { error in
            self.deleteUnopened(id, call, purges: purges, error)
        } _: { conversation, log throws(RPCError) in
            try self.freeOfTurns(conversation, log, "The conversation was deleted.")
            if !log.isPublished {
                self.deleteWhenPublished(conversation, call, purges: purges)
                return
            }
            let now = self.options.clock.now()
            do throws(StoreError) {
                try self.storeAll(conversation, log, deletedAt: now)
            } catch {
                self.answer(call, RPCError(error, id))
                self.drop(conversation, RPCError(error, id))
                return
            }
            do throws(StoreError) {
                if purges {
                    try self.store.purge(id, durably: self.isDurable)
                } else {
                    try self.store.moveToTrash(id, at: now, durably: self.isDurable)
                }
            } catch {
                // It is there still, and its file should not end with its deletion.
                if log.isWritable { log.append(.restored, at: now) }
                throw RPCError(error, id)
            }
            log.unlock()
            conversation.turnLock?.release()
            self.answerDeleted(call, id)
            // Whoever waits for it finds that it has gone.
            self.drop(conversation, .conversationNotFound(id))
        }
    }

    /// It began a moment ago, and has no name yet to be moved under: until then everything about it waits.
    private func deleteWhenPublished(_ conversation: OpenConversation, _ call: Call, purges: Bool) {
        conversation.waitsForName = true
        afterwards.append {
            self.afterPublications(of: conversation.id) {
                conversation.waitsForName = false
                conversation.isResuming = true
                self.delete(conversation.id, call, purges: purges)
                conversation.isResuming = false
                self.resume(conversation)
            }
        }
    }

    /// Everything that was answered so far is on the disk before the file moves, so that no answer needs to wait for
    /// what is somewhere else by then.
    private func storeAll(
        _ conversation: OpenConversation, _ log: ConversationLog, deletedAt now: Timestamp
    ) throws(StoreError) {
        if log.isWritable { log.append(.deleted, at: now) }
        try log.write()
        if isDurable { try log.sync() }
        for held in conversation.syncing + conversation.unsynced + [conversation.held] { release(held) }
        conversation.syncing = []
        conversation.unsynced = []
        conversation.held = HeldAnswers()
    }

    /// One that can't even be opened can still be moved; one that is in the trash alone can be purged.
    private func deleteUnopened(_ id: Text, _ call: Call, purges: Bool, _ error: RPCError) -> Bool {
        guard Identifier.isConversationID(id) else { return false }
        do throws(StoreError) {
            if purges, error.kind == .conversationNotFound {
                guard try store.purgeCopies(id, durably: isDurable) else { return false }
            } else if error.kind == .conversationDamaged {
                let (store, now, durably) = (store, options.clock.now(), isDurable)
                try store.locked(id) { () throws(StoreError) in
                    if purges {
                        try store.purge(id, durably: durably)
                    } else {
                        try store.moveToTrash(id, at: now, durably: durably)
                    }
                }
            } else {
                return false
            }
            answerDeleted(call, id)
        } catch {
            answer(call, RPCError(error, id))
        }
        return true
    }

    private func answerDeleted(_ call: Call, _ id: Text) {
        answer(call) { writer in
            writer.beginObject()
            writer.member("conversationId", id)
            writer.endObject()
        }
    }
}

extension RPCError {
    fileprivate static func restoringOver(_ id: Text) -> RPCError {
        RPCError(
            .conversationExists, "There is a conversation `\(id)`: delete it before the one in the trash comes back.",
            [("conversationId", .shown(id))])
    }

    fileprivate static func notInTrash(_ id: Text) -> RPCError {
        RPCError(
            .conversationNotFound,
            "There is no conversation `\(id)` in the trash: `parley trash list` shows those there are.",
            [("conversationId", .shown(id))])
    }
}
