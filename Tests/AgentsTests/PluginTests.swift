import Jansson
import Testing

@testable import Agents

@Suite("Asking a plugin") struct PluginTests {
    @Test("The first request starts it; it is told who asks, and then in order what waited")
    func start() throws {
        let peer = Peer(settings: JSONFragment { $0.object(Members([("tone", .string("kind"))])) })
        #expect(peer.plugin.standing.state == .idle && peer.plugin.standing.capabilities.isEmpty)
        let questions = (0..<3).map { _ in peer.ask(.answer) }
        for question in questions { #expect(try question.all() == [#"result "done""#]) }
        let heard = peer.environment.logged.all.filter { $0.contains(": heard ") }
        let params = #""parley-plugin/1","host":{"name":"parley","version":"1.2.3"},"settings":{"tone":"kind"}"#
        #expect(
            heard.first == "info: p: heard "
                + #"{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":\#(params)}}"#)
        let done = #""method":"do","params":{"say":["{\"id\":ID,\"result\":\"done\"}"]}}"#
        #expect(heard.dropFirst() == [1, 3, 4].map { #"info: p: heard {"jsonrpc":"2.0","id":\#($0),\#(done)"# }[...])
        #expect(peer.plugin.standing.state == .ready && peer.plugin.standing.capabilities == ["agent/execute", "do"])
        #expect(try peer.isQuiet())
        // It stays for what comes later.
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        #expect(peer.count(#""initialize""#) == 1)
    }

    @Test("Requests overlap, and each gets its own answer")
    func overlapping() throws {
        let peer = Peer()
        let first = peer.ask()
        let second = peer.ask(.line(#"{"id":ID,"result":2}"#), .line(#"{"id":1,"error":{"code":5,"message":"No."}}"#))
        #expect(try second.all() == ["result 2"])
        #expect(try first.all() == ["failed: No."])
        #expect(first.details["agentError"]?["code"]?.integer == 5)
        #expect(try peer.isQuiet())
    }

    @Test("Pieces go to the call whose execution they name, and nowhere else")
    func pieces() throws {
        let peer = Peer()
        let first = peer.ask(executionId: "one")
        let other = peer.ask()
        let second = peer.ask(
            .piece("a", of: "two"), .piece("b", of: "one"), .piece("?", of: "none"),
            .piece("c", of: "two", kind: "tool"),
            .line(#"{"method":"agent/delta","params":{"executionId":"one","text":"d","kind":"thought"}}"#), .answer,
            // It is done: what comes late is of nobody.
            .piece("late", of: "two"), .line(#"{"id":1,"result":1}"#), .line(#"{"id":3,"result":3}"#),
            executionId: "two")
        #expect(try second.all() == ["text a", "tool c", #"result "done""#])
        #expect(try first.all() == ["text b", "thought d", "result 1"])
        #expect(try other.all() == ["result 3"])
        #expect(try peer.isQuiet())
        #expect(second.soFar.count == 3 && peer.count("warning") == 0)
    }

    @Test("A plugin is told of a cancel; its late answer and its pieces are dropped")
    func cancel() throws {
        let peer = Peer()
        let cancelled = peer.ask(executionId: "one")
        try peer.heard(#""id":1,"#)
        cancelled.cancel()
        try peer.heard(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#)
        #expect(peer.environment.atWork == 1, "it is at work until it has answered")
        #expect(peer.environment.waiting.contains("10.0 s"))
        let next = peer.ask(.piece("late", of: "one"), .line(#"{"id":1,"result":"late"}"#), .answer)
        #expect(try next.all() == [#"result "done""#])
        #expect(try peer.isQuiet())
        cancelled.cancel()
        // The time for a sign of life is over, and there was one.
        peer.environment.release("10.0 s")
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        #expect(cancelled.soFar.isEmpty && peer.count("$/cancelRequest") == 1 && peer.count("warning") == 0)
    }

    @Test("An error is an answer to a cancel as well")
    func cancelledWithError() throws {
        let peer = Peer()
        let cancelled = peer.ask()
        try peer.heard(#""id":1,"#)
        cancelled.cancel()
        let next = peer.ask(.line(#"{"id":1,"error":{"code":-32800,"message":"Cancelled."}}"#), .answer)
        #expect(try next.all() == [#"result "done""#] && peer.isQuiet() && cancelled.soFar.isEmpty)
    }

    @Test("What was cancelled before it could be sent is never sent")
    func cancelUnsent() throws {
        let peer = Peer([])
        let questions = [peer.ask(.answer), peer.ask(.stderr("first"), .answer), peer.ask(.answer, executionId: "e")]
        #expect(peer.plugin.standing.state == .starting)
        for question in questions { question.cancel() }
        #expect(try peer.isQuiet())
        try peer.heard("initialize")
        #expect(peer.count("heard") == 1 && !peer.environment.waiting.contains("10.0 s"))
        #expect(questions.allSatisfy { $0.soFar.isEmpty })
    }

    @Test("A cancel after the answer is nothing")
    func cancelLate() throws {
        let peer = Peer()
        let question = peer.ask(.answer)
        _ = try question.all()
        question.cancel()
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        #expect(try peer.isQuiet() && peer.count("$/cancelRequest") == 0)
    }

    @Test("Answers to what wasn't asked, or was answered before, are dropped; ten times the log says so")
    func unknownAnswers() throws {
        let peer = Peer()
        let question = peer.ask(
            .line(#"{"id":ID,"result":1}"#), .line(#"{"id":ID,"result":2}"#), .line(#"{"id":99,"result":3}"#),
            .line(#"{"id":-1,"error":{"code":1,"message":"m"}}"#))
        _ = try question.all()
        let many = peer.ask(
            .line((0..<20).map { #"{"id":\#(100 + $0),"result":1}"# }.joined(separator: "\n")), .answer)
        #expect(try many.all() == [#"result "done""#] && question.soFar == ["result 1"])
        let warnings = peer.environment.logged.all.filter { $0.hasPrefix("warning: ") }
        #expect(warnings.count == 10)
        #expect(
            warnings.prefix(3)
                == [1, 99, -1].map {
                    "warning: the plugin `p` answers the request \($0), which it was not asked or has answered before"
                }[...])
        #expect(try peer.isQuiet())
    }

    @Test("A request that was not sent yet can't be answered")
    func answeredBeforeAsked() throws {
        let peer = Peer([#"{"id":1,"result":"too soon"}"#, Peer.ready])
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        #expect(peer.count("answers the request 1, which it was not asked") == 1)
    }

    @Test("A request of its own is refused, with its id")
    func ownRequest() throws {
        let peer = Peer()
        #expect(try peer.ask(.line(#"{"id":"q","method":"ask/me"}"#), .answer).all() == [#"result "done""#])
        let refusal = try peer.heard(#""id":"q""#)
        #expect(refusal.contains(#""error":{"code":-32601,"#) && refusal.contains("`ask/me`"))
    }

    @Test("The answer to `initialize` counts once", arguments: ["error", "result"])
    func initializedOnce(_ member: String) throws {
        let peer = Peer()
        let again = Peer.Said.line(
            #"{"id":2,"\#(member)":{"code":1,"message":"m","name":"","version":"","capabilities":[]}}"#)
        #expect(try peer.ask(again, .answer).all() == [#"result "done""#])
        #expect(peer.plugin.standing.capabilities == ["agent/execute", "do"])
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        #expect(peer.count("answers the request 2, which it was not asked or has answered before") == 1)
    }

    @Test("Who asked is told before nothing is at work any more, so that no time passes in between")
    func toldFirst() throws {
        let peer = Peer()
        let answered = [peer.ask(.answer), peer.ask(.line(#"{"id":ID,"error":{"code":1,"message":"No."}}"#))]
        for question in answered { _ = try question.all() }
        let failing = peer.ask(.piece("x", of: "e"), .exit(3), executionId: "e")
        _ = try failing.all()
        for question in answered + [failing] { #expect(question.atWork.allSatisfy { $0 > 0 }, "\(question.soFar)") }
        #expect(try peer.isQuiet())
        // What is not offered, which is found out when the process is ready.
        let other = Peer([#"{"id":ID,"result":{"name":"","version":"","capabilities":[]}}"#])
        let refused = other.ask(.answer)
        _ = try refused.all()
        #expect(try refused.atWork == [1] && other.isQuiet())
    }

    @Test("When all is answered, nothing is left that time would be waited for")
    func noTimers() throws {
        let peer = Peer()
        let cancelled = peer.ask()
        try peer.heard(#""id":1,"#)
        cancelled.cancel()
        #expect(try peer.ask(.line(#"{"id":1,"result":1}"#), .answer).all() == [#"result "done""#])
        #expect(try peer.isQuiet() && peer.environment.waiting.isEmpty, "\(peer.environment.waiting)")
    }

    @Test("Blank lines and notifications that nobody knows are passed over")
    func passedOver() throws {
        let peer = Peer(["", " \t\r", #"{"method":"log","params":{}}"#, Peer.ready])
        #expect(try peer.ask(.line(""), .line(#"{"method":"x"}"#), .answer).all() == [#"result "done""#])
        #expect(peer.count("warning") == 0)
    }
}
