import Agents
import JSONRPC
import Jansson
import ParleyHost
import Testing

@Suite("Replies that are streamed") struct StreamingTests {
    private let agent = ToldAgent()

    private func host(_ change: (inout HostOptions) -> Void = { _ in }) throws -> TestHost {
        let host = try TestHost(agent: agent, change: change)
        try host.start()
        return host
    }

    private func send(_ host: TestHost, _ id: Int, _ content: String, _ more: String = #","stream":true"#) {
        host.request(id, "conversation/send", #"{"conversationId":"c","content":"\#(content)"\#(more)}"#)
    }

    /// Has it say something, and waits until the host has dealt with that.
    private func say(_ host: TestHost, _ kind: ReplyPiece.Kind, _ text: Text, to prompt: Text = "one") throws {
        try agent.say(ReplyPiece(kind, text), to: prompt)
        host.settle()
    }

    /// What came from the host and wasn't asked for yet, in short.
    private func told(_ host: TestHost) -> [String] {
        host.settle()
        return host.sink.rest.map { line in
            if let id = line["id"]?.integer {
                return "answer \(id)" + (line["error"].map { " \($0.errorKind ?? "")" } ?? "")
            }
            let params = line["params"]
            let request = params?["requestId"]?.integer.map { "for \($0) " } ?? ""
            func text(_ name: StaticString) -> String { params?[name]?.text?.description ?? "-" }
            switch line["method"]?.text {
            case "turn/started": return "\(request)started \(text("turnId")) \(text("messageId")) \(text("state"))"
            case "turn/delta":
                return "\(request)\(text("turnId")) \(text("kind")) \(params?["offset"]?.integer ?? -1) \(text("text"))"
            case "turn/ended":
                let content = params?["message"]?["content"]?.text.map { " \($0)" } ?? ""
                let error = params?["error"]?.errorKind.map { " \($0)" } ?? ""
                let partial = params?["partial"]?.text.map { " partial \($0)" } ?? ""
                return "\(request)ended \(text("turnId")) \(text("outcome"))\(content)\(error)\(partial)"
            case "agent/delta":
                return "\(request)\(text("kind")) \(params?["offset"]?.integer ?? -1) \(text("text"))"
            default: return JSONFragment(line).text
            }
        }
    }

    @Test("A turn is told from its beginning to its end, then its request is answered; one that waits says so first")
    func order() throws {
        let host = try host()
        send(host, 1, "one")
        send(host, 2, "two")
        try say(host, .text, "He")
        try say(host, .thought, "hm")
        try say(host, .text, "llo")
        try agent.reply("Hello!", to: "one")
        try say(host, .text, "You", to: "two")
        try agent.reply("You", to: "two")
        let told = told(host)
        // That nothing of it is stored yet is told at once: before or behind what the other one's step tells.
        #expect(told.prefix(2).contains("for 2 started turn_2 msg_2 queued"))
        #expect(
            told.filter { !$0.hasSuffix("queued") } == [
                "for 1 started turn_1 msg_1 running",
                "for 1 turn_1 text 0 He", "for 1 turn_1 thought 0 hm", "for 1 turn_1 text 2 llo",
                "for 1 turn_1 text 5 !", "for 1 ended turn_1 completed Hello!", "answer 1",
                "for 2 started turn_2 msg_2 running", "for 2 turn_2 text 0 You", "for 2 ended turn_2 completed You",
                "answer 2",
            ])
        #expect(try host.result(1)["reply"]?["content"]?.text == "Hello!")
        #expect(try host.history() == ["started", "user one", "assistant Hello!", "user two", "assistant You"])
    }

    @Test("Without `wait` the answer comes when the message is stored, and the rest behind it")
    func noWait() throws {
        let host = try host()
        send(host, 1, "one", #","stream":true,"wait":false"#)
        try say(host, .text, "Yes")
        try agent.reply("Yes.", to: "one")
        #expect(
            told(host) == [
                "for 1 started turn_1 msg_1 running", "answer 1", "for 1 turn_1 text 0 Yes", "for 1 turn_1 text 3 .",
                "for 1 ended turn_1 completed Yes.",
            ])
    }

    @Test("Who asks for no stream gets the answer only")
    func noStream() throws {
        let host = try host()
        send(host, 1, "one", "")
        try say(host, .text, "Yes")
        try agent.reply("Yes.", to: "one")
        #expect(told(host) == ["answer 1"])
    }

    @Test("While the reader is slow, what is said is put together; when it has caught up, it is told")
    func slowReader() throws {
        let host = try host()
        send(host, 1, "one")
        host.settle()
        host.sink.setIdle(false)
        for (kind, text) in [(ReplyPiece.Kind.text, "a"), (.text, "b"), (.thought, "t"), (.text, "c"), (.text, "d")] {
            try say(host, kind, Text(text))
        }
        #expect(told(host) == ["for 1 started turn_1 msg_1 running"])
        host.sink.setIdle(true)
        host.loop.post { $0.outputIsIdle() }
        let pieces = ["for 1 turn_1 text 0 ab", "for 1 turn_1 thought 0 t", "for 1 turn_1 text 2 cd"]
        #expect(told(host).dropFirst() == pieces[...])
        host.loop.post { $0.outputIsIdle() }
        #expect(told(host).count == 4, "each is told once")
        host.sink.setIdle(false)
        try say(host, .text, "e")
        try agent.reply("abcdef", to: "one")
        #expect(
            told(host).dropFirst(4) == ["for 1 turn_1 text 4 ef", "for 1 ended turn_1 completed abcdef", "answer 1"],
            "the end waits for nobody")
    }

    @Test("What is said within one step is one piece")
    func oneStep() throws {
        let host = try host()
        send(host, 1, "one")
        host.settle()
        // The loop takes all that waits at once, so what is said on its own thread is taken together.
        host.loop.post { [agent] _ in
            for letter in ["a", "b", "c"] as [Text] { try? agent.say(ReplyPiece(.text, letter), to: "one") }
        }
        #expect(told(host).dropFirst() == ["for 1 turn_1 text 0 abc"])
    }

    @Test("An agent that ends with another reply than it began with is believed at the end")
    func otherReply() throws {
        let host = try host()
        send(host, 1, "one")
        try say(host, .text, "Yes")
        try agent.reply("No.", to: "one")
        #expect(
            told(host).dropFirst() == ["for 1 turn_1 text 0 Yes", "for 1 ended turn_1 completed No.", "answer 1"])
    }

    @Test(
        "A turn that fails or is cancelled keeps what was said: in its end, its answer and its event, streamed or not",
        arguments: [true, false], ["failed", "cancelled"])
    func partial(_ isStreamed: Bool, _ outcome: String) throws {
        let host = try host()
        send(host, 1, "one", isStreamed ? #","stream":true"# : "")
        try say(host, .thought, "hm")
        try say(host, .text, "Ye")
        try say(host, .text, "s")
        if outcome == "failed" {
            try agent.fail("It broke.", to: "one")
        } else {
            host.request(2, "turn/cancel", #"{"conversationId":"c"}"#)
            _ = try host.result(2)
        }
        let kind = outcome == "failed" ? "agentFailed" : "cancelled"
        let lines = told(host)
        #expect(lines.last == "answer 1 \(kind)")
        if isStreamed { #expect(lines.dropLast().last == "for 1 ended turn_1 \(outcome) \(kind) partial Yes") }
        #expect(lines.count == (isStreamed ? 6 : 1))
        let ended = host.sink.rest.first { $0["method"]?.text == "turn/ended" }
        let error = try host.error(1)
        #expect(error["data"]?["partial"]?.text == "Yes")
        if isStreamed { #expect(ended?["params"]?["error"]?["data"]?["partial"] == nil, "it is told once") }
        let events = try host.call("conversation/events", #"{"conversationId":"c"}"#)["events"]?.elements ?? []
        let event = try #require(events.first { $0["type"]?.text == "turnEnded" })
        #expect(event["outcome"]?.text == Text(outcome) && event["partial"]?.text == "Yes")
        #expect(event["error"]?["data"]?["partial"] == nil, "it is kept once")
        #expect(agent.cancelled == (outcome == "cancelled" ? ["one"] : []))
    }

    @Test("Where nothing was said there is no partial")
    func noPartial() throws {
        let host = try host()
        send(host, 1, "one")
        try say(host, .tool, "search")
        try agent.fail("It broke.", to: "one")
        #expect(told(host).suffix(2) == ["for 1 ended turn_1 failed agentFailed", "answer 1 agentFailed"])
        #expect(try host.error(1)["data"]?["partial"] == nil)
    }

    @Test("What an agent says after its turn's end is of nobody")
    func late() throws {
        let host = try host()
        send(host, 1, "one")
        host.settle()
        host.request(2, "turn/cancel", #"{"conversationId":"c"}"#)
        _ = try host.result(2)
        _ = try host.error(1)
        let before = told(host)
        try say(host, .text, "late")
        try agent.reply("late", to: "one")
        #expect(told(host) == before)
        #expect(try host.history() == ["started", "user one", "turnEnded cancelled"])
    }

    @Test("A turn that is cancelled while it waits says that it ended, and has no message")
    func queuedCancelled() throws {
        let host = try host()
        send(host, 1, "one", "")
        send(host, 2, "two")
        host.settle()
        host.request(3, "turn/cancel", #"{"conversationId":"c","turnId":"turn_2"}"#)
        _ = try host.result(3)
        #expect(
            told(host) == [
                "for 2 started turn_2 msg_2 queued", "for 2 ended turn_2 cancelled cancelled", "answer 2 cancelled",
            ])
    }

    @Test("A retry that waits doesn't know its message yet")
    func retry() throws {
        let host = try host()
        send(host, 1, "one", "")
        host.settle()
        host.request(2, "turn/retry", #"{"conversationId":"c","stream":true}"#)
        host.settle()
        try agent.reply("Yes.", to: "one")
        _ = try host.result(1)
        host.settle()
        try say(host, .text, "No")
        try agent.reply("No.", to: "one")
        #expect(
            told(host) == [
                "for 2 started turn_2 - queued", "for 2 started turn_2 msg_1 running", "for 2 turn_2 text 0 No",
                "for 2 turn_2 text 2 .", "for 2 ended turn_2 completed No.", "answer 2",
            ])
    }

    @Test("Who joins a turn gets the text so far first, whether somebody watched it or not", arguments: [true, false])
    func joining(_ isWatched: Bool) throws {
        let host = try host()
        let key = #","idempotencyKey":"k""#
        send(host, 1, "one", key + (isWatched ? #","stream":true"# : ""))
        try say(host, .text, "He")
        try say(host, .thought, "hm")
        send(host, 2, "one", key + #","stream":true"#)
        host.settle()
        try say(host, .text, "llo")
        try agent.reply("Hello", to: "one")
        let second = told(host).filter { $0.hasPrefix("for 2 ") }
        #expect(
            second == [
                "for 2 started turn_1 msg_1 running", "for 2 turn_1 text 0 He", "for 2 turn_1 text 2 llo",
                "for 2 ended turn_1 completed Hello",
            ])
        #expect(told(host).contains { $0.hasPrefix("for 1 ") } == isWatched)
        #expect(told(host).suffix(2) == ["answer 1", "answer 2"])
    }

    @Test("Outside of conversations there are pieces and the answer", arguments: ["completed", "failed", "cancelled"])
    func execution(_ outcome: String) throws {
        let host = try host()
        host.request(1, "agent/execute", #"{"prompt":"one","stream":true}"#)
        try say(host, .tool, "search")
        try say(host, .text, "Yes")
        switch outcome {
        case "completed": try agent.reply("Yes.", to: "one")
        case "failed": try agent.fail("It broke.", to: "one")
        default: host.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#)
        }
        let pieces = ["for 1 tool 0 search", "for 1 text 0 Yes"]
        switch outcome {
        case "completed": #expect(told(host) == pieces + ["for 1 text 3 .", "answer 1"])
        case "failed": #expect(told(host) == pieces + ["answer 1 agentFailed"])
        default: #expect(told(host) == pieces + ["answer 1 cancelled"])
        }
        if outcome != "completed" { #expect(try host.error(1)["data"]?["partial"]?.text == "Yes") }
    }

    @Test("Members of batches and requests with other ids are told by theirs")
    func ids() throws {
        let host = try host()
        host.send(
            #"[{"jsonrpc":"2.0","id":"é","method":"agent/execute","params":{"prompt":"one","stream":true}}]"#,
            #"{"jsonrpc":"2.0","method":"agent/execute","params":{"prompt":"two","stream":true}}"#)
        try say(host, .text, "a")
        try say(host, .text, "b", to: "two")
        let lines = host.sink.rest
        #expect(lines.map { $0["params"]?["requestId"]?.text } == ["é", nil])
        #expect(lines.map { $0["params"]?["text"]?.text } == ["a", "b"])
    }
}
