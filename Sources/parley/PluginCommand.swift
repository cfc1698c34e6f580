import Agents
import ArgumentParser
import Conformance
import Glibc
import JSONRPC
import Jansson
import ParleyHost

/// `parley plugin`: for those who write plugins.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Try plugins out.", subcommands: [CheckPlugin.self])
}

struct CheckPlugin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try a plugin out, and tell where it doesn't keep to the protocol.",
        discussion: """
            The command is run as a config would run it in this folder, and asked what hosts ask: docs/plugins.md. An \
            agent is asked some ten times, once with 1 MiB of text. The exit status is 1 where anything falls short, \
            and 2 where the command line can't be taken.

              parley plugin check python3 agent.py
              parley plugin check --environment API_KEY --settings '{"tone":"kind"}' ./agent --verbose
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("A variable that is handed down to the plugin; may be given again.", valueName: "NAME"))
    var environment: [String] = []

    @Option(help: ArgumentHelp("An object that the plugin is told at its start.", valueName: "JSON"))
    var settings = "{}"

    @Option(
        help: ArgumentHelp(
            "Seconds to wait for each answer; for that to `initialize` six times as long.", valueName: "SECONDS"))
    var patience = 10.0

    @Flag(help: "Print {command, checks: [{name, outcome: ok, short or skipped, detail}], ok} as JSON.")
    var json = false

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The program and its arguments, behind all options.", valueName: "COMMAND"))
    var command: [String] = []

    /// The exit status where a command line can't be taken.
    static let badCommandLine: Int32 = 2

    func run() throws {
        // All that isn't an option from here is taken for the command, this one too.
        if let first = command.first, ["--help", "-h"].contains(first) { throw CleanExit.helpRequest(self) }
        var isOK = false
        try reporting { () throws(CommandFailure) in isOK = try check() }
        if !isOK { throw ExitCode(1) }
    }

    private func check() throws(CommandFailure) -> Bool {
        let program = Program(command: try words(), environment: environment)
        let settings = try parsedSettings()
        if !(0.1...3600).contains(patience) {
            throw Self.refusal("`--patience \(patience)` is not between 0.1 and 3600.")
        }
        for name in program.missingVariables {
            printBytes("`\(name)` is not set here, so the plugin doesn't get it.\n".utf8, to: 2)
        }
        // A plugin may close its stdin.
        signal(SIGPIPE, SIG_IGN)
        let bar = ProgressBar("checking")
        var trial = Trial(program, settings: settings, version: HostOptions().version, patience: patience) {
            bar.show($0, of: $1)
        }
        let report = trial.carryOut()
        bar.clear()
        if json {
            printBytes(report.json.bytes + [0x0A])
        } else {
            let width = Terminal.width
            printBytes(report.text(width: width, isColored: isatty(1) != 0 && getenv("NO_COLOR") == nil).utf8)
        }
        return report.isOK
    }

    /// The command, without the `--` that may stand before it.
    private func words() throws(CommandFailure) -> [String] {
        if command.first == "--", command.count > 1 { return Array(command.dropFirst()) }
        guard let first = command.first, first != "--" else {
            throw Self.refusal(
                "There is nothing to check: name the plugin's command, as in `parley plugin check python3 agent.py`.")
        }
        if first.hasPrefix("-") {
            throw Self.refusal("There is no option `\(first)`; a command that is called so goes behind `--`.")
        }
        return command
    }

    private func parsedSettings() throws(CommandFailure) -> JSONFragment {
        let json: JSON
        do throws(JSONSyntaxError) { json = try JSON.parse(Array(settings.utf8)) } catch {
            throw Self.refusal("`--settings` takes a JSON object: \(error.reason) (byte \(error.offset)).")
        }
        if !json.isObject { throw Self.refusal("`--settings` takes a JSON object; this is \(json.article).") }
        return JSONFragment(json)
    }

    private static func refusal(_ message: String) -> CommandFailure { CommandFailure(message, status: badCommandLine) }
}
