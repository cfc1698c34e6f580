import Glibc

/// The two descriptors that the protocol goes over.
package struct ProtocolDescriptors: Sendable {
    package let input: Int32
    package let output: Int32

    /// Takes stdin and stdout away from everything else in the process: both become private, close-on-exec duplicates,
    /// fd 0 reads nothing and fd 1 goes to stderr, so that no stray `print` and no child can spoil the protocol.
    ///
    /// - Throws: a sentence where stdin or stdout is closed.
    package static func claimStandardStreams() throws(StandardStreamsError) -> ProtocolDescriptors {
        let input = fcntl(0, F_DUPFD_CLOEXEC, 3)
        if input < 0 {
            throw StandardStreamsError(description: "stdin is closed: there is nothing to read requests from")
        }
        let output = fcntl(1, F_DUPFD_CLOEXEC, 3)
        if output < 0 {
            throw StandardStreamsError(description: "stdout is closed: there is nowhere to write answers to")
        }
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nothing >= 0 else {
            throw StandardStreamsError(description: "/dev/null cannot be opened: \(String(cString: strerror(errno)))")
        }
        dup2(nothing, 0)
        // A closed stderr would let the next file that is opened become fd 2, and receive the log.
        if fcntl(2, F_GETFD) < 0 { dup2(nothing, 2) }
        dup2(2, 1)
        close(nothing)
        return ProtocolDescriptors(input: input, output: output)
    }
}

package struct StandardStreamsError: Error, CustomStringConvertible {
    package let description: String
}
