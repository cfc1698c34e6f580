import Agents
import Conversations
import Insight
import JSONRPC
import Jansson
import Journal

/// What an agent is given about a conversation.
struct Given: Sendable {
    var context = JSONFragment.emptyObject
    var conversation: JSONFragment?
    /// The oldest first.
    var messages: [ChatMessage] = []
    var instructions: Text?

    /// How many tokens a chat model would read: an estimate.
    var estimatedTokens: Int {
        messages.reduce(instructions?.estimatedTokens ?? 0) { $0 + $1.content.estimatedTokens }
    }
}

extension Host {
    /// What must be known of a conversation for an agent. Who builds the context of its type is told everything.
    func needs(of agent: RegisteredAgent, _ log: ConversationLog) -> AgentNeeds {
        log.ofOwnType(options.hooks) == nil ? agent.agent.needs : .everything
    }

    /// - Parameters:
    ///   - prompt: a user's message that is not there, but should be looked at as if it were the last one.
    ///   - needs: what is left out otherwise.
    func given(
        _ conversation: OpenConversation, _ log: ConversationLog, prompt: Text? = nil, to agent: RegisteredAgent,
        needs: AgentNeeds
    ) throws(RPCError) -> Given {
        guard !needs.isEmpty, let state = log.contents.conversation else { return Given() }
        var given = Given(instructions: state.instructions)
        let window = agent.entry.window
        let briefed = needs.contains(.context) ? Briefing.messages(analyser.words) : 0
        let newest = try log.read { (log) throws(StoreError) in
            try log.newestMessages(
                briefed, and: needs.contains(.messages) ? window : nil, before: prompt.map { ChatMessage(.user, $0) },
                conversation.recent)
        }
        if needs.contains(.context) {
            var tally = try tally(of: conversation, log)
            if let prompt { tally.add(.user, prompt, id: nil, seq: log.seq + 1) }
            var briefing = Briefing(state, tally, newest: newest.suffix(briefed).map { ($0.role, $0.content) })
            if options.hooks.sentiment != nil { briefing.told.sentiment = state.context["user_sentiment"] }
            if options.hooks.topics != nil { briefing.told.topics = state.context["topics_discussed"] }
            given.context = briefing.context
        }
        if needs.contains(.conversation) { given.conversation = state.facts }
        if needs.contains(.messages) { given.messages = window.newest(of: newest) }
        return given
    }
}

extension Conversation {
    /// {id, userId, agentId, type, tags, metadata, title?, organizationId?, projectId?}
    fileprivate var facts: JSONFragment {
        JSONFragment { writer in
            writer.beginObject()
            writer.member("id", id)
            writer.member("userId", userId)
            writer.member("agentId", agentId)
            writer.member("type", type)
            writer.member("tags", tags)
            writer.key("metadata")
            writer.object(metadata)
            writer.member("title", title)
            writer.member("organizationId", organizationId)
            writer.member("projectId", projectId)
            writer.endObject()
        }
    }
}

extension ConversationLog {
    /// Where its type has a builder of contexts.
    func ofOwnType(_ hooks: Hooks) -> (TypedConversation, Hook)? {
        guard let state = contents.conversation, let hook = hooks.types[state.type] else { return nil }
        return (TypedConversation(id: state.id, userId: state.userId, type: state.type), hook)
    }

    /// The newest messages of the history, the oldest first.
    func newestChat(_ count: Int) throws(RPCError) -> [ChatMessage] {
        try read { (log) throws(StoreError) in try log.newestMessages(count, and: nil, before: nil, RecentMessages()) }
    }

    /// The newest messages of the history, the oldest first: `count` of them, and as many as fit into a window.
    ///
    /// - Parameter last: comes behind them all.
    fileprivate func newestMessages(
        _ count: Int, and window: AgentRegistry.Window?, before last: ChatMessage?, _ recent: RecentMessages
    ) throws(StoreError) -> [ChatMessage] {
        var found = last.map { [$0] } ?? []
        var tokens = last?.content.estimatedTokens ?? 0
        for line in newestHistory(max(count, window?.messages ?? 0), before: lineCount).reversed() {
            if found.count >= count, tokens > window?.tokens ?? 0 { break }
            var message = recent[line]
            if message == nil { message = try chatMessage(at: line) }
            guard let message else { continue }
            found.append(message)
            tokens += message.content.estimatedTokens
        }
        return found.reversed()
    }

    private func chatMessage(at line: Int) throws(StoreError) -> ChatMessage? {
        guard let message = try historyMessage(at: line)?.message else { return nil }
        return ChatMessage(message.role, message.content)
    }
}

extension AgentRegistry.Window {
    /// As many of the newest as fit, but the newest one always.
    fileprivate func newest(of messages: [ChatMessage]) -> [ChatMessage] {
        var tokens = 0
        let fitting = messages.suffix(self.messages).reversed().prefix { message in
            tokens += message.content.estimatedTokens
            return tokens <= self.tokens
        }
        return messages.suffix(max(1, fitting.count))
    }
}

extension Text {
    /// How many tokens a message with this content is for a model, roughly: a quarter of its bytes, and what is around
    /// it.
    fileprivate var estimatedTokens: Int { (utf8.count + 3) / 4 + 4 }
}
