import JSONRPC
import Jansson
import Journal

/// Answers about a conversation that wait until its events are stored.
struct HeldAnswers {
    /// Notifications of turns and answers.
    var lines = JSONWriter()
    /// The calls that `lines` answers, should something else have to be said to them.
    fileprivate(set) var calls: [Call] = []
    /// Answers to members of batches.
    fileprivate(set) var members: [(call: Call, answer: [UInt8])] = []
    /// Turns of which `lines` tell that they began, or ended.
    var begun: [Turn] = []
    var ended: [Turn] = []
}

extension Host {
    /// Answers a call with what `result` writes: one JSON value.
    ///
    /// An answer about a conversation with events that are not stored yet waits for them, whatever it says.
    func answer(
        _ call: Call, about conversation: OpenConversation? = nil,
        _ result: (inout JSONWriter) throws(RPCError) -> Void
    ) {
        noLongerWaits(call)
        guard let id = call.id else {
            noteAnswered(call)
            return
        }
        if call.batch != nil {
            var writer = JSONWriter()
            write(id, to: &writer, result)
            let answer = writer.take()
            if let conversation, conversation.isTouched {
                conversation.held.members.append((call, answer))
            } else {
                collect(answer, for: call)
            }
        } else if let conversation, conversation.isTouched {
            conversation.held.calls.append(call)
            write(id, to: &conversation.held.lines, result)
            conversation.held.lines.endLine()
        } else {
            write(id, to: &outgoing, result)
            outgoing.endLine()
            noteAnswered(call)
            if outgoing.count >= Limits.flushBytes { flush() }
        }
    }

    func answer(_ call: Call, about conversation: OpenConversation? = nil, _ error: RPCError) {
        noLongerWaits(call)
        if call.id == nil {
            log.warning("a notification failed: \(error.kind.rawValue): \(error.message)")
            noteAnswered(call)
            return
        }
        if error.kind == .internalError { log.error("internal error: \(error.message)") }
        answer(call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in throw error }
    }

    /// Sends what was answered so far on its way.
    func flush() {
        if outgoing.count == 0 { return }
        let lines = outgoing.take()
        // Where much was answered much more will be: room for it at once spares copying it as it grows.
        if lines.count > Limits.flushBytes / 2 { outgoing.reserve(lines.count + lines.count / 4) }
        send(lines)
    }

    private func send(_ lines: [UInt8]) {
        if !output.send(lines) { backlog.isOutputFull = true }
    }

    /// The events are stored: what waited for them goes out.
    func release(_ held: HeldAnswers) {
        if held.lines.count > 0 {
            flush()
            send(held.lines.bytes)
        }
        for turn in held.begun {
            turn.stream?.isOpen = true
            if let stream = turn.stream, stream.telling != .atTheEnd { tellPieces(of: stream) }
        }
        if options.isInOrder { for call in held.calls { noteAnswered(call) } }
        for (call, answer) in held.members { collect(answer, for: call) }
    }

    /// The events are not stored: each of the calls is told that instead.
    func refuse(_ held: HeldAnswers, _ error: RPCError, about id: Text) {
        for turn in held.ended { tellLost(turn, id, error.with("turnId", .string(turn.id))) }
        for call in held.calls { answer(call, error) }
        for (call, _) in held.members { answer(call, error) }
    }

    // MARK: Writing

    private func write(
        _ id: RequestID, to writer: inout JSONWriter, _ result: (inout JSONWriter) throws(RPCError) -> Void
    ) {
        let start = writer.count
        do throws(RPCError) {
            writer.beginAnswer(id)
            writer.verbatim(",\"result\":")
            try result(&writer)
            writer.endObject()
            if writer.count - start > Limits.lineBytes {
                throw RPCError(
                    .resultTooLarge,
                    "The answer would be a line of \(writer.count - start) bytes, over the limit of "
                        + "\(Limits.lineBytes): read `conversation/history` or `conversation/events` page by page.",
                    [("limit", .string("lineBytes")), ("method", .string("conversation/history"))])
            }
        } catch {
            writer.truncate(to: start)
            writer.beginAnswer(id)
            writer.key("error")
            writer.error(error)
            writer.endObject()
        }
    }
}

extension JSONWriter {
    fileprivate mutating func beginAnswer(_ id: RequestID) {
        verbatim("{\"jsonrpc\":\"2.0\",\"id\":")
        self.id(id)
    }
}
