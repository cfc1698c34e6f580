import Jansson
import Testing
import Threads

@testable import Agents

@Suite("Plugins that have so long to answer") struct HookTests {
    private let peer = Peer([
        #"{"id":ID,"result":{"name":"peer","version":"1","capabilities":["sentiment/analyze","do"]}}"#
    ])
    private let answers = Monitor<[String]>([])

    @discardableResult
    private func ask(_ say: [String], seconds: Double = 5) -> @Sendable () -> Void {
        let params = JSONFragment { writer in
            writer.beginObject()
            writer.key("say")
            writer.value(.strings(say))
            writer.endObject()
        }
        return Hook(plugin: peer.plugin, seconds: seconds).ask("sentiment/analyze", params) { [answers] result in
            let told =
                switch result {
                case .success(let json): String(decoding: JSONFragment(json).bytes, as: UTF8.self)
                case .failure(let failure): "\(failure.kind.rawValue): \(failure.message)"
                }
            answers.broadcasting { $0.append(told) }
        }
    }

    private func all() throws -> [String] { try answers.value { !$0.isEmpty } }

    @Test(
        "What it answers is told, and its time is no longer waited for",
        arguments: [
            (#"{"id":ID,"result":{"a":1}}"#, #"{"a":1}"#),
            (#"{"id":ID,"error":{"code":1,"message":"No."}}"#, "failed: No."),
            (#"{"id":ID,"error":{"code":1,"message":"No.","data":{"kind":"unavailable"}}}"#, "unavailable: No."),
        ])
    func answered(_ line: String, _ expected: String) throws {
        // Pieces are nothing that hooks have.
        ask([#"{"method":"agent/delta","params":{"executionId":"e","text":"x"}}"#, line])
        #expect(try all() == [expected])
        try peer.environment.quiet()
        #expect(try peer.heard("sentiment/analyze").contains(#""id":1,"#))
        #expect(!peer.environment.waiting.contains("5.0 s"))
    }

    @Test(
        "When its time is over the question has failed, it is cancelled, and its late answer is dropped",
        arguments: [(5, "5.0 s", "5 s"), (0.5, "0.5 s", "0.5 s"), (90, "90.0 s", "90 s")])
    func late(_ seconds: Double, _ waiting: String, _ told: String) throws {
        ask([], seconds: seconds)
        try peer.heard("sentiment/analyze")
        peer.environment.release(waiting)
        #expect(
            try all() == ["timeout: The plugin `p` did not answer `sentiment/analyze` within \(told) (`timeout`)."])
        try peer.heard(#""method":"$/cancelRequest","params":{"id":1}"#)
        let next = peer.ask(.line(#"{"id":1,"result":1}"#), .answer)
        #expect(try next.all() == [#"result "done""#])
        #expect(try peer.isQuiet() && answers.withLock { $0.count } == 1)
    }

    @Test(
        "What the plugin doesn't offer it isn't asked, whether that is known already or not", arguments: [false, true])
    func notOffered(_ isKnown: Bool) throws {
        if isKnown { #expect(try peer.ask(.answer).all() == [#"result "done""#]) }
        Hook(plugin: peer.plugin, seconds: 5).ask("topics/extract", .emptyObject) { [answers] result in
            if case .failure(let failure) = result {
                answers.broadcasting { $0.append("\(failure.kind.rawValue): \(failure.message)") }
            }
        }
        let sentence = "The plugin `p` doesn't offer `topics/extract`: its `capabilities` have no such name."
        #expect(try all() == ["unavailable: \(sentence)"])
        #expect(try peer.isQuiet() && peer.count("topics/extract") == 0)
        #expect(!peer.environment.waiting.contains("5.0 s"))
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
    }

    @Test("A question that is cancelled has failed at once; the plugin is told, and its late answer is dropped")
    func cancelled() throws {
        let cancel = ask([])
        try peer.heard("sentiment/analyze")
        cancel()
        #expect(answers.withLock { $0 } == ["failed: The question was cancelled."])
        try peer.heard(#""method":"$/cancelRequest","params":{"id":1}"#)
        #expect(!peer.environment.waiting.contains("5.0 s"))
        #expect(try peer.ask(.line(#"{"id":1,"result":1}"#), .answer).all() == [#"result "done""#])
        cancel()
        #expect(try peer.isQuiet() && answers.withLock { $0.count } == 1 && peer.count("$/cancelRequest") == 1)
    }

    @Test("A cancel after the answer is nothing")
    func cancelledLate() throws {
        let cancel = ask([#"{"id":ID,"result":1}"#])
        #expect(try all() == ["1"])
        cancel()
        #expect(try peer.ask(.answer).all() == [#"result "done""#])
        #expect(try peer.isQuiet() && answers.withLock { $0.count } == 1 && peer.count("$/cancelRequest") == 0)
    }

    @Test("One that can't be started is told so, once")
    func missing() throws {
        let peer = Peer(command: ["./no-such-plugin"])
        Hook(plugin: peer.plugin, seconds: 5).ask("topics/extract", .emptyObject) { [answers] result in
            if case .failure(let failure) = result { answers.broadcasting { $0.append(failure.kind.rawValue) } }
        }
        #expect(try all() == ["unavailable"])
        peer.environment.release()
        #expect(try peer.isQuiet() && answers.withLock { $0.count } == 1)
    }
}
