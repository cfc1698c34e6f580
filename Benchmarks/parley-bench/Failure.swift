import Glibc

/// Why a run is worth nothing, for a person to read.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ doing: String, errno: CInt) {
        description = "\(doing): \(String(cString: strerror(errno)))"
    }
}

/// What goes on, on standard error.
enum Progress {
    static func say(_ text: String) {
        Output.write("parley-bench: \(text)\n", to: STDERR_FILENO)
    }
}

enum Output {
    /// Nobody can be told when standard output itself is gone, so a failure ends the attempt in silence.
    static func write(_ text: String, to descriptor: CInt = STDOUT_FILENO) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let wrote = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if wrote < 0 && errno != EINTR { return }
            rest = rest.dropFirst(max(0, wrote))
        }
    }
}
