import Jansson
import Transcripts

/// Answers each stimulus with the lines that it was made with, and keeps what was done to it.
final class FakeStage: TranscriptStage {
    private(set) var performed: [Stimulus] = []
    /// How long things wait for time, one behind the other; each `advance` is taken for the next of them.
    var pauses: [Int64] = []
    var pause: Int64? { pauses.first }
    private let answer: (Int, Stimulus) throws(StageFault) -> [String]

    init(answering answer: @escaping (Int, Stimulus) throws(StageFault) -> [String]) { self.answer = answer }

    /// Answers one stimulus after the other, those past the last with nothing.
    convenience init(_ answers: [[String]]) {
        self.init { index, _ in index < answers.count ? answers[index] : [] }
    }

    func perform(_ stimulus: Stimulus) throws(StageFault) -> [[UInt8]] {
        performed.append(stimulus)
        if case .advance = stimulus, !pauses.isEmpty { pauses.removeFirst() }
        return try answer(performed.count - 1, stimulus).map { Array($0.utf8) }
    }

    /// Says of each line that it came, except of those with a `?` at their end.
    static func talkative() -> FakeStage {
        FakeStage { _, stimulus in
            guard case .send(let lines) = stimulus else { return [] }
            return lines.map { String(decoding: $0, as: UTF8.self) }.filter { !$0.hasSuffix("?") }.map { "got \($0)" }
        }
    }
}

extension Transcript {
    init(_ text: String) throws { try self.init(parsing: Array(text.utf8)) }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Stimulus {
    static func send(_ lines: String...) -> Stimulus { .send(lines.map { Array($0.utf8) }) }
}
