import Agents
import Conversations
import JSONRPC
import Jansson
import Journal

/// A user's message on its way to an answer.
final class Turn {
    enum State {
        /// Behind another turn, or waiting for its agent or another process.
        case queued
        /// Its message is stored, its agent asked.
        case running
        case ended
    }

    /// Which message it is about.
    enum Origin {
        /// One that is stored when the turn begins, in the place of another and all behind it perhaps.
        case sent(replacing: Text?)
        /// The last one of a user, whichever that is when the turn begins.
        case retried
        /// One that was stored before and got no reply.
        case resent(StoredMessage)
    }

    let id: Text
    let agent: RegisteredAgent
    let origin: Origin
    /// What it was sent with, if it was.
    let request: SendRequest?
    /// The user's; of a retried turn only known when it begins.
    var message: Message
    let since: Timestamp
    let whenBusy: WhenBusy
    /// Who is answered at the end.
    var calls: [Call] = []
    /// Who is answered as soon as the message is stored.
    var hastyCalls: [Call] = []

    var state = State.queued
    /// Where the user's message stands in the file.
    var line = 0
    var executionId: Text = ""
    var startedAt: Int64 = 0
    var cancelExecution: (@Sendable () -> Void)?
    var timers = ReplyTimers()
    /// What is said of its reply, where there is something or somebody watches.
    var stream: ReplyStream?
    var holdsSlot = false
    /// Whether requests behind it wait for its end: see Order.
    var isCounted = false
    /// Whether those who watch were told that it waits.
    var isToldToWait = false
    /// How often the turn lock was asked for while another process had it.
    var retries = 0

    init(
        id: Text, agent: RegisteredAgent, origin: Origin, request: SendRequest? = nil, message: Message,
        whenBusy: WhenBusy, since: Timestamp
    ) {
        self.id = id
        self.agent = agent
        self.origin = origin
        self.request = request
        self.message = message
        self.whenBusy = whenBusy
        self.since = since
    }
}

/// What to do with a message that comes while a turn runs.
enum WhenBusy: String, CaseIterable, Sendable { case queue, reject, interrupt }

/// How a turn ends.
enum TurnOutcome: Sendable {
    case replied(AgentReply)
    case failed(RPCError)
    case cancelled(String)

    var isReply: Bool { if case .replied = self { true } else { false } }

    var word: String {
        switch self {
        case .replied: "completed"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}
