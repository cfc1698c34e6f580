import JSONRPC
import Jansson
import Journal

/// Looking for damage, in every line of every file.
enum VerifyMethod {
    static let verify = Method("store/verify") { (host, call, params) throws(RPCError) in
        let token = params.progressToken
        host.afterPublications(for: call) {
            let (store, loop) = (host.store, host.loop)
            host.runAside(for: call) {
                Result { () throws(StoreError) in
                    try StoreVerification(of: store) { done, total in
                        guard let token else { return }
                        loop.post { host in
                            if host.isWaiting(call) { host.reportProgress(token, done, of: total) }
                        }
                    }
                }
            } answer: { host, outcome in
                switch outcome {
                case .success(let found): host.answer(call) { $0.verification(found) }
                case .failure(let error): host.answer(call, RPCError(listing: error))
                }
            }
        }
    }
}

private struct StoreVerification: Sendable {
    var conversations = 0
    var events = 0
    var bytes = 0
    var damaged: [(id: Text, damage: Damage)] = []
    var torn: [(id: Text, damage: Damage)] = []
    var unreadable: [(id: Text, reason: String)] = []
    var leftovers: [String] = []

    /// - Parameter report: told now and then how many files were read, of how many.
    init(of store: StoreDirectory, report: (_ done: Int, _ total: Int) -> Void) throws(StoreError) {
        let ids = try store.conversationIDs().sorted()
        // A hundred reports are enough for any bar.
        let stride = max(1, ids.count / 100)
        for (index, id) in ids.enumerated() {
            if index % stride == 0 { report(index, ids.count) }
            add(id, store)
        }
        report(ids.count, ids.count)
        leftovers = try store.leftovers()
    }

    private mutating func add(_ id: Text, _ store: StoreDirectory) {
        do throws(StoreError) {
            let found = try Verification(id, in: store)
            conversations += 1
            events += found.events
            bytes += found.bytes
            damaged += found.damaged.map { (id, $0) }
            if let end = found.torn { torn.append((id, end)) }
        } catch {
            // What went while the folder was read is not there.
            if case .notFound = error { return }
            unreadable.append((id, RPCError(error, id).message))
        }
    }
}

extension Host {
    /// Tells how far a request has come, if its `_meta.progressToken` asks for that.
    fileprivate func reportProgress(_ token: RequestID, _ done: Int, of total: Int) {
        outgoing.beginObject()
        outgoing.member("jsonrpc", "2.0")
        outgoing.member("method", "$/progress")
        outgoing.key("params")
        outgoing.beginObject()
        outgoing.key("progressToken")
        outgoing.id(token)
        outgoing.key("progress")
        outgoing.integer(done)
        outgoing.key("total")
        outgoing.integer(total)
        outgoing.endObject()
        outgoing.endObject()
        outgoing.endLine()
    }
}

extension JSONWriter {
    fileprivate mutating func verification(_ found: StoreVerification) {
        beginObject()
        key("conversations")
        integer(found.conversations)
        key("events")
        integer(found.events)
        key("bytes")
        integer(found.bytes)
        key("damaged")
        damages(found.damaged)
        key("torn")
        damages(found.torn)
        key("unreadable")
        beginArray()
        for (id, reason) in found.unreadable {
            beginObject()
            member("conversationId", id)
            key("reason")
            string(reason)
            endObject()
        }
        endArray()
        key("leftovers")
        value(.strings(found.leftovers))
        endObject()
    }

    private mutating func damages(_ list: [(id: Text, damage: Damage)]) {
        beginArray()
        for (id, damage) in list { self.damage(damage, of: id) }
        endArray()
    }
}
