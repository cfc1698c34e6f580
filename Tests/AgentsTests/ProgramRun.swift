import Glibc
import Testing
import Threads

@testable import Agents

/// A program at work, and what is told of it.
final class ProgramRun: Sendable {
    struct Told: Sendable {
        var output: [UInt8] = []
        var error: [UInt8] = []
        var hasOutputEnded = false
        /// How it ended, each time that this was told.
        var ends: [String] = []

        var text: String { String(decoding: output, as: UTF8.self) }
        var errorText: String { String(decoding: error, as: UTF8.self) }
    }

    let running: RunningProgram
    private let told: Monitor<Told>

    init(_ program: Program, in programs: Programs) {
        // As the host does: who writes to a program that doesn't read is told so by write(2).
        signal(SIGPIPE, SIG_IGN)
        let told = Monitor(Told())
        self.told = told
        let observer = ProgramObserver(
            output: { bytes in told.broadcasting { $0.output += bytes } },
            error: { bytes in told.broadcasting { $0.error += bytes } },
            outputEnded: { told.broadcasting { $0.hasOutputEnded = true } },
            ended: { end in told.broadcasting { $0.ends.append(end.sentence) } })
        // Where there can be no thread for it, the one that stands in for it never runs.
        running = programs.start(program, observer: observer) ?? RunningProgram(program)
    }

    /// Runs a shell's script.
    convenience init(_ script: String, in programs: Programs) {
        self.init(Program(command: ["/bin/sh", "-c", script]), in: programs)
    }

    var soFar: Told { told.withLock { $0 } }

    /// Waits until something was told.
    func value(
        at location: SourceLocation = #_sourceLocation, when isThere: (Told) -> Bool
    ) throws -> Told {
        try told.value(at: location, when: isThere)
    }

    /// Waits for the end.
    func end(at location: SourceLocation = #_sourceLocation) throws -> Told {
        try value(at: location) { !$0.ends.isEmpty }
    }

    /// Waits until it wrote a line.
    func says(_ line: String, at location: SourceLocation = #_sourceLocation) throws {
        _ = try value(at: location) { "\n\($0.text)".contains("\n\(line)\n") }
    }

    func send(_ text: String) -> Bool { running.send(Array(text.utf8)) }
}
