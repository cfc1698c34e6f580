import AsyncHTTPClient
import Glibc
import ModelServers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The way to a server: straight, or through a proxy.
struct Connection: Sendable {
    let client: HTTPClient
    /// What a request's path is put behind.
    let origin: String
    /// What every request has besides its own headers.
    let headers: [(name: String, value: String)]
    /// Who can't be reached where a connection fails, for people.
    let name: String

    init(to base: ServerURL) throws(PluginError) {
        let proxy = try Self.proxy(for: base)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: base.scheme == "https" ? try Self.trust() : nil, redirectConfiguration: .disallow,
            // What takes how long otherwise is the host's to decide.
            timeout: .init(connect: .seconds(10)))
        // Each request has a connection of its own, which is closed when the request is cancelled.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 10_000
        // Requests are sent again here, and everything about a failure is told.
        configuration.connectionPool.retryConnectionEstablishment = false
        name = proxy.map { "`\(base.authority)` through the proxy `\($0.authority)`" } ?? "`\(base.authority)`"
        if let proxy, proxy.kind == .http, base.scheme == "http" {
            // The client knows proxies only as tunnels, which few proxies dig to a port of plain HTTP.
            origin = "http://\(proxy.authority)"
            headers = [("Host", base.authority)]
            let authorization = proxy.authorization?.headerValue
            configuration.http1_1ConnectionDebugInitializer = { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let encoder = try pipeline.handler(type: HTTPRequestEncoder.self)
                    let handler = WholeAddresses(origin: base.origin, authorization: authorization)
                    try pipeline.addHandler(handler, position: .after(encoder))
                }
            }
        } else {
            origin = base.origin
            headers = []
            configuration.proxy = proxy.map {
                switch $0.kind {
                case .http: .server(host: $0.host, port: $0.port, authorization: $0.authorization)
                case .socks: .socksServer(host: $0.host, port: $0.port)
                }
            }
        }
        client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            configuration: configuration)
    }

    private static func proxy(for base: ServerURL) throws(PluginError) -> ProxyRules.Proxy? {
        do throws(URLFault) {
            return try ProxyRules(environment: variable).proxy(for: base)
        } catch {
            throw .unavailable("The server `\(base.authority)` can't be reached: \(error).")
        }
    }

    /// The system's certificates, and those that `SSL_CERT_FILE` names.
    private static func trust() throws(PluginError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        guard let path = variable("SSL_CERT_FILE") else { return configuration }
        do {
            configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
        } catch {
            throw .unavailable("`SSL_CERT_FILE` names `\(path)`, from which no certificates can be read.")
        }
        return configuration
    }
}

/// A variable's value; nil where it is not set, or empty.
func variable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
}

extension ProxyRules.Proxy {
    fileprivate var authorization: HTTPClient.Authorization? {
        user.map { .basic(username: $0, password: password) }
    }
}

/// Puts the whole address into the first line of each request: what a proxy for plain HTTP wants
/// (RFC 9112, section 3.2.2).
private final class WholeAddresses: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let origin: String
    private let authorization: String?

    init(origin: String, authorization: String?) {
        self.origin = origin
        self.authorization = authorization
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var part = unwrapOutboundIn(data)
        if case .head(var head) = part {
            head.uri = origin + head.uri
            if let authorization { head.headers.replaceOrAdd(name: "Proxy-Authorization", value: authorization) }
            part = .head(head)
        }
        context.write(wrapOutboundOut(part), promise: promise)
    }
}
