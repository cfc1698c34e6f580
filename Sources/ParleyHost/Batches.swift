import JSONRPC
import Jansson

/// A batch of which not every member is answered yet.
struct BatchInProgress {
    var answers: [[UInt8]] = []
    /// Requests that are not answered.
    var missing: Int
}

extension Host {
    /// Runs the members as if they had come one a line. What they are answered goes out as one array.
    ///
    /// - Parameter bytes: of its line.
    func takeBatch(_ json: JSON, bytes: Int) {
        if json.count == 0 || json.count > Limits.batchMembers {
            let message =
                json.count == 0
                ? "A batch must not be empty."
                : "A batch has at most \(Limits.batchMembers) members; this one has \(json.count)."
            refuse(RPCError(.invalidRequest, message))
            return
        }
        batchesMade += 1
        let key = batchesMade
        // One more than there are members, so that the array can't be complete before all were looked at.
        batches[key] = BatchInProgress(missing: 1)
        for member in json.elements {
            if case .array = member.kind {
                batches[key]?.missing += 1
                refuse(RPCError(.invalidRequest, "A batch within a batch is no request."), batch: key)
                continue
            }
            if expectsAnswer(member) { batches[key]?.missing += 1 }
            // A member waits parsed, which takes some ten times its text.
            take(member, batch: key, bytes: 10 * bytes / json.count)
            runAfterwards()
        }
        complete(key) { $0.missing -= 1 }
    }

    /// An answer to a member is ready.
    func collect(_ answer: [UInt8], for call: Call) {
        noteAnswered(call)
        guard let key = call.batch else { return }
        complete(key) { batch in
            batch.answers.append(answer)
            batch.missing -= 1
        }
    }

    private func complete(_ key: Int, _ change: (inout BatchInProgress) -> Void) {
        guard var batch = batches[key] else { return }
        change(&batch)
        batches[key] = batch.missing == 0 ? nil : batch
        guard batch.missing == 0, !batch.answers.isEmpty else { return }
        outgoing.beginArray()
        for answer in batch.answers { outgoing.value(spliced: answer[...]) }
        outgoing.endArray()
        outgoing.endLine()
    }

    private func expectsAnswer(_ member: JSON) -> Bool {
        switch IncomingMessage(member) {
        case .request(let id, _, _): id != nil
        case .response: false
        case .invalid: true
        }
    }
}
