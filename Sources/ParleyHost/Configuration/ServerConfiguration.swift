import Agents
import Glibc
import JSONRPC
import Jansson

/// Keys of agents behind a model server.
enum ServerKeys {
    static let baseUrl = Parameter<Text?>.optional("baseUrl", .url)
    static let model = Parameter<Text?>.optional("model", .string)
    static let apiKey = Parameter<JSON?>.optional("apiKey", .keyPlace)
    static let parameters = Parameter<JSON?>.optional("parameters", .objectView)
    static let remoteAgent = Parameter<Text?>.optional("remoteAgentId", .string)
    static let retryPause = Parameter<Double?>.optional("retryPause", .seconds)
}

/// Agents behind a model server: `parley-agent-http`, a plugin like any other, and what it is told at its start.
extension Configuration {
    private static let executable = "parley-agent-http"

    /// The plugin gets the variable that has its key, those that say how HTTP leaves this machine, and those that its
    /// key's command may want.
    static func serverProgram(
        _ place: String, _ keys: Parameters, _ context: ConfigurationContext
    ) throws(RPCError) -> Program {
        var variables = try keys[ProgramKeys.environment]
        if let name = try keys[ServerKeys.apiKey]?["environment"]?.text { variables.append(name) }
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"] where getenv(name) != nil {
            variables.append(Text(name))
        }
        for name in ["https_proxy", "http_proxy", "all_proxy", "no_proxy"] where getenv(name) != nil {
            variables.append(Text(name))
        }
        return context.program(place, [Text(besideUs ?? executable)], variables)
    }

    /// Where it is installed as a rule; nil where it is not there, and is looked for in `PATH`.
    private static var besideUs: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        let own = String(cString: path)
        guard let slash = own.lastIndex(of: "/") else { return nil }
        let candidate = String(own[...slash]) + executable
        return access(candidate, X_OK) == 0 ? candidate : nil
    }

    static func serverSettings(
        _ kind: AgentKind, _ place: String, _ keys: Parameters, organization: (id: Text?, projectId: Text?),
        _ context: ConfigurationContext
    ) throws(RPCError) -> JSONFragment {
        var settings = Members()
        settings["api"] = .string(kind.rawValue)
        if kind == .llmCrafter {
            settings["baseUrl"] = .string(try needed("baseUrl", try keys[ServerKeys.baseUrl]))
            settings["organizationId"] = .string(try needed("organizationId", organization.id))
            settings["projectId"] = .string(try needed("projectId", organization.projectId))
            settings["remoteAgentId"] = .string(try needed("remoteAgentId", try keys[ServerKeys.remoteAgent]))
        } else {
            if let url = try keys[ServerKeys.baseUrl] { settings["baseUrl"] = .string(url) }
            settings["model"] = .string(try needed("model", try keys[ServerKeys.model]))
        }
        if let key = try keys[ServerKeys.apiKey] {
            settings["apiKey"] = JSONFragment(key)
            if let file = key["file"]?.text { context.require(place, .file(context.path(file))) }
            if let words = key["command"].flatMap({ Shape.command.read($0) }) {
                _ = context.program("\(place).apiKey", words, [])
            }
        }
        if let parameters = try keys[ServerKeys.parameters] { settings["parameters"] = JSONFragment(parameters) }
        if let pause = try keys[ServerKeys.retryPause] { settings["retryPause"] = JSONFragment { $0.real(pause) } }
        return JSONFragment { [settings] in $0.object(settings) }
    }

    private static func needed(_ name: String, _ value: Text?) throws(RPCError) -> Text {
        guard let value else { throw RPCError(.invalidParams, "`\(name)` is missing: it must be a string.") }
        return value
    }
}

extension Shape where Value == Text {
    fileprivate static let url = Shape(
        "a URL that begins with http:// or https://", schema: ["type": .string("string")]
    ) {
        json in
        json.text.flatMap { $0.utf8.starts(with: "http://".utf8) || $0.utf8.starts(with: "https://".utf8) ? $0 : nil }
    }
}

extension Shape where Value == JSON {
    /// Where a key is; never the key itself, since configs are shown around.
    fileprivate static let keyPlace = Shape(
        "where the key is, as {\"environment\": NAME}, {\"file\": PATH} or {\"command\": [WORD, …]}",
        schema: ["type": .string("object")], isShown: false
    ) { json in
        guard json.isObject, json.count == 1 else { return nil }
        if let name = json["environment"] { return name.text?.isVariableName ?? false ? json : nil }
        if let path = json["file"] { return path.text.map { !$0.isEmpty } ?? false ? json : nil }
        return json["command"].flatMap { Shape<[Text]>.command.read($0) } == nil ? nil : json
    }
}
