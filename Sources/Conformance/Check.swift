/// What a plugin is tried for, in the order in which it is told. The names are short, and stay: scripts look for them.
package enum Check: String, CaseIterable, Sendable {
    // Its beginning.
    case starts, initialize, capabilities
    // Any request and notification.
    case unknownMethod = "unknown method"
    case unknownNotification = "unknown notification"
    case moreMembers = "more members"
    case ids
    // An agent's answers.
    case execute = "agent/execute"
    case noConversation = "no conversation"
    case metadata, pieces
    // Those of hooks.
    case loadProfile = "profile/load"
    case analyzeSentiment = "sentiment/analyze"
    case extractTopics = "topics/extract"
    case buildContext = "context/build"
    // Any text, and requests that overlap or are given up.
    case letters
    case nul = "U+0000"
    case longText = "1 MiB"
    case twoAtOnce = "two at once"
    case cancel
    case afterCancel = "after a cancel"
    case lateCancel = "late cancel"
    // What was looked at all the time.
    case answers
    case answeredOnce = "answered once"
    case stdout
    // Its end.
    case endOfInput = "end of input"
    case nothingLeft = "nothing left"
    case terminated = "SIGTERM"
}

/// What came of a check.
package struct Finding: Sendable {
    package enum Outcome: String, Sendable {
        case ok
        /// The plugin does not keep to the protocol there.
        case short
        /// It was not tried, or could not be.
        case skipped
    }

    package let check: Check
    package let outcome: Outcome
    /// A sentence for people: what was seen, and, where it falls short, what is right.
    package let detail: String

    package init(_ check: Check, _ outcome: Outcome, _ detail: String) {
        self.check = check
        self.outcome = outcome
        self.detail = detail
    }
}

/// What plugins can be asked, and how it is called.
enum Capability: String, CaseIterable, Sendable {
    case execute = "agent/execute"
    case analyzeSentiment = "sentiment/analyze"
    case extractTopics = "topics/extract"
    case buildContext = "context/build"
    case loadProfile = "profile/load"

    var check: Check {
        switch self {
        case .execute: .execute
        case .analyzeSentiment: .analyzeSentiment
        case .extractTopics: .extractTopics
        case .buildContext: .buildContext
        case .loadProfile: .loadProfile
        }
    }
}
