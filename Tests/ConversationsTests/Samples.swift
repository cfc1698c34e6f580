import Conversations
import Jansson

/// Makes values for the tests, with as little said as there can be.
enum Sample {
    static func time(_ offset: Int64 = 0) -> Timestamp { Timestamp(milliseconds: 1_795_338_643_123 + offset) }

    static func started() -> Started { Started(id: "conv_1", userId: "ada", agentId: "echo", type: "general") }

    static func started(_ change: (inout Started) throws -> Void) rethrows -> Started {
        var started = started()
        try change(&started)
        return started
    }

    static func members(_ text: String) throws -> Members { Members(try JSON.parse(text.utf8)) }

    static func line(_ event: Event, seq: Int = 1, at time: Timestamp = time()) -> [UInt8] {
        JSONFragment { $0.event(event, seq: seq, at: time) }.bytes
    }

    /// A conversation to which these events happened, a second apart.
    static func fold(_ started: Started = started(), _ events: Event...) -> Conversation {
        var conversation = Conversation(started, seq: 0, at: time())
        for (index, event) in events.enumerated() {
            conversation.apply(RecordedEvent(seq: index + 1, time: time(Int64(index + 1) * 1000), event: event))
        }
        return conversation
    }

    static func user(_ content: Text, id: Text = "msg_1", turnId: Text? = nil) -> Event {
        .message(Message(id: id, role: .user, content: content, turnId: turnId))
    }

    static func assistant(_ content: Text = "Yes.", turnId: Text? = nil) -> Event {
        .message(Message(id: "msg_2", role: .assistant, content: content, turnId: turnId))
    }
}

extension JSONFragment {
    var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Members {
    var description: String { JSONFragment { $0.object(self) }.description }
}
