import JSONRPC
import Jansson

/// All that was found out about a plugin.
package struct Report: Sendable {
    package let command: [String]
    package let findings: [Finding]
    /// The last that the plugin wrote on stderr.
    package let errors: String

    package init(command: [String], findings: [Finding], errors: String = "") {
        self.command = command
        self.findings = findings
        self.errors = errors
    }

    package var isOK: Bool { count(.short) == 0 }

    package func count(_ outcome: Finding.Outcome) -> Int { findings.count { $0.outcome == outcome } }

    /// "12 checks passed, 2 fell short, 3 not tried"
    package var summary: String {
        let (passed, short, skipped) = (count(.ok), count(.short), count(.skipped))
        var parts = ["\(passed) check\(passed == 1 ? "" : "s") passed"]
        if short > 0 { parts.append("\(short) fell short") }
        if skipped > 0 { parts.append("\(skipped) not tried") }
        return parts.joined(separator: ", ")
    }

    /// {command, checks: [{name, outcome, detail}], ok}
    package var json: JSONFragment {
        JSONFragment { writer in
            writer.beginObject()
            writer.key("command")
            writer.value(.strings(command))
            writer.key("checks")
            writer.beginArray()
            for finding in findings {
                writer.beginObject()
                writer.key("name")
                writer.string(finding.check.rawValue)
                writer.key("outcome")
                writer.string(finding.outcome.rawValue)
                writer.key("detail")
                writer.string(finding.detail)
                writer.endObject()
            }
            writer.endArray()
            writer.key("ok")
            writer.boolean(isOK)
            writer.endObject()
        }
    }
}
