import ArgumentParser
import Jansson
import Logging
import ParleyHost

/// `parley config`: the file that names the agents.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at a config: the file that names the agents.",
        subcommands: [CheckConfig.self])
}

struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell what is wrong with a config, and what its agents lack.",
        discussion: """
            Without a FILE it is the config that `parley` would take. The exit status is 2 for a config that can't be \
            taken, 1 where a command, a file or a variable is missing. Nothing is started.
            """)

    @Flag(help: "Print {path?, defaultAgent, agents [{id, name, kind}], missing [{path, message}]} as JSON.")
    var json = false

    @Argument(help: "The config.", completion: .file(extensions: ["json"]))
    var file: String?

    func run() throws {
        try reporting { () throws(CommandFailure) in
            let report = try ConfigReport(file)
            if json { printBytes(JSONFragment { $0.report(report) }.bytes + [0x0A]) } else { report.print() }
            if !report.missing.isEmpty { throw CommandFailure("config: \(report.summary)") }
        }
    }
}

private struct ConfigReport {
    let path: String?
    let configuration: Configuration
    /// Where in the config, and what.
    let missing: [(place: String, sentence: String)]

    init(_ file: String?) throws(CommandFailure) {
        let log = Logger(label: "parley", factory: { _ in SwiftLogNoOpLogHandler() })
        let environment = HostEnvironment(loop: HostLoop(clock: SystemClock()), log: log)
        (configuration, path) = try StorePlace(store: nil, config: file, durability: .os).loadConfiguration(environment)
        missing = configuration.requirements.flatMap { requirement in
            requirement.obstacles.map { (requirement.place, $0) }
        }
    }

    var summary: String {
        missing.count == 1 ? "one thing is missing" : "\(missing.count) things are missing"
    }

    func print() {
        printBytes("\(path ?? "There is no config: the echo agent alone is built in.")\n\n".utf8)
        var table = Table(["agent", "kind", "", ""])
        for entry in configuration.agents {
            let place = "agents.\(entry.id)"
            let lacks = missing.contains { $0.place == place || $0.place.hasPrefix("\(place).") }
            table.add([
                entry.id.description, entry.agent.kind.rawValue,
                entry.id == configuration.defaultAgent ? "default" : "", lacks ? "lacks something" : "ok",
            ])
        }
        printBytes("\(table.text)\n".utf8)
        if !missing.isEmpty { printBytes([0x0A]) }
        for (place, sentence) in missing { printBytes("\(place): \(sentence)\n".utf8) }
    }
}

extension JSONWriter {
    fileprivate mutating func report(_ report: ConfigReport) {
        beginObject()
        member("path", report.path.map { Text($0) })
        member("defaultAgent", report.configuration.defaultAgent)
        key("agents")
        beginArray()
        for entry in report.configuration.agents {
            beginObject()
            member("id", entry.id)
            member("name", entry.name)
            member("kind", Text(entry.agent.kind.rawValue))
            endObject()
        }
        endArray()
        key("missing")
        beginArray()
        for (place, sentence) in report.missing {
            beginObject()
            member("path", Text(place))
            member("message", Text(sentence))
            endObject()
        }
        endArray()
        endObject()
    }
}
