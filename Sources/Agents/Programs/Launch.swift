import CProcesses
import Glibc

/// A process that was started, with our ends of its pipes, none of which blocks.
struct Launch {
    let process: pid_t
    let input: Int32
    let output: Int32
    let error: Int32
    /// Readable when the process has ended.
    let end: Int32

    /// Starts a program. It dies with the calling thread.
    ///
    /// - Throws: a failure of the kind `unavailable`.
    init(_ program: Program) throws(AgentFailure) {
        let path = try program.path()
        let input = try Pipe(ours: 1)
        defer { close(input.ends.0) }
        let output: Pipe
        let error: Pipe
        do throws(AgentFailure) { output = try Pipe(ours: 0) } catch {
            close(input.ends.1)
            throw error
        }
        defer { close(output.ends.1) }
        do throws(AgentFailure) { error = try Pipe(ours: 0) } catch {
            close(input.ends.1)
            close(output.ends.0)
            throw error
        }
        defer { close(error.ends.1) }
        let process = Self.spawn(program, path, input.ends.0, output.ends.1, error.ends.1)
        let number = errno
        let end = process > 0 ? linux_process_descriptor(process) : -1
        let endNumber = errno
        if process > 0, end < 0 {
            // A kernel before 5.3, or no descriptors left: it could not be told when it ends.
            kill(-process, SIGKILL)
            waitpid(process, nil, 0)
        }
        guard end >= 0 else {
            for descriptor in [input.ends.1, output.ends.0, error.ends.0] { close(descriptor) }
            throw .unavailable(program.command[0], String(cString: strerror(process > 0 ? endNumber : number)))
        }
        self.process = process
        self.input = input.ends.1
        self.output = output.ends.0
        self.error = error.ends.0
        self.end = end
    }

    private struct Pipe {
        let ends: (Int32, Int32)

        init(ours: Int32) throws(AgentFailure) {
            var pair: [Int32] = [-1, -1]
            if linux_pipe(&pair, ours) != 0 {
                throw AgentFailure(.unavailable, "No pipe can be made: \(String(cString: strerror(errno))).")
            }
            ends = (pair[0], pair[1])
        }
    }

    private static func spawn(
        _ program: Program, _ path: String, _ input: Int32, _ output: Int32, _ error: Int32
    ) -> pid_t {
        withCStrings(program.command) { arguments in
            withCStrings(program.variables) { variables in
                path.withCString { path in
                    program.folder.withCString { folder in
                        var request = linux_program(
                            path: path, arguments: arguments, environment: variables,
                            folder: program.folder.isEmpty ? nil : folder, input: input, output: output, error: error)
                        return linux_spawn(&request)
                    }
                }
            }
        }
    }

    /// A list of C strings with a null behind it.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { list in
            // Never empty: it ends with the null.
            list.baseAddress.map(body) ?? withUnsafePointer(to: nil, body)
        }
    }
}
