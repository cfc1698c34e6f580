import Agents
import JSONRPC
import Jansson

/// Plugins that are asked about users and conversations: docs/plugins.md, "Hooks".
package struct Hooks: Sendable {
    package var sentiment: Hook?
    package var topics: Hook?
    /// Types of conversation, by name, with who builds their context.
    package var types: [Text: Hook]

    package init(sentiment: Hook? = nil, topics: Hook? = nil, types: [Text: Hook] = [:]) {
        self.sentiment = sentiment
        self.topics = topics
        self.types = types
    }

    /// Whether any looks at a conversation when a turn has ended.
    var analyse: Bool { sentiment != nil || topics != nil }
}

extension Host {
    /// Asks a hook; the host doesn't leave before it has answered, which is within its time. The function that this
    /// returns cancels the question, which then fails.
    @discardableResult
    func ask(
        _ hook: Hook, _ method: StaticString, _ params: JSONFragment,
        then: @escaping @Sendable (isolated Host, Result<JSON, AgentFailure>) -> Void
    ) -> @Sendable () -> Void {
        asideWork += 1
        questionsMade += 1
        let number = questionsMade
        let cancel = hook.ask(method, params) { [loop] result in
            loop.deliver { host in
                host.asideWork -= 1
                host.questions[number] = nil
                host.options.clock.tick()
                then(host, result)
            }
        }
        questions[number] = cancel
        if lifecycle.asksNoMore { cancel() }
        return cancel
    }

    // MARK: Contexts

    /// Has the context completed by the type's own builder, where it has one; then goes on with it, or, where that
    /// fails, without. The function that this returns cancels that.
    func complete(
        _ given: Given, of log: TypedConversation, by hook: Hook, prompt: Text?,
        then: @escaping @Sendable (isolated Host, Given) -> Void
    ) -> @Sendable () -> Void {
        let params = JSONFragment { writer in
            writer.beginObject()
            writer.member("type", log.type)
            writer.member("conversationId", log.id)
            writer.member("userId", log.userId)
            writer.member("prompt", prompt)
            writer.key("context")
            writer.value(given.context)
            writer.key("messages")
            writer.messages(given.messages)
            writer.key("conversation")
            writer.value(given.conversation ?? .emptyObject)
            writer.endObject()
        }
        return ask(hook, "context/build", params) { host, result in
            var given = given
            switch result {
            case .success(let answer):
                if let context = answer["context"], context.isObject {
                    given.put(Members(context))
                } else {
                    host.noteFallback("the answer has no `context`, an object", "context/build", log.id)
                }
            case .failure(let failure): host.noteFallback(failure, "context/build", log.id)
            }
            then(host, given)
        }
    }

    func noteFallback(_ failure: AgentFailure, _ method: StaticString, _ id: Text) {
        if failure.message != Hook.cancelled.message { noteFallback(failure.message, method, id) }
    }

    func noteFallback(_ reason: String, _ method: StaticString, _ id: Text) {
        log.warning("`\(method)` for \(id) falls back to what is built in: \(reason)")
    }
}

/// What a builder of contexts is told of a conversation.
struct TypedConversation: Sendable {
    let id: Text
    let userId: Text
    let type: Text
}

extension Given {
    /// Members in the place of those of that name, or behind them.
    fileprivate mutating func put(_ members: Members) {
        var all = Members(try? JSON.parse(context.bytes))
        let type = all["conversation_type"]
        all.merge(members)
        // Which type it is, the conversation says.
        all["conversation_type"] = type
        context = JSONFragment { [all] in $0.object(all) }
    }
}
