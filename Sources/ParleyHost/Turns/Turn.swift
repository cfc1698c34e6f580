import Agents
import Conversations
import JSONRPC
import Jansson

/// A user's message on its way to an answer.
final class Turn {
    enum State {
        /// Behind another turn, or waiting for its agent or another process.
        case queued
        /// Its message is stored, its agent asked.
        case running
        case ended
    }

    let id: Text
    let agent: RegisteredAgent
    var message: Message
    let since: Timestamp
    let whenBusy: WhenBusy
    /// Who is answered at the end; nil when it was answered when the message was stored.
    var call: Call?
    let answersWhenStored: Bool

    var state = State.queued
    /// Where the user's message stands in the file.
    var line = 0
    var executionId: Text = ""
    var startedAt: Int64 = 0
    var cancelExecution: (@Sendable () -> Void)?
    var timers: [Int] = []
    var holdsSlot = false
    /// How often the turn lock was asked for while another process had it.
    var retries = 0

    init(
        id: Text, agent: RegisteredAgent, message: Message, whenBusy: WhenBusy, call: Call, answersWhenStored: Bool,
        since: Timestamp
    ) {
        self.id = id
        self.agent = agent
        self.message = message
        self.whenBusy = whenBusy
        self.call = call
        self.answersWhenStored = answersWhenStored
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
}
