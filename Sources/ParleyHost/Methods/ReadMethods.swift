import Conversations
import JSONRPC
import Jansson
import Journal

/// Reading one conversation. Events are copied from its file to the answer as they stand there.
enum ReadMethods {
    private static let messages = Parameter<Bool>.optional("messages", .boolean, default: false)
    private static let historyLimit = Parameter<Int>.optional("limit", .integer(1...1000), default: 50)
    private static let before = Parameter<Int?>.optional("before", .integer(atLeast: 0))
    private static let after = Parameter<Int?>.optional("after", .integer(atLeast: -1))
    private static let around = Parameter<Text?>.optional("around", .string)
    private static let eventLimit = Parameter<Int>.optional("limit", .integer(1...1000), default: 500)
    private static let eventsAfter = Parameter<Int>.optional("after", .integer(atLeast: -1), default: -1)

    static let get = Method(
        "conversation/get", [Common.conversationId.declaration, messages.declaration]
    ) { (host, call, params) throws(RPCError) in
        let withMessages = try params[messages]
        host.withConversation(try params[Common.conversationId], for: .reading, call) {
            conversation, log throws(RPCError) in
            if withMessages, log.size > Limits.lineBytes {
                throw .wouldBeTooLarge(log.size, instead: "conversation/history")
            }
            host.answer(call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
                // Reading first: a line that turns out to be damaged is told of in `conversation`.
                var list = JSONWriter()
                if withMessages {
                    list.beginArray()
                    try list.events(0..<log.lineCount, of: log, where: \.isInHistory)
                    list.endArray()
                }
                writer.beginObject()
                writer.key("conversation")
                writer.conversation(of: conversation, log)
                if withMessages {
                    writer.key("messages")
                    writer.value(spliced: list.bytes[...])
                }
                writer.endObject()
            }
        }
    }

    static let history = Method(
        "conversation/history",
        [
            Common.conversationId.declaration, historyLimit.declaration, before.declaration, after.declaration,
            around.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let limit = try params[historyLimit]
        let before = try params[before]
        let after = try params[after]
        let around = try params[around]
        if around != nil, before != nil || after != nil {
            throw RPCError(
                .invalidParams, "A page is `around` a message, or `before` or `after` a seq, not both.",
                [("path", .string("around"))])
        }
        host.withConversation(try params[Common.conversationId], for: .reading, call) {
            conversation, log throws(RPCError) in
            let page =
                if let around {
                    log.messagePage(limit: limit, bytes: Limits.pageBytes, around: try log.historyMessage(around).line)
                } else {
                    log.messagePage(limit: limit, bytes: Limits.pageBytes, before: before, after: after)
                }
            host.answer(call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
                writer.beginObject()
                writer.key("messages")
                writer.beginArray()
                try writer.events(page.lines, of: log, where: \.isInHistory)
                writer.endArray()
                writer.key("total")
                writer.integer(log.messageCount)
                writer.key("hasBefore")
                writer.boolean(page.hasBefore)
                writer.key("hasAfter")
                writer.boolean(page.hasAfter)
                writer.key("turns")
                writer.beginArray()
                if page.hasTurnEnds { try writer.turnEnds(page.lines, of: log) }
                writer.endArray()
                writer.endObject()
            }
        }
    }

    static let events = Method(
        "conversation/events",
        [Common.conversationId.declaration, eventsAfter.declaration, eventLimit.declaration]
    ) { (host, call, params) throws(RPCError) in
        let limit = try params[eventLimit]
        let after = try params[eventsAfter]
        host.withConversation(try params[Common.conversationId], for: .reading, call) {
            conversation, log throws(RPCError) in
            let lines = log.eventPage(limit: limit, bytes: Limits.pageBytes, after: after)
            host.answer(call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
                writer.beginObject()
                writer.key("events")
                writer.beginArray()
                try writer.events(lines, of: log) { $0.kind != .damaged }
                writer.endArray()
                writer.key("seq")
                writer.integer(log.seq)
                writer.key("hasMore")
                writer.boolean(lines.upperBound < log.lineCount)
                writer.endObject()
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func events(
        _ lines: Range<Int>, of log: ConversationLog, where isWanted: (EventIndex.Entry) -> Bool
    ) throws(RPCError) {
        do throws(StoreError) {
            try log.copy(lines, where: isWanted, to: &self)
        } catch {
            throw RPCError(error, log.id)
        }
    }

    /// The turns among these lines that ended without a reply.
    fileprivate mutating func turnEnds(_ lines: Range<Int>, of log: ConversationLog) throws(RPCError) {
        for line in lines where log.entry(line).kind == .turnEnded && !log.entry(line).isSuperseded {
            let recorded: RecordedEvent?
            do throws(StoreError) {
                recorded = try log.event(line)
            } catch {
                throw RPCError(error, log.id)
            }
            guard case .turnEnded(let end) = recorded?.event else { continue }
            beginObject()
            members(of: end)
            endObject()
        }
    }
}

extension RPCError {
    static func wouldBeTooLarge(_ bytes: Int, instead method: String) -> RPCError {
        RPCError(
            .resultTooLarge,
            "The conversation has \(bytes) bytes, over the limit of \(Limits.lineBytes) for an answer: read it with "
                + "`\(method)`, page by page.",
            [("limit", .string("lineBytes")), ("method", .string(method))])
    }
}
