import Conversations
import Jansson

/// What a tally has counted as an event stores it, so that the next who needs it need not read all messages.
extension Tally {
    /// The event that tells what is known now.
    ///
    /// - Parameters:
    ///   - throughSeq: of the newest event that was looked at.
    ///   - needs: what was told of them so far.
    ///   - context: the conversation's, as it is before the event.
    package func event(throughSeq: Int, needs: Needs, over context: Members) -> InsightRecord {
        // What is told only where it changed comes first: who reads many such lines sees at once which to look into.
        var members: [(name: Text, value: JSONFragment)] = []
        members.reserveCapacity(9)
        let needs = change(of: needs, in: context)
        if let flag = needs.escalation { members.append((MemberName.needsEscalation, .boolean(flag))) }
        if let flag = needs.followup { members.append((MemberName.needsFollowup, .boolean(flag))) }
        if let indicators = budgetToTell(over: context) { members.append((MemberName.budget, indicators)) }
        members.append((MemberName.sentiment, userSentiment.told))
        members.append((MemberName.escalation, JSONFragment.levels[escalationLevel]))
        members.append((MemberName.products, productsTold))
        members.append((MemberName.stage, conversationStage.told))
        members.append((MemberName.topics, topicsTold))
        members.append((MemberName.mood, mood.told))
        return InsightRecord(context: Members(members), checkpoint: checkpoint(throughSeq: throughSeq))
    }

    private func budgetToTell(over context: Members) -> JSONFragment? {
        if budget.isEmpty, context[MemberName.budget] == nil { return nil }
        let indicators = JSONFragment { $0.budget(budget) }
        return context[MemberName.budget] == indicators ? nil : indicators
    }

    private func checkpoint(throughSeq: Int) -> JSONFragment {
        JSONFragment { writer in
            writer.reserve(256)
            writer.verbatim("{\"throughSeq\":")
            writer.integer(throughSeq)
            writer.verbatim(",\"wordsHash\":")
            writer.string(analyser.wordsHash)
            writer.verbatim(",\"messages\":")
            writer.integer(counts.messages)
            writer.verbatim(",\"userMessages\":")
            writer.integer(counts.userMessages)
            writer.verbatim(",\"negative\":")
            writer.integer(counts.negative)
            writer.verbatim(",\"positive\":")
            writer.integer(counts.positive)
            if said != Said() {
                for (name, flag) in flags where flag {
                    writer.key(name)
                    writer.boolean(true)
                }
            }
            if !budget.isEmpty {
                writer.key("budgetSeqs")
                writer.beginArray()
                var last: Int?
                for indicator in budget where indicator.seq != last {
                    writer.integer(indicator.seq)
                    last = indicator.seq
                }
                writer.endArray()
            }
            writer.endObject()
        }
    }

    private var flags: [(StaticString, Bool)] {
        [
            ("saysEscalation", said.escalation), ("saysFeature", said.feature), ("saysPrice", said.price),
            ("needsEscalation", said.needs.escalation), ("needsFollowup", said.needs.followup),
        ]
    }
}

/// What the members are called that insight sets in a context.
private enum MemberName {
    static let needsEscalation: Text = "needs_escalation"
    static let needsFollowup: Text = "needs_followup"
    static let budget: Text = "budget_indicators"
    static let sentiment: Text = "user_sentiment"
    static let escalation: Text = "escalation_level"
    static let products: Text = "products_discussed"
    static let stage: Text = "conversation_stage"
    static let topics: Text = "topics_discussed"
    static let mood: Text = "conversation_mood"
}

/// A checkpoint as it was read.
package struct Checkpoint: Sendable {
    package let throughSeq: Int
    package let wordsHash: Text
    /// How many messages were counted.
    package let messages: Int
    /// Of the messages with budget indicators.
    package let budgetSeqs: [Int]
    fileprivate let json: JSON
    fileprivate let context: JSON?

    /// Reads that of an `insight` event; nil where it has none that could be gone on from.
    package init?(event: JSON) {
        guard let json = event["checkpoint"], let seq = event["seq"]?.integer,
            let throughSeq = json["throughSeq"]?.integer, throughSeq >= 0, throughSeq < seq,
            let hash = json["wordsHash"]?.text, let messages = json["messages"]?.integer,
            (0...throughSeq).contains(messages)
        else { return nil }
        self.json = json
        context = event["context"]
        self.throughSeq = Int(throughSeq)
        wordsHash = hash
        self.messages = Int(messages)
        var seqs: [Int] = []
        for seq in json["budgetSeqs"]?.elements.suffix(Tally.budgetIndicators).compactMap(\.integer) ?? []
        where seq >= 1 && seq <= throughSeq && seqs.last != Int(seq) { seqs.append(Int(seq)) }
        budgetSeqs = seqs
    }
}

extension Tally {
    /// Goes on from a checkpoint that was counted with the same words. The newest messages, and those with budget
    /// indicators, are added with `recall`.
    package init?(_ analyser: Analyser, _ checkpoint: Checkpoint) {
        guard checkpoint.wordsHash == analyser.wordsHash else { return nil }
        let (json, words) = (checkpoint.json, analyser.words)
        // Files can be written by hand: no number is so large that counting on could overflow.
        func count(_ value: JSON?) -> Int { Int(min(max(0, value?.integer ?? 0), 1 << 40)) }
        func flag(_ value: JSON?) -> Bool { value?.boolean ?? false }
        let counts = Counts(
            messages: checkpoint.messages, userMessages: count(json["userMessages"]),
            negative: count(json["negative"]), positive: count(json["positive"]))
        let said = Said(
            escalation: flag(json["saysEscalation"]), feature: flag(json["saysFeature"]),
            price: flag(json["saysPrice"]),
            needs: Needs(escalation: flag(json["needsEscalation"]), followup: flag(json["needsFollowup"])))
        let products = checkpoint.context?["products_discussed"]?.elements.compactMap(\.text) ?? []
        var places = Dictionary(zip(words.products, words.products.indices)) { first, _ in first }
        let topics = checkpoint.context?["topics_discussed"]?.elements.compactMap(\.text) ?? []
        self.init(
            analyser, counts, said,
            products: products.compactMap { places.removeValue(forKey: $0) },
            topics: words.topics.map { topics.contains($0.name) })
    }
}
