import Agents
import Conversations
import DequeModule
import Glibc
import Insight
import JSONRPC
import Jansson
import Journal
import Logging

/// The process behind the protocol: takes lines, keeps conversations, runs turns, answers.
///
/// All of its state belongs to one executor, `loop`. So nothing here is locked, and requests take effect in the order
/// in which they arrived. What takes long runs elsewhere and comes back as one more input.
package actor Host {
    nonisolated package let loop: HostLoop
    nonisolated package var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let options: HostOptions
    var identifiers: any IdentifierSource
    let store: StoreDirectory
    let registry: AgentRegistry
    let agents: [Text: RegisteredAgent]
    let output: any LineSink
    let log: Logger
    /// Syncs have threads of their own, so that nobody waits for the disk behind long reads.
    let pool: SyncPool
    let readers: SyncPool

    // Answering (Answers.swift, Batches.swift)
    var outgoing = JSONWriter()
    /// Lines that are not carried out: those of this step, or more while nobody reads the answers.
    var backlog = Backlog()
    var batches: [Int: BatchInProgress] = [:]
    var batchesMade = 0
    var callsMade = 0
    var inFlight: [RequestID: [InFlight]] = [:]
    var order = Order()

    // Conversations (ConversationTable.swift, Commit.swift)
    var conversations: [Text: OpenConversation] = [:]
    var touched: [OpenConversation] = []
    var syncsMade = 0
    var publicationWaiters: [PublicationWaiter] = []
    var step = 0
    var isFirstLine = true

    // Insight/
    var countsMade = 0
    /// What hooks were asked and have not answered: how each is cancelled.
    var questions: [Int: @Sendable () -> Void] = [:]
    var questionsMade = 0
    var analysesMade = 0
    private(set) lazy var analyser = Analyser(options.words ?? Configuration.builtInWords)

    // Turns/
    var executions: [Text: Execution] = [:]
    /// Streams with pieces that were not told yet.
    var speaking: [ReplyStream] = []
    var afterwards: Deque<() -> Void> = []

    // Lifecycle.swift
    /// Pieces of work on other threads that calls wait for.
    var asideWork = 0
    var lifecycle = Lifecycle()

    /// - Parameter onFinish: called once, when everything is answered and nothing more will come.
    package init(
        options: HostOptions, store: StoreDirectory, agents: AgentRegistry, loop: HostLoop, output: any LineSink,
        log: Logger, onFinish: @escaping @Sendable () -> Void
    ) {
        self.options = options
        identifiers = options.identifiers
        self.store = store
        registry = agents
        pool = SyncPool(threads: options.workers)
        readers = SyncPool(threads: options.workers)
        self.agents = Dictionary(agents.entries.map { ($0.id, RegisteredAgent($0)) }) { first, _ in first }
        self.loop = loop
        self.output = output
        self.log = log
        lifecycle.onFinish = onFinish
    }

    /// Takes everything that waits as one batch: lines are carried out one by one, then what they changed is written,
    /// a file once, and then what they were answered goes out.
    func step(_ inputs: [HostLoop.Input]) {
        step += 1
        for input in inputs {
            switch input {
            case .lines(let batch):
                backlog.append(batch)
                carryOutBacklog()
            case .action(let action):
                action(self)
                runAfterwards()
            }
        }
        commit()
        // What was waited for is answered now, and with that the next thing may begin.
        while !afterwards.isEmpty || !touched.isEmpty {
            runAfterwards()
            commit()
        }
        tellPieces()
        flush()
        evictIdleConversations()
        finishIfDone()
    }

    /// Runs what a line or an outcome left to do once it was dealt with, such as the next turn of a queue.
    func runAfterwards() {
        while let action = afterwards.popFirst() { action() }
    }
}

/// What a host is told at its start.
package struct HostOptions: Sendable {
    package enum Durability: String, CaseIterable, Sendable {
        /// Answers wait for the disk.
        case fsync
        /// Answers wait for the kernel; a power cut may lose what it had not written yet.
        case os
    }

    package var durability = Durability.fsync
    /// Parley's own; schemas/openrpc.json has the same.
    package var version = "0.1.0"
    package var configPath: String?
    package var userId: Text = "user"
    package var welcome: Text = "Hello! How can I help you today?"
    /// What is looked for in messages; nil for the list that is built in.
    package var words: WordList?
    /// Where profiles of users come from, if anywhere.
    package var profiles: Profiles?
    package var hooks = Hooks()
    /// How long turns may go on after the end of input; nil for as long as their agents' time-outs let them.
    package var drainSeconds: Double?
    /// Whether a request begins only when the one before it is answered, its turn included.
    package var isInOrder = false
    /// Threads for syncs and long reads; 0 has the host's own thread do all of it, in order.
    package var workers = 4
    package var pid: Int32 = getpid()
    package var clock: any HostClock = SystemClock()
    package var identifiers: any IdentifierSource = RandomIdentifiers()

    package init() {}
}
