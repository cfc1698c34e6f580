import JSONRPC
import Jansson
import Journal

extension ConversationLog {
    /// Reads from the file; where that fails it is the call's failure.
    func read<Result>(_ body: (ConversationLog) throws(StoreError) -> Result) throws(RPCError) -> Result {
        do throws(StoreError) {
            return try body(self)
        } catch {
            throw RPCError(error, id)
        }
    }
}

extension RPCError {
    /// What the store could not do with a conversation.
    package init(_ error: StoreError, _ id: Text) {
        let about: (name: Text, value: JSONFragment) = ("conversationId", .shown(id))
        switch error {
        case .notFound: self = .conversationNotFound(id)
        case .exists: self = .conversationExists(id)
        case .damaged(let damage):
            let first = damage.first
            self.init(
                .conversationDamaged,
                "The file of `\(id)` is damaged at line \(first?.line ?? 1): \(first?.reason ?? "it is unreadable"). "
                    + "It can be read, not written, until `parley verify --repair \(id)` has mended it.",
                [
                    about, ("line", .integer(first?.line ?? 1)), ("offset", .integer(first?.offset ?? 0)),
                ])
        case .unreadable(let damage):
            self.init(
                .conversationDamaged,
                "The file of `\(id)` is damaged at line \(damage.line): \(damage.reason). It can't even be read until "
                    + "`parley verify --repair \(id)` has mended it.",
                [about, ("line", .integer(damage.line)), ("offset", .integer(damage.offset))])
        case .newerFormat(let format):
            self.init(
                .storeFailed,
                "The file of `\(id)` has format \(format), of a newer Parley: it can be read, not written.", [about])
            isRetryable = false
        case .failed(let failure):
            self.init(
                .storeFailed, "The store failed: \(failure).", [about, ("errno", .integer(Int(failure.number)))])
        case .unconfirmed(let failure):
            self.init(
                .storeFailed, "The disk did not confirm what was written: \(failure).",
                [about, ("errno", .integer(Int(failure.number))), ("stored", .string("unknown"))])
        }
    }

    static func conversationExists(_ id: Text) -> RPCError {
        RPCError(
            .conversationExists, "There is a conversation `\(id)` already: choose another id, or open that one.",
            [("conversationId", .shown(id))])
    }
}
