import Agents
import JSONRPC
import Jansson

/// What one process of a plugin was asked, and what it said: line by line, held against the protocol. What can be told
/// from lines alone is noted as a fault; an answer that is only called wrongly still counts as the answer.
struct Ledger {
    enum Answer {
        case result(JSON)
        case error(PluginError)

        /// Nil where a message is no answer.
        fileprivate init?(_ json: JSON) {
            if let error = json["error"], !error.isNull {
                self = .error(PluginError(error))
            } else if let result = json["result"] {
                self = .result(result)
            } else {
                return nil
            }
        }
    }

    private struct Request {
        let executionId: Text?
        var isCancelled = false
        var answer: Answer?
    }

    private var requests: [Int: Request] = [:]
    private var executions: [Text: Execution] = [:]
    /// The first fault of each check.
    private(set) var faults: [Check: String] = [:]
    /// Answers to what was not asked, or was answered before: the beginning of each.
    private(set) var strays: [String] = []
    private(set) var hasPieces = false
    /// The names of what was told of replies.
    private(set) var metadata: [Text] = []

    mutating func ask(_ id: Int, executionId: Text? = nil) {
        requests[id] = Request(executionId: executionId)
        if let executionId { executions[executionId] = Execution() }
    }

    mutating func cancel(_ id: Int) { requests[id]?.isCancelled = true }

    func answer(to id: Int) -> Answer? { requests[id]?.answer }

    /// The strays but for so many, which from now on are the caller's to tell of.
    mutating func takeStrays(from count: Int) -> [String] {
        defer { strays.removeSubrange(count...) }
        return Array(strays[count...])
    }

    mutating func note(_ check: Check, _ fault: String) {
        if faults[check] == nil { faults[check] = fault }
    }

    // MARK: Lines

    /// Takes a line that the plugin wrote, without its end.
    ///
    /// - Returns: what it is answered, where it asks for something.
    mutating func hear(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
        let json: JSON
        do throws(JSONSyntaxError) { json = try JSON.parse(line) } catch {
            noteNoise(line, error.reason)
            return nil
        }
        if !json.isObject {
            noteNoise(line, "it is \(json.article)")
        } else if json["method"] != nil {
            return hearMethod(json, line)
        } else if let answer = Answer(json) {
            hear(answer, json, line)
        } else {
            noteNoise(line, "it has neither `method` nor `result` nor `error`")
        }
        return nil
    }

    mutating func hearTooLongLine(_ limit: Int) {
        note(.stdout, "A line has more than \(limit) bytes, which are the most.")
    }

    private mutating func noteNoise(_ line: ArraySlice<UInt8>, _ reason: String) {
        note(
            .stdout,
            "`\(Self.excerpt(line))` is no message: \(reason). Only messages belong there; what people should see goes to "
                + "stderr.")
    }

    private static func excerpt(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.prefix(600), as: UTF8.self).excerpt
    }

    private mutating func hearMethod(_ json: JSON, _ line: ArraySlice<UInt8>) -> [UInt8]? {
        guard let method = json["method"]?.text else {
            noteNoise(line, "its `method` is no string")
            return nil
        }
        if let id = json["id"].flatMap({ RequestID($0) }) { return HostAnswer.refusal(of: method, id) }
        // Other notifications are passed over: newer plugins may say more.
        if method == "agent/delta" { hearPiece(json["params"]) }
        return nil
    }

    // MARK: Pieces

    /// What came of an execution so far.
    private struct Execution {
        var text: [UInt8] = []
        var bytes = 0
        var hasText = false
        var isAnswered = false
    }

    private mutating func hearPiece(_ params: JSON?) {
        hasPieces = true
        guard let id = params?["executionId"]?.text, let text = params?["text"]?.text else {
            note(.pieces, "A piece has no `executionId` or no `text`; both are strings.")
            return
        }
        guard var execution = executions[id] else {
            note(.pieces, "A piece names the execution `\("\(id)".excerpt)`, which was not asked for.")
            return
        }
        executions[id] = nil  // So that its text isn't copied.
        if execution.isAnswered { note(.pieces, "A piece came behind the answer; they come before it.") }
        let kind = params?["kind"]?.text ?? (params?["kind"] == nil ? "text" : "")
        switch ReplyPiece.Kind(rawValue: kind.description) {
        case .text:
            execution.text += text.utf8
            execution.hasText = true
        case .thought, .tool: break
        case nil:
            let shown = params?["kind"].map { JSONFragment($0).description.excerpt } ?? ""
            note(.pieces, "A piece has the `kind` `\(shown)`; it is `text`, `thought` or `tool`.")
        }
        execution.bytes += text.utf8.count
        if execution.bytes > ReplyPiece.bound {
            note(.pieces, "The pieces of a reply have more than \(ReplyPiece.bound) bytes, which are the most.")
        }
        executions[id] = execution
    }

    // MARK: Answers

    private mutating func hear(_ answer: Answer, _ json: JSON, _ line: ArraySlice<UInt8>) {
        guard let id = asked(json["id"]), requests[id]?.answer == nil else {
            strays.append(Self.excerpt(line))
            return
        }
        noteForm(json, line)
        if case .error(let error) = answer, error.code == nil || error.message == nil {
            note(.answers, "The error `\(error.text)` has no `code`, an integer, or no `message`, a string.")
        }
        requests[id]?.answer = answer
        if let executionId = requests[id]?.executionId { close(executionId, answer, id) }
    }

    private mutating func noteForm(_ json: JSON, _ line: ArraySlice<UInt8>) {
        if json["jsonrpc"]?.text != "2.0" {
            note(.answers, "`\(Self.excerpt(line))` has no `\"jsonrpc\": \"2.0\"`.")
        }
        if json["result"] != nil, json["error"] != nil {
            note(.answers, "`\(Self.excerpt(line))` has both `result` and `error`; an answer has one of them.")
        }
    }

    /// Which request an id means, though it should be written in another way.
    private mutating func asked(_ id: JSON?) -> Int? {
        guard let id else { return nil }
        if let number = id.integer { return requests[Int(number)] == nil ? nil : Int(number) }
        let meant = id.number.flatMap { Int(exactly: $0) } ?? id.text.flatMap { Int($0.description) }
        guard let meant, requests[meant] != nil else { return nil }
        note(
            .ids,
            "The request \(meant) was answered with the id `\(JSONFragment(id).description.excerpt)`: it comes back as it was."
        )
        return meant
    }

    private mutating func close(_ executionId: Text, _ answer: Answer, _ id: Int) {
        guard let execution = executions[executionId] else { return }
        executions[executionId] = Execution(isAnswered: true)
        guard case .result(let result) = answer else { return }
        if let metadata = result["metadata"] {
            do throws(ShapeFault) { try checkMetadata(metadata) } catch {
                note(.metadata, "The result \(error.clause).")
            }
            for (name, _) in metadata.members where !self.metadata.contains(Text(name)) {
                self.metadata.append(Text(name))
            }
        }
        guard let response = result["response"]?.text, execution.hasText, requests[id]?.isCancelled == false else {
            return
        }
        if execution.text != response.utf8 {
            let pieces = String(decoding: execution.text.prefix(600), as: UTF8.self).excerpt
            note(
                .pieces,
                "The pieces of kind `text` add up to `\(pieces)`, the `response` is `\(response.description.excerpt)`; they are "
                    + "the same.")
        }
    }
}

/// An error that a plugin answered with.
struct PluginError: Sendable {
    let code: Int64?
    let message: Text?
    /// `unavailable` and `timeout` are known.
    let kind: Text?
    /// Its beginning, for a sentence.
    let text: String

    init(_ json: JSON) {
        code = json["code"]?.integer
        message = json["message"]?.text
        kind = json["data"]?["kind"]?.text
        text = JSONFragment(json).description.excerpt
    }

    /// Whether the plugin may be as it should be: something else is missing, or was late.
    var isExcuse: Bool { kind == "unavailable" || kind == "timeout" }
    var excuse: String {
        let reason = message?.description.printable ?? text
        return "It can't answer now: \(reason)" + (reason.hasSuffix(".") ? "" : ".")
    }
}
