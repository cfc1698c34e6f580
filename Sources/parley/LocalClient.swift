import Glibc
import JSONRPC
import Jansson
import Logging
import ParleyHost
import Threads

/// A host in this process that a command sends its requests to: the way of a request is that of any client.
final class LocalClient {
    private let loop: HostLoop
    private let sink = ReceivedLines()
    private let environment: HostEnvironment
    private let isDone = Monitor(false)
    private var requests = 0

    /// Has a host do what `body` asks of it. Returns when the host is done with what that set going, such as plugins
    /// that look at a reply once it was answered, and the programs that were started for it are gone.
    static func serving<Result>(
        _ place: StorePlace, _ body: (LocalClient) throws(CommandFailure) -> Result
    ) throws(CommandFailure) -> Result {
        let client = try LocalClient(place)
        defer { client.leave() }
        return try body(client)
    }

    private init(_ place: StorePlace) throws(CommandFailure) {
        signal(SIGPIPE, SIG_IGN)
        let signals = TerminationSignals()
        let loop = HostLoop(clock: SystemClock())
        var log = Logger(label: "parley", factory: { StreamLogHandler.standardError(label: $0) })
        log.logLevel = .warning
        self.loop = loop
        environment = HostEnvironment(loop: loop, log: log)
        let host = try place.makeHost(
            sink: sink, loop: loop, environment: environment, log: log
        ) { [isDone] in isDone.broadcasting { $0 = true } }
        loop.start(host)
        signals.end(loop)
    }

    private func leave() {
        loop.post { $0.inputEnded(failure: nil) }
        isDone.wait { $0 ? () : nil }
        environment.programs.end()
    }

    /// Sends one request and waits for its result.
    ///
    /// - Parameters:
    ///   - params: an object.
    ///   - progress: told how far it has come, where the method tells that.
    ///   - notified: told what else comes on the way: a method and its params.
    /// - Throws: `CommandFailure` with `kind: message` where it is answered with an error.
    func request(
        _ method: Text, _ params: JSONFragment, progress: ((_ done: Int, _ total: Int) -> Void)? = nil,
        notified: ((Text, JSON) -> Void)? = nil
    ) throws(CommandFailure) -> JSON {
        requests += 1
        var line = JSONWriter()
        line.beginObject()
        line.key("jsonrpc")
        line.string("2.0")
        line.key("id")
        line.integer(requests)
        line.key("method")
        line.string(method)
        line.key("params")
        if progress == nil {
            line.value(params)
        } else {
            var members = Members((try? JSON.parse(params.bytes)))
            members["_meta"] = JSONFragment {
                $0.beginObject()
                $0.key("progressToken")
                $0.integer(requests)
                $0.endObject()
            }
            line.object(members)
        }
        line.endObject()
        loop.receive(LineBatch(bytes: line.bytes, lines: [.text(0..<line.count)]))
        var answer = try? JSON.parse(sink.next())
        while let method = answer?["method"]?.text {
            if let params = answer?["params"] {
                if let done = params["progress"]?.integer, let total = params["total"]?.integer {
                    progress?(Int(done), Int(total))
                } else {
                    notified?(method, params)
                }
            }
            answer = try? JSON.parse(sink.next())
        }
        if let result = answer?["result"] { return result }
        guard let answer else {
            throw CommandFailure("internalError: the answer is no JSON that can be read; `parley verify` may tell why")
        }
        let error = answer["error"]
        let kind = error?["data"]?["kind"]?.text?.description ?? "internalError"
        var sentence = "\(kind): \(error?["message"]?.text?.description ?? "no answer came")"
        // What a program said before it failed tells more than how it ended.
        if let said = error?["data"]?["stderr"]?.text?.description {
            sentence += said.split(separator: "\n").suffix(8).map { "\n  \($0)" }.joined()
        }
        throw CommandFailure(sentence)
    }
}
