import AsyncHTTPClient
import Glibc
import Jansson
import ModelServers
import NIOCore
import NIOHTTP1

/// A model server: sends it requests, again where that may help, and reads its replies.
struct ModelServer: Sendable {
    /// Takes pieces of a reply as they come; returns when there is room for more.
    typealias Tell = @Sendable ([Piece]) async -> Void

    private let settings: ServerSettings
    private let connection: Result<Connection, PluginError>
    private let key: KeyRing

    init(_ settings: ServerSettings) {
        self.settings = settings
        connection = Result { () throws(PluginError) in try Connection(to: settings.base) }
        key = KeyRing(settings.key)
    }

    func execute(_ execution: Execution, tell: Tell) async throws(PluginError) -> Reply {
        let connection = try connection.get()
        let key = try await key.key()
        let words = ServerWords(key: key)
        let request = connection.request(ModelRequest(execution, to: settings, key: key))
        let schedule = RetrySchedule(firstPause: settings.retryPause)
        var failures = 0
        while true {
            let failure: RequestFailure
            switch try await attempt(request, over: connection, words, tell) {
            case .success(let reply): return reply
            case .failure(let reason): failure = reason
            }
            failures += 1
            if failure.status == 401 { await self.key.forget() }
            guard failure.isPassing, let pause = schedule.pause(after: failures, retryAfter: failure.retryAfter) else {
                throw failure.error(after: failures)
            }
            log("\(failure.clause) (trying again in \(pause) s)")
            do { try await Task.sleep(for: .seconds(pause)) } catch { throw .cancelled }
        }
    }

    /// - Returns: a failure where the same request may be sent again, for nothing was told of a reply.
    private func attempt(
        _ request: HTTPClientRequest, over connection: Connection, _ words: ServerWords, _ tell: Tell
    ) async throws(PluginError) -> Result<Reply, RequestFailure> {
        let response: HTTPClientResponse
        do {
            response = try await connection.client.execute(request, deadline: .distantFuture)
        } catch {
            if Task.isCancelled { throw .cancelled }
            return .failure(RequestFailure(error, connection.name, words))
        }
        if (200..<300).contains(response.status.code) { return try await read(response.body, words, tell) }
        let message = words.message(of: await Self.beginning(of: response.body))
        if Task.isCancelled { throw .cancelled }
        return .failure(RequestFailure(response, message, connection.name, words))
    }

    /// What an error's message is looked for in.
    private static func beginning(of body: HTTPClientResponse.Body) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                bytes += chunk.readableBytesView
                if bytes.count > 64 << 10 { break }
            }
        } catch {
            // What came tells more than why no more did.
        }
        return bytes
    }

    private func read(
        _ body: HTTPClientResponse.Body, _ words: ServerWords, _ tell: Tell
    ) async throws(PluginError) -> Result<Reply, RequestFailure> {
        var reader = ReplyReader(settings.api, words)
        var isWhole = true
        var hasBegun = false
        do {
            var chunks = body.makeAsyncIterator()
            while !reader.isComplete {
                let chunk: ByteBuffer?
                do { chunk = try await chunks.next() } catch { (chunk, isWhole) = (nil, false) }
                if Task.isCancelled { throw PluginError.cancelled }
                let pieces =
                    try chunk.map { try reader.take(Array($0.readableBytesView)) }
                    ?? reader.finish(isWhole: isWhole)
                hasBegun = hasBegun || !pieces.isEmpty
                await tell(pieces)
                if chunk == nil { return .success(reader.reply) }
            }
            Self.drain(chunks)
            return .success(reader.reply)
        } catch let error as ReplyFault {
            if !isWhole, !hasBegun, error == .cut { return .failure(RequestFailure(error)) }
            throw .failed(error.message)
        } catch {
            throw .cancelled
        }
    }

    /// Reads what follows the last word of a reply, which is nothing as a rule but the end of the answer: only then
    /// can the connection be used again. A server that goes on loses it.
    private static func drain(_ chunks: sending HTTPClientResponse.Body.AsyncIterator) {
        let reading = Task {
            var chunks = chunks
            while try await chunks.next() != nil {}
        }
        Task {
            try? await Task.sleep(for: .seconds(1))
            reading.cancel()
        }
    }
}

extension Connection {
    fileprivate func request(_ request: ModelRequest) -> HTTPClientRequest {
        var whole = HTTPClientRequest(url: origin + request.path)
        whole.method = .POST
        for (name, value) in headers + request.headers { whole.headers.add(name: name, value: value) }
        whole.headers.add(name: "User-Agent", value: "parley/\(Plugin.version)")
        whole.body = .bytes(request.body)
        return whole
    }
}
