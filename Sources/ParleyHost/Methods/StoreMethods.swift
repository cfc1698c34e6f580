import JSONRPC
import Jansson
import Journal

/// The store as a whole.
enum StoreMethods {
    static let info = Method("store/info") { (host, call, _) throws(RPCError) in
        host.afterPublications(for: call) {
            let store = host.store
            let damaged = host.knownDamage
            host.runAside(for: call) {
                Result { () throws(StoreError) in try StoreCounts(store) }
            } answer: { host, outcome in
                switch outcome {
                case .success(let counts): host.answer(call) { $0.storeInfo(host, counts, damaged) }
                case .failure(let error): host.answer(call, RPCError(listing: error))
                }
            }
        }
    }
}

private struct StoreCounts: Sendable {
    let conversations: Int
    let bytes: Int
    let trashed: Int

    init(_ store: StoreDirectory) throws(StoreError) {
        let ids = try store.conversationIDs()
        conversations = ids.count
        bytes = ids.reduce(0) { $0 + store.size(of: $1) }
        trashed = try store.trashedCount()
    }
}

extension Host {
    /// Damage in the files that are open.
    fileprivate var knownDamage: [(id: Text, damage: Damage)] {
        conversations.values.sorted { $0.id < $1.id }.flatMap { conversation in
            (conversation.log?.contents.damage ?? []).map { (conversation.id, $0) }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func storeInfo(
        _ host: isolated Host, _ counts: StoreCounts, _ damaged: [(id: Text, damage: Damage)]
    ) {
        beginObject()
        key("path")
        string(host.store.path)
        key("durability")
        string(host.options.durability.rawValue)
        key("conversations")
        integer(counts.conversations)
        key("bytes")
        integer(counts.bytes)
        key("trashed")
        integer(counts.trashed)
        key("damaged")
        beginArray()
        for (id, damage) in damaged { self.damage(damage, of: id) }
        endArray()
        endObject()
    }
}
