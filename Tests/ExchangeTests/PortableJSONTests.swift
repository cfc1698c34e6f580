import Conversations
import Exchange
import Jansson
import TestSupport
import Testing

@Suite("A conversation as JSON") struct PortableJSONTests {
    private func written(_ conversation: PortableConversation) -> [UInt8] {
        JSONFragment { $0.conversation(conversation) }.bytes
    }

    private func read(_ text: some Collection<UInt8>) throws -> PortableConversation {
        try PortableConversation(JSON.parse(text))
    }

    @Test("Out and in again it is the same, member by member and byte by byte", arguments: 0..<30)
    func identity(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        for _ in 0..<10 {
            let conversation = Sample.random(&generator)
            let text = written(conversation)
            let again = try read(text)
            #expect(again.members == conversation.members && again.unseen == conversation.unseen)
            #expect(again.messages.map(\.described) == conversation.messages.map(\.described))
            #expect(again.messages.map(\.metadata) == conversation.messages.map(\.metadata))
            #expect(written(again) == text)
        }
    }

    @Test("What is written")
    func shape() throws {
        var conversation = Sample.conversation("Hi")
        #expect(
            String(decoding: written(conversation), as: UTF8.self)
                == #"{"metadata":{},"messages":[{"role":"user","content":"Hi","metadata":{}}],"context":{}}"#)
        conversation.id = "c"
        conversation.userId = "u"
        conversation.agentId = "a"
        conversation.organizationId = "o"
        conversation.projectId = "p"
        conversation.type = "sales"
        conversation.title = "T"
        conversation.tags = ["x", "y"]
        conversation.instructions = "i"
        conversation.archived = true
        conversation.startTime = Sample.time()
        conversation.endTime = Sample.time(1)
        conversation.metadata = try Sample.members(#"{"m":1}"#)
        conversation.context = try Sample.members(#"{"k":[1.5]}"#)
        conversation.messages = [
            PortableMessage(
                id: "m", role: .assistant, content: "Yes", time: Sample.time(2),
                metadata: JSONFragment(try JSON.parse(#"{"n":null}"#.utf8)))
        ]
        #expect(
            String(decoding: written(conversation), as: UTF8.self)
                == #"{"id":"c","userId":"u","agentId":"a","organizationId":"o","projectId":"p","type":"sales","title":"T","tags":["x","y"],"instructions":"i","archived":true,"startTime":"2026-11-22T09:10:43.123Z","endTime":"2026-11-22T09:10:43.124Z","metadata":{"m":1},"messages":[{"id":"m","role":"assistant","content":"Yes","timestamp":"2026-11-22T09:10:43.125Z","metadata":{"n":null}}],"context":{"k":[1.5]}}"#
        )
    }

    @Test("It is the conversation as it is now, with the title that was set")
    func ofConversation() throws {
        var started = Started(
            id: "c", userId: "u", agentId: "a", organizationId: "o", projectId: "p", type: "sales", tags: ["x"],
            instructions: "i", metadata: try Sample.members(#"{"m":1}"#))
        let events: [Event] = [
            .message(Message(id: "m", role: .user, content: "First line")), .ended(reason: "done"),
        ]
        for title in [nil, "T"] as [Text?] {
            started.title = title
            var conversation = Conversation(started, seq: 0, at: Sample.time())
            for (index, event) in events.enumerated() {
                conversation.apply(RecordedEvent(seq: index + 1, time: Sample.time(Int64(index + 1)), event: event))
            }
            let portable = PortableConversation(conversation, messages: [Sample.message("First line")])
            #expect(portable.id == "c" && portable.userId == "u" && portable.agentId == "a" && portable.tags == ["x"])
            #expect(portable.organizationId == "o" && portable.projectId == "p" && portable.type == "sales")
            #expect(portable.title == title && portable.instructions == "i" && !portable.archived)
            #expect(portable.startTime == Sample.time() && portable.endTime == Sample.time(2))
            #expect(portable.metadata == conversation.metadata && portable.context == conversation.context)
            #expect(portable.messages.count == 1)
        }
    }

    @Test("Messages alone are enough")
    func least() throws {
        let conversation = try read(#"{"messages":[]}"#.utf8)
        #expect(conversation.members == PortableConversation().members && conversation.messages.isEmpty)
    }

    @Test("A tag that is named twice is one")
    func tags() throws {
        #expect(try read(#"{"tags":["b","a","b"],"messages":[]}"#.utf8).tags == ["b", "a"])
    }

    @Test("Times may be written in any way of RFC 3339")
    func times() throws {
        let conversation = try read(
            #"{"startTime":"2026-11-22T10:10:43.1239+01:00","endTime":"2026-11-23","messages":[]}"#.utf8)
        #expect(conversation.startTime == Sample.time())
        #expect(conversation.endTime?.text == "2026-11-23T00:00:00.000Z")
    }

    @Test(
        "What is wrong is told with its place",
        arguments: [
            ("[]", "conversation", "an object"), ("7", "conversation", "an object"),
            ("{}", "conversation.messages", "missing"),
            (#"{"messages":{}}"#, "conversation.messages", "an array"),
            (#"{"messages":null}"#, "conversation.messages", "an array"),
            (#"{"messages":[],"messges":[]}"#, "conversation.messges", "`messages`"),
            (#"{"messages":[],"id":7}"#, "conversation.id", "a string"),
            (#"{"messages":[],"id":""}"#, "conversation.id", "letters"),
            (#"{"messages":[],"id":"../x"}"#, "conversation.id", "../x"),
            (#"{"messages":[],"id":".a"}"#, "conversation.id", "letters"),
            (#"{"messages":[],"userId":null}"#, "conversation.userId", "a string"),
            (#"{"messages":[],"agentId":{}}"#, "conversation.agentId", "a string"),
            (#"{"messages":[],"organizationId":1}"#, "conversation.organizationId", "a string"),
            (#"{"messages":[],"projectId":1}"#, "conversation.projectId", "a string"),
            (#"{"messages":[],"type":1}"#, "conversation.type", "a string"),
            (#"{"messages":[],"title":[]}"#, "conversation.title", "a string"),
            (#"{"messages":[],"instructions":true}"#, "conversation.instructions", "a string"),
            (#"{"messages":[],"tags":"x"}"#, "conversation.tags", "an array of strings"),
            (#"{"messages":[],"tags":["x",1]}"#, "conversation.tags", "an array of strings"),
            (#"{"messages":[],"tags":{}}"#, "conversation.tags", "an array of strings"),
            (#"{"messages":[],"archived":"true"}"#, "conversation.archived", "a boolean"),
            (#"{"messages":[],"startTime":"now"}"#, "conversation.startTime", "RFC 3339"),
            (#"{"messages":[],"startTime":"2026-02-30"}"#, "conversation.startTime", "RFC 3339"),
            (#"{"messages":[],"endTime":7}"#, "conversation.endTime", "RFC 3339"),
            (#"{"messages":[],"metadata":[]}"#, "conversation.metadata", "an object"),
            (#"{"messages":[],"context":"x"}"#, "conversation.context", "an object"),
            (
                #"{"messages":[],"context":{"user_preferences":[]}}"#, "conversation.context.user_preferences",
                "an object"
            ),
            (#"{"messages":[],"context":{"custom_data":1}}"#, "conversation.context.custom_data", "an object"),
            (#"{"messages":[7]}"#, "conversation.messages[0]", "an object"),
            (#"{"messages":[{"role":"user","content":""},{"role":"user"}]}"#, "conversation.messages[1]", "`content`"),
            (#"{"messages":[{"content":"x"}]}"#, "conversation.messages[0]", "`role`"),
            (#"{"messages":[{"role":"robot","content":"x"}]}"#, "conversation.messages[0].role", "\"system\""),
            (#"{"messages":[{"role":1,"content":"x"}]}"#, "conversation.messages[0].role", "\"system\""),
            (#"{"messages":[{"role":"user","content":1}]}"#, "conversation.messages[0].content", "a string"),
            (
                #"{"messages":[{"role":"user","content":"","id":"a"},{"role":"user","content":"","id":"a"}]}"#,
                "conversation.messages[1].id", "`a`"
            ),
            (#"{"messages":[{"role":"user","content":"","id":1}]}"#, "conversation.messages[0].id", "a string"),
            (
                #"{"messages":[{"role":"user","content":"","timestamp":"x"}]}"#, "conversation.messages[0].timestamp",
                "RFC 3339"
            ),
            (#"{"messages":[{"role":"user","content":"","time":1}]}"#, "conversation.messages[0].time", "`timestamp`"),
            (
                #"{"messages":[{"role":"user","content":"","metadata":7}]}"#, "conversation.messages[0].metadata",
                "an object"
            ),
        ])
    func faults(_ text: String, _ place: String, _ word: String) throws {
        let json = try JSON.parse(text.utf8)
        #expect {
            try PortableConversation(json)
        } throws: { error in
            let fault = error as? ExchangeFault
            return fault?.place == place && fault?.reason.contains(word) == true
        }
    }
}
