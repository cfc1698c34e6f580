import Logging
import Testing
import Threads

/// A log that keeps its lines: "warning: …".
final class LoggedLines: Sendable {
    private let lines = Monitor<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    /// Waits for a line, and answers with it.
    func line(at location: SourceLocation = #_sourceLocation, _ fits: (String) -> Bool) throws -> String {
        let all = try lines.value(at: location) { $0.contains(where: fits) }
        return all.first(where: fits) ?? ""
    }

    var logger: Logger { logger(.info) }

    func logger(_ level: Logger.Level) -> Logger {
        Logger(label: "test", factory: { _ in Handler(lines: self, logLevel: level) })
    }

    private struct Handler: LogHandler {
        let lines: LoggedLines
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.lines.broadcasting { $0.append("\(event.level): \(event.message)") } }
    }
}
