import CProcesses
import Glibc
import Threads

/// What is told of a program while it runs, all of it on the program's own thread.
package struct ProgramObserver: Sendable {
    /// Bytes that it wrote on stdout.
    package let output: @Sendable ([UInt8]) -> Void
    /// Bytes that it wrote on stderr.
    package let error: @Sendable ([UInt8]) -> Void
    /// It has closed its stdout, though it may go on.
    package let outputEnded: @Sendable () -> Void
    /// It has closed its stdin, though something was to be written to it.
    package let inputRefused: @Sendable () -> Void
    /// It has ended; what it left in its process group, of this number, is killed when this returns.
    package let leaderEnded: @Sendable (pid_t) -> Void
    /// It is gone, and all of its group, or it could not be started. Called once, last of all.
    package let ended: @Sendable (ProgramEnd) -> Void

    package init(
        output: @escaping @Sendable ([UInt8]) -> Void, error: @escaping @Sendable ([UInt8]) -> Void,
        outputEnded: @escaping @Sendable () -> Void, inputRefused: @escaping @Sendable () -> Void = {},
        leaderEnded: @escaping @Sendable (pid_t) -> Void = { _ in },
        ended: @escaping @Sendable (ProgramEnd) -> Void
    ) {
        self.output = output
        self.error = error
        self.outputEnded = outputEnded
        self.inputRefused = inputRefused
        self.leaderEnded = leaderEnded
        self.ended = ended
    }
}

package enum ProgramEnd: Sendable {
    case exited(status: Int32)
    case killed(signal: Int32)
    case notStarted(AgentFailure)
}

/// A program at work, in a process group of its own: one thread starts it, serves its pipes, and stays until it is gone.
package final class RunningProgram: Sendable {
    /// How it is made to leave.
    package enum Stop: Int, Sendable {
        /// The end of its input; a second later as `firmly`, with one second.
        case gently
        /// SIGTERM for its group; SIGKILL two seconds later.
        case firmly
        case atOnce
    }

    private struct State {
        /// What waits to be written to it.
        var input: [UInt8] = []
        var written = 0
        /// Of what waits, bytes that waited elsewhere before, which a program is not to be blamed for.
        var excused = 0
        var endsInput = false
        var isInputClosed = false
        var stop: Stop?
    }

    private let program: Program
    private let state = Monitor(State())
    private let wake = linux_wake_descriptor()

    init(_ program: Program) { self.program = program }

    deinit { close(wake) }

    /// - Parameters:
    ///   - noteGroup: told the process group when there is one, and its negative when there is none any more.
    ///   - whenGone: called when nothing is left of it, before `ended`.
    /// - Returns: false where there can be no thread for it, nor a descriptor to wake that: then nothing is told.
    func start(
        _ observer: ProgramObserver, noteGroup: @escaping @Sendable (pid_t) -> Void,
        whenGone: @escaping @Sendable () -> Void
    ) -> Bool {
        if wake < 0 { return false }
        // Who is told of output parses JSON, which recurses as deep as it nests.
        return Thread.start(name: "parley-program", stackBytes: 8 << 20) {
            let end = self.run(observer, noteGroup)
            whenGone()
            observer.ended(end)
        }
    }

    // MARK: From any thread

    /// Bytes that may wait for a program that doesn't read.
    package static let waitingBytes = 64 << 20

    /// What became of bytes that were to be sent.
    enum Sending {
        /// They are on their way.
        case begun
        /// They wait for `flush`, with what may come until then: a thread that is woken for each line costs more than
        /// the line.
        case collected
        /// Too much waits already.
        case refused
    }

    /// Bytes that are written at once.
    private static let piece = 32 << 10

    /// Takes bytes for its stdin.
    ///
    /// - Parameter isExcused: whether it is taken however much waits.
    func collect(_ bytes: [UInt8], isExcused: Bool = false) -> Sending {
        let (sending, wakes) = state.withLock { state -> (Sending, Bool) in
            if state.isInputClosed || state.endsInput { return (.begun, false) }
            let waiting = state.input.count - state.written
            if isExcused { state.excused += bytes.count }
            if waiting - state.excused > Self.waitingBytes { return (.refused, false) }
            state.input += bytes
            if waiting + bytes.count < Self.piece { return (.collected, false) }
            return (.begun, waiting < Self.piece)
        }
        if wakes { wakeUp() }
        return sending
    }

    func flush() { wakeUp() }

    /// Writes to its stdin, later where it doesn't read now. False where too much waits already.
    package func send(_ bytes: [UInt8]) -> Bool {
        switch collect(bytes) {
        case .refused: return false
        case .collected: flush()
        case .begun: break
        }
        return true
    }

    /// Ends its input when all that waits is written.
    package func endInput() {
        state.withLock { $0.endsInput = true }
        wakeUp()
    }

    /// Makes it leave; a firmer way takes the place of a gentler one.
    package func stop(_ stop: Stop) {
        state.withLock { state in
            if state.stop.map({ $0.rawValue < stop.rawValue }) ?? true { state.stop = stop }
            if stop == .gently { state.endsInput = true }
        }
        wakeUp()
    }

    private func wakeUp() {
        var one: UInt64 = 1
        write(wake, &one, 8)
    }

    // MARK: Its own thread

    private func run(_ observer: ProgramObserver, _ noteGroup: (pid_t) -> Void) -> ProgramEnd {
        let launch: Launch
        do throws(AgentFailure) { launch = try Launch(program) } catch { return .notStarted(error) }
        noteGroup(launch.process)
        var pipes = ProgramPipes(launch, wake: wake)
        var stopping = Stopping(group: launch.process)
        var hasEnded = false
        while !hasEnded {
            stopping.advance(state.withLock { $0.stop })
            if !writeInput(&pipes) { observer.inputRefused() }
            let wasOpen = pipes.isOutputOpen
            hasEnded = pipes.wait(milliseconds: stopping.pause)
            pipes.read(observer)
            if wasOpen, !pipes.isOutputOpen { observer.outputEnded() }
        }
        // The leader is not reaped yet, so its number still means this group.
        observer.leaderEnded(launch.process)
        kill(-launch.process, SIGKILL)
        pipes.drain(observer)
        noteGroup(-launch.process)
        pipes.close()
        close(launch.end)
        state.withLock { $0.isInputClosed = true }
        var status: Int32 = 0
        var reaped: pid_t
        repeat { reaped = waitpid(launch.process, &status, 0) } while reaped < 0 && errno == EINTR
        // Not known how: that is no success.
        if reaped < 0 { return .exited(status: 255) }
        return status & 0x7F == 0 ? .exited(status: status >> 8 & 0xFF) : .killed(signal: status & 0x7F)
    }

    /// Writes what waits, as far as the program takes it. False where it has closed its stdin before it was told all.
    private func writeInput(_ pipes: inout ProgramPipes) -> Bool {
        state.withLock { state in
            var isTaken = true
            while state.written < state.input.count, !state.isInputClosed {
                let count = state.input.withUnsafeBytes {
                    pipes.write(UnsafeRawBufferPointer(rebasing: $0[state.written...]))
                }
                if count < 0 {
                    // It has closed its stdin: what it is told from here on it doesn't want to know.
                    if errno != EAGAIN && errno != EINTR { (state.isInputClosed, isTaken) = (true, false) }
                    if errno != EINTR { break }
                } else {
                    state.written += count
                    state.excused = max(0, state.excused - count)
                }
            }
            if state.isInputClosed || state.written == state.input.count {
                state.input.removeAll(keepingCapacity: state.input.capacity <= 1 << 20)
                state.written = 0
                if state.endsInput { state.isInputClosed = true }
            } else if state.written > state.input.count / 2 {
                state.input.removeFirst(state.written)
                state.written = 0
            }
            pipes.wantsToWrite = !state.input.isEmpty
            if state.isInputClosed { pipes.closeInput() }
            return isTaken
        }
    }
}

/// How far the stopping of a program has come.
private struct Stopping {
    let group: pid_t
    private var applied: RunningProgram.Stop?
    /// On the monotonic clock, in nanoseconds: when the next firmer way is due.
    private var deadline: Int64?
    private var patience: Int64 = 2_000_000_000

    init(group: pid_t) { self.group = group }

    /// Milliseconds until something is to be done; -1 for never.
    var pause: Int32 {
        guard let deadline else { return -1 }
        return Int32(clamping: max(0, (deadline - Self.now + 999_999) / 1_000_000))
    }

    /// Does what is wished or due.
    mutating func advance(_ wished: RunningProgram.Stop?) {
        if let deadline, deadline <= Self.now {
            apply(applied == .gently ? .firmly : .atOnce)
        } else if let wished, wished.rawValue > applied?.rawValue ?? -1 {
            apply(wished)
        }
    }

    private mutating func apply(_ stop: RunningProgram.Stop) {
        applied = stop
        switch stop {
        case .gently:
            patience = 1_000_000_000
            deadline = Self.now + patience
        case .firmly:
            kill(-group, SIGTERM)
            deadline = Self.now + patience
        case .atOnce:
            kill(-group, SIGKILL)
            deadline = nil
        }
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
