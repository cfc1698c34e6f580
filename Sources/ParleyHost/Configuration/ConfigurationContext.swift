import Agents
import Glibc
import JSONRPC
import Jansson

/// What a config is read in, and the programs that it has named so far.
final class ConfigurationContext {
    /// Where the config is: with a `/` at its end.
    let folder: String
    let environment: any AgentEnvironment
    /// What its agents and hooks need that may be missing.
    private(set) var requirements: [Requirement] = []
    private var plugins: [PluginKey: Plugin] = [:]

    private struct PluginKey: Hashable {
        let program: Program
        let settings: JSONFragment
    }

    /// - Parameter path: of the config.
    init(_ path: String, _ environment: any AgentEnvironment) {
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        self.environment = environment
    }

    /// Where a file is that the config names.
    func path(_ name: Text) -> String {
        name.utf8.first == UInt8(ascii: "/") ? name.description : folder + name.description
    }

    /// A program that runs in the config's folder.
    func program(_ place: String, _ command: [Text], _ environment: [Text]) -> Program {
        let absolute = realpath(folder.isEmpty ? "." : folder, nil)
        defer { free(absolute) }
        let program = Program(
            command: command.map(\.description), folder: absolute.map { String(cString: $0) } ?? "",
            environment: environment.map(\.description))
        require(place, .program(program))
        return program
    }

    /// The plugin of a program; the same for all that name it with the same settings.
    func plugin(_ name: Text, _ program: Program, settings: JSONFragment) -> Plugin {
        let key = PluginKey(program: program, settings: settings)
        if let known = plugins[key] { return known }
        let plugin = Plugin(name: name, program: program, settings: settings, environment: environment)
        plugins[key] = plugin
        return plugin
    }

    func require(_ place: String, _ need: Requirement.Need) {
        requirements.append(Requirement(place: place, need: need))
    }
}

/// Something outside of a config that it can't do without.
package struct Requirement: Sendable {
    package enum Need: Sendable {
        case program(Program)
        case file(String)
    }

    /// In the config: `agents.support`.
    package let place: String
    let need: Need

    /// What is missing now, in sentences.
    package var obstacles: [String] {
        switch need {
        case .file(let path):
            access(path, R_OK) == 0 ? [] : ["\(path) can't be read: \(String(cString: strerror(errno)))."]
        case .program(let program):
            missing(program) + program.missingVariables.map { "The environment variable `\($0)` is not set." }
        }
    }

    private func missing(_ program: Program) -> [String] {
        do throws(AgentFailure) {
            _ = try program.path()
            return []
        } catch {
            return [error.message]
        }
    }
}
