import Jansson

/// What was found out about a conversation: an `insight` event.
package struct InsightRecord: Sendable {
    /// Members to set in the conversation's context.
    package var context: Members
    /// How far was counted, for who goes on from there; nil where the event is no such place.
    package var checkpoint: JSONFragment?

    package init(context: Members, checkpoint: JSONFragment? = nil) {
        self.context = context
        self.checkpoint = checkpoint
    }
}

/// What replies have called for.
package struct Needs: Equatable, Sendable {
    package var escalation: Bool
    package var followup: Bool

    package init(escalation: Bool = false, followup: Bool = false) {
        self.escalation = escalation
        self.followup = followup
    }

    package mutating func add(_ other: Needs) {
        escalation = escalation || other.escalation
        followup = followup || other.followup
    }

    /// Takes the members of a context, as far as there are any.
    package mutating func take(_ context: Members) {
        if let flag = context["needs_escalation"] { escalation = flag == .boolean(true) }
        if let flag = context["needs_followup"] { followup = flag == .boolean(true) }
    }
}
