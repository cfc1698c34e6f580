import Glibc
import JSONRPC
import Jansson
import Logging
import ParleyHost
import Threads
import Transcripts

/// A host for one transcript: on a store of its own, in virtual time, on the calling thread.
final class HostStage: TranscriptStage {
    private let store: ScratchStore
    private let clock = VirtualClock(skips: false)
    private let loop: HostLoop
    private let environment: HostEnvironment
    private let host: Host
    private let received = ReceivedLines()
    private let isFinished = Monitor(false)

    /// Paths of the scene count from the current folder.
    init(_ scene: Transcript.Scene) throws(CommandFailure) {
        guard let options = ServeOptions(quickly: scene.options), options.isForScene else {
            throw CommandFailure(
                "The options `\(scene.options.joined(separator: " "))` can't be taken here: known are "
                    + "`--durability fsync`, `--durability os`, `--in-order` and `--no-in-order`.")
        }
        // A program that has left reads no more.
        signal(SIGPIPE, SIG_IGN)
        store = try ScratchStore(copying: scene.store)
        loop = HostLoop(clock: clock)
        let log = Logger(label: "parley", factory: { _ in SwiftLogNoOpLogHandler() })
        environment = HostEnvironment(loop: loop, log: log, hasGates: true)
        let place = StorePlace(
            store: store.path, config: scene.config, durability: options.durability, usesEnvironment: false)
        host = try place.makeHost(
            sink: received, loop: loop, environment: environment, determinism: clock, inOrder: options.isInOrder,
            log: log
        ) { [isFinished] in isFinished.withLock { $0 = true } }
    }

    deinit {
        // A program that has more to say than is taken would wait for ever.
        loop.stop()
        environment.programs.end()
    }

    func perform(_ stimulus: Stimulus) throws(StageFault) -> [[UInt8]] {
        if isFinished.withLock({ $0 }) {
            throw StageFault("The host has left after `shutdown`: nothing is taken any more.")
        }
        switch stimulus {
        case .send(let lines): send(lines)
        case .release(let gate): environment.release(gate)
        case .advance(let nanoseconds): advance(nanoseconds)
        }
        loop.settle(host)
        return received.take()
    }

    var pause: Int64? { loop.nextDeadline.map { max(1, $0 - clock.monotonic()) } }

    private func send(_ lines: [[UInt8]]) {
        var bytes: [UInt8] = []
        var places: [LineBatch.Line] = []
        for line in lines {
            places.append(line.count > Limits.lineBytes ? .tooLong : .text(bytes.count..<(bytes.count + line.count)))
            bytes += line + [0x0A]
        }
        loop.receive(LineBatch(bytes: bytes, lines: places))
    }

    /// Whatever is due on the way happens at its own time.
    private func advance(_ nanoseconds: Int64) {
        let (sum, overflows) = clock.monotonic().addingReportingOverflow(nanoseconds)
        let end = overflows ? .max : sum
        while let deadline = loop.nextDeadline, deadline <= end {
            clock.advance(to: deadline)
            loop.settle(host)
        }
        clock.advance(to: end)
    }
}

extension ServeOptions {
    /// Whether it says only what a transcript may: the rest is its own, or has no meaning there.
    fileprivate var isForScene: Bool {
        var rest = ServeOptions()
        rest.durability = durability
        rest.isInOrder = isInOrder
        return rest == self
    }
}
