import Jansson

/// A golden transcript: what is sent to a host, and what it must answer, as a text file that people read and review.
///
/// - `--> TEXT` is a line sent, `<-- TEXT` a line received; TEXT is taken byte for byte and may be empty.
/// - A line that begins with `#` is a comment, and blank lines are free.
/// - `#! config FILE`, `#! store DIR` and `#! options WORDS…` set the scene, before anything is sent.
/// - `#! advance 60s` lets virtual time pass, `#! release GATE` lets through what waits at a gate of scripted agents.
/// - `#! settle` keeps what is sent before it apart from what is sent behind it, where nothing is received between.
///
/// It is played in lock-step: lines sent without a line received between them go out as one piece, the host runs until
/// nothing can move, and what came out is held against the lines received that follow.
package struct Transcript: Sendable {
    /// What stands before the first exchange.
    var prologue: [Line] = []
    var exchanges: [Exchange] = []
    package internal(set) var scene = Scene()

    /// What the host is started with, as the file says it: paths are not resolved, options not understood.
    package struct Scene: Equatable, Sendable {
        package var config: String?
        package var store: String?
        package var options: [String]

        /// None of the values may hold a line end, nor an option white space.
        package init(config: String? = nil, store: String? = nil, options: [String] = []) {
            self.config = config
            self.store = store
            self.options = options
        }
    }

    /// A stimulus and what came of it.
    struct Exchange: Sendable {
        /// Where its stimulus begins in the file that was parsed, counted from 1.
        let line: Int
        /// The lines of the stimulus, with the comments and blank lines between them.
        var head: [Line]
        /// What was received, with the comments and blank lines around it, up to the next stimulus.
        var tail: [Line] = []

        var lines: [Line] { head + tail }
        var received: [[UInt8]] { tail.filter { $0.kind == .received }.map(\.text) }

        var stimulus: Stimulus {
            switch head.last?.kind {
            case .advance(let nanoseconds): .advance(nanoseconds: nanoseconds)
            case .release(let gate): .release(gate)
            default: .send(head.filter { $0.kind == .sent }.map(\.text))
            }
        }

        var isSending: Bool { head.last?.kind == .sent }
    }

    var lines: [Line] { prologue + exchanges.flatMap(\.lines) }

    /// The file's text. A parsed transcript gives back the bytes that it was parsed from.
    package var bytes: [UInt8] { lines.flatMap(\.bytes) }
}

/// What is done to a host.
package enum Stimulus: Equatable, Sendable {
    /// Lines without their ends, to be sent as one piece.
    case send([[UInt8]])
    case advance(nanoseconds: Int64)
    /// Lets the agents through that wait at that gate.
    case release(Text)
}

/// What is wrong with a transcript, or in the way of playing it, as a sentence for people.
package struct TranscriptFault: Error, Equatable, Sendable {
    /// Where in the file, counted from 1.
    package let line: Int
    package let sentence: String

    package init(line: Int, sentence: String) {
        self.line = line
        self.sentence = sentence
    }

    /// As editors and terminals take the place of a fault: `FILE:LINE: sentence`.
    package func located(in file: String) -> String { "\(file):\(line): \(sentence)" }
}
