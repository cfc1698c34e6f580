import ArgumentParser
import JSONRPC
import Jansson
import ParleyHost

/// `parley call`: one request, its result on stdout.
struct Call: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Call a method and print its result.",
        discussion: """
            The params are a JSON object, `-` to read one from stdin, or any number of name=value: a value is JSON \
            where the parameter is not a string, so limit=5, archived=true, tags='["a"]', content='some words'.

              parley call conversation/list limit=3 state=active
              parley call conversation/history '{"conversationId":"conv_1"}'
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Argument(help: "The method, such as conversation/list.")
    var method: String

    @Argument(help: "Its params: JSON, - or name=value …")
    var params: [String] = []

    func run() throws {
        try reporting { () throws(CommandFailure) in
            let params = try makeParams()
            try LocalClient.serving(storeOptions.place) { client throws(CommandFailure) in
                var writer = JSONWriter()
                writer.value(try client.request(Text(method), params))
                writer.endLine()
                printBytes(writer.bytes)
            }
        }
    }

    private func makeParams() throws(CommandFailure) -> JSONFragment {
        if params.isEmpty { return .emptyObject }
        if params == ["-"] { return try parse(try readInput(), from: "stdin") }
        if params.count == 1, params[0].first == "{" { return try parse(Array(params[0].utf8), from: "the params") }
        var members = Members()
        for param in params {
            guard let equals = param.firstIndex(of: "=") else {
                throw CommandFailure("invalidParams: `\(param)` is neither JSON nor name=value")
            }
            let name = Text(String(param[..<equals]))
            members[name] = value(String(param[param.index(after: equals)...]), of: name)
        }
        return JSONFragment { $0.object(members) }
    }

    private func parse(_ bytes: [UInt8], from place: String) throws(CommandFailure) -> JSONFragment {
        do throws(JSONSyntaxError) {
            return JSONFragment(try JSON.parse(bytes))
        } catch {
            throw CommandFailure("parseError: \(place): \(error.reason) (byte \(error.offset))")
        }
    }

    /// A string where the method says that it takes one there; JSON where it is JSON; else a string.
    private func value(_ text: String, of name: Text) -> JSONFragment {
        let declared = MethodTable.shared.methods.first { $0.name.description == method }?
            .parameters.all.first { $0.name.description == name.description }
        if declared?.schema["type"] != .string("string"), let json = try? JSON.parse(Array(text.utf8)) {
            return JSONFragment(json)
        }
        return .string(text)
    }
}

/// All of stdin.
func readInput() throws(CommandFailure) -> [UInt8] {
    do throws(FileFault) {
        return try readAll(0)
    } catch {
        throw CommandFailure("invalidParams: stdin can't be read: \(error)")
    }
}
