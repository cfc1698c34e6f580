import JSONRPC
import Jansson

/// A line that a plugin wrote.
enum PluginMessage {
    case answer(to: Int, Plugin.Answer)
    case piece(ReplyPiece, of: Text)
    /// It asks for something, which hosts don't offer: what it is answered.
    case request(refusal: [UInt8])
    /// A notification that nobody knows: newer plugins may say more.
    case other
    /// No message. Why not.
    case noise(String)

    init(_ line: ArraySlice<UInt8>) {
        let json: JSON
        do throws(JSONSyntaxError) { json = try JSON.parse(line) } catch {
            self = .noise(error.reason)
            return
        }
        guard json.isObject else {
            self = .noise("it is \(json.article)")
            return
        }
        if let method = json["method"] {
            self = Self.asked(method, json)
        } else if let id = json["id"]?.integer {
            if let error = json["error"], !error.isNull {
                self = .answer(to: Int(clamping: id), .failed(AgentFailure(answer: error)))
            } else if let result = json["result"] {
                self = .answer(to: Int(clamping: id), .result(result))
            } else {
                self = .noise("it has neither `result` nor `error`")
            }
        } else {
            self = .noise("it has neither `method` nor an `id` that is known here")
        }
    }

    private static func asked(_ method: JSON, _ json: JSON) -> PluginMessage {
        guard let name = method.text else { return .noise("its `method` is \(method.article)") }
        if let id = json["id"].flatMap({ RequestID($0) }) { return .request(refusal: HostAnswer.refusal(of: name, id)) }
        if name != "agent/delta" { return .other }
        let params = json["params"]
        guard let executionId = params?["executionId"]?.text, let text = params?["text"]?.text else {
            return .noise("an `agent/delta` has `executionId` and `text`, both strings")
        }
        var kind = ReplyPiece.Kind.text
        if let word = params?["kind"] {
            guard let known = word.text.flatMap({ ReplyPiece.Kind(rawValue: $0.description) }) else {
                return .noise("the `kind` of an `agent/delta` is `text`, `thought` or `tool`")
            }
            kind = known
        }
        return .piece(ReplyPiece(kind, text), of: executionId)
    }
}

/// What a plugin is answered that asks the host for something.
package enum HostAnswer {
    package static func refusal(of method: Text, _ id: RequestID) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        writer.key("id")
        writer.id(id)
        writer.key("error")
        writer.error(RPCError(.methodNotFound, "The host answers no requests, and so not `\(method)`."))
        writer.endObject()
        writer.endLine()
        return writer.take()
    }
}

extension AgentFailure {
    /// What an answer with an error means.
    init(answer error: JSON) {
        let kind: Kind =
            switch error["data"]?["kind"]?.text {
            case "unavailable": .unavailable
            case "timeout": .timeout
            default: .failed
            }
        guard error["code"]?.integer != nil, let message = error["message"]?.text else {
            self.init(kind, "The answer is an error without `code` and `message`: `\(JSONFragment(error).excerpt)`.")
            return
        }
        let shown = JSONFragment(error)
        // What it tells besides is kept where it is of a size that helps.
        self.init(kind, message.description, shown.bytes.count > 16 << 10 ? [] : [("agentError" as Text, shown)])
    }
}
