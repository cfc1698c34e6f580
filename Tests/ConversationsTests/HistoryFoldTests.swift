import Conversations
import Jansson
import Testing

@Suite("What a conversation is after its history was changed") struct HistoryFoldTests {
    private static func reply(_ metadata: String, id: Text = "msg_2") throws -> Event {
        let json = try JSON.parse(metadata.utf8)
        return .message(
            Message(
                id: id, role: .assistant, content: "Yes.", metadata: JSONFragment(json),
                usage: json["usage"].map { TokenUsage($0) }))
    }

    @Test("A turn on a message that is there opens, and its end or its reply closes it")
    func turnStarted() throws {
        let start = Event.turnStarted(TurnStart(turnId: "t2", messageId: "msg_1"))
        let open = Sample.fold(Sample.started(), Sample.user("Hi"), start)
        let turn = try #require(open.openTurn)
        #expect(turn.turnId == "t2" && turn.messageId == "msg_1" && turn.since == Sample.time(2000))
        #expect(open.messageCount == 1 && open.seq == 2 && open.updatedTime == Sample.time(2000))
        let closing = [
            Sample.assistant(turnId: "t2"), .turnEnded(TurnEnd(turnId: "t2", messageId: "msg_1", outcome: .failed)),
        ]
        for event in closing {
            #expect(Sample.fold(Sample.started(), Sample.user("Hi"), start, event).openTurn == nil)
        }
        let other = Sample.assistant(turnId: "t1")
        #expect(Sample.fold(Sample.started(), Sample.user("Hi", turnId: "t1"), start, other).openTurn?.turnId == "t2")
    }

    @Test("As many messages leave as the reader of the file has counted")
    func supersededCount() {
        var conversation = Sample.fold(Sample.started(), Sample.user("a"), Sample.assistant(), Sample.user("b"))
        let event = RecordedEvent(seq: 4, time: Sample.time(4000), event: .superseded(fromSeq: 2))
        var untold = conversation
        conversation.apply(event, superseded: 2)
        #expect(conversation.messageCount == 1 && conversation.seq == 4)
        #expect(conversation.updatedTime == Sample.time(4000))
        untold.apply(event)
        #expect(untold.messageCount == 3)
    }

    @Test("The title goes with the message that it was made from, and comes back with the next", arguments: 1...3)
    func supersededTitle(_ from: Int) {
        // The first user's message is the second event.
        var conversation = Sample.fold(Sample.started(), Sample.assistant("Welcome."), Sample.user("First"))
        conversation.apply(
            RecordedEvent(seq: 3, time: Sample.time(3000), event: .superseded(fromSeq: from)),
            superseded: max(0, 3 - from))
        let isGone = from <= 2
        #expect(conversation.title == (isGone ? nil : "First") && conversation.wantsFirstLine == isGone)
        conversation.apply(RecordedEvent(seq: 4, time: Sample.time(4000), event: Sample.user("Second")))
        #expect(conversation.title == (isGone ? "Second" : "First") && !conversation.wantsFirstLine)
    }

    @Test("A title that was set stays, whatever leaves the history")
    func givenTitle() {
        var conversation = Sample.fold(Sample.started { $0.title = "Set" }, Sample.user("First"))
        conversation.apply(
            RecordedEvent(seq: 2, time: Sample.time(2000), event: .superseded(fromSeq: 1)), superseded: 1)
        #expect(conversation.title == "Set" && conversation.givenTitle == "Set" && conversation.messageCount == 0)
    }

    @Test("What superseded replies used stays counted")
    func supersededUsage() throws {
        var conversation = Sample.fold(
            Sample.started(), Sample.user("Hi"),
            try Self.reply(#"{"usage":{"input_tokens":3,"output_tokens":4}}"#))
        conversation.apply(
            RecordedEvent(seq: 3, time: Sample.time(3000), event: .superseded(fromSeq: 2)), superseded: 1)
        #expect(conversation.usage?.total == 7 && conversation.messageCount == 1)
    }

    @Test("Going to the trash and back changes nothing but seq and time", arguments: [Event.deleted, .restored])
    func trash(_ event: Event) throws {
        let events = [Sample.user("Hi", turnId: "t"), .ended(reason: "done")]
        let before = Sample.fold(Sample.started(), events[0], events[1])
        let after = Sample.fold(Sample.started(), events[0], events[1], event)
        #expect(after.seq == before.seq + 1 && after.updatedTime == Sample.time(3000))
        #expect(after.isEnded && after.endTime == before.endTime && after.messageCount == 1 && after.title == "Hi")
        #expect(after.openTurn?.turnId == "t" && !after.archived && after.metadata == before.metadata)
        #expect(after.context == before.context)
    }

    @Test("Inherited messages are counted, what they used is not")
    func inherited() throws {
        let origin = ForkOrigin(conversationId: "conv_0", seq: 9, inherited: 2)
        let usage = #"{"usage":{"input_tokens":1,"output_tokens":10}}"#
        let fork = Sample.fold(
            Sample.started { $0.forkedFrom = origin }, Sample.user("Hi"), try Self.reply(usage),
            try Self.reply(#"{"usage":{"input_tokens":100,"output_tokens":1000}}"#, id: "msg_3"))
        #expect(fork.forkedFrom == origin && fork.messageCount == 3 && fork.title == "Hi")
        #expect(fork.usage?.input == 100 && fork.usage?.output == 1000)
        let own = Sample.fold(Sample.started(), Sample.user("Hi"), try Self.reply(usage))
        #expect(own.usage?.total == 11 && own.forkedFrom == nil)
        let onlyInherited = Sample.fold(
            Sample.started { $0.forkedFrom = origin }, Sample.user("Hi"), try Self.reply(usage))
        #expect(onlyInherited.usage == nil && onlyInherited.messageCount == 2)
    }

    @Test("Only replies use anything", arguments: [Role.user, .system])
    func others(_ role: Role) throws {
        var usage = TokenUsage()
        usage.input = 5
        let message = Message(id: "m", role: role, content: "x", usage: usage)
        #expect(Sample.fold(Sample.started(), .message(message)).usage == nil)
    }
}

@Suite("What a fork begins with") struct ForkedTests {
    @Test("It is the state as it is, under another id")
    func state() throws {
        let started = Started(
            id: "c", userId: "u", agentId: "a", organizationId: "o", projectId: "p", type: "sales", title: "T",
            tags: ["x"], instructions: "i", metadata: try Sample.members(#"{"m":1}"#),
            context: try Sample.members(#"{"conversation_state":"active","k":2}"#))
        var update = Update()
        update.agentId = "b"
        update.tags = ["y", "z"]
        let fork = Sample.fold(started, .updated(update), Sample.user("Hi")).forked(as: "f", inherited: 1)
        #expect(fork.id == "f" && fork.userId == "u" && fork.agentId == "b" && fork.organizationId == "o")
        #expect(fork.projectId == "p" && fork.type == "sales" && fork.title == "T" && fork.tags == ["y", "z"])
        #expect(fork.instructions == "i" && fork.metadata.description == #"{"m":1}"#)
        #expect(fork.context.description == #"{"conversation_state":"active","k":2}"#)
        #expect(fork.forkedFrom == ForkOrigin(conversationId: "c", seq: 2, inherited: 1))
        #expect(fork.format == Started.format)
    }

    @Test("A fork of what has ended is active")
    func ended() throws {
        let ended = Sample.fold(
            Sample.started { $0.context = Members.initialContext() }, Sample.user("Hi"), .ended(reason: "done"))
        let fork = ended.forked(as: "f", inherited: 1)
        #expect(fork.metadata["end_reason"] == nil && fork.metadata.isEmpty)
        #expect(fork.context["conversation_state"]?.description == #""active""#)
        #expect(!Sample.fold(fork).isEnded)
    }

    @Test("An `end_reason` of a conversation that has not ended is the user's own")
    func ownReason() throws {
        let active = try Sample.fold(Sample.started { $0.metadata = try Sample.members(#"{"end_reason":"mine"}"#) })
        #expect(active.forked(as: "f", inherited: 0).metadata.description == #"{"end_reason":"mine"}"#)
    }

    @Test("A title that was made from a message is made anew")
    func title() {
        #expect(Sample.fold(Sample.started(), Sample.user("Hi")).forked(as: "f", inherited: 1).title == nil)
    }
}
