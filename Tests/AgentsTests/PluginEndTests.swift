import Jansson
import Testing

@testable import Agents

@Suite("How a plugin's process ends") struct PluginEndTests {
    /// One that has answered once, so that it may be started again at once.
    private func peer() throws -> Peer {
        let peer = Peer()
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        return peer
    }

    /// That all of it has failed, nothing is under way, and the next request finds another process.
    private func expectAnew(_ peer: Peer, at location: SourceLocation = #_sourceLocation) throws {
        #expect(try peer.isQuiet(at: location), sourceLocation: location)
        #expect(try peer.ask(.answer).all(at: location) == [#"result "done""#], sourceLocation: location)
        #expect(peer.count(#""initialize""#) == 2 && peer.plugin.standing.state == .ready, sourceLocation: location)
        #expect(try peer.isQuiet(at: location), sourceLocation: location)
    }

    @Test("All that it was asked fails, with how it ended and the end of its stderr")
    func ends() throws {
        let peer = try peer()
        let first = peer.ask(.piece("half", of: "one"), executionId: "one")
        let cancelled = peer.ask()
        try peer.heard(#""id":4,"#)
        cancelled.cancel()
        try peer.heard("$/cancelRequest")
        let last = peer.ask(.stderr("the reason"), .exit(3))
        #expect(try last.all() == ["failed: The plugin `p` ended with status 3."])
        #expect(try first.all() == ["text half", "failed: The plugin `p` ended with status 3."])
        #expect(cancelled.soFar.isEmpty)
        for question in [first, last] {
            #expect(question.details["exitStatus"]?.integer == 3)
            #expect(question.details["stderr"]?.text?.description.hasSuffix("\nthe reason") ?? false)
        }
        #expect(peer.count("warning: The plugin `p` ended with status 3.") == 1)
        try expectAnew(peer)
    }

    @Test("Killed by a signal, it says by which")
    func killed() throws {
        let peer = Peer(command: ["/bin/sh", "-c", "read line; kill -KILL $$"])
        let question = peer.ask(.answer)
        #expect(try question.all() == ["failed: The plugin `p` was killed by SIGKILL."])
        #expect(question.details["signal"]?.text == "SIGKILL" && question.details["stderr"] == nil)
        #expect(try peer.isQuiet())
    }

    @Test("A line that is no message is passed over, and said in the log")
    func noiseOnce() throws {
        let peer = Peer(["Loading…", Peer.ready])
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        let warning = try peer.environment.logged.line { $0.hasPrefix("warning: ") }
        #expect(warning.hasPrefix("warning: the plugin `p` wrote on stdout `Loading…`, which is no message: "))
        #expect(warning.hasSuffix("; what people should see belongs on stderr"))
        #expect(try peer.isQuiet() && peer.count("warning: ") == 1)
    }

    @Test("At the second it is given up, and what it says from then on is not looked at")
    func noiseTwice() throws {
        let peer = try peer()
        let other = peer.ask(executionId: "e")
        let question = peer.ask(
            .line("[]"), .line("7 of 8 done"), .piece("late", of: "e"), .line(#"{"id":3,"result":1}"#), .answer)
        for question in [question, other] {
            let failures = try question.all()
            #expect(failures.count == 1)
            #expect(
                failures.first?.hasPrefix("failed: The plugin `p` wrote on stdout `7 of 8 done`, which is no message: ")
                    ?? false)
        }
        #expect(peer.count("wrote on stdout `[]`, which is no message: it is an array; ") == 1)
        try expectAnew(peer)
        #expect(other.soFar.count == 1 && question.soFar.count == 1)
    }

    @Test("Of a long line that is no message the beginning is told")
    func longNoise() throws {
        let peer = Peer([String(repeating: "x", count: 300), Peer.ready])
        _ = try peer.ask(.answer).all()
        let warning = try peer.environment.logged.line { $0.hasPrefix("warning: ") }
        #expect(warning.contains("`\(String(repeating: "x", count: 200))`"))
    }

    @Test("Without a sign of life after a cancel it is stuck, and given up")
    func stuck() throws {
        let peer = try peer()
        let other = peer.ask()
        let cancelled = peer.ask()
        try peer.heard(#""id":4,"#)
        cancelled.cancel()
        try peer.heard("$/cancelRequest")
        peer.environment.release("10.0 s")
        #expect(
            try other.all() == ["failed: The plugin `p` gave no sign of life for 10 s after a cancel."])
        #expect(cancelled.soFar.isEmpty)
        try expectAnew(peer)
    }

    @Test("Any line after the cancel is a sign of life")
    func signOfLife() throws {
        let peer = try peer()
        let cancelled = peer.ask()
        try peer.heard(#""id":3,"#)
        cancelled.cancel()
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        try peer.environment.quiet(except: 1)
        peer.environment.release("10.0 s")
        #expect(peer.plugin.standing.state == .ready && peer.environment.atWork == 1)
        #expect(try peer.ask(.line(#"{"id":3,"result":1}"#), .answer).all() == [#"result "done""#])
        #expect(try peer.isQuiet() && peer.count(#""initialize""#) == 1)
    }

    @Test("One that closes its stdout has a second to end; then it is given up")
    func closedOutput() throws {
        let ready = Peer.ready.replacing("ID", with: "2")
        let peer = Peer(command: ["/bin/sh", "-c", "read line; echo '\(ready)'; exec >&-; exec sleep 1000"])
        let question = peer.ask(.answer)
        try peer.environment.waits(for: "1.0 s")
        peer.environment.release("1.0 s")
        #expect(
            try question.all() == ["failed: The plugin `p` closed its stdout, so it can answer nothing more."])
        #expect(try peer.isQuiet())
    }

    @Test("A line of more than 16 MiB ends it")
    func longLine() throws {
        let peer = Peer(command: [
            "/bin/sh", "-c", "read line; head -c \(PluginProcess.lineBytes + 2) /dev/zero; echo; cat",
        ])
        #expect(
            try peer.ask(.answer).all() == ["failed: The plugin `p` wrote a line of more than 16777216 bytes."])
        #expect(try peer.isQuiet())
    }

    @Test("When the host ends its programs, what was asked fails without a word in the log")
    func hostEnds() throws {
        let peer = try peer()
        let question = peer.ask()
        try peer.heard(#""id":3,"#)
        peer.environment.programs.end()
        #expect(try question.all() == ["failed: The plugin `p` ended with status 0."])
        #expect(try peer.isQuiet() && peer.count("warning") == 0)
    }
}
