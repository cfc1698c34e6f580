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
        integer(reply.usage?.tokens.total ?? reply.tokensUsed ?? 0)
        verbatim(",\"response_time_ms\":")
        integer(milliseconds)
        member("tools_used", reply.toolsUsed)
        if let usage = reply.usage {
            key("usage")
            value(usage.reported)
        }
        for (name, extra) in reply.extra.list {
            key(named: name)
            value(extra)
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

    /// The error of a turn that did not complete. `seq` is that of the event that ended it.
    func error(for turn: Turn, stored seq: Int?) -> RPCError? {
        var error: RPCError
        switch self {
        case .failed(let failure): error = failure
        case .cancelled(let reason): error = .cancelled(reason)
        case .replied: return nil
        }
        error = error.with("turnId", .string(turn.id))
        if turn.line > 0 { error = error.with("messageId", .string(turn.message.id)) }
        if let seq { error = error.with("seq", .integer(seq)) }
        return error
    }

    /// What a turn that did not complete is answered with: the error, and what the agent had said.
    func answer(for turn: Turn, stored seq: Int?) -> RPCError {
        guard let error = error(for: turn, stored: seq) else {
            return RPCError(.internalError, "A turn with a reply has no error.")
        }
        return error.with(partial: turn.stream?.text ?? [])
    }
}

extension RPCError {
    /// - Parameter partial: what the agent had said; it is left out where it might not fit into a line.
    func with(partial: [UInt8]) -> RPCError {
        partial.isEmpty || partial.count > ReplyStream.longestPartial
            ? self : with("partial", .string(Text(utf8: partial)))
    }

    init(_ failure: AgentFailure, _ agentId: Text) {
        let kind: ErrorKind =
            switch failure.kind {
            case .failed: .agentFailed
            case .unavailable: .agentUnavailable
            case .timeout: .agentTimeout
            }
        self.init(kind, failure.message, [("agentId", .shown(agentId))] + failure.details)
        // A time-out of the agent's own stands for that of the whole execution.
        if failure.kind == .timeout, !failure.details.contains(where: { $0.name == "limit" }) {
            data.append(("limit", .string("total")))
        }
    }

    static func agentTimeout(_ agentId: Text, limit: String, seconds: Double) -> RPCError {
        let time = seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
        let fault = limit == "idle" ? "said nothing for" : "did not answer within"
        return RPCError(
            .agentTimeout, "The agent `\(agentId)` \(fault) \(time) s (`timeouts.\(limit)`).",
            [("agentId", .shown(agentId)), ("limit", .string(limit))])
    }

    static func saidTooMuch(_ agentId: Text) -> RPCError {
        RPCError(
            .agentFailed, "The agent `\(agentId)` said more than \(ReplyPiece.bound) bytes of one reply.",
            [("agentId", .shown(agentId))])
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
