import JSONRPC
import Jansson

extension Host {
    /// Carries out the lines that wait, as long as nothing holds them up.
    func carryOutBacklog() {
        // What a line does may call for the next ones, which come anyhow.
        if backlog.isBeingCarriedOut { return }
        backlog.isBeingCarriedOut = true
        defer { backlog.isBeingCarriedOut = false }
        while !backlog.isHeldUp, let batch = backlog.first {
            while !backlog.isHeldUp, let line = backlog.nextLine() {
                take(line, of: batch)
                runAfterwards()
            }
            if backlog.dropFirstIfDone() { loop.carriedOut(batch) }
        }
    }

    /// Answers are read again.
    package func outputHasRoom() {
        backlog.isOutputFull = false
        for conversation in conversations.values where !conversation.parked.isEmpty { resume(conversation) }
        beginWaiting()
        carryOutBacklog()
    }

    private func take(_ line: LineBatch.Line, of batch: LineBatch) {
        switch line {
        case .text(let range): take(line: range, of: batch.bytes)
        case .tooLong:
            let message = "A line is longer than the limit of \(Limits.lineBytes) bytes; it was skipped."
            refuse(RPCError(.lineTooLong, message, [("limit", .string("lineBytes"))]))
        }
    }

    private func take(line: Range<Int>, of bytes: [UInt8]) {
        var line = line
        if isFirstLine {
            isFirstLine = false
            if bytes[line].starts(with: [0xEF, 0xBB, 0xBF]) { line = line.lowerBound + 3..<line.upperBound }
        }
        if bytes[line].allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        let json: JSON
        do throws(JSONSyntaxError) {
            json = try JSON.parse(bytes[line])
        } catch {
            refuse(RPCError(error))
            return
        }
        if json.kind == .array {
            takeBatch(json, bytes: line.count)
        } else if beginsAtOnce {
            carryOut(IncomingMessage(json), batch: nil)
        } else {
            takeInOrder(json, line: Array(bytes[line]))
        }
    }

    /// Answers what has no id that could be told.
    func refuse(_ error: RPCError, batch: Int? = nil) {
        inOrder(batch: batch, bytes: error.message.utf8.count) { self.answer(self.newCall(.null, batch: batch), error) }
    }

    /// A message that may have to wait. Then it waits as text, which is a tenth of what it is parsed.
    private func takeInOrder(_ json: JSON, line text: [UInt8]) {
        let message = IncomingMessage(json)
        if passes(message) {
            carryOut(message, batch: nil)
            return
        }
        inOrder(message.id, bytes: text.count) {
            // It was parsed before, so it can be again.
            guard let json = try? JSON.parse(text) else {
                self.answer(self.newCall(.null), RPCError(.internalError, "A line could be parsed once and not twice."))
                return
            }
            self.carryOut(IncomingMessage(json), batch: nil)
        }
    }

    /// A member of a batch.
    func take(_ json: JSON, batch: Int, bytes: Int) {
        let message = IncomingMessage(json)
        if passes(message) {
            carryOut(message, batch: batch)
        } else {
            inOrder(message.id, batch: batch, bytes: bytes) { self.carryOut(message, batch: batch) }
        }
    }

    /// Cancels never wait for what they cancel: that of a request, and with `--in-order` that of a turn, which would
    /// come when there is none.
    private func passes(_ message: IncomingMessage) -> Bool {
        guard case .request(_, let method, _) = message else { return false }
        return method == "$/cancelRequest" || method == "turn/cancel" && options.isInOrder
    }

    private func carryOut(_ message: IncomingMessage, batch: Int?) {
        switch message {
        case .request(let id, let name, let params): carryOut(newCall(id, batch: batch), name, params)
        case .invalid(let id, let error): answer(newCall(id, batch: batch), error)
        case .response:
            log.warning("a response came, though nothing was asked; it was dropped")
            noteAnswered(newCall(nil))
        }
    }

    private func newCall(_ id: RequestID?, batch: Int? = nil) -> Call {
        options.clock.tick()
        callsMade += 1
        return Call(id: id, number: callsMade, batch: batch)
    }

    private func carryOut(_ call: Call, _ name: Text, _ params: JSON?) {
        guard let method = MethodTable.shared[name] else {
            answer(call, .methodNotFound(name))
            return
        }
        // What keeps the host from leaving can still be cancelled.
        if lifecycle.refusesRequests, call.id != nil, name != "turn/cancel" {
            answer(call, RPCError(.shuttingDown, "The host is shutting down and takes no more requests."))
            return
        }
        do throws(RPCError) {
            try method.screen?(params)
            try method.run(self, call, try Parameters(params, declared: method.parameters))
        } catch {
            answer(call, error)
        }
    }
}

extension IncomingMessage {
    fileprivate var id: RequestID? {
        if case .request(let id, _, _) = self { id } else { nil }
    }
}

extension RPCError {
    fileprivate static func methodNotFound(_ name: Text) -> RPCError {
        let closest = closestName(to: name.description, among: MethodTable.shared.names)
        let hint = closest.map { "did you mean `\($0)`?" } ?? "`rpc.discover` tells all there are."
        let error = RPCError(
            .methodNotFound, "There is no method `\(name)`: \(hint)", [("method", .shown(name))])
        return closest.map { error.with("closest", .string($0)) } ?? error
    }
}
