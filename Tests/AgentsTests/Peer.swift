import Jansson
import Testing
import Threads

@testable import Agents

/// A plugin that does what each request tells it, and what became of asking it.
///
/// It says on its stderr, and so in the log, what it was sent: `heard {…}`. To a request it says the lines of
/// `params.say`, `ID` in them replaced by the request's id: a number instead of a line has it end with that status, and
/// a list of one text is written to its stderr.
final class Peer: Sendable {
    let environment = FakeEnvironment()
    let plugin: Plugin

    private static let source = """
        import json, os, sys
        for line in sys.stdin:
            print("heard", line, end="", file=sys.stderr, flush=True)
            message = json.loads(line)
            lines = sys.argv[1] if message.get("method") == "initialize" else json.dumps(message.get("params", {}).get("say", []))
            for said in json.loads(lines):
                if isinstance(said, int): os._exit(said)
                if isinstance(said, list): print(said[0], file=sys.stderr, flush=True)
                else: print(said.replace("ID", str(message.get("id"))), flush=True)
        """

    /// What `initialize` is answered with as a rule.
    static let ready = #"{"id":ID,"result":{"name":"peer","version":"1","capabilities":["agent/execute","do"]}}"#

    /// - Parameter initialize: JSON, what it says to that.
    init(_ initialize: [String] = [Peer.ready], settings: JSONFragment = .emptyObject) {
        let answers = JSONFragment.strings(initialize)
        let words = ["python3", "-I", "-S", "-c", Self.source, String(decoding: answers.bytes, as: UTF8.self)]
        plugin = Plugin(name: "p", program: Program(command: words), settings: settings, environment: environment)
    }

    /// One that is another command.
    init(command: [String], variables: [String] = []) {
        let program = Program(command: command, environment: variables)
        plugin = Plugin(name: "p", program: program, environment: environment)
    }

    /// One that reads its first line, `initialize` with the id 2, and says that; then it only reads.
    convenience init(answer: String) {
        let script = "read line; printf '%s\\n' \"$1\"; exec cat >/dev/null"
        self.init(command: ["/bin/sh", "-c", script, "sh", answer])
    }

    deinit { environment.programs.end() }

    /// Asks it something, which says what it is to say.
    func ask(_ say: Said..., executionId: Text? = nil) -> Question {
        let question = Question(environment)
        let params = JSONFragment { writer in
            writer.beginObject()
            writer.key("say")
            writer.beginArray()
            for said in say { writer.value(said.json) }
            writer.endArray()
            writer.endObject()
        }
        question.ask { plugin.call("do", params, executionId: executionId, report: $0) }
        return question
    }

    enum Said {
        case line(String)
        case stderr(String)
        case exit(Int)

        fileprivate var json: JSONFragment {
            switch self {
            case .line(let line): .string(line)
            case .stderr(let line): .strings([line])
            case .exit(let status): .integer(status)
            }
        }

        static let answer = Said.line(#"{"id":ID,"result":"done"}"#)
        static func piece(_ text: String, of executionId: String, kind: String = "text") -> Said {
            .line(
                #"{"method":"agent/delta","params":{"executionId":"\#(executionId)","text":"\#(text)","kind":"\#(kind)"}}"#
            )
        }
    }

    /// Waits until it has heard a line.
    @discardableResult
    func heard(_ part: String, at location: SourceLocation = #_sourceLocation) throws -> String {
        try environment.logged.line(at: location) { $0.contains("p: heard ") && $0.contains(part) }
    }

    /// How many lines of all its processes had that so far.
    func count(_ part: String) -> Int { environment.logged.all.filter { $0.contains(part) }.count }

    /// Whether nothing is under way any more.
    func isQuiet(at location: SourceLocation = #_sourceLocation) throws -> Bool {
        try environment.quiet(at: location)
        return plugin.state.withLock {
            $0.calls.isEmpty && $0.unsent.isEmpty && $0.executions.isEmpty && $0.cancelled.isEmpty
        }
    }
}

/// What came of a call: "text hi", "result …", "failed: …".
final class Question: Sendable {
    private let answers = Monitor<[String]>([])
    private let failures = Monitor<[AgentFailure]>([])
    private let programsAtWork = Monitor<[Int]>([])
    private let cancelCall = Monitor<(@Sendable () -> Void)?>(nil)
    private let environment: FakeEnvironment

    fileprivate init(_ environment: FakeEnvironment) { self.environment = environment }

    fileprivate func ask(_ call: (@escaping @Sendable (Plugin.Answer) -> Void) -> @Sendable () -> Void) {
        let cancel = call { [self] answer in
            let told: String
            switch answer {
            case .piece(let piece): told = "\(piece.kind.rawValue) \(piece.text)"
            case .result(let result): told = "result \(String(decoding: JSONFragment(result).bytes, as: UTF8.self))"
            case .failed(let failure):
                failures.withLock { $0.append(failure) }
                told = "\(failure.kind.rawValue): \(failure.message)"
            }
            programsAtWork.withLock { $0.append(environment.atWork) }
            answers.broadcasting { $0.append(told) }
        }
        cancelCall.withLock { $0 = cancel }
    }

    func cancel() { cancelCall.withLock { $0 }?() }

    /// How many programs were at work at each answer.
    var atWork: [Int] { programsAtWork.withLock { $0 } }

    var soFar: [String] { answers.withLock { $0 } }

    /// Waits for its end, and answers with all that came.
    func all(at location: SourceLocation = #_sourceLocation) throws -> [String] {
        try answers.value(at: location) { $0.contains { !Self.isPiece($0) } }
    }

    private static func isPiece(_ answer: String) -> Bool {
        ReplyPiece.Kind.allCases.contains { answer.hasPrefix("\($0.rawValue) ") }
    }

    /// What the failure tells besides; empty where there is none.
    var details: [Text: JSON] {
        let failure = failures.withLock { $0.first }
        let known = failure?.details.compactMap { detail in
            (try? JSON.parse(detail.value.bytes)).map { (detail.name, $0) }
        }
        return Dictionary(known ?? []) { first, _ in first }
    }
}
