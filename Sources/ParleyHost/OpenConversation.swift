import Conversations
import DequeModule
import JSONRPC
import Jansson
import Journal

/// A conversation that the host has open: its file, its turns, and who waits for either.
final class OpenConversation {
    let id: Text
    /// Nil while the file is being opened, or made, aside.
    var log: ConversationLog?
    /// Whether it is on its way into the store.
    var isBeingMade = false

    // What waits for the file.
    /// Calls that can't be carried out yet, in order of arrival; while there are any, later ones wait behind them.
    var parked: Deque<ParkedCall> = []
    /// Whether the first of them is being carried out: what it enters the conversation for goes before the others.
    var isResuming = false
    /// Whether nothing may be carried out until the file has its name.
    var waitsForName = false
    /// Since when, on the monotonic clock, another process has held the file's lock against us.
    var contendedSince: Int64?

    // What waits to be stored.
    /// Whether the file is locked by us, with events to write perhaps, until the end of the step.
    var isTouched = false
    var held = HeldAnswers()
    /// Written, but not synced: the sync that runs covers `syncing`, the next one `unsynced`.
    var syncing: [HeldAnswers] = []
    var unsynced: [HeldAnswers] = []
    /// The sync that runs; its number tells it from one of the same conversation before it was opened anew.
    var runningSync: Int?
    var isSyncing: Bool { runningSync != nil }

    // Turns.
    var turnLock: TurnLock?
    var releasesTurnLock = false
    var running: Turn?
    var queue: Deque<Turn> = []

    // Insight.
    /// What is known of its messages; nil until that is needed.
    var tally: KeptTally?
    var recent = RecentMessages()
    /// They are being counted aside, and until then nothing may be carried out; the number tells it from a count of the
    /// same conversation before it was opened anew.
    var runningCount: Int?
    var isBeingCounted: Bool { runningCount != nil }
    /// Whether an insight will be told when that is done.
    var isInsightDue = false

    /// Plugins that are looking at it, and whether they are to look again.
    var analyses = 0
    /// Of the newest time that they were to.
    var analysis = 0
    var isAnalysisDue = false

    /// The step in which the file was last compared with what is known of it.
    var lookedAtInStep = 0
    var lastUsedInStep = 0

    init(_ id: Text, log: ConversationLog? = nil) {
        self.id = id
        self.log = log
    }

    /// Whether nothing may be carried out now.
    var waits: Bool { waitsForName || isBeingCounted }

    /// Whether nothing would be lost if it were closed.
    var isIdle: Bool {
        log != nil && parked.isEmpty && !isBeingCounted && analyses == 0 && !isTouched && !isSyncing && running == nil
            && queue.isEmpty
    }
}

/// A call that waits for its conversation's file.
struct ParkedCall {
    enum Work {
        /// Something with the conversation.
        case use(Access, ConversationBody)
        /// Something with the id, whether there is a conversation or not.
        case claim(() -> Void)
    }

    let call: Call?
    let work: Work
    /// Whether it needs to know all messages.
    var counts = false
    /// Told why a use could not be carried out; it returns whether it has dealt with that. Else the call is answered.
    var failed: ((RPCError) -> Bool)?
}

enum Access {
    case reading, writing
    /// The file as it is, damaged or not, goes elsewhere.
    case moving
}

/// What a call does with its conversation, once that is ready.
typealias ConversationBody = (OpenConversation, ConversationLog) throws(RPCError) -> Void
