import DequeModule
import Glibc
import Threads

/// Where answers go.
package protocol LineSink: Sendable {
    /// Takes whole lines, each with its end. Never blocks. False where so much waits by now that no more should be
    /// made; the sink then says when there is room again.
    func send(_ lines: [UInt8]) -> Bool

    /// Whether all that was sent has been taken. Where it was not, the sink says so once it is: what can be put together
    /// until then should be.
    func isIdle() -> Bool
}

/// Writes lines to a descriptor, on a thread of its own where the reader is slow.
package final class LineOutput: LineSink {
    /// Bytes that may wait before the host takes no more requests: a client may write many before it reads an answer.
    package static let highWaterMark = 64 << 20

    private struct State {
        var waiting: Deque<[UInt8]> = []
        /// Of `waiting` and of what is being written.
        var bytes = 0
        var isWriting = false
        /// Nobody reads: everything is dropped from here on.
        var isClosed = false
        var hasThread = false
        /// Whether somebody was told that there is no room, and waits for some.
        var isAwaited = false
        /// Whether somebody was told that not all was taken, and waits for that.
        var isIdleAwaited = false
    }

    private let descriptor: Int32
    private let onClose: @Sendable () -> Void
    private let onRoom: @Sendable () -> Void
    private let onIdle: @Sendable () -> Void
    private let state = Monitor(State())

    /// - Parameters:
    ///   - onClose: called once, on any thread, when a write finds that nobody reads.
    ///   - onRoom: called on any thread when there is room again after `send` said that there was none.
    ///   - onIdle: called on any thread when all was taken after `isIdle` said that it was not.
    package init(
        descriptor: Int32, onClose: @escaping @Sendable () -> Void, onRoom: @escaping @Sendable () -> Void,
        onIdle: @escaping @Sendable () -> Void = {}
    ) {
        self.descriptor = descriptor
        self.onClose = onClose
        self.onRoom = onRoom
        self.onIdle = onIdle
    }

    package func isIdle() -> Bool {
        state.withLock { state in
            if state.isClosed || !state.isWriting && state.waiting.isEmpty { return true }
            state.isIdleAwaited = true
            return false
        }
    }

    package func send(_ lines: [UInt8]) -> Bool {
        let written = state.withLock { state in
            if state.isClosed { return true }
            return !state.isWriting && state.waiting.isEmpty && writesAtOnce(lines)
        }
        if written { return true }
        let (startsThread, hasRoom) = state.broadcasting { state in
            state.waiting.append(lines)
            state.bytes += lines.count
            defer { state.hasThread = true }
            state.isAwaited = state.bytes > Self.highWaterMark
            return (!state.hasThread, !state.isAwaited)
        }
        if startsThread {
            _ = Thread(name: "parley-writer") { [state, descriptor, onClose, onRoom, onIdle] in
                while Self.writeWaiting(state, to: descriptor, onRoom, onIdle) {}
                onClose()
                onRoom()
                onIdle()
            }
        }
        return hasRoom
    }

    /// Waits for lines and writes them. False when nobody reads any more.
    private static func writeWaiting(
        _ state: Monitor<State>, to descriptor: Int32, _ onRoom: @Sendable () -> Void, _ onIdle: @Sendable () -> Void
    ) -> Bool {
        let lines = state.wait { state -> [UInt8]? in
            guard let lines = state.waiting.popFirst() else { return nil }
            state.isWriting = true
            return lines
        }
        let isOpen = write(lines, to: descriptor)
        let (makesRoom, isIdle) = state.broadcasting { state in
            state.isWriting = false
            state.bytes -= lines.count
            if !isOpen {
                state.isClosed = true
                state.waiting = []
                state.bytes = 0
            }
            // Half a mark's worth at a time, so that the two threads don't take turns for every line.
            let makesRoom = isOpen && state.isAwaited && state.bytes <= highWaterMark / 2
            if makesRoom { state.isAwaited = false }
            let isIdle = state.isIdleAwaited && state.waiting.isEmpty
            if isIdle { state.isIdleAwaited = false }
            return (makesRoom, isIdle)
        }
        if makesRoom { onRoom() }
        if isIdle { onIdle() }
        return isOpen
    }

    /// Blocks until everything sent was written, or nobody reads any more.
    package func drain() {
        state.wait { ($0.waiting.isEmpty && !$0.isWriting) || $0.isClosed ? () : nil }
    }

    /// Blocks until nobody reads any more, without writing: for the time after the last request.
    package func waitUntilClosed() {
        var watched = pollfd(fd: descriptor, events: 0, revents: 0)
        while poll(&watched, 1, -1) < 0, errno == EINTR {}
    }

    /// Handing a line to the writer's thread costs more than writing a short one. A pipe that polls as writable takes
    /// PIPE_BUF (4,096) bytes in one piece (pipe(7)), so this does not block.
    private func writesAtOnce(_ lines: [UInt8]) -> Bool {
        if lines.count > 4096 { return false }
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 0) == 1, ready.revents == Int16(POLLOUT) else { return false }
        let count = lines.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count == lines.count { return true }
        // A short write happens on a terminal or a full disk; the rest must not be lost or doubled.
        if count > 0 { return Self.write(Array(lines[count...]), to: descriptor) }
        return false
    }

    /// Whether everything was written; false where nobody reads, or the disk behind a file is full.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
