import AsyncHTTPClient
import Glibc
import ModelServers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why a try to send a request brought no reply.
struct RequestFailure: Error, Sendable {
    /// A sentence without its full stop, and without the key.
    let clause: String
    /// Whether the same request may do better another time.
    let isPassing: Bool
    /// Seconds that the server asked to wait.
    let retryAfter: Double?
    /// Nil where no answer came.
    let status: Int?
    /// Whether the key or the server is what is missing.
    let isUnavailable: Bool

    /// An answer that is no reply.
    init(_ response: HTTPClientResponse, _ message: String, _ name: String, _ words: ServerWords) {
        let status = Int(response.status.code)
        self.status = status
        // 407 is a proxy's.
        isUnavailable = [401, 403, 407].contains(status)
        isPassing = RetrySchedule.isPassing(status)
        retryAfter = response.headers.first(name: "Retry-After").flatMap {
            RetrySchedule.seconds(of: $0, now: time(nil))
        }
        if (300..<400).contains(status), let place = response.headers.first(name: "Location") {
            let shown = words.excerpt(Array(place.utf8))
            clause = "The server answered \(status) and points to `\(shown)`: `baseUrl` must be where it answers itself"
        } else if status == 407 {
            clause = "The server \(name) can't be reached: \(Self.reason(HTTPClientError.proxyAuthenticationRequired))"
        } else {
            clause = "The server answered \(status)" + (message.isEmpty ? "" : ": \(message)")
        }
    }

    /// A connection that broke before the first piece of a reply came.
    init(_ fault: ReplyFault) {
        status = nil
        isUnavailable = false
        isPassing = true
        retryAfter = nil
        clause = fault.message
    }

    /// A connection that could not be made, or broke before an answer came.
    init(_ error: any Error, _ name: String, _ words: ServerWords) {
        status = nil
        isUnavailable = true
        retryAfter = nil
        // A proxy that doesn't know us won't the next time.
        isPassing = (error as? HTTPClientError) != .proxyAuthenticationRequired
        clause = "The server \(name) can't be reached: \(words.withoutKey(Self.reason(error)))"
    }

    /// - Parameter tries: how often the request was sent.
    func error(after tries: Int) -> PluginError {
        let stop = clause.last.map { ".…!?".contains($0) } == true ? "" : "."
        let message = clause + stop + (tries > 1 ? " It was tried \(tries) times." : "")
        return isUnavailable ? .unavailable(message) : .failed(message)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let one = error.connectionErrors.first { return reason(one.error) }
            let unknown = (error.dnsAError ?? error.dnsAAAAError).map(reason)
            return "its name is not known" + (unknown.map { " (\($0))" } ?? "")
        case let error as SocketAddressError.UnknownHost: return error.errorDescription
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as HTTPClientError: return reason(error)
        case let error as ChannelError: return reason(error)
        case let error as NIOSSLError: return reason(error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "its certificate is for another name"
        default: return "\(error)"
        }
    }

    private static func reason(_ error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout:
            "there was no connection within 10 seconds"
        case .tlsHandshakeTimeout: "there was no TLS handshake within 10 seconds"
        case .remoteConnectionClosed: "it closed the connection without an answer"
        case .proxyAuthenticationRequired: "the proxy wants a name and a password, or others"
        case .invalidProxyResponse: "the proxy refused the connection"
        default: error.shortDescription.lowercased()
        }
    }

    private static func reason(_ error: NIOSSLError) -> String {
        // BoringSSL's errors are told by names behind this mark.
        let text = "\(error)"
        let name = text.firstRange(of: "OPENSSL_internal:").map { text[$0.upperBound...].prefix { $0 != " " } } ?? ""
        return switch name {
        case "CERTIFICATE_VERIFY_FAILED":
            "its certificate is not trusted; `SSL_CERT_FILE` can name a file with others that are"
        case "WRONG_VERSION_NUMBER": "it doesn't speak TLS there; is its address one of `http://`?"
        case "": "TLS failed"
        default: "TLS failed: \(name.lowercased().replacing("_", with: " "))"
        }
    }

    private static func reason(_ error: ChannelError) -> String {
        switch error {
        case .connectTimeout: "there was no connection within 10 seconds"
        case .ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed:
            "it closed the connection without an answer"
        default: "\(error)"
        }
    }
}
