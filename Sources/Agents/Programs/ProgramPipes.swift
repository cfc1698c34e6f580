import Glibc

/// Our ends of a program's pipes, as its thread waits for them and reads them.
struct ProgramPipes {
    private var input: Int32
    private var output: Int32
    private var error: Int32
    private let end: Int32
    private let wake: Int32
    /// Whether there is something to write that it hasn't taken.
    var wantsToWrite = false
    private var readable: (output: Bool, error: Bool) = (false, false)
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(_ launch: Launch, wake: Int32) {
        input = launch.input
        output = launch.output
        error = launch.error
        end = launch.end
        self.wake = wake
    }

    var isOutputOpen: Bool { output >= 0 }

    /// Waits until something can be done, at most so long (-1 for ever). Whether the process has ended.
    mutating func wait(milliseconds: Int32) -> Bool {
        // A negative descriptor is passed over (poll(2)).
        var watched = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: end, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: error, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wantsToWrite ? input : -1, events: Int16(POLLOUT), revents: 0),
        ]
        readable = (false, false)
        if poll(&watched, nfds_t(watched.count), milliseconds) <= 0 { return false }
        if watched[0].revents != 0 {
            var count: UInt64 = 0
            Glibc.read(wake, &count, 8)
        }
        readable = (watched[2].revents != 0, watched[3].revents != 0)
        return watched[1].revents != 0
    }

    /// Reads what `wait` found, once each: neither may hold the other up.
    mutating func read(_ observer: ProgramObserver) {
        if readable.error { _ = Self.read(&error, &buffer, observer.error) }
        if readable.output { _ = Self.read(&output, &buffer, observer.output) }
    }

    /// Reads what is there still of a process that has ended. What left its group and holds its stdout could write for
    /// ever, so this ends when nothing is there right now, or after as much as a pipe may hold.
    mutating func drain(_ observer: ProgramObserver) {
        for _ in 0..<64 where Self.read(&error, &buffer, observer.error) {}
        for _ in 0..<64 where Self.read(&output, &buffer, observer.output) {}
    }

    /// Whether something was read. At its end the descriptor is closed.
    private static func read(_ descriptor: inout Int32, _ buffer: inout [UInt8], _ take: ([UInt8]) -> Void) -> Bool {
        if descriptor < 0 { return false }
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 {
            take(Array(buffer[..<count]))
            return true
        }
        if count == 0 || (errno != EAGAIN && errno != EINTR) {
            Glibc.close(descriptor)
            descriptor = -1
        }
        return false
    }

    /// As write(2).
    func write(_ bytes: UnsafeRawBufferPointer) -> Int { Glibc.write(input, bytes.baseAddress, bytes.count) }

    mutating func closeInput() {
        if input >= 0 { Glibc.close(input) }
        input = -1
        wantsToWrite = false
    }

    mutating func close() {
        closeInput()
        for descriptor in [output, error] where descriptor >= 0 { Glibc.close(descriptor) }
        output = -1
        error = -1
    }
}
