import ArgumentParser
import Glibc

/// A command's failure: one line for stderr, as `kind: message`, and the exit status.
struct CommandFailure: Error {
    let message: String
    let status: Int32

    init(_ message: String, status: Int32 = 1) {
        self.message = message
        self.status = status
    }
}

extension ParsableCommand {
    /// Runs a command's work; what it throws is said on stderr and becomes the exit status.
    func reporting(_ work: () throws(CommandFailure) -> Void) throws {
        do throws(CommandFailure) {
            try work()
        } catch {
            printBytes((error.message + "\n").utf8, to: 2)
            throw ExitCode(error.status)
        }
    }
}

/// Writes bytes to stdout, or stderr, as they are.
func printBytes(_ bytes: some Collection<UInt8>, to descriptor: Int32 = 1) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
    }
}
