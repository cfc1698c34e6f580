import ArgumentParser
import ParleyHost

/// `parley serve` as the option parser sees it; what it does is in Serving.swift.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the protocol on stdin and stdout (what `parley` alone does).")

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: "After the end of input, give turns at most this many seconds.")
    var drainSeconds: Double?

    @Flag(inversion: .prefixedNo, help: "Begin a request when the one before it is answered, its turn included.")
    var inOrder: Bool?

    @Flag(
        help: """
            Answer the same input with the same bytes: ids count up, the clock begins with 2026, delays take no time. \
            Implies --in-order.
            """)
    var deterministic = false

    @Option(help: "How much goes to stderr: error, warning, info or debug.")
    var logLevel: LogLevel = .warning

    func validate() throws {
        if let drainSeconds, !ServeOptions.drainTimes.contains(drainSeconds) {
            throw ValidationError("--drain-seconds must be a number from 0 to 1000000000.")
        }
    }

    var options: ServeOptions {
        var options = ServeOptions()
        options.store = storeOptions.store
        options.config = storeOptions.config
        options.durability = storeOptions.durability
        options.drainSeconds = drainSeconds
        options.isInOrder = inOrder
        options.isDeterministic = deterministic
        options.logLevel = logLevel
        options.isExplicit = CommandLine.arguments.contains("serve")
        return options
    }

    func run() { options.runAsCommand() }
}

extension LogLevel: ExpressibleByArgument {}
extension HostOptions.Durability: ExpressibleByArgument {}
