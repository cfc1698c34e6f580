import Jansson
import ParleyHost
import Testing

/// On a clock that the tests move: nothing here waits for real time.
@Suite("Time") struct TimeoutTests {
    private func send(_ host: TestHost, _ id: Int, _ content: String) {
        host.request(id, "conversation/send", #"{"conversationId":"c","content":"\#(content)"}"#)
    }

    @Test("A delayed reply comes when its time has come")
    func delay() throws {
        let host = try TestHost()
        try host.start()
        send(host, 1, "slow")
        host.settle()
        host.advance(seconds: 9.9)
        #expect(host.sink.rest.isEmpty)
        host.advance(seconds: 0.2)
        let reply = try host.result(1)["reply"]
        #expect(reply?["content"]?.text == "slow: slow")
        #expect(reply?["metadata"]?["response_time_ms"]?.integer == 10_100)
    }

    @Test(
        "An agent that is late is given up, and the limit is named",
        arguments: [
            (AgentRegistry.Timeouts(firstToken: 3), "firstToken", 3.0),
            (AgentRegistry.Timeouts(total: 5), "total", 5.0),
            (AgentRegistry.Timeouts(firstToken: 4, total: 7), "firstToken", 4.0),
            (AgentRegistry.Timeouts(firstToken: 8, total: 2), "total", 2.0),
        ])
    func late(_ timeouts: AgentRegistry.Timeouts, _ limit: String, _ seconds: Double) throws {
        let host = try TestHost(timeouts: timeouts)
        try host.start()
        send(host, 1, "slow")
        host.settle()
        host.advance(seconds: seconds - 0.1)
        #expect(host.sink.rest.isEmpty)
        host.advance(seconds: 0.2)
        let error = try host.error(1)
        #expect(error.errorKind == "agentTimeout" && error["data"]?["limit"]?.text == Text(limit))
        host.advance(seconds: 100)
        #expect(try host.history() == ["started", "user slow", "turnEnded failed"])
        #expect(host.sink.rest.isEmpty, "it is answered once")
    }

    @Test("An agent in time is not given up later")
    func inTime() throws {
        let host = try TestHost(timeouts: AgentRegistry.Timeouts(total: 12))
        try host.start()
        send(host, 1, "slow")
        host.settle()
        host.advance(seconds: 11)
        _ = try host.result(1)
        send(host, 2, "slow")
        host.settle()
        host.advance(seconds: 2)
        #expect(host.sink.rest.isEmpty, "the first turn's limit is not the second's")
        host.advance(seconds: 9)
        _ = try host.result(2)
    }

    @Test("An execution outside of conversations has the same limits")
    func execution() throws {
        let host = try TestHost(timeouts: AgentRegistry.Timeouts(total: 2))
        host.request(1, "agent/execute", #"{"prompt":"slow"}"#)
        host.settle()
        host.advance(seconds: 3)
        #expect(try host.error(1).errorKind == "agentTimeout")
    }

    @Test("Times are those of the host's clock")
    func clock() throws {
        let host = try TestHost()
        try host.start()
        host.advance(seconds: 61)
        let result = try host.call("conversation/send", #"{"conversationId":"c","content":"x","execute":false}"#)
        #expect(result["message"]?["timestamp"]?.text == "2026-01-01T00:01:01.000Z")
    }
}
