import Jansson

/// Reads a server's answer as it comes: a stream of events, or one JSON text from servers that don't stream.
///
/// Which of the two it is, its beginning tells: servers, and what stands before them, often name the wrong type.
package struct ReplyReader: Sendable {
    private enum Form {
        /// Not known yet.
        case beginning
        case events(EventStream)
        case document
        /// Neither; its beginning is gathered for the error.
        case garbage
    }

    private var form = Form.beginning
    /// What came, of everything but events.
    private var gathered: [UInt8] = []
    private var format: any ReplyFormat
    private let words: ServerWords
    package private(set) var reply = Reply()

    package init(_ api: ServerAPI, _ words: ServerWords) {
        self.words = words
        format =
            switch api {
            case .openai: OpenAIReply()
            case .anthropic: AnthropicReply()
            case .crafter: CrafterReply()
            }
    }

    /// Whether the server has said that nothing follows.
    package var isComplete: Bool { format.isComplete }

    /// The pieces that were in these bytes.
    package mutating func take(_ bytes: [UInt8]) throws(ReplyFault) -> [Piece] {
        if case .events = form {
            try readEvents(bytes[...])
        } else {
            gathered += bytes
            if gathered.count > Reply.longestMessage { throw .tooLong }
            if case .beginning = form { try recognise(isEnd: false) }
            if case .garbage = form, gathered.count >= Self.garbageBytes { throw garbage(gathered) }
        }
        return reply.takePieces()
    }

    /// The end of the answer.
    ///
    /// - Parameter isWhole: false where the connection broke before it.
    package mutating func finish(isWhole: Bool = true) throws(ReplyFault) -> [Piece] {
        if case .beginning = form { try recognise(isEnd: true) }
        switch form {
        case .events(var stream):
            // An event that was cut is no JSON, and no garbage either.
            if let last = stream.finish(), format.isEnd(last) || (try? JSON.parse(last.data)) != nil { try read(last) }
            if !format.isEnded { throw .cut }
        case .document:
            guard isWhole else { throw .cut }
            guard let json = try? JSON.parse(gathered), json.isObject else { throw garbage(gathered) }
            try check(json)
            try format.read(document: json, into: &reply, words)
        case .beginning: throw .cut
        case .garbage: throw garbage(gathered)
        }
        return reply.takePieces()
    }

    /// Bytes within which a server must have begun to speak one of the two forms; and of other answers, how much of
    /// them is waited for before that is said.
    private static let garbageBytes = 2048

    private mutating func recognise(isEnd: Bool) throws(ReplyFault) {
        let start = gathered.starts(with: [0xEF, 0xBB, 0xBF]) ? gathered[3...] : gathered[...]
        let text = start.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let first = text.first else {
            if gathered.count > Self.garbageBytes { form = .garbage }
            return
        }
        if first == UInt8(ascii: "{") {
            form = .document
            // libjansson knows no BOM.
            gathered = Array(start)
            return
        }
        let name = text.prefix { $0 != UInt8(ascii: ":") && $0 != 0x0A && $0 != 0x0D }
        if name.endIndex == text.endIndex, !isEnd, name.count <= Self.longestField { return }
        let isField = ["", "data", "event", "id", "retry"].contains { name.elementsEqual($0.utf8) }
        guard isField else {
            form = .garbage
            return
        }
        form = .events(EventStream(limit: Reply.longestMessage))
        let bytes = gathered
        gathered = []
        try readEvents(bytes[...])
    }

    private static let longestField = 5

    private mutating func readEvents(_ bytes: ArraySlice<UInt8>) throws(ReplyFault) {
        guard case .events(var stream) = form else { return }
        // The stream's buffers are not to be copied while `form` holds them too.
        form = .beginning
        let events = try stream.take(bytes)
        form = .events(stream)
        for event in events where !format.isComplete { try read(event) }
    }

    private mutating func read(_ event: ServerSentEvent) throws(ReplyFault) {
        if format.isEnd(event) {
            format.end()
            return
        }
        guard let json = try? JSON.parse(event.data), json.isObject else { throw garbage(event.data) }
        try check(json)
        if event.name.elementsEqual("error".utf8) { throw failed(words.message(of: event.data)) }
        try format.read(json, into: &reply)
    }

    /// Servers that fail once they have answered 200 say so in the place of the reply.
    private func check(_ json: JSON) throws(ReplyFault) {
        if let error = json["error"], !error.isNull { throw failed(words.message(of: JSONFragment(json).bytes)) }
    }

    private func failed(_ message: String) -> ReplyFault { ReplyFault("The server failed: \(message)") }

    private func garbage(_ bytes: [UInt8]) -> ReplyFault {
        ReplyFault("The server sent what is no reply: `\(words.excerpt(bytes))`. Is `baseUrl` right?")
    }
}

/// How one kind of server tells its reply.
protocol ReplyFormat: Sendable {
    /// Whether all of the reply was told; something may follow that is of less importance.
    var isEnded: Bool { get }
    /// Whether nothing follows.
    var isComplete: Bool { get }

    /// Whether an event that is no JSON is the end of the stream.
    func isEnd(_ event: ServerSentEvent) -> Bool
    mutating func end()

    /// Reads the data of one event.
    mutating func read(_ event: JSON, into reply: inout Reply) throws(ReplyFault)

    /// Reads an answer that is not streamed.
    mutating func read(document: JSON, into reply: inout Reply, _ words: ServerWords) throws(ReplyFault)
}

extension ReplyFormat {
    func isEnd(_ event: ServerSentEvent) -> Bool { false }
    mutating func end() {}
}
