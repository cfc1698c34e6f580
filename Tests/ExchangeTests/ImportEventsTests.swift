import Conversations
import Exchange
import Jansson
import TestSupport
import Testing

@Suite("The events of what comes in") struct ImportEventsTests {
    private static let defaults = ImportDefaults(
        id: "conv_9", userId: "ada", agentId: "echo", now: Sample.time(9_000_000))

    private func events(_ conversation: PortableConversation) -> [(time: Timestamp, event: Event)] {
        var made = 0
        return conversation.events(Self.defaults) {
            made += 1
            return Text("made_\(made)")
        }
    }

    private func fold(_ conversation: PortableConversation) throws -> Conversation {
        let events = events(conversation)
        guard case .started(let started)? = events.first?.event else { throw NoBeginning() }
        var folded = Conversation(started, seq: 0, at: events[0].time)
        for (seq, event) in zip(1..., events.dropFirst()) {
            folded.apply(RecordedEvent(seq: seq, time: event.time, event: event.event))
        }
        return folded
    }

    private struct NoBeginning: Error {}

    private func text(_ event: Event) -> String {
        switch event {
        case .started: "started"
        case .message(let message): "message \(message.id) \(message.role) \(message.content)"
        case .updated(let update): "updated archived \(update.archived.map { "\($0)" } ?? "-")"
        case .ended(let reason): "ended \(reason)"
        default: "other"
        }
    }

    @Test("What says nothing gets what is usual")
    func least() throws {
        let events = events(Sample.conversation("Hi", "Yes"))
        #expect(events.map { text($0.event) } == ["started", "message made_1 user Hi", "message made_2 user Yes"])
        #expect(events.allSatisfy { $0.time == Sample.time(9_000_000) })
        guard case .started(let started) = events[0].event else { return }
        #expect(started.id == "conv_9" && started.userId == "ada" && started.agentId == "echo")
        #expect(started.type == "general" && started.title == nil && started.tags.isEmpty)
        #expect(started.instructions == nil && started.metadata.isEmpty && started.forkedFrom == nil)
        #expect(started.context == Members.initialContext() && started.format == Started.format)
    }

    @Test("What is said is kept")
    func most() throws {
        var conversation = Sample.conversation()
        conversation.id = "c"
        conversation.userId = "u"
        conversation.agentId = "a"
        conversation.organizationId = "o"
        conversation.projectId = "p"
        conversation.type = "sales"
        conversation.title = "T"
        conversation.tags = ["x"]
        conversation.instructions = "i"
        conversation.startTime = Sample.time()
        conversation.metadata = try Sample.members(#"{"m":1}"#)
        conversation.context = try Sample.members(#"{"k":2,"custom_data":{"x":1},"conversation_type":"old"}"#)
        let folded = try fold(conversation)
        #expect(folded.id == "c" && folded.userId == "u" && folded.agentId == "a" && folded.type == "sales")
        #expect(folded.organizationId == "o" && folded.projectId == "p" && folded.givenTitle == "T")
        #expect(folded.tags == ["x"] && folded.instructions == "i" && folded.startTime == Sample.time())
        #expect(folded.metadata == conversation.metadata && !folded.isEnded && !folded.archived)
        #expect(
            JSONFragment { $0.object(folded.context) }.description
                == #"{"user_preferences":{},"conversation_state":"active","custom_data":{"x":1},"k":2,"conversation_type":"sales"}"#
        )
    }

    @Test("A message without a time was sent when the one before it was; the first, when it began")
    func times() {
        var conversation = Sample.conversation()
        conversation.startTime = Sample.time()
        conversation.archived = true
        conversation.context["conversation_state"] = .string("ended")
        conversation.messages = ([nil, 5, nil, 3, nil] as [Int64?]).map {
            Sample.message("x", time: $0.map { Sample.time($0) })
        }
        #expect(events(conversation).map(\.time) == [0, 0, 5, 5, 3, 3, 3, 3].map { Sample.time($0) })
        conversation.startTime = nil
        #expect(events(conversation).first?.time == Sample.time(5), "it began with the first time that is known")
        conversation.endTime = Sample.time(77)
        #expect(events(conversation).last?.time == Sample.time(77))
    }

    @Test("Ids are made for those alone that have none")
    func ids() {
        var conversation = Sample.conversation()
        conversation.messages = (["a", nil, "b", nil] as [Text?]).map { Sample.message("x", id: $0) }
        #expect(
            events(conversation).dropFirst().map { text($0.event) }
                == ["a", "made_1", "b", "made_2"].map { "message \($0) user x" })
    }

    @Test("What is archived is archived behind its messages")
    func archived() throws {
        var conversation = Sample.conversation("x")
        conversation.archived = true
        #expect(
            events(conversation).map { text($0.event) }
                == ["started", "message made_1 user x", "updated archived true"])
        #expect(try fold(conversation).archived)
    }

    struct Ending: Sendable {
        let endTime: Int64?
        let state: String
        let metadata: String
        /// The reason, or nil where it is active.
        let reason: String?
        let left: String
    }

    @Test(
        "What has ended ends with its reason, which is no metadata before",
        arguments: [
            Ending(endTime: nil, state: "active", metadata: "{}", reason: nil, left: "{}"),
            Ending(
                endTime: nil, state: "active", metadata: #"{"end_reason":"mine"}"#, reason: nil,
                left: #"{"end_reason":"mine"}"#),
            Ending(endTime: 50, state: "active", metadata: "{}", reason: "user_ended", left: "{}"),
            Ending(endTime: nil, state: "ended", metadata: "{}", reason: "user_ended", left: "{}"),
            Ending(
                endTime: 50, state: "ended", metadata: #"{"a":1,"end_reason":"done \"x\""}"#, reason: "done \"x\"",
                left: #"{"a":1}"#),
            Ending(
                endTime: 50, state: "ended", metadata: #"{"end_reason":7}"#, reason: "user_ended", left: "{}"),
        ])
    func ended(_ ending: Ending) throws {
        var conversation = Sample.conversation("x")
        conversation.messages[0].time = Sample.time(20)
        conversation.endTime = ending.endTime.map { Sample.time($0) }
        conversation.context["conversation_state"] = .string(Text(ending.state))
        conversation.metadata = try Sample.members(ending.metadata)
        let events = events(conversation)
        guard case .started(let started) = events[0].event, let last = events.last else { return }
        #expect(JSONFragment { $0.object(started.metadata) }.description == ending.left)
        #expect(started.context["conversation_state"]?.description == #""active""#)
        if let reason = ending.reason {
            #expect(text(last.event) == "ended \(reason)" && events.count == 3)
            #expect(last.time == Sample.time(ending.endTime ?? 20))
        } else {
            #expect(events.count == 2)
        }
        let folded = try fold(conversation)
        #expect(folded.isEnded == (ending.reason != nil))
        let reason = ending.reason.map { JSONFragment.string(Text($0)) }
        #expect(folded.isEnded ? folded.metadata["end_reason"] == reason : true)
    }

    @Test("A reply's usage counts")
    func usage() throws {
        var conversation = Sample.conversation()
        let metadata = JSONFragment(
            try JSON.parse(#"{"usage":{"input_tokens":2,"output_tokens":3},"other":[]}"#.utf8))
        conversation.messages = [
            PortableMessage(id: "m", role: .assistant, content: "x", time: nil, metadata: metadata)
        ]
        #expect(try fold(conversation).usage?.total == 5)
        guard case .message(let message) = events(conversation)[1].event else { return }
        #expect(message.metadata == metadata && message.turnId == nil && message.idempotencyKey == nil)
    }

    @Test("A conversation that went out comes in as what it was", arguments: 0..<20)
    func roundTrip(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let first = try fold(Sample.random(&generator))
        let portable = PortableConversation(first, messages: [])
        let text = JSONFragment { $0.conversation(portable) }.bytes
        let second = try fold(PortableConversation(JSON.parse(text)))
        #expect(PortableConversation(second, messages: []).members == portable.members)
        #expect(second.metadata == first.metadata && second.context == first.context)
        #expect(second.isEnded == first.isEnded && second.archived == first.archived)
    }
}
