import Conversations
import Jansson

extension ConversationLog {
    /// Makes a new conversation of the beginning of another: its state after the lines before `end`, and the messages
    /// that its history showed there. Safe on any thread.
    ///
    /// - Throws: `exists`, `failed`, `unconfirmed`.
    package static func fork(
        _ source: Opened, of id: Text, before end: Int, as newId: Text, in directory: StoreDirectory,
        at time: Timestamp, durably: Bool
    ) throws(StoreError) {
        let whole = ConversationLog(id, source, in: directory)
        var contents = source.contents
        if end < contents.index.count {
            let size = contents.index.offset(end)
            contents = LogContents(of: id)
            _ = try contents.read(source.file.descriptor, upTo: size, shown: directory.shown(id))
        }
        guard let conversation = contents.conversation else { throw .notFound }
        // Reading them finds out which of them are damaged after all.
        var lines: [Int] = []
        for line in 0..<contents.index.count where contents.index[line].isInHistory {
            if case .message? = try whole.event(line)?.event { lines.append(line) }
        }
        let fork = try ConversationLog(creating: newId, in: directory)
        fork.append(.started(conversation.forked(as: newId, inherited: lines.count)), at: time)
        for line in lines {
            guard let json = try whole.json(line), let recorded = try? RecordedEvent(json),
                case .message(var message) = recorded.event
            else { continue }
            // Turns and keys are the parent's; everything else comes along, known or not.
            var members = Members(json)
            let seq = fork.seq + 1
            members["seq"] = JSONFragment { $0.integer(seq) }
            members["turnId"] = nil
            members["idempotencyKey"] = nil
            message.turnId = nil
            message.idempotencyKey = nil
            fork.append(
                line: JSONFragment { $0.object(members) },
                RecordedEvent(seq: seq, time: recorded.time, event: .message(message)))
            if fork.pending.count > writeBytes { try fork.write() }
        }
        try fork.finish(durably: durably)
    }

    /// Makes a new conversation of events, the first of which is `started`. Safe on any thread.
    package static func create(
        _ id: Text, _ events: [(time: Timestamp, event: Event)], in directory: StoreDirectory, durably: Bool
    ) throws(StoreError) {
        let log = try ConversationLog(creating: id, in: directory)
        for (time, event) in events {
            log.append(event, at: time)
            if log.pending.count > writeBytes { try log.write() }
        }
        try log.finish(durably: durably)
    }

    /// The events as lines, those that are damaged left out.
    package func lines() throws(StoreError) -> [UInt8] {
        var text = JSONWriter()
        for line in 0..<lineCount where entry(line).kind != .damaged {
            let before = text.count
            try copy(line..<line + 1, where: { _ in true }, to: &text)
            if text.count > before { text.endLine() }
        }
        return text.bytes
    }

    /// How much of a long file that is made in one go is collected before it is written.
    static let writeBytes = 1 << 20

    /// Writes what is pending of a new conversation and gives it its name.
    package func finish(durably: Bool) throws(StoreError) {
        try write()
        if durably { try sync() }
        guard let publication = publication() else { return }
        try publication(durably: durably)
        didPublish()
    }
}
