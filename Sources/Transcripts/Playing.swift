/// The host as a transcript sees it.
package protocol TranscriptStage {
    /// Does that to the host, runs it until nothing can move, and tells which lines came out, without their ends.
    func perform(_ stimulus: Stimulus) throws(StageFault) -> [[UInt8]]
    /// How much virtual time must pass until something happens, in nanoseconds; nil where nothing waits for time.
    var pause: Int64? { get }
}

/// Why a stimulus can't be given, as a sentence for people.
package struct StageFault: Error, Equatable, Sendable {
    package let sentence: String
    package init(_ sentence: String) { self.sentence = sentence }
}

extension Transcript {
    /// The same transcript with what really comes out in the place of what is written. Played once more on a stage that
    /// does the same, the result stays as it is.
    ///
    /// - Throws: what kept the stage from a stimulus, at the stimulus's line.
    package func played(on stage: some TranscriptStage) throws(TranscriptFault) -> Transcript {
        var played = self
        for (index, exchange) in exchanges.enumerated() {
            do throws(StageFault) {
                played.exchanges[index].receive(try stage.perform(exchange.stimulus))
            } catch {
                throw TranscriptFault(line: exchange.line, sentence: error.sentence)
            }
        }
        played.keepSendsApart()
        return played
    }

    /// As `played`, for requests that are recorded: where one waits for time to pass, that passes, and the transcript
    /// says so.
    package func recorded(on stage: some TranscriptStage) throws(TranscriptFault) -> Transcript {
        var recorded = self
        recorded.exchanges = []
        for exchange in exchanges {
            var played = self
            played.exchanges = [exchange]
            recorded.exchanges += try played.played(on: stage).exchanges
            while let pause = stage.pause, !recorded.unanswered.isEmpty {
                var waiting = self
                waiting.exchanges = [Exchange(line: exchange.line, head: [.advance(nanoseconds: pause)])]
                recorded.exchanges += try waiting.played(on: stage).exchanges
            }
        }
        recorded.keepSendsApart()
        return recorded
    }

    /// Where nothing is received between two exchanges that send, the file would make them one.
    private mutating func keepSendsApart() {
        for (index, next) in exchanges.enumerated().dropFirst() where next.isSending {
            let exchange = exchanges[index - 1]
            if exchange.isSending, exchange.tail.allSatisfy({ $0.kind == .note }) {
                exchanges[index - 1].tail.insert(.settle, at: 0)
            }
        }
    }
}

extension Transcript.Exchange {
    /// Puts `lines` in the place of the lines received. What stays as it is keeps its place among the comments, each
    /// line that is replaced gives its place to one that is new, and the rest follows these.
    fileprivate mutating func receive(_ lines: [[UInt8]]) {
        let written = received
        if lines == written { return }
        let places = Self.places(for: lines, among: written)
        var rewritten = places[0].map { Transcript.Line.received($0) }
        var next = 0
        // Comments that stand above all that is received stay there, unless nothing was received till now.
        if !written.isEmpty {
            let above = tail.prefix { $0.kind != .received }
            rewritten.insert(contentsOf: above, at: 0)
            tail.removeFirst(above.count)
        }
        for line in tail {
            if line.kind == .received {
                next += 1
                rewritten += places[next].map { $0 == written[next - 1] ? line : .received($0) }
            } else {
                rewritten.append(line)
            }
        }
        head = head.map(\.ended)
        tail = rewritten.map(\.ended)
    }

    /// What comes before the first line written, and then what comes in the place of each.
    private static func places(for lines: [[UInt8]], among written: [[UInt8]]) -> [[[UInt8]]] {
        var places = [[]] + written.map { [$0] }
        for change in Change.between(written, lines) {
            for index in change.old { places[index + 1] = [] }
            for (offset, line) in lines[change.new].enumerated() {
                // What is more than there was follows the last of it.
                places[min(change.old.lowerBound + offset + 1, change.old.upperBound)].append(line)
            }
        }
        return places
    }
}
