import Agents
import Conversations
import JSONRPC
import Jansson
import Journal

/// What turns are answered with.
extension JSONWriter {
    /// {message, reply?, turnId?, seq}
    mutating func sent(
        _ line: Int, replyLine: Int? = nil, turnId: Text?, seq: Int, in log: ConversationLog
    ) throws(RPCError) {
        verbatim("{\"message\":")
        try event(line, of: log)
        if let replyLine {
            verbatim(",\"reply\":")
            try event(replyLine, of: log)
        }
        member("turnId", turnId)
        verbatim(",\"seq\":")
        integer(seq)
        endObject()
    }

    /// One event of the log, as its line has it.
    mutating func event(_ line: Int, of log: ConversationLog) throws(RPCError) {
        do throws(StoreError) {
            try log.copy(line..<line + 1, where: { _ in true }, to: &self)
        } catch {
            throw RPCError(error, log.id)
        }
    }

    /// A reply's metadata, with the seed's names.
    mutating func replyMetadata(
        _ reply: AgentReply, executionId: Text, agentId: Text, milliseconds: Int64
    ) {
        verbatim("{\"execution_id\":")
        string(executionId)
        verbatim(",\"agent_id\":")
        string(agentId)
        verbatim(",\"tokens_used\":")
        integer(reply.usage?.tokens.total ?? 0)
        verbatim(",\"response_time_ms\":")
        integer(milliseconds)
        member("tools_used", reply.toolsUsed)
        if let usage = reply.usage {
            key("usage")
            value(usage.reported)
        }
        endObject()
    }
}

extension TurnOutcome {
    init(_ outcome: AgentOutcome, _ agentId: Text) {
        switch outcome {
        case .replied(let reply): self = .replied(reply)
        case .failed(let failure): self = .failed(RPCError(failure, agentId))
        }
    }

    /// The error that a turn which did not complete is answered with. `seq` is that of the event that ended it.
    func error(for turn: Turn, stored seq: Int?) -> RPCError {
        var error: RPCError =
            switch self {
            case .failed(let error): error
            case .cancelled(let reason): .cancelled(reason)
            case .replied: RPCError(.internalError, "A turn with a reply has no error.")
            }
        error = error.with("turnId", .string(turn.id))
        if turn.line > 0 { error = error.with("messageId", .string(turn.message.id)) }
        if let seq { error = error.with("seq", .integer(seq)) }
        return error
    }
}

extension RPCError {
    init(_ failure: AgentFailure, _ agentId: Text) {
        let kind: ErrorKind =
            switch failure.kind {
            case .failed: .agentFailed
            case .unavailable: .agentUnavailable
            case .timeout: .agentTimeout
            }
        self.init(kind, failure.message, [("agentId", .shown(agentId))])
        // A scripted time-out stands for that of the whole execution.
        if failure.kind == .timeout { data.append(("limit", .string("total"))) }
    }

    static func agentTimeout(_ agentId: Text, limit: String, seconds: Double) -> RPCError {
        let time = seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
        return RPCError(
            .agentTimeout, "The agent `\(agentId)` did not answer within \(time) s (`timeouts.\(limit)`).",
            [("agentId", .shown(agentId)), ("limit", .string(limit))])
    }

    static func cancelled(_ reason: String) -> RPCError { RPCError(.cancelled, reason) }

    static func turnInProgress(_ conversation: OpenConversation, _ turn: Turn) -> RPCError {
        RPCError(
            .turnInProgress, "A turn runs in `\(conversation.id)`: wait for it, or cancel it with `turn/cancel`.",
            [("conversationId", .shown(conversation.id)), ("turnId", .string(turn.id))])
    }

    static func turnInProgress(_ id: Text, _ owner: TurnLock.Owner?) -> RPCError {
        let error = RPCError(
            .turnInProgress, "Another process runs a turn in `\(id)`: wait for it to end.",
            [("conversationId", .shown(id))])
        guard let owner else { return error }
        return error.with("turnId", .string(owner.turnId)).with(
            "owner",
            JSONFragment {
                $0.beginObject()
                $0.key("pid")
                $0.integer(owner.pid)
                $0.key("since")
                $0.string(owner.since.text)
                $0.endObject()
            })
    }

    static func conversationEnded(_ id: Text) -> RPCError {
        RPCError(
            .conversationEnded, "`\(id)` has ended: `conversation/reopen` makes it active again.",
            [("conversationId", .shown(id))])
    }

    static func conversationNotFound(_ id: Text) -> RPCError {
        RPCError(
            .conversationNotFound, "There is no conversation `\(id)`: `conversation/list` shows those there are.",
            [("conversationId", .shown(id))])
    }
}
