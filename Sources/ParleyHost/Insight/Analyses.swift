import Agents
import Conversations
import JSONRPC
import Jansson
import Journal

/// What plugins find out about a conversation when a turn has ended: told by an event of its own, behind the one that
/// has what the words say.
extension Host {
    /// Has them look at a conversation, unless they are at it: then they look again.
    func analyse(_ conversation: OpenConversation) {
        if !options.hooks.analyse || lifecycle.asksNoMore { return }
        conversation.isAnalysisDue = true
        if conversation.analyses > 0 { return }
        analysesMade += 1
        conversation.analysis = analysesMade
        conversation.analyses = 1
        noteAnalysisBegin()
        let (id, number) = (conversation.id, analysesMade)
        // The turn's own answer goes first.
        afterwards.append { self.beginAnalysis(number, of: id) }
    }

    /// - Parameter number: tells it from one of the same conversation before it was opened anew.
    private func beginAnalysis(_ number: Int, of id: Text) {
        withConversation(id, for: .reading) { error in
            self.endAnalysis(number, of: id, "could not be read: \(error.message)")
        } _: { conversation, log throws(RPCError) in
            if conversation.analysis != number { return }
            conversation.isAnalysisDue = false
            let hooks = self.options.hooks
            let words = self.analyser.words
            let newest = try log.newestChat(max(words.sentiment.lastMessages, Self.topicMessages))
            conversation.analyses = (hooks.sentiment == nil ? 0 : 1) + (hooks.topics == nil ? 0 : 1)
            if let hook = hooks.sentiment {
                let params = self.question(about: log, newest.suffix(words.sentiment.lastMessages))
                self.ask(hook, "sentiment/analyze", params) { host, result in
                    host.took("user_sentiment", result.flatMap(readSentiment), "sentiment/analyze", number, of: id)
                }
            }
            if let hook = hooks.topics {
                let params = self.question(about: log, newest.suffix(Self.topicMessages), hasTopics: true)
                self.ask(hook, "topics/extract", params) { host, result in
                    host.took("topics_discussed", result.flatMap(readTopics), "topics/extract", number, of: id)
                }
            }
        }
    }

    /// How many of the newest messages are looked at for topics.
    private static let topicMessages = 50

    private func question(
        about log: ConversationLog, _ messages: ArraySlice<ChatMessage>, hasTopics: Bool = false
    ) -> JSONFragment {
        JSONFragment { writer in
            writer.beginObject()
            writer.member("conversationId", log.id)
            writer.member("userId", log.contents.conversation?.userId)
            writer.key("messages")
            writer.messages(Array(messages))
            if hasTopics {
                writer.key("topics")
                writer.value(log.contents.conversation?.context["topics_discussed"] ?? .emptyArray)
            }
            writer.endObject()
        }
    }

    /// One of them has answered, or not.
    private func took(
        _ member: Text, _ result: Result<JSONFragment, AgentFailure>, _ method: StaticString,
        _ number: Int, of id: Text
    ) {
        switch result {
        case .failure(let failure):
            noteFallback(failure, method, id)
            endAnalysis(number, of: id)
        case .success(let value):
            withConversation(id, for: .writing) { error in
                self.endAnalysis(number, of: id, error.message, method)
            } _: { conversation, log throws(RPCError) in
                if conversation.analysis == number, log.contents.conversation?.context[member] != value {
                    let insight = InsightRecord(context: Members([(member, value)]))
                    log.append(.insight(insight), at: self.options.clock.now())
                }
                self.endAnalysis(number, of: id)
            }
        }
    }

    /// - Parameter reason: why it came to nothing, if it did.
    private func endAnalysis(
        _ number: Int, of id: Text, _ reason: String? = nil, _ method: StaticString = "insight"
    ) {
        if let reason { noteFallback(reason, method, id) }
        guard let conversation = conversations[id], conversation.analysis == number, conversation.analyses > 0 else {
            return
        }
        conversation.analyses -= 1
        if conversation.analyses > 0 { return }
        noteAnalysisEnd()
        if conversation.isAnalysisDue { analyse(conversation) }
    }
}

/// {sentiment, confidence}
private func readSentiment(_ answer: JSON) -> Result<JSONFragment, AgentFailure> {
    guard let sentiment = answer["sentiment"]?.text, ["negative", "neutral", "positive"].contains(sentiment),
        let confidence = answer["confidence"], let number = confidence.number, number >= 0
    else {
        return .failure(
            .misshapen(answer, "{sentiment: negative, neutral or positive, confidence: a number of at least 0}"))
    }
    return .success(
        JSONFragment {
            $0.beginObject()
            $0.member("sentiment", sentiment)
            $0.key("confidence")
            // The same number is the same text, however it was written.
            $0.real(number)
            $0.endObject()
        })
}

/// {topics}
private func readTopics(_ answer: JSON) -> Result<JSONFragment, AgentFailure> {
    let topics = answer["topics"]?.elements.compactMap(\.text) ?? []
    guard answer["topics"]?.kind == .array, topics.count == answer["topics"]?.count, topics.count <= 50,
        topics.allSatisfy({ $0.utf8.count <= 100 })
    else { return .failure(.misshapen(answer, "{topics: at most 50 strings of at most 100 bytes}")) }
    return .success(JSONFragment { $0.texts(topics.unique) })
}

extension AgentFailure {
    fileprivate static func misshapen(_ answer: JSON, _ shape: String) -> AgentFailure {
        let shown = String(decoding: JSONFragment(answer).bytes.prefix(200), as: UTF8.self)
        return AgentFailure(.failed, "the answer `\(shown)` is not \(shape)")
    }
}
