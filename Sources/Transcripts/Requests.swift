extension Transcript {
    /// A transcript that is recorded by playing it: each line of `requests` is sent on its own.
    ///
    /// Comments, directives and blank lines are taken as in a transcript, and a request may have its `--> ` already;
    /// `scene` is set above all of it. Only once it is `played` its `bytes` tell which lines are sent apart.
    package init(requests: [UInt8], scene: Scene = Scene()) throws(TranscriptFault) {
        var parser = TranscriptParser(takingRequests: true)
        parser.set(scene)
        for line in Self.lines(of: requests) { try parser.take(line) }
        self = parser.transcript
    }
}

extension TranscriptParser {
    /// Begins with directives for `scene`, which then can't be set again.
    fileprivate mutating func set(_ scene: Transcript.Scene) {
        transcript.scene = scene
        var directives: [String] = []
        if let config = scene.config { directives.append("\(Directive.Name.config) \(config)") }
        if let store = scene.store { directives.append("\(Directive.Name.store) \(store)") }
        if !scene.options.isEmpty {
            directives.append("\(Directive.Name.options) \(scene.options.joined(separator: " "))")
        }
        transcript.prologue += directives.map { Transcript.Line(kind: .scene, bytes: Array("#! \($0)\n".utf8)) }
    }

    /// A line of requests as it is in a transcript.
    func marked(request bytes: [UInt8]) throws(TranscriptFault) -> [UInt8] {
        let content = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
        if content.starts(with: Transcript.Mark.received) {
            throw fault(
                "`\(excerpt(content))` is a line received, and this is a list of requests: take it out, "
                    + "or write `\(Transcript.Mark.sent)` and a space before it to send it.")
        }
        let isOfTranscript = content.isBlank || content.starts(with: "#") || content.starts(with: Transcript.Mark.sent)
        return isOfTranscript ? bytes : Transcript.Line.sent(content).bytes
    }
}
