import Jansson
import ParleyHost
import Testing

@Suite("How a host comes to its end") struct LifecycleTests {
    private func hold(_ host: TestHost) throws {
        try host.start()
        host.request(1, "conversation/send", #"{"conversationId":"c","content":"hold a"}"#)
        host.settle()
    }

    @Test("After the end of input everything is answered first")
    func endOfInput() throws {
        let host = try TestHost()
        try hold(host)
        host.loop.post { $0.inputEnded(failure: nil) }
        host.settle()
        host.environment.release("a")
        #expect(host.finished())
        #expect(try host.result(1)["reply"]?["content"]?.text == "held: hold a")
    }

    @Test("Told to drain for a while, it cancels what runs longer")
    func drain() throws {
        let host = try TestHost { $0.drainSeconds = 5 }
        try hold(host)
        host.loop.post { $0.inputEnded(failure: nil) }
        host.settle()
        host.advance(seconds: 5.1)
        #expect(try host.error(1).errorKind == "cancelled")
        #expect(host.finished())
    }

    @Test("When nobody reads any more, turns end at once")
    func closed() throws {
        let host = try TestHost()
        try hold(host)
        host.loop.post { $0.inputEnded(failure: nil) }
        host.loop.post { $0.outputClosed() }
        #expect(host.finished())
    }

    @Test("A signal cancels what runs and refuses what comes")
    func signal() throws {
        let host = try TestHost()
        try hold(host)
        host.loop.post { host in
            host.terminate()
        }
        host.request(2, "ping")
        #expect(try host.error(1).errorKind == "cancelled")
        #expect(try host.error(2).errorKind == "shuttingDown")
        #expect(host.finished())
    }

    @Test("`shutdown` lets turns run to their end, refuses new requests, and is answered last")
    func shutdown() throws {
        let host = try TestHost()
        try hold(host)
        host.request(2, "shutdown")
        host.request(3, "ping")
        #expect(try host.error(3).errorKind == "shuttingDown")
        #expect(host.sink.rest.isEmpty)
        host.environment.release("a")
        #expect(host.finished())
        #expect(host.sink.rest.map { $0["id"]?.integer } == [1, 2])
    }
}
