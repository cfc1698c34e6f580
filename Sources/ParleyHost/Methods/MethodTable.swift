import JSONRPC
import Jansson

/// All methods. Adding one: declare it in its family's file, add its line here, its entry to schemas/openrpc.json.
package struct MethodTable: Sendable {
    package static let shared = MethodTable([
        SessionMethods.initialize,
        SessionMethods.ping,
        SessionMethods.discover,
        SessionMethods.shutdown,
        SessionMethods.cancelRequest,
        StartMethod.start,
        TurnMethods.send,
        TurnMethods.retry,
        TurnMethods.cancel,
        ReadMethods.get,
        ReadMethods.history,
        ReadMethods.events,
        ChangeMethods.update,
        ChangeMethods.end,
        ChangeMethods.reopen,
        ForkMethod.fork,
        TrashMethods.delete,
        TrashMethods.restore,
        ExportMethod.export,
        ImportMethod.import,
        ListMethod.list,
        PreviewMethod.preview,
        AgentMethods.list,
        AgentMethods.execute,
        StoreMethods.info,
        VerifyMethod.verify,
    ])

    package let methods: [Method]
    private let byName: [Text: Method]

    private init(_ methods: [Method]) {
        self.methods = methods
        byName = Dictionary(methods.map { (Text(stringLiteral: $0.name), $0) }) { first, _ in first }
    }

    var names: [String] { methods.map(\.name.description) }

    subscript(name: Text) -> Method? { byName[name] }
}
