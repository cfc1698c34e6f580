import ArgumentParser
import JSONRPC
import ParleyHost

/// The command. Without a subcommand it serves the protocol on stdin and stdout.
struct Parley: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley",
        abstract: "Conversations with agents, kept in flat files, over JSON-RPC on stdin and stdout.",
        discussion: """
            Editors and scripts start `parley` and write one JSON-RPC 2.0 request a line; it answers one line each. \
            Every conversation is one JSONL file in the store.

              parley send 'Hello there'        begin a conversation, print the reply
              parley send -c 'And then?'       go on with the last one
              parley call conversation/list    any method, its result as JSON
              parley <requests.jsonl           many requests, one a line
            """,
        version: HostOptions().version,
        subcommands: [
            Serve.self, Call.self, Send.self, Verify.self, Trash.self, TranscriptCommand.self,
            PluginCommand.self, ConfigCommand.self, Schema.self,
        ],
        defaultSubcommand: Serve.self)
}

extension Parley {
    /// As the option parser has it, but that `plugin check` tells bad command lines from bad plugins by its status.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            if CommandLine.arguments.dropFirst().starts(with: ["plugin", "check"]),
                exitCode(for: error) == .validationFailure
            {
                printBytes((fullMessage(for: error) + "\n").utf8, to: 2)
                exit(withError: ExitCode(CheckPlugin.badCommandLine))
            }
            exit(withError: error)
        }
    }

    /// What is wrong with a first word that is neither an option nor a command; without it the option parser would take
    /// the word for one too many of `serve`.
    static func complaint(about word: String) -> String? {
        let commands = configuration.subcommands.map { $0.configuration.commandName ?? "\($0)".lowercased() } + ["help"]
        if word.hasPrefix("-") || commands.contains(word) { return nil }
        if word.contains("/") { return "There is no command `\(word)`: methods are called by `parley call \(word)`." }
        let closest = closestName(to: word, among: commands)
        let hint = closest.map { "did you mean `parley \($0)`?" } ?? "`parley --help` tells all there are."
        return "There is no command `\(word)`: \(hint)"
    }
}
