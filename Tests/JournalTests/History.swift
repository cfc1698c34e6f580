import Conversations
import Jansson
import Journal
import TestSupport

/// A conversation whose history changes: retries, edits, keys, usage; and what of it a reader must see, found the
/// plain way.
struct History: Sendable {
    /// Those behind the first.
    var events: [Event] = []

    init(_ events: [Event] = []) { self.events = events }

    init(_ generator: inout Generator, count: Int) {
        for seq in 1..<(count + 1) {
            events.append(Self.event(seq, &generator, users: messages(.user)))
        }
    }

    private static func event(_ seq: Int, _ generator: inout Generator, users: [Message]) -> Event {
        let content = Text(String(repeating: generator.pick(["x", "ü", "\"", "\n"]), count: generator.below(200)))
        let target = users.isEmpty ? Message(id: "none", role: .user, content: "") : generator.pick(users)
        let turnId = generator.pick([target.turnId, target.turnId, Text("t\(generator.below(seq))")])
        switch generator.below(12) {
        case 0...2:
            let message = Message(
                id: Text("m\(seq)"), role: .user, content: content,
                turnId: generator.below(3) == 0 ? nil : Text("t\(seq)"),
                idempotencyKey: generator.below(3) == 0 ? Text("k\(seq)") : nil)
            return .message(message)
        case 3...5:
            let usage = generator.below(3) == 0 ? #"{"usage":{"input_tokens":2,"output_tokens":3}}"# : "{}"
            return reply("m\(seq)", content, turnId, usage)
        case 6: return .message(Message(id: Text("m\(seq)"), role: .system, content: content))
        case 7:
            return .turnEnded(TurnEnd(turnId: turnId ?? "t", messageId: target.id, outcome: .failed, partial: content))
        case 8: return .turnStarted(TurnStart(turnId: Text("t\(seq)"), messageId: target.id))
        case 9: return .superseded(fromSeq: generator.pick([seq, max(1, seq - generator.below(10))]))
        case 10: return Sample.any(&generator).withoutMessage
        default: return generator.pick([.unknown, .deleted, .restored, .ended(reason: "done"), .reopened])
        }
    }

    static func reply(_ id: String, _ content: Text, _ turnId: Text?, _ metadata: String = "{}") -> Event {
        let json = try? JSON.parse(metadata.utf8)
        return .message(
            Message(
                id: Text(id), role: .assistant, content: content,
                metadata: json.map { JSONFragment($0) } ?? .emptyObject, turnId: turnId,
                usage: json?["usage"].map { TokenUsage($0) }))
    }

    /// All that were ever sent by somebody of that role.
    private func messages(_ role: Role) -> [Message] {
        events.compactMap { event in
            if case .message(let message) = event, message.role == role { message } else { nil }
        }
    }

    // MARK: The plain way

    /// Lines of the messages that history shows after the lines before `end`, oldest first.
    func shown(before end: Int = .max) -> [Int] {
        var shown: [Int] = []
        for (line, event) in zip(1..., events) where line < end {
            switch event {
            case .message: shown.append(line)
            case .superseded(let from): shown.removeAll { $0 >= from }
            default: break
            }
        }
        return shown
    }

    /// Lines of the ends of turns that nothing superseded.
    var turnEnds: [Int] {
        var ends: [Int] = []
        for (line, event) in zip(1..., events) {
            switch event {
            case .turnEnded: ends.append(line)
            case .superseded(let from): ends.removeAll { $0 >= from }
            default: break
            }
        }
        return ends
    }

    /// The state after the lines before `end`; that of the store is made by reading a file.
    func folded(before end: Int = .max) -> Conversation {
        var conversation = Conversation(Sample.started(), seq: 0, at: Sample.time())
        for (line, event) in zip(1..., events) where line < end {
            let before = shown(before: line).count
            conversation.apply(
                RecordedEvent(seq: line, time: Sample.time(Int64(line)), event: event),
                superseded: before - shown(before: line + 1).count)
        }
        return conversation
    }
}

extension Event {
    /// Itself where it is no message, else something else.
    fileprivate var withoutMessage: Event { if case .message = self { .unknown } else { self } }
}
