import Jansson

extension Trial {
    /// A check for each method that it claims.
    mutating func tryCapabilities() {
        for capability in Capability.allCases {
            if capabilities.contains(capability) {
                attempt(capability)
                if main == nil, findings[capability.check]?.outcome == .ok { main = capability }
            } else {
                skip(capability.check, "It doesn't claim it.")
            }
        }
        if let executionObstacle { skip(.noConversation, executionObstacle) } else { tryWithoutConversation() }
    }

    private mutating func attempt(_ capability: Capability) {
        let check = capability.check
        guard let run = process(for: check) else { return }
        switch ask(question(capability), of: run) {
        case .answered: ok(check, "It answers with \(capability.shape).")
        case .excused(let sentence): skip(check, sentence)
        case .refused where capability == .loadProfile:
            ok(check, "It answers with an error, as it should for a user whom it doesn't know.")
        case .refused(let error):
            short(check, "It answers with the error `\(error.text)`, not with \(capability.shape).")
        case .wrong(let clause): short(check, "Asked for \(capability.shape): \(clause).")
        }
    }

    private mutating func tryWithoutConversation() {
        guard let run = process(for: .noConversation) else { return }
        var question = question(.execute)
        question.hasConversation = false
        let what = "`conversation` and `turnId`, which an execution may do without"
        switch ask(question, of: run) {
        case .answered: ok(.noConversation, "It answers without `conversation` and `turnId` too.")
        case .excused(let sentence): skip(.noConversation, sentence)
        case .refused(let error):
            short(.noConversation, "Without \(what), it answers with the error `\(error.text)`.")
        case .wrong(let clause): short(.noConversation, "Without \(what): \(clause).")
        }
    }

    /// What to ask where anything will do.
    ///
    /// - Returns: nil where it answers nothing well; the check is then told of as not tried.
    mutating func mainQuestion(for check: Check, _ text: Text? = nil) -> Question? {
        if let main { return question(main, text) }
        if capabilities.isEmpty {
            skip(check, "It claims nothing that could be asked.")
        } else if capabilities == [.execute], let executionObstacle {
            skip(check, executionObstacle)
        } else {
            skip(check, "Nothing that it claims is answered as it should be.")
        }
        return nil
    }
}

extension Capability {
    /// What is right, for a sentence.
    fileprivate var shape: String {
        switch self {
        case .execute: "a `response`"
        case .analyzeSentiment: "a `sentiment` and a `confidence`"
        case .extractTopics: "`topics`"
        case .buildContext: "a `context`"
        case .loadProfile: "a `profile`"
        }
    }
}
