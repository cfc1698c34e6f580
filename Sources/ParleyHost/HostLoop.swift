import DequeModule
import Glibc
import HeapModule
import JSONRPC
import Threads

/// The thread that the host runs on, and everything that waits for it.
///
/// It is the actor's executor, never the cooperative pool: what arrives is taken in order of arrival, all that waits
/// at once, and the host may block here for a moment where the disk does.
package final class HostLoop: SerialExecutor {
    /// Something for the host to do, in the order in which it was posted.
    package enum Input: Sendable {
        case lines(LineBatch)
        case action(@Sendable (isolated Host) -> Void)
    }

    private struct Timer: Comparable {
        /// On the clock's monotonic scale, in nanoseconds.
        let deadline: Int64
        let number: Int
        let action: @Sendable (isolated Host) -> Void

        static func < (left: Timer, right: Timer) -> Bool {
            (left.deadline, left.number) < (right.deadline, right.number)
        }
        static func == (left: Timer, right: Timer) -> Bool { left.number == right.number }
    }

    private struct State {
        var thread: pthread_t?
        var jobs: [UnownedJob] = []
        var inputs: [Input] = []
        /// In virtual time, single lines that wait until nothing else can be done, and the end of the input.
        var lines: Deque<Input> = []
        /// Bytes of lines that were handed over and not carried out.
        var waitingBytes = 0
        var timers = Heap<Timer>()
        /// Of `timers`, those that were not cancelled.
        var liveTimers: Set<Int> = []
        var timersMade = 0
        /// How many programs outside work on something for the host.
        var programsAtWork = 0
        var isStopped = false

        /// The first timer is one that was not cancelled.
        mutating func dropDeadTimers() {
            while let next = timers.min, !liveTimers.contains(next.number) { timers.removeMin() }
            // Those behind a live one that is long in coming must not pile up.
            if timers.count > 2 * liveTimers.count + 64 {
                timers = Heap(timers.unordered.filter { liveTimers.contains($0.number) })
            }
        }
    }

    /// Bytes of lines that may wait until the reader is held up. They become one step: large enough to share a sync,
    /// small enough to stay in the processor's cache.
    private static let inputBound = 512 << 10
    /// Reports of agents, and other inputs, that may wait until who brings more of them is held up.
    private static let reportBound = 4096
    /// Seconds without an input after which a virtual time no longer waits for the programs outside.
    private static let patience: Int64 = 10

    private let state = Monitor(State())
    let clock: any HostClock

    package init(clock: any HostClock) { self.clock = clock }

    // MARK: From any thread

    /// Hands lines over; blocks while too many wait already.
    package func receive(_ lines: LineBatch) {
        state.wait { $0.waitingBytes < Self.inputBound ? () : nil }
        state.broadcasting { state in
            if clock.isVirtual {
                for line in lines.single {
                    state.lines.append(.lines(line))
                    state.waitingBytes += line.bytes.count
                }
            } else {
                state.inputs.append(.lines(lines))
                state.waitingBytes += lines.bytes.count
            }
        }
    }

    /// As `post`, behind all lines that were handed over.
    package func postBehindLines(_ action: @escaping @Sendable (isolated Host) -> Void) {
        state.broadcasting { state in
            if clock.isVirtual { state.lines.append(.action(action)) } else { state.inputs.append(.action(action)) }
        }
    }

    /// These lines were carried out: the reader may hand over as many more.
    func carriedOut(_ lines: LineBatch) {
        state.broadcasting { $0.waitingBytes -= lines.bytes.count }
    }

    package func post(_ action: @escaping @Sendable (isolated Host) -> Void) {
        state.broadcasting { $0.inputs.append(.action(action)) }
    }

    /// As `post`, but blocks while too much waits already: for what comes from programs, which may flood.
    func deliver(_ action: @escaping @Sendable (isolated Host) -> Void) {
        state.wait { state in
            let isHost = state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
            return isHost || state.inputs.count < Self.reportBound || state.isStopped ? () : nil
        }
        post(action)
    }

    /// So many more programs outside work on something. A virtual time stands still for them.
    func programsAtWork(_ change: Int) {
        if clock.isVirtual { state.broadcasting { $0.programsAtWork += change } }
    }

    /// Runs `action` on the host after that many nanoseconds, unless `cancelTimer` is called with the answer before.
    @discardableResult
    package func after(nanoseconds: Int64, _ action: @escaping @Sendable (isolated Host) -> Void) -> Int {
        let deadline = clock.monotonic() &+ nanoseconds
        return state.broadcasting { state in
            state.timersMade += 1
            state.timers.insert(Timer(deadline: deadline, number: state.timersMade, action: action))
            state.liveTimers.insert(state.timersMade)
            return state.timersMade
        }
    }

    package func cancelTimer(_ number: Int) {
        state.withLock { state in
            state.liveTimers.remove(number)
            state.dropDeadTimers()
        }
    }

    // MARK: The executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.broadcasting { $0.jobs.append(job) }
    }

    package func checkIsolated() {
        let isOurs = state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
        precondition(isOurs, "the host's state is touched off the host's thread")
    }

    /// Runs the host on the calling thread until `stop`.
    package func run(_ host: Host) {
        state.withLock { $0.thread = pthread_self() }
        while !state.withLock({ $0.isStopped }) {
            let (jobs, inputs) = next()
            carryOut(jobs, inputs, host)
        }
    }

    /// Runs the host on a thread of its own.
    package func start(_ host: Host) {
        // Parsing, writing and freeing of JSON recurse as deep as it nests: JSON.maximumDepth.
        _ = Thread(name: "parley-host", stackBytes: 8 << 20) { self.run(host) }
    }

    /// Makes `run` return when what it does now is done.
    package func stop() {
        state.broadcasting { $0.isStopped = true }
    }

    /// Runs the host on the calling thread until nothing can move without another input or a later time.
    package func settle(_ host: Host) {
        state.withLock { $0.thread = pthread_self() }
        while let (jobs, inputs) = wait(forPrograms: true) {
            if jobs.isEmpty, inputs.isEmpty { return }
            carryOut(jobs, inputs, host)
        }
    }

    /// When the next timer is due, on the clock's monotonic scale.
    package var nextDeadline: Int64? { state.withLock { $0.timers.min?.deadline } }

    /// Waits for work and takes all that waits.
    private func next() -> (jobs: [UnownedJob], inputs: [Input]) {
        while true {
            let work =
                clock.isVirtual
                ? wait(forPrograms: false)
                : state.wait(deadline: { $0.timers.min?.deadline }, until: { takeWork(&$0) })
            if let work { return work }
        }
    }

    /// Takes work in virtual time, in which nothing else moves while programs outside are at work; but where nothing
    /// comes from them for long in real time, it goes on without them.
    ///
    /// - Parameter forPrograms: whether nothing but them is worth waiting for.
    private func wait(forPrograms: Bool) -> (jobs: [UnownedJob], inputs: [Input])? {
        let deadline = SystemClock().monotonic() + Self.patience * 1_000_000_000
        let work = state.wait(
            deadline: { forPrograms || $0.programsAtWork > 0 ? deadline : nil },
            until: { state in
                if let work = takeWork(&state) { return work }
                return forPrograms && state.programsAtWork == 0 ? ([], []) : nil
            })
        return work ?? state.withLock { takeWork(&$0, waitsForPrograms: false) }
    }

    private func carryOut(_ jobs: [UnownedJob], _ inputs: [Input], _ host: Host) {
        // Who is held up since so much waits can go on.
        if inputs.count >= Self.reportBound { state.broadcasting { _ in } }
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        if !inputs.isEmpty { host.assumeIsolated { $0.step(inputs) } }
    }

    private func takeWork(
        _ state: inout State, waitsForPrograms: Bool = true
    ) -> (jobs: [UnownedJob], inputs: [Input])? {
        takeDueTimers(&state)
        if !waitsForPrograms || state.programsAtWork == 0 {
            while state.jobs.isEmpty, state.inputs.isEmpty, let timer = state.timers.min, clock.skip(to: timer.deadline)
            {
                takeDueTimers(&state)
            }
            if state.jobs.isEmpty, state.inputs.isEmpty, let line = state.lines.popFirst() { state.inputs = [line] }
        }
        if state.jobs.isEmpty, state.inputs.isEmpty, !state.isStopped { return nil }
        defer {
            state.jobs = []
            state.inputs = []
        }
        return (state.jobs, state.inputs)
    }

    private func takeDueTimers(_ state: inout State) {
        if state.timers.isEmpty { return }
        let now = clock.monotonic()
        while let next = state.timers.min, next.deadline <= now {
            state.timers.removeMin()
            state.liveTimers.remove(next.number)
            state.inputs.append(.action(next.action))
            state.dropDeadTimers()
        }
    }
}

extension LineBatch {
    /// The same lines, each a batch of its own.
    fileprivate var single: [LineBatch] {
        lines.map { line in
            switch line {
            case .tooLong: LineBatch(bytes: [], lines: [line])
            case .text(let range): LineBatch(bytes: Array(bytes[range]), lines: [.text(0..<range.count)])
            }
        }
    }
}
