import Jansson

extension Conversation {
    /// What a fork of this begins with: the state as it is, but active and under another id.
    ///
    /// - Parameter inherited: how many messages come along, behind the event that holds this.
    package func forked(as newId: Text, inherited: Int) -> Started {
        var metadata = metadata
        var context = context
        context["conversation_type"] = nil
        if isEnded {
            metadata["end_reason"] = nil
            context["conversation_state"] = .string("active")
        }
        return Started(
            id: newId, userId: userId, agentId: agentId, organizationId: organizationId, projectId: projectId,
            type: type, title: givenTitle, tags: tags, instructions: instructions, metadata: metadata,
            context: context, forkedFrom: ForkOrigin(conversationId: id, seq: seq, inherited: inherited))
    }
}
