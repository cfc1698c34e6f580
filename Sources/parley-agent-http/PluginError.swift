import JSONRPC
import Jansson

/// Why a request has no result, as the host gets it.
struct PluginError: Error, Sendable {
    let code: Int
    /// Of `data`; the host knows `unavailable`, where a key or a server is missing.
    let kind: String?
    let message: String

    /// The server answered, but not with a reply.
    static func failed(_ message: String) -> PluginError {
        PluginError(code: ErrorKind.agentFailed.code, kind: nil, message: message)
    }

    /// The key or the server is missing.
    static func unavailable(_ message: String) -> PluginError {
        PluginError(code: ErrorKind.agentUnavailable.code, kind: "unavailable", message: message)
    }

    static let cancelled = PluginError(
        code: ErrorKind.cancelled.code, kind: "cancelled", message: "The request was cancelled.")

    static func invalid(_ kind: ErrorKind, _ message: String) -> PluginError {
        PluginError(code: kind.code, kind: kind.rawValue, message: message)
    }
}

extension JSONWriter {
    mutating func error(_ error: PluginError) {
        beginObject()
        key("code")
        integer(error.code)
        key("message")
        string(error.message)
        if let kind = error.kind {
            key("data")
            beginObject()
            key("kind")
            string(kind)
            endObject()
        }
        endObject()
    }
}
