import Jansson

/// An error as a client gets it: a code for JSON-RPC, a kind for programs, a sentence for people.
package struct RPCError: Error, Sendable {
    package let kind: ErrorKind
    /// One sentence: what was wrong, with the value in backquotes, and the way out where there is one.
    package let message: String
    /// What helps besides `kind` and `retryable`: `path`, `conversationId`, `offset` …
    package var data: [(name: Text, value: JSONFragment)]
    /// Whether the same request may succeed when it is sent again.
    package var isRetryable: Bool

    package init(_ kind: ErrorKind, _ message: String, _ data: [(name: Text, value: JSONFragment)] = []) {
        self.kind = kind
        self.message = message.cut
        self.data = data
        isRetryable = kind.isRetryable
    }

    package func with(_ name: Text, _ value: JSONFragment) -> RPCError {
        var copy = self
        copy.data.removeAll { $0.name == name }
        copy.data.append((name, value))
        return copy
    }
}

/// Stable names of what can go wrong, with their codes. Codes of our own stay outside −32768…−32000: inside it,
/// −32000, −32002 and −32020 to −32099 mean other things to ACP, LSP and MCP peers.
package enum ErrorKind: String, CaseIterable, Sendable {
    case parseError, tooDeep
    case invalidRequest, lineTooLong, tooComplex
    case methodNotFound
    case invalidParams
    case internalError
    case cancelled
    case overloaded
    case resultTooLarge
    case shuttingDown
    case conversationNotFound
    case conversationExists
    case conversationEnded
    case turnInProgress
    case conversationDamaged
    case messageNotFound, turnNotFound
    case conflict
    case agentNotFound
    case agentFailed
    case agentTimeout
    case agentUnavailable
    case storeFailed
    case idempotencyConflict
    case profileUnavailable

    package var code: Int {
        switch self {
        case .parseError, .tooDeep: -32700
        case .invalidRequest, .lineTooLong, .tooComplex: -32600
        case .methodNotFound: -32601
        case .invalidParams: -32602
        case .internalError: -32603
        case .cancelled: -32800
        case .overloaded: 1001
        case .resultTooLarge: 1002
        case .shuttingDown: 1003
        case .conversationNotFound: 1010
        case .conversationExists: 1011
        case .conversationEnded: 1012
        case .turnInProgress: 1013
        case .conversationDamaged: 1014
        case .messageNotFound, .turnNotFound: 1015
        case .conflict: 1016
        case .agentNotFound: 1020
        case .agentFailed: 1021
        case .agentTimeout: 1022
        case .agentUnavailable: 1023
        case .storeFailed: 1030
        case .idempotencyConflict: 1031
        case .profileUnavailable: 1040
        }
    }

    /// Whether that passes, as a rule.
    package var isRetryable: Bool {
        switch self {
        case .cancelled, .overloaded, .shuttingDown, .turnInProgress, .agentFailed, .agentTimeout, .agentUnavailable,
            .storeFailed:
            true
        default: false
        }
    }
}

extension JSONWriter {
    /// The error object of an answer, of a turn's end event and of `turn/ended`.
    package mutating func error(_ error: RPCError) {
        beginObject()
        key("code")
        integer(error.kind.code)
        key("message")
        string(error.message)
        key("data")
        beginObject()
        key("kind")
        string(error.kind.rawValue)
        key("retryable")
        boolean(error.isRetryable)
        for (name, value) in error.data {
            key(named: name)
            self.value(value)
        }
        endObject()
        endObject()
    }
}

extension String {
    /// Itself where it is short enough to be read; else its beginning and its end.
    fileprivate var cut: String {
        utf8.count <= 1000 ? self : prefix(500) + "…" + suffix(300)
    }
}

extension JSONFragment {
    /// Something that a client wrote, for an error: cut where it is longer than an id or a name would be.
    package static func shown(_ text: Text) -> JSONFragment {
        text.utf8.count <= 200 ? .string(text) : .string(String(text.description.prefix(200)) + "…")
    }

    package static func string(_ text: String) -> JSONFragment { JSONFragment { $0.string(text) } }
    package static func integer(_ value: Int) -> JSONFragment { JSONFragment { $0.integer(value) } }
    package static func strings(_ texts: some Sequence<String>) -> JSONFragment {
        JSONFragment {
            $0.beginArray()
            for text in texts { $0.string(text) }
            $0.endArray()
        }
    }
}
