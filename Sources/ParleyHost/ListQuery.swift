import Conversations
import JSONRPC
import Jansson
import Journal

/// What a list should hold, and in which order.
struct ListQuery: Sendable {
    enum Sort: String, CaseIterable { case startTime, updatedTime }
    enum Order: String, CaseIterable { case desc, asc }

    var userId: Text?
    var agentId: Text?
    var organizationId: Text?
    var projectId: Text?
    var isEnded: Bool?
    var type: Text?
    var tags: [Text]
    var metadata: Members
    var archived: Bool
    var since: Timestamp?
    var until: Timestamp?
    var sort: Sort
    var order: Order
    var limit: Int
    var cursor: Cursor?

    func holds(_ conversation: Conversation) -> Bool {
        (userId.map { $0 == conversation.userId } ?? true)
            && (agentId.map { $0 == conversation.agentId } ?? true)
            && (organizationId.map { $0 == conversation.organizationId } ?? true)
            && (projectId.map { $0 == conversation.projectId } ?? true)
            && (isEnded.map { $0 == conversation.isEnded } ?? true)
            && (type.map { $0 == conversation.type } ?? true)
            && archived == conversation.archived
            && (since.map { conversation.startTime >= $0 } ?? true)
            && (until.map { conversation.startTime < $0 } ?? true)
            && tags.allSatisfy { conversation.tags.contains($0) }
            && metadata.list.allSatisfy { conversation.metadata[$0.name] == $0.value }
    }

    /// Where a conversation stands in the order: by time, then by id, so that no two stand at the same place.
    struct Place: Comparable, Sendable {
        let time: Timestamp
        let id: Text

        static func < (left: Place, right: Place) -> Bool {
            left.time == right.time ? left.id < right.id : left.time < right.time
        }
    }

    func place(of conversation: Conversation) -> Place {
        Place(time: sort == .startTime ? conversation.startTime : conversation.updatedTime, id: conversation.id)
    }

    func cursor(after conversation: Conversation) -> Cursor { Cursor(place(of: conversation), sort, order) }

    func precedes(_ left: Place, _ right: Place) -> Bool { order == .asc ? left < right : right < left }

    /// The place that a page ended with. It is a place, not a count, so rows that come or go meanwhile move nothing.
    struct Cursor: Sendable {
        let place: Place
        let sort: Sort
        let order: Order

        /// Opaque to clients: order, time and id.
        var text: Text {
            Text("\(sort == .startTime ? "s" : "u")\(order.rawValue).\(place.time.milliseconds).\(place.id)")
        }

        init(_ place: Place, _ sort: Sort, _ order: Order) {
            self.place = place
            self.sort = sort
            self.order = order
        }

        /// - Throws: `invalidParams` for one that no list of this order has given.
        init(_ text: Text, _ sort: Sort, _ order: Order) throws(RPCError) {
            let parts = text.description.split(separator: ".", maxSplits: 2).map(String.init)
            let wanted = "\(sort == .startTime ? "s" : "u")\(order.rawValue)"
            guard parts.count == 3, parts[0] == wanted, let time = Int64(parts[1]),
                Identifier.isConversationID(Text(parts[2]))
            else {
                throw RPCError(
                    .invalidParams, "`cursor` must be the `nextCursor` of a list with the same `sort` and `order`.",
                    [("path", .string("cursor")), ("expected", .string("the `nextCursor` of such a list"))])
            }
            self.init(Place(time: Timestamp(milliseconds: time), id: Text(parts[2])), sort, order)
        }
    }
}

/// What a list found.
struct ListPage: Sendable {
    var entries: [ConversationSummary]
    /// Whether the query holds more behind these.
    var hasMore: Bool
    /// All that the query holds, on whatever page.
    var total: Int
    /// Files that can't be read.
    var unreadable: Int
}

extension StoreDirectory {
    /// Answers a query by reading every file. Safe on any thread.
    func page(for query: ListQuery) throws(StoreError) -> ListPage {
        var found: [ConversationSummary] = []
        var unreadable = 0
        for id in try conversationIDs() {
            do throws(StoreError) {
                let summary = try ConversationSummary(id, in: self)
                if query.holds(summary.conversation) { found.append(summary) }
            } catch {
                // A file that went while the folder was read is not there; anything else hides a conversation.
                if case .notFound = error { continue }
                unreadable += 1
            }
        }
        found.sort { query.precedes(query.place(of: $0.conversation), query.place(of: $1.conversation)) }
        let rest = found.drop { summary in
            query.cursor.map { !query.precedes($0.place, query.place(of: summary.conversation)) } ?? false
        }
        var entries = Array(rest.prefix(query.limit))
        for index in entries.indices { entries[index].loadPreview(in: self) }
        return ListPage(
            entries: entries, hasMore: rest.count > entries.count, total: found.count, unreadable: unreadable)
    }
}
