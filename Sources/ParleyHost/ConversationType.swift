import JSONRPC
import Jansson

/// What a conversation is for.
package enum ConversationType: String, CaseIterable, Sendable {
    case customerSupport = "customer_support"
    case sales
    case general
}
