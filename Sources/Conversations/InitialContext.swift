import Jansson

extension Members {
    /// What a conversation's context begins with, and what was given on top of it.
    package static func initialContext(_ given: Members = Members()) -> Members {
        var context = Members()
        context["user_preferences"] = .emptyObject
        context["conversation_state"] = .string("active")
        context["custom_data"] = .emptyObject
        context.merge(given)
        return context
    }
}
