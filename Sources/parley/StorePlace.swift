import Glibc
import JSONRPC
import Jansson
import Journal
import Logging
import ParleyHost

/// Which store, which config, and how durable: what every command with a host is told, or finds in its environment.
struct StorePlace {
    var store: String?
    var config: String?
    var durability: HostOptions.Durability
    /// Whether a config is looked for where none is named.
    var usesEnvironment = true

    /// Opens the store and reads the config.
    ///
    /// - Parameter determinism: the clock of a host that answers the same input with the same bytes.
    /// - Throws: with status 2 for a bad config, 1 for a store that can't be opened.
    func makeHost(
        sink: any LineSink, loop: HostLoop, environment: HostEnvironment, determinism clock: VirtualClock? = nil,
        inOrder: Bool? = nil, drainSeconds: Double? = nil, log: Logger, onFinish: @escaping @Sendable () -> Void
    ) throws(CommandFailure) -> Host {
        let (configuration, path) = try loadConfiguration(environment)
        let directory: StoreDirectory
        var options = HostOptions()
        options.userId = Self.loginName
        do throws(StoreError) {
            directory = try StoreDirectory(path: try storePath(), shown: clock == nil ? nil : ".")
            if let clock { options = try .deterministic(clock, directory) }
        } catch {
            throw CommandFailure("storeFailed: \(RPCError(listing: error).message)")
        }
        if let warning = directory.warning { log.warning("\(warning)") }
        options.durability = durability
        options.configPath = path
        options.userId = configuration.userId ?? options.userId
        options.welcome = configuration.welcome ?? options.welcome
        options.words = configuration.words
        options.profiles = configuration.profiles
        options.hooks = configuration.hooks
        options.drainSeconds = drainSeconds
        options.isInOrder = inOrder ?? options.isInOrder
        return Host(
            options: options, store: directory, agents: configuration.registry, loop: loop, output: sink, log: log,
            onFinish: onFinish)
    }

    /// - Throws: where there is no store, for commands that would find nothing in one that they make.
    func expectStore() throws(CommandFailure) {
        let path: String
        do throws(StoreError) { path = try storePath() } catch {
            throw CommandFailure("storeFailed: \(RPCError(listing: error).message)")
        }
        if access(path, F_OK) != 0 {
            throw CommandFailure("storeFailed: there is no store at \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// The store alone, for commands that need no host.
    func openStore() throws(CommandFailure) -> StoreDirectory {
        do throws(StoreError) {
            return try StoreDirectory(path: try storePath())
        } catch {
            throw CommandFailure("storeFailed: \(RPCError(listing: error).message)")
        }
    }

    /// Whose a conversation is where nothing else is said.
    func defaultOwner() throws(CommandFailure) -> (userId: Text, agentId: Text) {
        let (configuration, _) = try loadConfiguration(
            HostEnvironment(
                loop: HostLoop(clock: SystemClock()),
                log: Logger(label: "parley", factory: { _ in SwiftLogNoOpLogHandler() })))
        return (configuration.userId ?? Self.loginName, configuration.defaultAgent)
    }

    /// - Throws: with status 2 for a config that can't be taken.
    func loadConfiguration(
        _ environment: HostEnvironment
    ) throws(CommandFailure) -> (Configuration, path: String?) {
        var path = config
        if usesEnvironment { path = path ?? Environment["PARLEY_CONFIG"] }
        if path == nil, usesEnvironment, let home = Environment.home {
            let usual = "\(home)/.config/parley/parley.json"
            if access(usual, F_OK) == 0 { path = usual }
        }
        guard let path else { return (.builtIn, nil) }
        do throws(ConfigurationError) {
            return (try Configuration.load(path, environment: environment), path)
        } catch {
            throw CommandFailure("config: \(error)", status: 2)
        }
    }

    private func storePath() throws(StoreError) -> String {
        if let path = store ?? Environment["PARLEY_HOME"] { return path }
        guard let home = Environment.home else {
            throw .failed(SystemError(number: ENOENT, operation: "finding a home for the store (give --store)"))
        }
        return "\(home)/.local/share/parley"
    }

    private static var loginName: Text {
        if let name = Environment["LOGNAME"] ?? Environment["USER"] { return Text(name) }
        return getpwuid(getuid()).map { Text(String(cString: $0.pointee.pw_name)) } ?? "user"
    }
}

/// The process's environment variables; an empty one counts as unset.
private enum Environment {
    static subscript(name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    static var home: String? {
        self["HOME"] ?? getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) }
    }
}
