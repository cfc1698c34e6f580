import ArgumentParser
import Glibc
import JSONRPC
import Jansson
import Journal
import Logging
import ParleyHost

/// Where conversations are kept and what answers: options that every command with a host has.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store's folder (else $PARLEY_HOME, else ~/.local/share/parley).")
    var store: String?

    @Option(help: "The config file (else $PARLEY_CONFIG, else ~/.config/parley/parley.json where there is one).")
    var config: String?

    @Option(help: "When an answer may go out: fsync (the disk has it) or os (the kernel has it).")
    var durability: HostOptions.Durability = .fsync

    /// Opens the store and reads the config.
    ///
    /// - Throws: exit code 2 for a bad config, 1 for a store that can't be opened; one line on stderr says why.
    func makeHost(
        sink: any LineSink, loop: HostLoop, environment: HostEnvironment, drainSeconds: Double? = nil, log: Logger,
        onFinish: @escaping @Sendable () -> Void
    ) throws -> Host {
        let (configuration, path) = try loadConfiguration(environment)
        let directory: StoreDirectory
        do throws(StoreError) {
            directory = try StoreDirectory(path: try storePath())
        } catch {
            throw CommandFailure(.failure, "storeFailed: \(RPCError(listing: error).message)")
        }
        if let warning = directory.warning { log.warning("\(warning)") }
        var options = HostOptions()
        options.durability = durability
        options.version = Parley.version
        options.configPath = path
        options.userId = configuration.userId ?? Self.loginName
        options.welcome = configuration.welcome ?? options.welcome
        options.drainSeconds = drainSeconds
        let host = Host(
            options: options, store: directory, agents: configuration.registry, loop: loop, output: sink, log: log,
            onFinish: onFinish)
        loop.start(host)
        return host
    }

    private func loadConfiguration(_ environment: HostEnvironment) throws -> (Configuration, path: String?) {
        var path = config ?? Environment["PARLEY_CONFIG"]
        if path == nil, let home = Environment.home {
            let usual = "\(home)/.config/parley/parley.json"
            if access(usual, F_OK) == 0 { path = usual }
        }
        guard let path else { return (.builtIn, nil) }
        do throws(ConfigurationError) {
            return (try Configuration.load(path, environment: environment), path)
        } catch {
            throw CommandFailure(ExitCode(2), "config: \(error)")
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

extension HostOptions.Durability: ExpressibleByArgument {}

/// The process's environment variables; an empty one counts as unset.
enum Environment {
    static subscript(name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    static var home: String? {
        self["HOME"] ?? getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) }
    }
}

/// A command's failure: what to say on stderr and how to exit.
struct CommandFailure: Error {
    let code: ExitCode
    let message: String

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Says it and turns it into the exit.
    func exit() -> ExitCode {
        printBytes((message + "\n").utf8, to: 2)
        return code
    }
}
