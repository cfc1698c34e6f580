import Agents
import Glibc
import JSONRPC
import Logging
import ParleyHost
import Threads

/// The host on stdin and stdout.
extension ServeOptions {
    /// Serves until everything is answered, and exits.
    func runAsCommand() -> Never {
        if isatty(0) != 0, !isExplicit {
            printBytes(Self.howToBegin.utf8)
            exit(0)
        }
        do throws(CommandFailure) {
            try serve()
            exit(0)
        } catch {
            printBytes((error.message + "\n").utf8, to: 2)
            exit(error.status)
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

    private func serve() throws(CommandFailure) {
        signal(SIGPIPE, SIG_IGN)
        // Many conversations are many files.
        Programs.raiseFileLimit()
        let signals = TerminationSignals()
        let stderr = StderrLog()
        var log = Logger(label: "parley", factory: { _ in stderr.handler })
        log.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .warning
        let clock = isDeterministic ? VirtualClock(skips: true) : nil
        let loop = HostLoop(clock: clock ?? SystemClock())
        let streams: ProtocolDescriptors
        do throws(StandardStreamsError) {
            streams = try ProtocolDescriptors.claimStandardStreams()
        } catch {
            throw CommandFailure("\(error)")
        }
        let output = LineOutput(
            descriptor: streams.output, onClose: { loop.post { $0.outputClosed() } },
            onRoom: { loop.post { $0.outputHasRoom() } }, onIdle: { loop.post { $0.outputIsIdle() } })
        let environment = HostEnvironment(loop: loop, log: log)
        let place = StorePlace(store: store, config: config, durability: durability)
        let host = try place.makeHost(
            sink: output, loop: loop, environment: environment, determinism: clock, inOrder: isInOrder,
            drainSeconds: drainSeconds, log: log
        ) { loop.stop() }
        signals.end(loop)
        _ = LineReader(descriptor: streams.input, limit: Limits.lineBytes) { input in
            switch input {
            case .lines(let batch): loop.receive(batch)
            case .end(let failure):
                loop.postBehindLines { $0.inputEnded(failure: failure) }
                output.waitUntilClosed()
                loop.post { $0.outputClosed() }
            }
        }
        loop.run(host)
        output.drain()
        environment.programs.end()
        stderr.flush()
    }
}
