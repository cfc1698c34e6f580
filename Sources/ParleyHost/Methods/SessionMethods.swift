import CSchemas
import JSONRPC
import Jansson

/// The connection itself.
enum SessionMethods {
    private static let clientInfo = Parameter<JSON?>.optional("clientInfo", .clientInfo)
    private static let protocolVersion = Parameter<Text?>.optional("protocolVersion", .string)
    private static let requestId = Parameter<RequestID>.required(
        "id", Shape("a string, a number or null", schema: [:]) { RequestID($0) })

    static let initialize = Method(
        "initialize", [clientInfo.declaration, protocolVersion.declaration], screen: refuseOtherProtocols
    ) { (host, call, _) throws(RPCError) in
        host.answer(call) { $0.initializeResult(host) }
    }

    static let ping = Method("ping") { (host, call, _) throws(RPCError) in
        host.answer(call) { $0.emptyObject() }
    }

    static let discover = Method("rpc.discover") { (host, call, _) throws(RPCError) in
        host.answer(call) { $0.value(SchemaDocument.openRPC.compact) }
    }

    static let shutdown = Method("shutdown") { (host, call, _) throws(RPCError) in
        host.shutDown(call)
    }

    /// A notification: what it cancels is answered with -32800.
    static let cancelRequest = Method(
        "$/cancelRequest", [requestId.declaration]
    ) { (host, call, params) throws(RPCError) in
        host.cancelCalls(try params[requestId])
        if call.id != nil { host.answer(call) { $0.emptyObject() } }
    }

    /// Peers of other protocols that begin with `initialize` too: ACP's version is an integer, MCP's a date.
    @Sendable private static func refuseOtherProtocols(_ params: JSON?) throws(RPCError) {
        guard let version = params?["protocolVersion"] else { return }
        let other: (name: String, command: String)?
        if version.integer != nil {
            other = ("the Agent Client Protocol", "parley acp")
        } else if version.withUTF8({ isDate($0) }) ?? false {
            other = ("the Model Context Protocol", "parley mcp")
        } else {
            other = nil
        }
        let shown = String(decoding: JSONFragment(version).bytes, as: UTF8.self)
        guard let other else { return }
        throw RPCError(
            .invalidParams,
            "`protocolVersion` `\(shown)` is one of \(other.name), and this is Parley's own protocol: "
                + "run `\(other.command)` instead.",
            [("path", .string("protocolVersion")), ("expected", .string("a string"))])
    }

    private static func isDate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.count == 10
            && text.enumerated().allSatisfy { index, byte in
                index == 4 || index == 7 ? byte == 0x2D : (0x30...0x39).contains(byte)
            }
    }
}

extension Shape where Value == JSON {
    /// {name, version?}
    fileprivate static let clientInfo = Shape(
        "an object with `name` and perhaps `version`, both strings", schema: ["type": .string("object")]
    ) { json in
        json["name"]?.kind == .string
            && json.members.allSatisfy { member in
                (member.name.equals("name") || member.name.equals("version")) && member.value.kind == .string
            } ? json : nil
    }
}

extension JSONWriter {
    mutating func emptyObject() { value(.emptyObject) }

    fileprivate mutating func initializeResult(_ host: isolated Host) {
        beginObject()
        key("protocolVersion")
        string("parley/1")
        key("serverInfo")
        beginObject()
        key("name")
        string("parley")
        key("version")
        string(host.options.version)
        endObject()
        key("storePath")
        string(host.store.path)
        if let path = host.options.configPath {
            key("configPath")
            string(path)
        }
        key("capabilities")
        beginObject()
        key("methods")
        value(.strings(MethodTable.shared.names))
        key("agents")
        value(.strings(host.registry.entries.map(\.id.description)))
        key("types")
        texts(host.types)
        key("limits")
        beginObject()
        let limits: [(StaticString, Int)] = [
            ("lineBytes", Limits.lineBytes), ("batchMembers", Limits.batchMembers), ("depth", JSON.maximumDepth),
            ("queuedTurns", Limits.queuedTurns), ("pageBytes", Limits.pageBytes),
        ]
        for (name, limit) in limits {
            key(name)
            integer(limit)
        }
        endObject()
        key("durability")
        string(host.options.durability.rawValue)
        endObject()
        endObject()
    }
}
