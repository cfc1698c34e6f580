import Glibc
import Jansson

/// The rules that a scripted agent answers by: schemas/script.schema.json in memory.
package struct Script: Sendable {
    package struct Rule: Sendable {
        package let pattern: Text
        package let hold: Hold
        /// What is said of the reply before the hold; only with one.
        package let partial: Text?
        /// A response may have places to be filled: see Template.
        package let outcome: AgentOutcome
        private let template: Template?

        package init(pattern: Text, hold: Hold = .none, partial: Text? = nil, outcome: AgentOutcome) {
            self.pattern = pattern
            self.hold = hold
            self.partial = partial
            self.outcome = outcome
            template = if case .replied(let reply) = outcome { Template(reply.response) } else { nil }
        }

        fileprivate var needs: AgentNeeds { template?.needs ?? [] }

        func outcome(for request: AgentRequest) -> AgentOutcome {
            guard case .replied(var reply) = outcome, let template else { return outcome }
            reply.response = template.filled(with: request)
            return .replied(reply)
        }
    }

    /// What a rule's outcome waits for.
    package enum Hold: Sendable {
        case none
        case delay(seconds: Double)
        case gate(Text)
    }

    private let rules: [Rule]
    let needs: AgentNeeds

    package init(rules: [Rule]) {
        self.rules = rules
        needs = rules.reduce([]) { $0.union($1.needs) }
    }

    /// The first rule whose pattern, a wildcard as in fnmatch(3), fits the whole prompt; ASCII letters in either case.
    package func rule(for prompt: Text) -> Rule? {
        // fnmatch takes C strings: a U+0000 in the prompt counts as a space.
        let subject = prompt.utf8.map { $0 == 0 ? 0x20 : $0 }
        return rules.first { rule in
            Self.withCString(rule.pattern.utf8) { pattern in
                Self.withCString(subject) { fnmatch(pattern, $0, Self.foldsCase) == 0 }
            }
        }
    }

    /// FNM_CASEFOLD of fnmatch.h, which hides it behind _GNU_SOURCE.
    private static let foldsCase: Int32 = 1 << 4

    private static func withCString<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { chars in
                // Never empty: it ends with the NUL.
                chars.baseAddress.map(body) ?? "".withCString(body)
            }
        }
    }
}
