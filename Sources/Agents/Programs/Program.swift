import Glibc
import Jansson
import Logging

/// A program that is an agent or a hook, as a config names it.
package struct Program: Hashable, Sendable {
    /// The program and its arguments; at least one word, none with a NUL.
    package let command: [String]
    /// Where it runs, and what a word with a `/` counts from; empty for this process's folder.
    package let folder: String
    /// Names of the variables that are handed down to it besides the usual ones.
    package let environment: [String]

    package init(command: [String], folder: String = "", environment: [String] = []) {
        self.command = command
        self.folder = folder
        self.environment = environment
    }

    /// What every program gets of this process's environment: who the user is, where things are, how text is written.
    private static let usualVariables = [
        "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER",
    ]

    /// Which of the variables that it asks for are not set here.
    package var missingVariables: [String] { environment.filter { getenv($0) == nil } }

    /// Editors start programs with few variables, and then nobody knows why an agent lacks its key.
    func warnOfMissingVariables(for name: Text, _ log: Logger) {
        for variable in missingVariables {
            log.warning("the environment variable `\(variable)`, which `\(name)` is to get, is not set")
        }
    }

    /// `NAME=value`, each name once.
    var variables: [String] {
        var seen: Set<String> = []
        return (Self.usualVariables + environment).compactMap { name in
            guard seen.insert(name).inserted, let value = getenv(name) else { return nil }
            return "\(name)=\(String(cString: value))"
        }
    }

    /// The file to run.
    ///
    /// - Throws: a failure of the kind `unavailable` where there is none that could be run.
    package func path() throws(AgentFailure) -> String {
        let word = command.first ?? ""
        if word.contains("/") {
            let path = word.hasPrefix("/") || folder.isEmpty ? word : "\(folder)/\(word)"
            if let reason = Self.obstacle(path) { throw .unavailable(word, reason) }
            return path
        }
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        for folder in folders.split(separator: ":") {
            let path = "\(folder)/\(word)"
            // It runs elsewhere, from where another folder of that name would count.
            if Self.obstacle(path) == nil { return path.hasPrefix("/") ? path : "\(Self.currentFolder)/\(path)" }
        }
        throw .unavailable(word, "it is in no folder of `PATH` (\(folders))")
    }

    private static var currentFolder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    /// Why a file can't be run; nil where it can.
    private static func obstacle(_ path: String) -> String? {
        var facts = stat()
        if stat(path, &facts) != 0 { return String(cString: strerror(errno)) }
        if facts.st_mode & S_IFMT != S_IFREG { return "it is no file" }
        return access(path, X_OK) == 0 ? nil : "it may not be run (`chmod +x` lets it)"
    }
}

extension AgentFailure {
    static let noThread = AgentFailure(
        .unavailable, "There can be no more threads or descriptors for programs; try again when fewer run.")

    static func unavailable(_ command: String, _ reason: String) -> AgentFailure {
        AgentFailure(.unavailable, "The command `\(command)` can't be started: \(reason).")
    }
}
