import Agents
import Jansson
import ParleyHost
import Testing

/// On a clock that the tests move: nothing here waits for real time.
@Suite("Time-outs of replies that come in pieces") struct ReplyTimersTests {
    private let agent = ToldAgent()

    /// In a conversation, or outside of any.
    enum Place: CaseIterable { case turn, execution }

    private func ask(_ place: Place, _ timeouts: AgentRegistry.Timeouts) throws -> TestHost {
        let host = try TestHost(timeouts: timeouts, agent: agent)
        switch place {
        case .turn:
            try host.start()
            host.request(1, "conversation/send", #"{"conversationId":"c","content":"hi"}"#)
        case .execution: host.request(1, "agent/execute", #"{"prompt":"hi"}"#)
        }
        host.settle()
        return host
    }

    private func say(_ host: TestHost, after seconds: Double, _ pieces: ReplyPiece...) throws {
        host.advance(seconds: seconds)
        for piece in pieces { try agent.say(piece, to: "hi") }
        host.settle()
    }

    private func expectTimeout(
        _ host: TestHost, _ limit: Text, _ partial: Text?, _ sentence: String,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let error = try host.error(1, at: location)
        #expect(error.errorKind == "agentTimeout" && error["data"]?["limit"]?.text == limit, sourceLocation: location)
        #expect(error["message"]?.text == Text("The agent `demo` \(sentence)."), sourceLocation: location)
        #expect(error["data"]?["partial"]?.text == partial, sourceLocation: location)
        host.settle()
        #expect(agent.cancelled.contains("hi"), sourceLocation: location)
        #expect(host.loop.nextDeadline == nil, "a timer is left", sourceLocation: location)
    }

    @Test(
        "The first piece, of whatever kind, ends the wait for one", arguments: Place.allCases, ReplyPiece.Kind.allCases)
    func firstPiece(_ place: Place, _ kind: ReplyPiece.Kind) throws {
        let host = try ask(place, AgentRegistry.Timeouts(firstToken: 3))
        try say(host, after: 2.9, ReplyPiece(kind, "x"))
        #expect(host.loop.nextDeadline == nil)
        host.advance(seconds: 1000)
        #expect(host.sink.rest.isEmpty)
        try agent.reply("Hello", to: "hi")
        _ = try host.result(1)
    }

    @Test("Without one the reply has failed", arguments: Place.allCases)
    func noPiece(_ place: Place) throws {
        let host = try ask(place, AgentRegistry.Timeouts(firstToken: 3, idle: 1, total: 20))
        host.advance(seconds: 2.9)
        #expect(host.sink.rest.isEmpty, "silence counts from the first piece on")
        host.advance(seconds: 0.2)
        try expectTimeout(host, "firstToken", nil, "did not answer within 3 s (`timeouts.firstToken`)")
    }

    @Test("Each piece gives it the whole time again; then silence ends the reply", arguments: Place.allCases)
    func idle(_ place: Place) throws {
        let host = try ask(place, AgentRegistry.Timeouts(idle: 5))
        host.advance(seconds: 100)
        #expect(host.sink.rest.isEmpty)
        // Each just before the time since the last one is over, across several times of the timer.
        for (pause, text) in [(0, "a"), (4, "b"), (4, "c"), (0.5, "d"), (4, "e")] {
            try say(host, after: pause, ReplyPiece(.text, Text(text)))
            #expect(host.sink.rest.isEmpty)
        }
        for pause in [1.1, 3.8] {
            host.advance(seconds: pause)
            #expect(host.sink.rest.isEmpty)
        }
        host.advance(seconds: 0.2)
        try expectTimeout(host, "idle", "abcde", "said nothing for 5 s (`timeouts.idle`)")
    }

    @Test("Thoughts and tools are signs of life too", arguments: Place.allCases)
    func asides(_ place: Place) throws {
        let host = try ask(place, AgentRegistry.Timeouts(firstToken: 5, idle: 5))
        for kind in [ReplyPiece.Kind.thought, .tool, .thought] { try say(host, after: 4, ReplyPiece(kind, "x")) }
        #expect(host.sink.rest.isEmpty)
        host.advance(seconds: 5.1)
        try expectTimeout(host, "idle", nil, "said nothing for 5 s (`timeouts.idle`)")
    }

    @Test("All in all it may take so long, however much it says", arguments: Place.allCases)
    func total(_ place: Place) throws {
        let host = try ask(place, AgentRegistry.Timeouts(firstToken: 5, idle: 5, total: 10.5))
        for _ in 0..<5 { try say(host, after: 2, ReplyPiece(.text, "x")) }
        #expect(host.sink.rest.isEmpty)
        host.advance(seconds: 0.6)
        try expectTimeout(host, "total", "xxxxx", "did not answer within 10.5 s (`timeouts.total`)")
    }

    @Test("When the reply is there, no timer is left", arguments: Place.allCases, [true, false])
    func done(_ place: Place, _ isReply: Bool) throws {
        let host = try ask(place, AgentRegistry.Timeouts(firstToken: 3, idle: 4, total: 5))
        try say(host, after: 1, ReplyPiece(.text, "x"))
        #expect(host.loop.nextDeadline != nil)
        if isReply { try agent.reply("xy", to: "hi") } else { try agent.fail("It broke.", to: "hi") }
        _ = try host.answer(1)
        #expect(host.loop.nextDeadline == nil)
        host.advance(seconds: 1000)
        #expect(host.sink.rest.isEmpty)
    }

    @Test("A cancelled one leaves none", arguments: Place.allCases)
    func cancelled(_ place: Place) throws {
        let host = try ask(place, AgentRegistry.Timeouts(firstToken: 3, idle: 4, total: 5))
        try say(host, after: 1, ReplyPiece(.text, "x"))
        host.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#)
        #expect(try host.error(1)["data"]?["partial"]?.text == "x")
        #expect(host.loop.nextDeadline == nil && agent.cancelled == ["hi"])
    }
}
