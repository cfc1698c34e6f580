import Jansson
import ParleyHost
import Testing

@Suite("Cancelling") struct CancellingTests {
    private func hold(_ host: TestHost, _ contents: String...) throws {
        try host.start()
        for (index, content) in contents.enumerated() {
            host.request(index + 1, "conversation/send", #"{"conversationId":"c","content":"\#(content)"}"#)
        }
        host.settle()
    }

    private func cancelRequest(_ id: Int) -> String {
        #"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":\#(id)}}"#
    }

    @Test("`turn/cancel` ends the turn that runs; those that wait go on")
    func running() throws {
        let host = try TestHost()
        try hold(host, "hold a", "two")
        let result = try host.call("turn/cancel", #"{"conversationId":"c"}"#)
        #expect(result["turnId"]?.text == "turn_1" && result["outcome"]?.text == "cancelled")
        let error = try host.error(1)
        #expect(error["code"]?.integer == -32800 && error.errorKind == "cancelled")
        _ = try host.result(2)
        host.environment.release("a")
        host.settle()
        #expect(
            try host.history() == ["started", "user hold a", "turnEnded cancelled", "user two", "assistant said: two"])
        #expect(host.sink.rest.isEmpty, "what the cancelled agent says later is not wanted")
    }

    @Test("A turn that waits can be named; its message is never stored")
    func queued() throws {
        let host = try TestHost()
        try hold(host, "hold a", "two", "three")
        _ = try host.call("turn/cancel", #"{"conversationId":"c","turnId":"turn_2"}"#)
        #expect(try host.error(2).errorKind == "cancelled")
        host.environment.release("a")
        _ = try host.result(3)
        #expect(
            try host.history() == [
                "started", "user hold a", "assistant held: hold a", "user three", "assistant said: three",
            ])
    }

    @Test(
        "Where no such turn runs or waits, that is an error",
        arguments: [#"{"conversationId":"c"}"#, #"{"conversationId":"c","turnId":"turn_9"}"#])
    func none(_ params: String) throws {
        let host = try TestHost()
        try hold(host, "done")
        host.request(9, "turn/cancel", params)
        #expect(try host.error(9).errorKind == "turnNotFound")
    }

    @Test("`$/cancelRequest` ends a send and its turn, whether it runs or waits", arguments: [1, 2])
    func request(_ id: Int) throws {
        let host = try TestHost()
        try hold(host, "hold a", "hold a too")
        host.send(cancelRequest(id))
        #expect(try host.error(id).errorKind == "cancelled")
        host.environment.release("a")
        _ = try host.result(3 - id)
        #expect(try host.history().filter { $0.hasPrefix("assistant") }.count == 1)
    }

    @Test("Cancelling what is not there, or is done, changes nothing")
    func late() throws {
        let host = try TestHost()
        try hold(host, "done")
        _ = try host.result(1)
        host.send(cancelRequest(1), cancelRequest(77))
        host.settle()
        #expect(host.sink.rest.isEmpty)
        #expect(try host.history() == ["started", "user done", "assistant said: done"])
    }

    @Test("An execution outside of conversations is cancelled by its request")
    func execution() throws {
        let host = try TestHost()
        host.request(1, "agent/execute", #"{"prompt":"hold a"}"#)
        host.send(cancelRequest(1))
        #expect(try host.error(1).errorKind == "cancelled")
        host.environment.release("a")
        host.settle()
        #expect(host.sink.rest.isEmpty)
    }

    @Test(
        "Ending and archiving cancel what runs and waits first",
        arguments: [("conversation/end", ""), ("conversation/update", #","archived":true"#)])
    func ending(_ method: String, _ more: String) throws {
        let host = try TestHost()
        try hold(host, "hold a", "two")
        _ = try host.call(method, #"{"conversationId":"c"\#(more)}"#)
        #expect(try host.error(1).errorKind == "cancelled")
        #expect(try host.error(2).errorKind == "cancelled")
        #expect(try host.history().prefix(3) == ["started", "user hold a", "turnEnded cancelled"])
        #expect(try host.history().count == 4)
    }

    @Test("A conversation that has ended takes no message, and does when it is reopened")
    func ended() throws {
        let host = try TestHost()
        try host.start()
        _ = try host.call("conversation/end", #"{"conversationId":"c"}"#)
        host.request(1, "conversation/send", #"{"conversationId":"c","content":"x"}"#)
        #expect(try host.error(1).errorKind == "conversationEnded")
        _ = try host.call("conversation/reopen", #"{"conversationId":"c"}"#)
        _ = try host.call("conversation/send", #"{"conversationId":"c","content":"x"}"#)
        #expect(try host.history() == ["started", "ended", "reopened", "user x", "assistant said: x"])
    }
}
