extension Transcript {
    /// Parses a transcript's file.
    package init(parsing bytes: [UInt8]) throws(TranscriptFault) {
        var parser = TranscriptParser()
        for line in Self.lines(of: bytes) { try parser.take(line) }
        self = parser.transcript
    }
}

/// Puts lines together into a transcript, one after the other.
struct TranscriptParser {
    var transcript = Transcript()
    /// How many lines were taken.
    private var count = 0
    /// Whether the lines are requests to be recorded: each is an exchange of its own, and its `-->` may be missing.
    private let takesRequests: Bool

    init(takingRequests takesRequests: Bool = false) { self.takesRequests = takesRequests }

    /// - Parameter bytes: a line with its line end.
    mutating func take(_ bytes: [UInt8]) throws(TranscriptFault) {
        count += 1
        let bytes = takesRequests ? try marked(request: bytes) : bytes
        let content = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
        if content.starts(with: "#!") {
            try take(Directive(parsing: content.dropFirst(2), line: count), bytes)
        } else if content.isBlank || content.starts(with: "#") {
            append(Transcript.Line(kind: .note, bytes: bytes))
        } else if content.isMarked(Transcript.Mark.sent) {
            send(Transcript.Line(kind: .sent, bytes: bytes))
        } else if content.isMarked(Transcript.Mark.received) {
            try receive(Transcript.Line(kind: .received, bytes: bytes))
        } else {
            throw fault(Self.complaint(about: content))
        }
    }

    // MARK: Lines

    /// Puts a line where it belongs that begins no exchange.
    private mutating func append(_ line: Transcript.Line) {
        if let last = transcript.exchanges.indices.last {
            transcript.exchanges[last].tail.append(line)
        } else {
            transcript.prologue.append(line)
        }
    }

    private mutating func begin(_ line: Transcript.Line) {
        transcript.exchanges.append(Transcript.Exchange(line: count, head: [line]))
    }

    private mutating func send(_ line: Transcript.Line) {
        if !takesRequests, let last = transcript.exchanges.indices.last, transcript.exchanges[last].isSending,
            transcript.exchanges[last].tail.allSatisfy({ $0.kind == .note })
        {
            transcript.exchanges[last].head += transcript.exchanges[last].tail + [line]
            transcript.exchanges[last].tail = []
        } else {
            begin(line)
        }
    }

    private mutating func receive(_ line: Transcript.Line) throws(TranscriptFault) {
        guard let last = transcript.exchanges.last else {
            throw fault(
                "Nothing was sent before this `<--`: a line received stands behind a `-->`, an `advance` or a `release`."
            )
        }
        if last.tail.last(where: { $0.kind != .note })?.kind == .settle {
            throw fault("Nothing was sent since `#! settle`: put this `<--` before it, or take the directive out.")
        }
        append(line)
    }

    // MARK: Directives

    private mutating func take(_ directive: Directive, _ bytes: [UInt8]) throws(TranscriptFault) {
        switch directive {
        case .config(let path): try set(\.config, to: path, isSet: transcript.scene.config != nil, .config, bytes)
        case .store(let path): try set(\.store, to: path, isSet: transcript.scene.store != nil, .store, bytes)
        case .options(let words):
            try set(\.options, to: words, isSet: !transcript.scene.options.isEmpty, .options, bytes)
        case .advance(let nanoseconds):
            begin(Transcript.Line(kind: .advance(nanoseconds: nanoseconds), bytes: bytes))
        case .release(let gate): begin(Transcript.Line(kind: .release(gate), bytes: bytes))
        case .settle: append(Transcript.Line(kind: .settle, bytes: bytes))
        }
    }

    private mutating func set<Value>(
        _ part: WritableKeyPath<Transcript.Scene, Value>, to value: Value, isSet: Bool, _ name: Directive.Name,
        _ bytes: [UInt8]
    ) throws(TranscriptFault) {
        if !transcript.exchanges.isEmpty {
            throw fault("`\(name)` sets the scene: move it above everything that is sent, advanced or released.")
        }
        if isSet { throw fault("`\(name)` is given a second time: keep one of them.") }
        transcript.scene[keyPath: part] = value
        append(Transcript.Line(kind: .scene, bytes: bytes))
    }

    // MARK: Faults

    func fault(_ sentence: String) -> TranscriptFault { TranscriptFault(line: count, sentence: sentence) }

    private static func complaint(about content: ArraySlice<UInt8>) -> String {
        for mark in [Transcript.Mark.sent, Transcript.Mark.received] where content.starts(with: mark) {
            return "`\(excerpt(content))` lacks a space behind `\(mark)`: put one there."
        }
        return "`\(excerpt(content))` is no line of a transcript: "
            + "begin it with `--> ` (sent), `<-- ` (received), `# ` (a comment) or `#! ` (a directive)."
    }
}
