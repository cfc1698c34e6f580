import JSONRPC
import Jansson
import Journal

extension Host {
    /// Writes the step's events, each file once, and lets go of the files. The answers that wait for them follow: at
    /// once, or when the disk has confirmed them.
    func commit() {
        let conversations = touched
        touched = []
        for conversation in conversations {
            conversation.isTouched = false
            if let log = conversation.log { commit(conversation, log) }
            // Where nothing was committed, or that failed.
            releaseTurnLock(conversation)
        }
    }

    private func commit(_ conversation: OpenConversation, _ log: ConversationLog) {
        let held = conversation.held
        conversation.held = HeldAnswers()
        let hadEvents = log.hasPending
        do throws(StoreError) {
            try log.write()
            if options.durability == .os, let publication = log.publication() {
                try publication(durably: false)
                log.didPublish()
            }
        } catch {
            refuse(held, RPCError(error, conversation.id), about: conversation.id)
            drop(conversation, RPCError(error, conversation.id))
            return
        }
        // Before anybody is answered: whoever hears that a turn has ended may begin the next one in another process.
        releaseTurnLock(conversation)
        // A new file stays locked until it has its name.
        if log.isPublished { log.unlock() }
        if hadEvents, options.durability == .fsync {
            conversation.unsynced.append(held)
            sync(conversation, log)
        } else {
            release(held)
        }
    }

    private func releaseTurnLock(_ conversation: OpenConversation) {
        if !conversation.releasesTurnLock { return }
        conversation.releasesTurnLock = false
        conversation.turnLock?.release()
    }

    /// Syncs what was written, unless a sync runs already: then all that comes meanwhile goes with the next one.
    private func sync(_ conversation: OpenConversation, _ log: ConversationLog) {
        if conversation.isSyncing || conversation.unsynced.isEmpty { return }
        syncsMade += 1
        let number = syncsMade
        conversation.runningSync = number
        conversation.syncing = conversation.unsynced
        conversation.unsynced = []
        let id = conversation.id
        pool.sync(log) { [loop] error in
            loop.post { host in
                // A file that is being synced is not idle, so its conversation is open still, unless it was dropped.
                guard let conversation = host.conversations[id], let log = conversation.log,
                    conversation.runningSync == number
                else { return }
                conversation.runningSync = nil
                host.synced(conversation, log, error)
            }
        }
    }

    private func synced(_ conversation: OpenConversation, _ log: ConversationLog, _ error: StoreError?) {
        if let error {
            drop(conversation, RPCError(error, conversation.id))
            return
        }
        if !log.isPublished {
            log.didPublish()
            if !conversation.isTouched { log.unlock() }
            published(conversation.id)
        }
        let confirmed = conversation.syncing
        conversation.syncing = []
        for held in confirmed { release(held) }
        sync(conversation, log)
    }
}

/// Something that reads all files, and waits for those that have no name yet.
struct PublicationWaiter {
    var missing: Set<Text>
    let action: () -> Void
}

extension Host {
    /// Does something when all events so far are in files that others can find, unless the call is cancelled before.
    func afterPublications(for call: Call, _ action: @escaping () -> Void) {
        waits(call) { self.answer(call, .cancelled("The request was cancelled.")) }
        afterPublications(of: nil) { if self.isWaiting(call) { action() } }
    }

    /// - Parameter id: the conversation whose file it is about; nil for all.
    func afterPublications(of id: Text?, _ action: @escaping () -> Void) {
        commit()
        let missing = conversations.values.filter { $0.log.map { !$0.isPublished } ?? $0.isBeingMade }.map(\.id)
            .filter { id == nil || $0 == id }
        if missing.isEmpty {
            action()
        } else {
            publicationWaiters.append(PublicationWaiter(missing: Set(missing), action: action))
        }
    }

    /// A new conversation has its name, or will never have it.
    func published(_ id: Text) {
        for index in publicationWaiters.indices { publicationWaiters[index].missing.remove(id) }
        let ready = publicationWaiters.filter(\.missing.isEmpty)
        publicationWaiters.removeAll(where: \.missing.isEmpty)
        for waiter in ready { waiter.action() }
    }
}
