import Conversations
import Jansson
import Testing

@Suite("What a conversation is after its events") struct FoldTests {
    @Test func aBeginningIsWhatItSays() throws {
        let started = Started(
            id: "c", userId: "u", agentId: "a", organizationId: "o", projectId: "p", type: "sales", title: "T",
            tags: ["x"], instructions: "i",
            metadata: try Sample.members(#"{"m":1}"#), context: try Sample.members(#"{"k":2}"#))
        let conversation = Sample.fold(started)
        #expect(
            conversation.id == "c" && conversation.userId == "u" && conversation.agentId == "a"
                && conversation.type == "sales")
        #expect(conversation.organizationId == "o" && conversation.projectId == "p" && conversation.tags == ["x"])
        #expect(
            conversation.title == "T" && conversation.instructions == "i" && !conversation.archived
                && !conversation.isEnded)
        #expect(conversation.metadata.description == #"{"m":1}"#)
        #expect(conversation.context.description == #"{"k":2,"conversation_type":"sales"}"#)
        #expect(
            conversation.startTime == Sample.time() && conversation.updatedTime == Sample.time()
                && conversation.endTime == nil)
        #expect(conversation.messageCount == 0 && conversation.seq == 0 && conversation.openTurn == nil)
    }

    @Test func messagesCountAndMoveTheTime() {
        let system = Event.message(Message(id: "s", role: .system, content: "Welcome."))
        let conversation = Sample.fold(Sample.started(), system, Sample.user("Hi"), Sample.assistant())
        #expect(conversation.messageCount == 3 && conversation.seq == 3)
        #expect(conversation.updatedTime == Sample.time(3000) && conversation.startTime == Sample.time())
    }

    @Test("A clock that goes back moves neither time nor seq back")
    func timeDoesNotGoBack() {
        var conversation = Sample.fold(Sample.started(), Sample.user("Hi"))
        conversation.apply(RecordedEvent(seq: 1, time: Sample.time(-5000), event: .reopened))
        #expect(conversation.updatedTime == Sample.time(1000) && conversation.seq == 1)
    }

    @Test("A user's message with a turn opens it")
    func turnOpens() throws {
        let open = try #require(Sample.fold(Sample.started(), Sample.user("Hi", id: "m", turnId: "t")).openTurn)
        #expect(open.turnId == "t" && open.messageId == "m" && open.since == Sample.time(1000))
    }

    @Test(
        "What closes an open turn, and what does not",
        arguments: [
            (Sample.assistant(turnId: "t"), true), (Sample.assistant(turnId: "other"), false),
            (Sample.assistant(), false),
            (.turnEnded(TurnEnd(turnId: "t", messageId: "msg_1", outcome: .cancelled)), true),
            (.turnEnded(TurnEnd(turnId: "other", messageId: "msg_1", outcome: .cancelled)), false),
            (Sample.user("more"), false),
            (.message(Message(id: "s", role: .system, content: "x", turnId: "t")), false), (.ended(reason: "r"), false),
            (.unknown, false),
        ] as [(Event, Bool)])
    func turnCloses(_ event: Event, _ closes: Bool) {
        let conversation = Sample.fold(Sample.started(), Sample.user("Hi", turnId: "t"), event)
        #expect((conversation.openTurn == nil) == closes)
    }

    @Test func anUpdateLeavesOutWhatItDoesNotName() {
        let started = Sample.started {
            $0.tags = ["x"]
            $0.instructions = "i"
            $0.title = "T"
        }
        let conversation = Sample.fold(started, .updated(Update()))
        #expect(conversation.title == "T" && conversation.tags == ["x"] && conversation.instructions == "i")
        #expect(
            conversation.agentId == "echo" && conversation.type == "general" && !conversation.archived
                && conversation.seq == 1)
    }

    @Test func anUpdateSetsWhatItNames() {
        var update = Update()
        update.title = "New"
        update.agentId = "other"
        update.type = "sales"
        update.archived = true
        update.instructions = "Be brief."
        update.tags = ["b", "a"]
        let conversation = Sample.fold(Sample.started(), .updated(update))
        #expect(
            conversation.title == "New" && conversation.agentId == "other" && conversation.type == "sales"
                && conversation.archived)
        #expect(conversation.instructions == "Be brief." && conversation.tags == ["b", "a"])
        #expect(conversation.context.description == #"{"conversation_type":"sales"}"#)
    }

    @Test("An empty title or empty instructions take away what was set")
    func emptyTakesAway() {
        let started = Sample.started {
            $0.title = "T"
            $0.instructions = "i"
        }
        var update = Update()
        update.title = ""
        update.instructions = ""
        let conversation = Sample.fold(started, Sample.user("First words"), .updated(update))
        #expect(conversation.title == "First words" && conversation.instructions == nil)
    }

    @Test("A merge sets, then removes, and keeps the order of the rest")
    func merging() throws {
        let started = try Sample.started {
            $0.metadata = try Sample.members(#"{"a":1,"b":2,"c":3}"#)
            $0.context = try Sample.members(#"{"k":{"x":1},"l":1}"#)
        }
        var update = Update()
        update.metadata = Update.Merge(set: try Sample.members(#"{"b":9,"d":4,"e":5}"#), remove: ["a", "e", "none"])
        update.context = Update.Merge(set: try Sample.members(#"{"k":{"y":2}}"#), remove: ["l"])
        let conversation = Sample.fold(started, .updated(update))
        #expect(conversation.metadata.description == #"{"b":9,"c":3,"d":4}"#)
        #expect(conversation.context.description == #"{"k":{"y":2},"conversation_type":"general"}"#)
    }

    @Test func endingAndReopening() {
        var conversation = Sample.fold(Sample.started(), .ended(reason: "done"))
        #expect(conversation.isEnded && conversation.endTime == Sample.time(1000))
        #expect(conversation.context["conversation_state"]?.description == #""ended""#)
        #expect(conversation.metadata["end_reason"]?.description == #""done""#)
        conversation.apply(RecordedEvent(seq: 2, time: Sample.time(2000), event: .reopened))
        #expect(!conversation.isEnded && conversation.endTime == nil && conversation.updatedTime == Sample.time(2000))
        #expect(conversation.context["conversation_state"]?.description == #""active""#)
        #expect(conversation.metadata["end_reason"] == nil)
    }

    @Test("An event of a newer version changes nothing but seq and time")
    func unknown() {
        let conversation = Sample.fold(Sample.started(), .unknown)
        #expect(
            conversation.seq == 1 && conversation.updatedTime == Sample.time(1000) && conversation.messageCount == 0)
    }

    @Test("A reader that knows a message's beginning alone comes to the same", arguments: Role.allCases)
    func withoutContent(_ role: Role) {
        for turnId in [nil, "t", "other"] as [Text?] {
            var whole = Sample.fold(Sample.started(), Sample.user("Hi", turnId: "t"))
            var short = whole
            whole.apply(
                RecordedEvent(
                    seq: 2, time: Sample.time(9),
                    event: .message(Message(id: "m", role: role, content: "x", turnId: turnId))))
            short.apply(role, id: { "m" }, turnId: { turnId }, seq: 2, at: Sample.time(9))
            #expect(
                whole.openTurn?.turnId == short.openTurn?.turnId
                    && whole.openTurn?.messageId == short.openTurn?.messageId)
            #expect(
                whole.messageCount == short.messageCount && whole.seq == short.seq
                    && whole.updatedTime == short.updatedTime)
        }
    }
}
