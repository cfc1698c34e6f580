import CProcesses
import Glibc
import Threads

/// All programs that this process has started, so that none outlives it.
package final class Programs: Sendable {
    private struct State {
        var running: [Int: RunningProgram] = [:]
        var made = 0
        /// The process that kills them all when this one is killed, and a descriptor to it (negative where there could
        /// be none); nil until the first is started.
        var guardian: (process: pid_t, descriptor: Int32)?
        var isClosed = false
    }

    private let state = Monitor(State())

    package init() {
        // Where it was ignored when this process began, nobody would hear how a program ended (waitpid(2)).
        signal(SIGCHLD, SIG_DFL)
    }

    /// Starts a program; what comes of it is told to `observer`, on the program's own thread. Nil where there can be no
    /// thread for it.
    package func start(_ program: Program, observer: ProgramObserver) -> RunningProgram? {
        let running = RunningProgram(program)
        let number = state.withLock { state -> Int? in
            if state.isClosed { return nil }
            if state.guardian == nil {
                var process: pid_t = 0
                let descriptor = linux_start_guard(&process)
                state.guardian = (process, descriptor)
            }
            state.made += 1
            state.running[state.made] = running
            return state.made
        }
        let hasStarted = running.start(
            observer, noteGroup: { group in self.note(group) },
            whenGone: { self.state.broadcasting { state in if let number { state.running[number] = nil } } })
        if !hasStarted {
            state.broadcasting { state in if let number { state.running[number] = nil } }
            return nil
        }
        if number == nil { running.stop(.atOnce) }
        return running
    }

    private func note(_ group: pid_t) {
        if let guardian = state.withLock({ $0.guardian }), guardian.descriptor >= 0 {
            linux_note_group(guardian.descriptor, group)
        }
    }

    /// Whether `end` was called, so that nobody need wonder where they are.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Ends the input of all that run, sees to it that they leave, and returns when they are gone: within some two
    /// seconds. What is started later is stopped at once.
    package func end() {
        let running = state.withLock { state in
            state.isClosed = true
            return Array(state.running.values)
        }
        for program in running { program.stop(.gently) }
        state.wait { $0.running.isEmpty ? () : nil }
        let guardian = state.withLock { state in
            defer { state.guardian = nil }
            return state.guardian
        }
        guard let guardian, guardian.descriptor >= 0 else { return }
        close(guardian.descriptor)
        while waitpid(guardian.process, nil, 0) < 0, errno == EINTR {}
    }

    /// Many conversations are many files: lifts this process's limit, not that of the programs.
    package static func raiseFileLimit() { linux_raise_file_limit() }
}
