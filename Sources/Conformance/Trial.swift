import Agents
import Jansson

/// Tries a plugin out: asks it what hosts ask, and some things that only later hosts might, and looks at what it says.
///
/// Most checks share one process. One that gives no answer, or ends, is spoilt: the next check begins with another one.
package struct Trial {
    let program: Program
    let settings: JSONFragment
    let version: String
    /// Seconds to wait for an answer.
    let patience: Double
    private let programs = Programs()
    private let progress: (_ done: Int, _ total: Int) -> Void

    private(set) var findings: [Check: Finding] = [:]
    private var errors: [UInt8] = []
    private(set) var run: PluginRun?
    /// Why no other process can be started; nil where it can.
    private var obstacle: String?

    /// What it claims to answer.
    var capabilities: [Capability] = []
    /// The first of these that was answered well, for checks that can ask anything.
    var main: Capability?
    /// Whether it refuses methods that it doesn't know, which costs nothing to ask.
    var refusesUnknown = false
    /// What was seen over all processes that are gone.
    private var faults: [Check: String] = [:]
    private var strays: [String] = []
    var hasPieces = false
    var metadata: [Text] = []
    private var executions = 0

    /// - Parameters:
    ///   - settings: an object that it is told at its start.
    ///   - version: Parley's, which it is told too.
    ///   - patience: seconds to wait for an answer; for that to `initialize` six times as long.
    package init(
        _ program: Program, settings: JSONFragment, version: String, patience: Double,
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) {
        self.program = program
        self.settings = settings
        self.version = version
        self.patience = patience
        self.progress = progress
    }

    /// Carries out all checks. No process is left when it returns.
    package mutating func carryOut() -> Report {
        tryBeginning()
        if obstacle == nil {
            tryCapabilities()
            tryUnknown()
            tryTexts()
            tryOverlapping()
            tryLeaving()
        }
        close()
        tellOfLines()
        programs.end()
        let all = Check.allCases.map { findings[$0] ?? Finding($0, .skipped, obstacle ?? "It was not tried.") }
        return Report(
            command: program.command, findings: all, errors: String(decoding: errors, as: UTF8.self).trimmed)
    }

    // MARK: Findings

    mutating func ok(_ check: Check, _ detail: String) { add(Finding(check, .ok, detail)) }
    mutating func short(_ check: Check, _ detail: String) { add(Finding(check, .short, detail)) }
    mutating func skip(_ check: Check, _ detail: String) { add(Finding(check, .skipped, detail)) }

    private mutating func add(_ finding: Finding) {
        findings[finding.check] = finding
        progress(findings.count, Check.allCases.count)
    }

    // MARK: Processes

    /// The process that waits for requests: the one that there is, or another one, told what it is told at its start. Nil
    /// where none begins; the check then can't be tried.
    mutating func process(for check: Check) -> PluginRun? {
        if let run {
            guard let end = run.end else { return run }
            faults[.endOfInput] = faults[.endOfInput] ?? "It \(end) before the end of its input; until then it stays."
        }
        return begin(for: check)
    }

    /// Starts another process.
    ///
    /// - Parameter hasMore: whether it is told more than it can know.
    mutating func begin(for check: Check, hasMore: Bool = false) -> PluginRun? {
        close()
        if obstacle == nil {
            switch start(hasMore: hasMore) {
            case .answer(.result(let result)) where (try? Introduction(result)) != nil: return run
            case .answer(.error(let error)): end("answered `initialize` with the error `\(error.text)`", check, hasMore)
            case .answer: end("answered `initialize` with something else", check, hasMore)
            case .nothing(let instead): end(instead, check, hasMore)
            }
        }
        if let obstacle, findings[check] == nil { skip(check, obstacle) }
        return nil
    }

    /// A process that was to begin anew did not.
    private mutating func end(_ instead: String, _ check: Check, _ hasMore: Bool) {
        close()
        if hasMore {
            short(check, "With members in `initialize` that it doesn't know it \(instead); they are passed over.")
        } else {
            obstacle = "It could not be started once more."
            short(.initialize, "Started once more, it \(instead).")
        }
    }

    /// Starts a process and asks `initialize`.
    mutating func start(hasMore: Bool = false) -> PluginRun.Reply {
        let run = PluginRun(program, in: programs)
        self.run = run
        let host: [JSONFragment.Member] = [("name", .string("parley")), ("version", .string(version))]
        let params: [JSONFragment.Member] = [
            ("protocolVersion", .string("parley-plugin/1")), ("host", .object(host)), ("settings", settings),
        ]
        let id = run.send { $0.ask("initialize", .object(params), hasMore: hasMore) }
        return run.reply(to: id, patience: 6 * patience)
    }

    /// No further check is tried.
    mutating func giveUp(_ reason: String) { obstacle = reason }

    /// Has the process go, and keeps what was seen of it.
    mutating func close() {
        guard let run else { return }
        run.kill()
        self.run = nil
        let ledger = run.ledger
        faults.merge(ledger.faults) { first, _ in first }
        strays += ledger.strays
        hasPieces = hasPieces || ledger.hasPieces
        for name in ledger.metadata where !metadata.contains(name) { metadata.append(name) }
        errors = Array((errors + run.errors).suffix(PluginRun.errorBytes))
    }

    // MARK: Questions

    /// A question with an execution of its own.
    mutating func question(_ capability: Capability, _ text: Text? = nil) -> Question {
        executions += 1
        // A plugin that gives profiles may know her.
        let standard: Text = capability == .loadProfile ? "ada" : "Hello, what can you do?"
        return Question(capability: capability, text: text ?? standard, executionId: Text("exec_\(executions)"))
    }

    /// What comes of a question.
    enum Verdict {
        case answered
        /// Something that it needs is missing, or was late; a sentence.
        case excused(String)
        case refused(PluginError)
        /// What it did instead, or what is wrong with its result; a clause with its subject.
        case wrong(String)
    }

    /// Asks and waits for the answer.
    mutating func ask(_ question: Question, of run: PluginRun, hasMore: Bool = false) -> Verdict {
        switch wait(for: run.send { $0.ask(question, hasMore: hasMore) }, of: run) {
        case .answer(.result(let result)):
            do throws(ShapeFault) { try question.capability.check(result) } catch {
                return .wrong("the result \(error.clause)")
            }
            return .answered
        case .answer(.error(let error)): return error.isExcuse ? .excused(error.excuse) : .refused(error)
        case .nothing(let instead): return .wrong("it \(instead)")
        }
    }

    /// Waits for an answer; a process that gives none is of no more use.
    mutating func wait(for id: Int, of run: PluginRun) -> PluginRun.Reply {
        let reply = run.reply(to: id, patience: patience)
        if case .nothing = reply { close() }
        return reply
    }

    // MARK: What was looked at all the time

    private mutating func tellOfLines() {
        // Where it never began there is nothing to tell but faults.
        if findings[.capabilities] != nil {
            ok(.answers, "All have `jsonrpc`, and a result or an error.")
            ok(.answeredOnce, "It answers nothing twice or unasked.")
            ok(.stdout, "It writes nothing but messages.")
            tellOfReplies()
        }
        if let stray = strays.first {
            short(.answeredOnce, "`\(stray)` answers what was not asked, or was answered before.")
        }
        for (check, fault) in faults { short(check, fault) }
    }

    private mutating func tellOfReplies() {
        if let executionObstacle {
            for check in [Check.metadata, .pieces] { skip(check, executionObstacle) }
            return
        }
        let names = metadata.map { "`\($0)`" }.joined(separator: ", ").excerpt
        ok(.metadata, metadata.isEmpty ? "It tells none." : "It tells \(names).")
        ok(
            .pieces,
            hasPieces ? "They come before the response and add up to it." : "It sends none: replies come whole.")
    }

    /// Why there is no reply to look at; nil where there is one.
    var executionObstacle: String? {
        if !capabilities.contains(.execute) { return "It doesn't claim `agent/execute`." }
        guard let finding = findings[.execute], finding.outcome != .ok else { return nil }
        return finding.outcome == .short ? "`agent/execute` fell short." : finding.detail
    }
}

extension PluginRun.Lines {
    mutating func ask(_ question: Question, id: Int? = nil, hasMore: Bool = false) -> Int {
        ask(
            question.capability.rawValue, question.params, id: id,
            executionId: question.capability == .execute ? question.executionId : nil, hasMore: hasMore)
    }
}

extension String {
    /// Without line ends at its end.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last?.isNewline ?? false { text.removeLast() }
        return String(text)
    }
}
