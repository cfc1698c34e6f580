import JSONRPC
import Jansson
import ModelServers

/// What the host asks, and what it is answered: docs/plugins.md.
actor Plugin {
    /// Parley's.
    static let version = "0.1.0"
    private static let protocolVersion: Text = "parley-plugin/1"

    /// Bytes of a result, with room for what stands around it in a line of 16 MiB.
    private static let longestResult = (16 << 20) - 256

    private let output: Output
    /// Nil until `initialize`.
    private var server: ModelServer?
    /// What is being executed. What is no longer in here gets no answer any more, for it has one.
    private var running: [RequestID: Task<Void, Never>] = [:]

    init(_ output: Output) { self.output = output }

    func receive(_ batch: LineBatch) {
        for line in batch.lines {
            switch line {
            case .tooLong: log("A line of the host was too long, and passed over.")
            case .text(let range): receive(batch.bytes[range])
            }
        }
    }

    private func receive(_ line: ArraySlice<UInt8>) {
        do throws(JSONSyntaxError) {
            switch IncomingMessage(try JSON.parse(line)) {
            case .request(let id?, let method, let params): receive(id, method, params)
            case .request(nil, "$/cancelRequest", let params):
                if let id = params?["id"].flatMap(RequestID.init) { cancel(id) }
            // Notifications of later versions, and answers to what was never asked.
            case .request, .response: break
            case .invalid(let id, let error): answer(id, .invalid(error.kind, error.message))
            }
        } catch {
            let error = RPCError(error)
            answer(.null, .invalid(error.kind, error.message))
        }
    }

    private func receive(_ id: RequestID, _ method: Text, _ params: JSON?) {
        do throws(PluginError) {
            switch method {
            case "initialize": answer(id, try initialize(params))
            case "agent/execute": try execute(id, params)
            default: throw .invalid(.methodNotFound, "There is no method `\(method)` here.")
            }
        } catch {
            answer(id, error)
        }
    }

    private func initialize(_ params: JSON?) throws(PluginError) -> JSONFragment {
        guard server == nil else { throw .invalid(.invalidRequest, "`initialize` was asked before.") }
        guard params?["protocolVersion"]?.text == Self.protocolVersion else {
            throw .invalid(.invalidParams, "`protocolVersion` must be \"\(Self.protocolVersion)\".")
        }
        do throws(SettingsFault) {
            server = ModelServer(try ServerSettings(params?["settings"]))
        } catch {
            throw .invalid(.invalidParams, error.description)
        }
        return JSONFragment {
            $0.beginObject()
            $0.key("name")
            $0.string("parley-agent-http")
            $0.key("version")
            $0.string(Self.version)
            $0.key("capabilities")
            $0.beginArray()
            $0.string("agent/execute")
            $0.endArray()
            $0.endObject()
        }
    }

    // MARK: agent/execute

    private func execute(_ id: RequestID, _ params: JSON?) throws(PluginError) {
        guard let server else { throw .invalid(.invalidRequest, "`initialize` must be asked before.") }
        guard running[id] == nil else { throw .invalid(.invalidRequest, "Another request has that id.") }
        guard let execution = Execution(params) else {
            throw .invalid(
                .invalidParams, "The params must be {executionId, prompt, context, messages [{role, content}] …}.")
        }
        running[id] = Task {
            do throws(PluginError) {
                let reply = try await server.execute(execution) { pieces in
                    await self.tell(pieces, of: execution, id)
                    await self.output.waitForRoom()
                }
                finish(id, reply)
            } catch {
                finish(id, error)
            }
        }
    }

    private func tell(_ pieces: [Piece], of execution: Execution, _ id: RequestID) {
        guard running[id] != nil else { return }
        var lines = JSONWriter()
        for piece in pieces { lines.delta(piece, of: execution) }
        output.send(lines.bytes)
    }

    private func finish(_ id: RequestID, _ reply: Reply) {
        guard running.removeValue(forKey: id) != nil else { return }
        let result = JSONFragment { $0.reply(reply) }
        // A text that is short enough can be too long in JSON, where a line end takes two bytes.
        if result.bytes.count > Self.longestResult {
            answer(id, .failed("The reply is too long: its line has more than 16 MiB, which is what a host takes."))
        } else {
            answer(id, result)
        }
    }

    private func finish(_ id: RequestID, _ error: PluginError) {
        if running.removeValue(forKey: id) != nil { answer(id, error) }
    }

    /// Answers at once, whatever the request is waiting for.
    private func cancel(_ id: RequestID) {
        guard let task = running.removeValue(forKey: id) else { return }
        task.cancel()
        answer(id, .cancelled)
    }

    func cancelAll() {
        for id in running.keys { cancel(id) }
    }

    // MARK: Answers

    private func answer(_ id: RequestID, _ result: JSONFragment) {
        answer(id) {
            $0.key("result")
            $0.value(result)
        }
    }

    private func answer(_ id: RequestID, _ error: PluginError) {
        answer(id) {
            $0.key("error")
            $0.error(error)
        }
    }

    private func answer(_ id: RequestID, _ outcome: (inout JSONWriter) -> Void) {
        var line = JSONWriter()
        line.beginObject()
        line.key("jsonrpc")
        line.string("2.0")
        line.key("id")
        line.id(id)
        outcome(&line)
        line.endObject()
        line.endLine()
        output.send(line.bytes)
    }
}

extension JSONWriter {
    /// The line of a notification `agent/delta`.
    fileprivate mutating func delta(_ piece: Piece, of execution: Execution) {
        beginObject()
        key("jsonrpc")
        string("2.0")
        key("method")
        string("agent/delta")
        key("params")
        beginObject()
        key("executionId")
        string(execution.id)
        key("text")
        string(piece.text)
        if piece.kind != .text {
            key("kind")
            string(piece.kind.rawValue)
        }
        endObject()
        endObject()
        endLine()
    }
}
