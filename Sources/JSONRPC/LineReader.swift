import Glibc
import Threads

/// What a reader tells, in order.
package enum LineInput: Sendable {
    case lines(LineBatch)
    /// Nothing more will come. `failure` where reading failed rather than ended.
    case end(failure: String?)
}

/// Reads lines from a descriptor on a thread of its own.
///
/// Reads block: the descriptor may be a plain file, which epoll refuses, and switching it to non-blocking would switch
/// it for whoever else holds it.
package struct LineReader: Sendable {
    private let thread: Thread

    /// - Parameter deliver: called on the reader's thread; reading goes on when it returns, so blocking in it is how
    ///   the input is slowed down.
    package init(descriptor: Int32, limit: Int, deliver: @escaping @Sendable (LineInput) -> Void) {
        thread = Thread(name: "parley-reader") {
            var framer = LineFramer(limit: limit)
            var outcome = ReadOutcome.bytes(0)
            repeat {
                let batch = framer.take(space: Self.blockBytes) { space in
                    outcome = Self.read(descriptor, into: space)
                    return outcome.count
                }
                if let batch { deliver(.lines(batch)) }
            } while outcome.count > 0
            if let rest = framer.finish() { deliver(.lines(rest)) }
            deliver(.end(failure: outcome.failure))
        }
    }

    /// A Linux pipe holds as much.
    private static let blockBytes = 64 << 10

    private enum ReadOutcome {
        /// 0 at the end of the input.
        case bytes(Int)
        case failed(Int32)

        var count: Int {
            if case .bytes(let count) = self { count } else { 0 }
        }

        var failure: String? {
            if case .failed(let number) = self { String(cString: strerror(number)) } else { nil }
        }
    }

    private static func read(_ descriptor: Int32, into space: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        while true {
            let count = Glibc.read(descriptor, space.baseAddress, space.count)
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN:  // The parent made it non-blocking.
                var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&ready, 1, -1)
            default: return .failed(errno)
            }
        }
    }
}
