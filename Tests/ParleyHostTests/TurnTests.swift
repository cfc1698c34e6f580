import Jansson
import ParleyHost
import Testing

@Suite("Turns") struct TurnTests {
    private func send(_ content: String, _ more: String = "") -> String {
        #"{"conversationId":"c","content":"\#(content)"\#(more)}"#
    }

    @Test("A turn is question and answer, stored before it is answered")
    func whole() throws {
        let host = try TestHost()
        try host.start()
        let result = try host.call("conversation/send", send("hi"))
        #expect(result["message"]?["content"]?.text == "hi" && result["reply"]?["content"]?.text == "said: hi")
        #expect(result["turnId"]?.text == "turn_1" && result["seq"]?.integer == 3)
        #expect(result["reply"]?["metadata"]?["tools_used"]?.elements.first?.text == "tool")
        #expect(try host.history() == ["started", "user hi", "assistant said: hi"])
    }

    @Test("Messages that come while a turn runs wait, and go on in the order in which they came")
    func queue() throws {
        let host = try TestHost()
        try host.start()
        host.request(1, "conversation/send", send("hold a1"))
        host.request(2, "conversation/send", send("hold b2"))
        host.request(3, "conversation/send", send("three"))
        host.settle()
        #expect(try host.history() == ["started", "user hold a1"], "a message that waits is not stored yet")
        let turns =
            try host.call("conversation/get", #"{"conversationId":"c"}"#)["conversation"]?["turns"]?.elements ?? []
        #expect(turns.map { $0["state"]?.text } == ["running", "queued", "queued"])
        host.environment.release("a")
        #expect(try host.result(1)["reply"]?["content"]?.text == "held: hold a1")
        host.settle()
        #expect(host.sink.rest.isEmpty)
        host.environment.release("b")
        #expect(try host.result(2)["seq"]?.integer == 6)
        #expect(try host.result(3)["seq"]?.integer == 9)
        #expect(
            try host.history() == [
                "started", "user hold a1", "assistant held: hold a1", "user hold b2", "assistant held: hold b2",
                "user three", "assistant said: three",
            ])
    }

    @Test("`reject` refuses while a turn runs, and names it")
    func reject() throws {
        let host = try TestHost()
        try host.start()
        host.request(1, "conversation/send", send("hold a"))
        host.request(2, "conversation/send", send("two", #","whenBusy":"reject""#))
        let error = try host.error(2)
        #expect(error.errorKind == "turnInProgress" && error["data"]?["turnId"]?.text == "turn_1")
        host.environment.release("a")
        _ = try host.result(1)
        _ = try host.call("conversation/send", send("three", #","whenBusy":"reject""#))
        #expect(
            try host.history() == [
                "started", "user hold a", "assistant held: hold a", "user three", "assistant said: three",
            ])
    }

    @Test("`interrupt` cancels what runs, and comes before those that wait")
    func interrupt() throws {
        let host = try TestHost()
        try host.start()
        host.request(1, "conversation/send", send("hold a"))
        host.request(2, "conversation/send", send("two"))
        host.request(3, "conversation/send", send("now", #","whenBusy":"interrupt""#))
        #expect(try host.error(1).errorKind == "cancelled")
        #expect(try host.result(3)["reply"]?["content"]?.text == "said: now")
        #expect(try host.result(2)["reply"]?["content"]?.text == "said: two")
        host.environment.release("a")
        host.settle()
        #expect(
            try host.history() == [
                "started", "user hold a", "turnEnded cancelled", "user now", "assistant said: now", "user two",
                "assistant said: two",
            ])
    }

    @Test("`wait: false` is answered when the message is stored; the turn goes on")
    func noWait() throws {
        let host = try TestHost()
        try host.start()
        let result = try host.call("conversation/send", send("hold a", #","wait":false"#))
        #expect(
            result["message"]?["content"]?.text == "hold a" && result["reply"] == nil && result["seq"]?.integer == 1)
        host.environment.release("a")
        host.settle()
        #expect(try host.history() == ["started", "user hold a", "assistant held: hold a"])
        #expect(host.sink.rest.isEmpty, "it is answered once")
    }

    @Test("Conversations do not wait for each other")
    func sideBySide() throws {
        let host = try TestHost()
        try host.start("c")
        try host.start("d")
        host.request(1, "conversation/send", send("hold a"))
        _ = try host.call("conversation/send", #"{"conversationId":"d","content":"hi"}"#)
        host.environment.release("a")
        _ = try host.result(1)
    }

    @Test("An agent that may do one thing at a time does the next when it is done")
    func concurrency() throws {
        let host = try TestHost(concurrency: 1)
        try host.start("c")
        try host.start("d")
        host.request(1, "conversation/send", send("hold a"))
        host.request(2, "conversation/send", #"{"conversationId":"d","content":"hi"}"#)
        host.request(3, "agent/execute", #"{"prompt":"ho"}"#)
        host.settle()
        #expect(try host.history("d") == ["started"])
        host.environment.release("a")
        _ = try host.result(1)
        #expect(try host.result(2)["reply"]?["content"]?.text == "said: hi")
        #expect(try host.result(3)["response"]?.text == "said: ho")
    }

    @Test(
        "A failure ends the turn; the message survives",
        arguments: [("fail", "agentFailed"), ("missing", "agentUnavailable")])
    func failure(_ prompt: String, _ kind: Text) throws {
        let host = try TestHost()
        try host.start()
        host.request(1, "conversation/send", send(prompt))
        let error = try host.error(1)
        #expect(
            error.errorKind == kind && error["data"]?["turnId"]?.text == "turn_1"
                && error["data"]?["messageId"]?.text == "msg_1")
        #expect(error["data"]?["seq"]?.integer == 3)
        #expect(try host.history() == ["started", "user \(prompt)", "turnEnded failed"])
        let turns = try host.call("conversation/history", #"{"conversationId":"c"}"#)["turns"]?.elements ?? []
        #expect(turns.map { $0["outcome"]?.text } == ["failed"])
    }

    @Test("A message that no agent is asked about is stored at once, even while a turn runs")
    func withoutExecution() throws {
        let host = try TestHost()
        try host.start()
        host.request(1, "conversation/send", send("hold a"))
        _ = try host.call("conversation/send", send("aside", #","role":"system""#))
        let result = try host.call("conversation/send", send("note", #","execute":false"#))
        #expect(result["turnId"] == nil && result["reply"] == nil && result["seq"]?.integer == 3)
        host.environment.release("a")
        _ = try host.result(1)
        #expect(
            try host.history() == ["started", "user hold a", "system aside", "user note", "assistant held: hold a"])
    }
}
