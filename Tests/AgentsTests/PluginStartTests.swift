import Jansson
import Testing

@testable import Agents

@Suite("How a plugin's process begins") struct PluginStartTests {
    @Test(
        "An answer to `initialize` in another shape ends it",
        arguments: [
            "7", "null", "[]", "{}", #"{"name":"p","version":"1"}"#, #"{"name":"p","capabilities":[]}"#,
            #"{"version":"1","capabilities":[]}"#, #"{"name":7,"version":"1","capabilities":[]}"#,
            #"{"name":"p","version":1,"capabilities":[]}"#, #"{"name":"p","version":"1","capabilities":{}}"#,
            #"{"name":"p","version":"1","capabilities":["a",7]}"#, #"{"name":"p","version":"1","capabilities":null}"#,
        ])
    func shape(_ result: String) throws {
        let peer = Peer(answer: #"{"id":2,"result":\#(result)}"#)
        let sentence =
            "The plugin `p` answered `initialize` with something else than {name, version, capabilities}: `\(result)`."
        #expect(try peer.ask(.answer).all() == ["failed: \(sentence)"])
        #expect(try peer.isQuiet() && peer.plugin.standing.state == .resting)
        #expect(peer.count("warning: \(sentence)") == 1)
    }

    @Test("Capabilities may be none: then it is asked nothing, and stays")
    func noCapabilities() throws {
        let peer = Peer([#"{"id":ID,"result":{"name":"","version":"","capabilities":[],"more":1}}"#])
        let sentence = "The plugin `p` doesn't offer `do`: its `capabilities` have no such name."
        for _ in 0..<2 {
            #expect(try peer.ask(.answer, executionId: "e").all() == ["unavailable: \(sentence)"])
            #expect(try peer.isQuiet() && peer.count(#""do""#) == 0)
        }
        #expect(peer.plugin.standing.state == .ready && peer.plugin.standing.capabilities.isEmpty)
        #expect(peer.count(#""initialize""#) == 1)
    }

    @Test(
        "An error to `initialize` says that it can't begin; where something is missing, it may be tried again at once",
        arguments: [
            ("", "failed", AgentStanding.State.resting), (#","data":{"kind":"unavailable"}"#, "unavailable", .idle),
            (#","data":{"kind":"timeout"}"#, "timeout", .resting),
        ])
    func error(_ data: String, _ kind: String, _ standing: AgentStanding.State) throws {
        let peer = Peer(answer: #"{"id":2,"error":{"code":3,"message":"No model."\#(data)}}"#)
        let question = peer.ask(.answer)
        #expect(try question.all() == ["\(kind): The plugin `p` can't begin: No model."])
        #expect(question.details["agentError"]?["code"]?.integer == 3)
        #expect(try peer.isQuiet() && peer.plugin.standing.state == standing)
    }

    @Test("One that doesn't answer `initialize` is given up after a minute")
    func late() throws {
        let peer = Peer([])
        let questions = [peer.ask(.answer), peer.ask(.answer)]
        try peer.heard("initialize")
        #expect(peer.plugin.standing.state == .starting && peer.environment.atWork == 2)
        peer.environment.release("60.0 s")
        for question in questions {
            #expect(try question.all() == ["timeout: The plugin `p` did not answer `initialize` within 60 s."])
            #expect(question.details["limit"]?.text == "initialize")
        }
        #expect(try peer.isQuiet() && peer.plugin.standing.state == .resting)
    }

    @Test("One that has answered is not given up after the minute")
    func inTime() throws {
        let peer = Peer()
        _ = try peer.ask(.answer).all()
        peer.environment.release("60.0 s")
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        #expect(peer.count(#""initialize""#) == 1)
    }

    @Test("One that can't be started is told as such, and tried again at once")
    func missing() throws {
        let peer = Peer(command: ["./no-such-plugin"], variables: ["PARLEY_TEST_THAT_IS_NEVER_SET"])
        let sentence = "The plugin `p`: The command `./no-such-plugin` can't be started: No such file or directory."
        for count in 1...3 {
            #expect(try peer.ask(.answer).all() == ["unavailable: \(sentence)"])
            #expect(try peer.isQuiet() && peer.plugin.standing.state == .idle)
            #expect(peer.count("PARLEY_TEST_THAT_IS_NEVER_SET") == count)
        }
    }

    @Test("After processes that answered nothing it rests, for longer each time; who asks meanwhile waits")
    func rests() throws {
        let peer = Peer(command: ["/bin/sh", "-c", "exit 3"])
        var before = 0.0
        for pause in [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30] {
            let question = peer.ask(.answer)
            peer.environment.release("\(before) s")
            before = pause
            #expect(try question.all() == ["failed: The plugin `p` ended with status 3."])
            #expect(question.details["exitStatus"]?.integer == 3)
            #expect(try peer.isQuiet() && peer.plugin.standing.state == .resting)
            #expect(peer.environment.waiting.contains("\(pause) s"), "\(peer.environment.waiting)")
        }
    }

    @Test("Who asks during the rest starts nothing, may think better of it, and is answered after it")
    func duringRest() throws {
        let peer = Peer(command: ["/bin/sh", "-c", "echo started >&2; exit 3"])
        _ = try peer.ask(.answer).all()
        try peer.environment.quiet()
        let given = peer.ask(.answer)
        let kept = peer.ask(.answer)
        #expect(peer.plugin.standing.state == .resting && peer.environment.atWork == 2)
        given.cancel()
        #expect(peer.environment.atWork == 1 && peer.count("started") == 1)
        peer.environment.release("0.25 s")
        #expect(try kept.all().count == 1 && given.soFar.isEmpty)
        #expect(peer.count("started") == 2)
        #expect(try peer.isQuiet())
    }

    @Test("A rest that nobody waits for ends in being idle")
    func restAlone() throws {
        let peer = Peer(command: ["/bin/sh", "-c", "exit 3"])
        _ = try peer.ask(.answer).all()
        try peer.environment.waits(for: "0.25 s")
        peer.environment.release("0.25 s")
        #expect(try peer.isQuiet() && peer.plugin.standing.state == .idle)
    }
}
