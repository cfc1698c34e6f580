import ArgumentParser
import Glibc
import JSONRPC
import Logging
import ParleyHost
import Threads

/// `parley`, `parley serve`: the host on stdin and stdout.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the protocol on stdin and stdout (what `parley` alone does).")

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: "After the end of input, give turns at most this many seconds.")
    var drainSeconds: Double?

    @Option(help: "How much goes to stderr: error, warning, info or debug.")
    var logLevel: Logger.Level = .warning

    func run() throws {
        if isatty(0) != 0, !CommandLine.arguments.contains("serve") {
            print(Self.howToBegin)
            return
        }
        do {
            try serve()
        } catch let failure as CommandFailure {
            throw failure.exit()
        }
    }

    private static let howToBegin = """
        parley speaks JSON-RPC 2.0 on stdin and stdout, for editors and scripts. To begin here:

          parley send --new 'Hello there'      ask the agent; the reply is printed
          parley send -c 'And then?'           go on with the same conversation
          parley call conversation/list        any method, its result as JSON
          parley --help                        everything else

        (`parley serve` waits for requests typed here, one a line.)
        """

    private func serve() throws {
        signal(SIGPIPE, SIG_IGN)
        raiseFileLimit()
        let signals = blockTerminationSignals()
        let stderr = StderrLog()
        var log = Logger(label: "parley", factory: { _ in stderr.handler })
        log.logLevel = logLevel
        let finished = Monitor(false)
        let loop = HostLoop(clock: SystemClock())
        let environment = HostEnvironment(loop: loop)
        let streams: ProtocolDescriptors
        do throws(StandardStreamsError) {
            streams = try ProtocolDescriptors.claimStandardStreams()
        } catch {
            throw CommandFailure(.failure, "\(error)")
        }
        let output = LineOutput(descriptor: streams.output) { loop.post { $0.outputClosed() } }
        let host = try storeOptions.makeHost(
            sink: output, loop: loop, environment: environment, drainSeconds: drainSeconds, log: log
        ) {
            finished.broadcasting { $0 = true }
        }
        handle(signals, loop)
        _ = LineReader(descriptor: streams.input, limit: Limits.lineBytes) { input in
            switch input {
            case .lines(let batch):
                output.waitForRoom()
                loop.receive(batch)
            case .end(let failure):
                loop.post { $0.inputEnded(failure: failure) }
                output.waitUntilClosed()
                loop.post { $0.outputClosed() }
            }
        }
        withExtendedLifetime(host) { finished.wait { $0 ? () : nil } }
        output.drain()
        stderr.flush()
    }

    /// Many conversations are many files. Children would get the old limit back.
    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Must come before the first thread is made: threads inherit the mask.
    private func blockTerminationSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        return signals
    }

    /// The first signal cancels turns and lets the host drain; the second leaves at once.
    private func handle(_ signals: sigset_t, _ loop: HostLoop) {
        _ = Thread(name: "parley-signals") {
            var signals = signals
            var number: Int32 = 0
            sigwait(&signals, &number)
            loop.post { $0.terminate() }
            sigwait(&signals, &number)
            _exit(128 + number)
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
