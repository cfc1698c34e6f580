import Conversations
import JSONRPC
import Jansson
import Journal

/// Which conversations there are.
enum ListMethod {
    private enum State: String, CaseIterable { case active, ended }

    private static let userId = Parameter<Text?>.optional("userId", .string)
    private static let agentId = Parameter<Text?>.optional("agentId", .string)
    private static let organizationId = Parameter<Text?>.optional("organizationId", .string)
    private static let projectId = Parameter<Text?>.optional("projectId", .string)
    private static let state = Parameter<State?>.optional("state", .word())
    private static let type = Parameter<Text?>.optional("type", .string)
    private static let tags = Parameter<[Text]>.optional("tags", .strings, default: [])
    private static let metadata = Parameter<Members>.optional("metadata", .object, default: Members())
    private static let archived = Parameter<Bool>.optional("archived", .boolean, default: false)
    private static let since = Parameter<Timestamp?>.optional("since", .timestamp)
    private static let until = Parameter<Timestamp?>.optional("until", .timestamp)
    private static let sort = Parameter<ListQuery.Sort>.optional("sort", .word(), default: .startTime)
    private static let order = Parameter<ListQuery.Order>.optional("order", .word(), default: .desc)
    private static let limit = Parameter<Int>.optional("limit", .integer(1...1000), default: 10)
    private static let cursor = Parameter<Text?>.optional("cursor", .string)
    private static let count = Parameter<Bool>.optional("count", .boolean, default: false)

    static let list = Method(
        "conversation/list",
        [
            userId.declaration, agentId.declaration, organizationId.declaration, projectId.declaration,
            state.declaration, type.declaration, tags.declaration, metadata.declaration, archived.declaration,
            since.declaration, until.declaration, sort.declaration, order.declaration, limit.declaration,
            cursor.declaration, count.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let sort = try params[sort]
        let order = try params[order]
        let query = ListQuery(
            userId: try params[userId], agentId: try params[agentId], organizationId: try params[organizationId],
            projectId: try params[projectId], isEnded: try params[state].map { $0 == .ended },
            type: try params[type].map { (type) throws(RPCError) in try host.type(type) }, tags: try params[tags],
            metadata: try params[metadata], archived: try params[archived], since: try params[since],
            until: try params[until], sort: sort, order: order, limit: try params[limit],
            cursor: try params[cursor].map { (text) throws(RPCError) in
                try ListQuery.Cursor(text, sort, order)
            })
        let counts = try params[count]
        host.afterPublications(for: call) {
            let store = host.store
            host.runAside(for: call) {
                Result { () throws(StoreError) in try store.page(for: query) }
            } answer: { host, outcome in
                switch outcome {
                case .success(let page): host.answer(call) { $0.list(page, of: query, counts: counts, host) }
                case .failure(let error): host.answer(call, RPCError(listing: error))
                }
            }
        }
    }
}

extension Shape where Value == Timestamp {
    static let timestamp = Shape("a time or date of RFC 3339", schema: ["type": .string("string")]) { json in
        json.withUTF8 { Timestamp($0) } ?? nil
    }
}

extension RPCError {
    /// What kept the store from being listed, which is no single conversation's fault.
    package init(listing error: StoreError) {
        var error = RPCError(error, "")
        error.data.removeAll { $0.name == "conversationId" }
        self = error
    }
}

extension JSONWriter {
    fileprivate mutating func list(_ page: ListPage, of query: ListQuery, counts: Bool, _ host: isolated Host) {
        beginObject()
        key("conversations")
        beginArray()
        let start = count
        var last: ConversationSummary?
        for entry in page.entries {
            let before = count
            let turns = host.conversations[entry.conversation.id]?.turnViews ?? entry.conversation.turnViews
            conversation(
                entry.conversation, damage: entry.damage, turns: turns, inList: true, preview: entry.preview)
            // A page ends early rather than late, but never empty.
            if count - start > Limits.pageBytes, last != nil {
                truncate(to: before)
                break
            }
            last = entry
        }
        endArray()
        if let last, page.hasMore || last.conversation.id != page.entries.last?.conversation.id {
            member("nextCursor", query.cursor(after: last.conversation).text)
        }
        if counts {
            key("total")
            integer(page.total)
        }
        key("unreadable")
        integer(page.unreadable)
        endObject()
    }
}
