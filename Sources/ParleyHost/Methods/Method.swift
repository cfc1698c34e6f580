import JSONRPC
import Jansson

/// A method as it is declared, once: its name, what it takes, and what it does.
package struct Method: Sendable {
    package let name: StaticString
    package let parameters: ParameterList
    /// Looks at params before they are checked; only `initialize` has a use for it.
    let screen: (@Sendable (JSON?) throws(RPCError) -> Void)?
    let run: @Sendable (isolated Host, Call, Parameters) throws(RPCError) -> Void

    /// - Parameter run: answers the call, now or later, or throws the error that answers it.
    init(
        _ name: StaticString, _ parameters: ParameterList = [],
        screen: (@Sendable (JSON?) throws(RPCError) -> Void)? = nil,
        run: @escaping @Sendable (isolated Host, Call, Parameters) throws(RPCError) -> Void
    ) {
        self.name = name
        self.parameters = parameters
        self.screen = screen
        self.run = run
    }
}

/// Parameters that several methods share.
enum Common {
    static let conversationId = Parameter<Text>.required("conversationId", .string)
    static let ifExists = Parameter<IfExists>.optional("ifExists", .word(), default: .error)
    static let whenBusy = Parameter<WhenBusy>.optional("whenBusy", .word(), default: .queue)
}

/// What to do where there is a conversation of that id already.
enum IfExists: String, CaseIterable { case error, open }
