import Jansson

/// A piece of a reply, as it is told on.
package struct Piece: Equatable, Sendable {
    package enum Kind: String, Sendable { case text, thought, tool }
    package let kind: Kind
    package let text: Text
}

/// What a server has told of its reply so far.
package struct Reply: Sendable {
    /// Bytes that the pieces of a reply may have together: what a host takes.
    static let limit = 16 << 20
    /// Bytes that one message of the server may have, so that a piece that is all of it fits into a host's line.
    static let longestMessage = limit - (4 << 10)

    package struct Usage: Equatable, Sendable {
        var input: Int64 = 0
        var output: Int64 = 0
        var cached: Int64?
    }

    private(set) var text: [UInt8] = []
    private(set) var tools: [Text] = []
    var usage: Usage?
    var model: Text?
    var finishReason: Text?
    /// Of llm-crafter, which doesn't tell what was asked and what answered apart.
    var tokensUsed: Int64?
    var remoteExecution: Text?
    private var pieces: [Piece] = []
    private var pieceBytes = 0

    init() {}

    mutating func add(_ kind: Piece.Kind, _ text: Text?) throws(ReplyFault) {
        guard let text, !text.isEmpty else { return }
        pieceBytes += text.utf8.count
        if pieceBytes > Self.limit { throw .tooLong }
        if kind == .text { self.text += text.utf8 }
        if kind == .tool, !tools.contains(text) { tools.append(text) }
        pieces.append(Piece(kind: kind, text: text))
    }

    /// The pieces that came since this was asked last.
    mutating func takePieces() -> [Piece] {
        defer { pieces = [] }
        return pieces
    }
}

extension JSONWriter {
    /// The result of `agent/execute`: {response, metadata}.
    package mutating func reply(_ reply: Reply) {
        beginObject()
        key("response")
        string(Text(utf8: reply.text))
        key("metadata")
        beginObject()
        if !reply.tools.isEmpty {
            key("tools_used")
            beginArray()
            for tool in reply.tools { string(tool) }
            endArray()
        }
        if let usage = reply.usage {
            key("usage")
            beginObject()
            key("input_tokens")
            integer(usage.input)
            key("output_tokens")
            integer(usage.output)
            if let cached = usage.cached {
                key("cached_tokens")
                integer(cached)
            }
            endObject()
        }
        if let tokens = reply.tokensUsed {
            key("tokens_used")
            integer(tokens)
        }
        if let model = reply.model {
            key("model")
            string(model)
        }
        if let reason = reply.finishReason {
            key("finish_reason")
            string(reason)
        }
        if let id = reply.remoteExecution {
            key("remote_execution_id")
            string(id)
        }
        endObject()
        endObject()
    }
}

extension JSON {
    /// A number of tokens; nil where this is none. Sums of a few of them don't overflow.
    var tokens: Int64? {
        guard let integer, (0...1 << 53).contains(integer) else { return nil }
        return integer
    }
}

/// Why what a server sent is no reply. One sentence for people, without the key.
package struct ReplyFault: Error, Equatable, Sendable {
    package let message: String
    init(_ message: String) { self.message = message }

    package static let cut = ReplyFault("The reply was cut: the server stopped before its end.")
    static let tooLong = ReplyFault("The reply is longer than 16 MiB.")
}
