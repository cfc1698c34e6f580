import Agents
import JSONRPC
import Jansson

/// What an agent says of a reply while it makes it: the text so far, and what those who watch were not told yet.
final class ReplyStream {
    /// What the pieces are of.
    enum Subject: Sendable {
        case turn(conversationId: Text, turnId: Text)
        case execution(Text)
    }

    struct Piece {
        let kind: ReplyPiece.Kind
        /// Bytes of that kind before it.
        let offset: Int
        fileprivate(set) var text: [UInt8]

        /// Bytes of a piece that are told in one line: in JSON each may take six.
        private static let longest = 4 << 20

        /// Itself, or its parts where it is too long for a line; nothing where it is empty.
        fileprivate var cut: [Piece] {
            var parts: [Piece] = []
            var rest = text[...]
            while !rest.isEmpty {
                var end = min(rest.startIndex + Self.longest, rest.endIndex)
                // Not within a character.
                while end < rest.endIndex, end > rest.startIndex + 1, rest[end] & 0xC0 == 0x80 { end -= 1 }
                parts.append(Piece(kind: kind, offset: offset + rest.startIndex, text: Array(rest[..<end])))
                rest = rest[end...]
            }
            return parts
        }
    }

    /// When pieces are told.
    enum Telling {
        /// At the end of a step, those of one kind as one; where the reader is slow, later.
        case together
        /// One by one, as they come: in virtual time, where how they fall into steps must make no difference.
        case each
        /// At the reply's end: in virtual time, where what a command writes is cut by chance.
        case atTheEnd
    }

    /// Bytes of a text, each of which may take six in JSON, that surely fits into a line beside all else.
    static let longestPartial = 8 << 20

    let subject: Subject
    let telling: Telling
    /// The calls that asked for it.
    var watchers: [Call] = []
    /// Whether they were told that it begins, so that pieces may follow.
    var isOpen: Bool
    /// Of the kind `text`.
    private(set) var text: [UInt8] = []
    private(set) var untold: [Piece] = []
    /// Bytes of the other kinds.
    private var asides: [ReplyPiece.Kind: Int] = [:]

    init(_ subject: Subject, isOpen: Bool, telling: Telling) {
        self.subject = subject
        self.telling = telling
        self.isOpen = isOpen
    }

    /// Takes a piece in. False where the reply has more than it may have.
    func add(_ piece: ReplyPiece) -> Bool { add(piece.kind, piece.text.utf8[...]) }

    private func add(_ kind: ReplyPiece.Kind, _ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        let offset = kind == .text ? text.count : asides[kind, default: 0]
        if kind == .text { text += bytes } else { asides[kind, default: 0] += bytes.count }
        if !watchers.isEmpty {
            if telling != .each, untold.last?.kind == kind {
                untold[untold.count - 1].text += bytes
            } else {
                untold.append(Piece(kind: kind, offset: offset, text: Array(bytes)))
            }
        }
        return offset + bytes.count <= ReplyPiece.bound
    }

    /// The reply is there: what it has more than was said is said now. Where it is another one than what was said, the
    /// pieces stay as they are.
    func complete(_ reply: Text) {
        if reply.utf8.starts(with: text) { _ = add(.text, reply.utf8[text.count...]) }
    }

    /// What was not told yet, which is told now.
    func takeUntold() -> [Piece] {
        defer { untold = [] }
        return untold
    }

    /// All of the text so far, for who watches from now on.
    var whole: Piece { Piece(kind: .text, offset: 0, text: text) }

    /// Nobody has watched so far: all of the text is to be told.
    func tellsFromTheStart() { untold = text.isEmpty ? [] : [whole] }
}

extension Host {
    /// An agent says something. False where it says too much.
    func take(_ piece: ReplyPiece, into stream: ReplyStream) -> Bool {
        let isWithin = stream.add(piece)
        if stream.untold.isEmpty { return isWithin }
        switch stream.telling {
        case .each: tellPieces(of: stream)
        case .together: if !speaking.contains(where: { $0 === stream }) { speaking.append(stream) }
        case .atTheEnd: break
        }
        return isWithin
    }

    func telling(_ agent: RegisteredAgent) -> ReplyStream.Telling {
        if !options.clock.isVirtual { return .together }
        return agent.agent.kind == .exec ? .atTheEnd : .each
    }

    /// Tells what was said in this step; where the reader is slow, what is said until it has caught up.
    func tellPieces() {
        if speaking.isEmpty || !output.isIdle() { return }
        for stream in speaking { tellPieces(of: stream) }
        // The others follow when they are open.
        speaking.removeAll { $0.isOpen || $0.untold.isEmpty }
    }

    /// All that was sent has been read: the end of the step tells what waits.
    package func outputIsIdle() {}

    func tellPieces(of stream: ReplyStream) {
        if stream.isOpen { outgoing.pieces(stream.takeUntold(), of: stream.subject, to: stream.watchers) }
    }
}

extension JSONWriter {
    /// A notification for each piece and watcher.
    mutating func pieces(_ pieces: [ReplyStream.Piece], of subject: ReplyStream.Subject, to watchers: [Call]) {
        for piece in pieces.flatMap(\.cut) {
            for watcher in watchers { self.piece(piece, of: subject, to: watcher) }
        }
    }

    private mutating func piece(_ piece: ReplyStream.Piece, of subject: ReplyStream.Subject, to watcher: Call) {
        switch subject {
        case .turn(let conversationId, let turnId):
            beginNotification("turn/delta", to: watcher)
            member("conversationId", conversationId)
            member("turnId", turnId)
        case .execution: beginNotification("agent/delta", to: watcher)
        }
        key("offset")
        integer(piece.offset)
        key("kind")
        string(piece.kind.rawValue)
        member("text", Text(utf8: piece.text))
        endNotification()
    }

    /// Opens one up to its params, the request's id among them.
    mutating func beginNotification(_ method: StaticString, to watcher: Call) {
        verbatim("{\"jsonrpc\":\"2.0\",\"method\":")
        string(method.description)
        key("params")
        beginObject()
        if let id = watcher.id {
            key("requestId")
            self.id(id)
        }
    }

    mutating func endNotification() {
        endObject()
        endObject()
        endLine()
    }
}
