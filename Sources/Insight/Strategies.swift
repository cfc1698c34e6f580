import Conversations
import Jansson

/// What a conversation is for: it picks what an agent is told about it.
package enum ConversationType: String, CaseIterable, Sendable {
    case customerSupport = "customer_support"
    case sales
    case general
}

/// What an agent is told about a conversation.
package struct Briefing: Sendable {
    package let conversation: Conversation
    package let tally: Tally
    /// The newest messages, the oldest first: as many as `Briefing.messages` where there are so many.
    package let newest: [(role: Role, content: Text)]
    /// What others have found out, which holds in the place of what the tally says: sentiment {sentiment, confidence},
    /// topics [text].
    package var told: (sentiment: JSONFragment?, topics: JSONFragment?)

    package init(_ conversation: Conversation, _ tally: Tally, newest: [(role: Role, content: Text)]) {
        self.conversation = conversation
        self.tally = tally
        self.newest = newest
    }

    /// How many of the newest messages are told as they are.
    package static let historyMessages = 10

    /// How many a briefing takes.
    package static func messages(_ words: WordList) -> Int { max(historyMessages, words.issuesLastMessages) }

    /// One object: what every agent is told, and what the conversation's type adds to it.
    package var context: JSONFragment {
        JSONFragment { writer in
            writer.beginObject()
            writer.member("conversation_id", conversation.id)
            writer.member("user_id", conversation.userId)
            writer.member("conversation_history", history)
            writer.key("conversation_metadata")
            writer.object(conversation.metadata)
            writer.key("message_count")
            writer.integer(tally.messages)
            writer.member("conversation_type", conversation.type)
            switch ConversationType(rawValue: conversation.type.description) ?? .general {
            case .customerSupport: writer.support(self)
            case .sales: writer.sales(self)
            case .general: writer.general(self)
            }
            writer.endObject()
        }
    }

    /// `role: content`, a line each; a content's own line ends are as they are.
    private var history: Text {
        var lines: [UInt8] = []
        for (role, content) in newest.suffix(Self.historyMessages) {
            if !lines.isEmpty { lines.append(0x0A) }
            lines += role.rawValue.utf8
            lines += ": ".utf8
            lines += content.utf8
        }
        return Text(utf8: lines)
    }

    fileprivate var recentIssues: [Text] {
        newest.suffix(tally.analyser.words.issuesLastMessages).filter { $0.role == .user }.map(\.content)
    }

    /// A number from the user's profile, as it stands there; 0 without one.
    fileprivate var leadScore: JSONFragment {
        let profile = conversation.context["user_profile"].flatMap { try? JSON.parse($0.bytes) }
        guard let score = profile?["lead_score"], score.number != nil else { return JSONFragment { $0.integer(0) } }
        return JSONFragment(score)
    }
}

/// What the types add.
extension JSONWriter {
    fileprivate mutating func support(_ briefing: Briefing) {
        key("recent_issues")
        texts(briefing.recentIssues)
        key("conversation_length")
        integer(briefing.tally.messages)
        key("user_sentiment")
        if let told = briefing.told.sentiment { value(told) } else { sentiment(briefing.tally.userSentiment) }
        key("escalation_level")
        integer(briefing.tally.escalationLevel)
    }

    fileprivate mutating func sales(_ briefing: Briefing) {
        key("lead_score")
        value(briefing.leadScore)
        key("products_discussed")
        texts(briefing.tally.productsDiscussed)
        key("conversation_stage")
        string(briefing.tally.conversationStage.rawValue)
        key("budget_indicators")
        budget(briefing.tally.budget)
    }

    fileprivate mutating func general(_ briefing: Briefing) {
        key("topics_discussed")
        if let told = briefing.told.topics { value(told) } else { texts(briefing.tally.topicsDiscussed) }
        key("conversation_mood")
        mood(briefing.tally.mood)
    }
}
