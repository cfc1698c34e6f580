import Conversations
import Insight
import Jansson
import TestSupport
import Testing

/// Makes values for the tests, with as little said as there can be.
enum Sample {
    static let time = Timestamp(milliseconds: 1_795_338_643_123)

    static func conversation(type: Text = "general", _ change: (inout Started) -> Void = { _ in }) -> Conversation {
        var started = Started(id: "conv_1", userId: "ada", agentId: "echo", type: type)
        change(&started)
        return Conversation(started, seq: 0, at: time)
    }

    /// What was said, as "u Hello" for a user, "a …" for an assistant and "s …" for the system.
    static func said(_ message: String) throws -> (role: Role, content: Text) {
        let role = Role.allCases.first { message.hasPrefix("\($0.rawValue.prefix(1)) ") }
        return (try #require(role), Text(String(message.unicodeScalars.dropFirst(2))))
    }

    /// The tally of a conversation of these messages alone: the first has seq 1 and the id m1.
    static func tally(_ messages: [String], _ words: WordList) throws -> Tally {
        var tally = Tally(Analyser(words))
        try add(messages, to: &tally)
        return tally
    }

    static func add(_ messages: [String], to tally: inout Tally) throws {
        for message in messages {
            let (role, content) = try said(message)
            tally.add(role, content, id: Text("m\(tally.messages + 1)"), seq: tally.messages + 1)
        }
    }

    /// A member of the context that is told of a conversation of these messages; "" where there is none.
    static func told(_ name: Text, of messages: [String], _ words: WordList) throws -> String {
        let tally = try tally(messages, words)
        return tally.event(throughSeq: tally.messages, over: conversation()).context[name]?.description ?? ""
    }

    /// Generators of neighbouring seeds give the same numbers, one place apart: these are a million apart.
    static func generator(_ seed: UInt64) -> Generator { Generator(seed: seed &* 1_000_003) }

    static func copies(_ count: Int, _ message: String = "u ok") -> [String] {
        Array(repeating: message, count: count)
    }
}

extension JSONFragment {
    var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Members {
    var description: String { JSONFragment { $0.object(self) }.description }
}

extension Tally {
    /// The event that tells what is known now, of a conversation that is as `state` before it.
    func event(throughSeq: Int, over state: Conversation) -> InsightRecord {
        event(throughSeq: throughSeq, needs: state.toldNeeds, over: state.context)
    }
}
