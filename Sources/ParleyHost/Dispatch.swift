import JSONRPC
import Jansson

extension Host {
    /// Carries out the lines that wait, as long as there is room for their answers.
    func carryOutBacklog() {
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
        backlog.isHeldUp = false
        carryOutBacklog()
    }

    private func take(_ line: LineBatch.Line, of batch: LineBatch) {
        switch line {
        case .text(let range):
            batch.bytes.withUnsafeBytes { take(line: UnsafeRawBufferPointer(rebasing: $0[range])) }
        case .tooLong:
            let message = "A line is longer than the limit of \(Limits.lineBytes) bytes; it was skipped."
            answer(.unknown, RPCError(.lineTooLong, message, [("limit", .string("lineBytes"))]))
        }
    }

    private func take(line: UnsafeRawBufferPointer) {
        var line = line
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = UnsafeRawBufferPointer(rebasing: line.dropFirst(3)) }
        }
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        let json: JSON
        do throws(JSONSyntaxError) {
            json = try JSON.parse(line)
        } catch {
            answer(.unknown, RPCError(error))
            return
        }
        if json.kind == .array {
            takeBatch(json)
        } else {
            take(json, batch: nil)
        }
    }

    /// One message, alone on its line or a member of a batch.
    func take(_ json: JSON, batch: Int?) {
        callsMade += 1
        switch IncomingMessage(json) {
        case .request(let id, let name, let params):
            carryOut(Call(id: id, number: callsMade, batch: batch), name, params)
        case .response: log.warning("a response came, though nothing was asked; it was dropped")
        case .invalid(let id, let error): answer(Call(id: id, number: callsMade, batch: batch), error)
        }
    }

    private func carryOut(_ call: Call, _ name: Text, _ params: JSON?) {
        guard let method = MethodTable.shared[name] else {
            answer(call, .methodNotFound(name))
            return
        }
        if lifecycle.refusesRequests, call.id != nil {
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

extension Call {
    /// What an answer goes to where no id could be told.
    fileprivate static let unknown = Call(id: .null, number: 0, batch: nil)
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
