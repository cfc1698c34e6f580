import Jansson

/// Texts that programs get wrong. An agent may refuse some of them, but not all, and none may end it.
extension Trial {
    /// letters, U+0000, 1 MiB
    mutating func tryTexts() {
        attempt(.letters, Question.letters, "emoji, combining letters, U+2028, quotes and line ends", mayRefuse: false)
        attempt(.nul, Question.nul, "U+0000", mayRefuse: true)
        attempt(.longText, Question.long, "1 MiB of text", mayRefuse: true)
    }

    private mutating func attempt(_ check: Check, _ text: Text, _ what: String, mayRefuse: Bool) {
        guard let run = process(for: check), let question = mainQuestion(for: check, text) else { return }
        switch ask(question, of: run) {
        case .answered: ok(check, "It answers \(what).")
        case .excused(let sentence): skip(check, sentence)
        case .refused where mayRefuse || main == .loadProfile:
            ok(check, "It answers \(what) with an error, which will do.")
        case .refused(let error):
            short(check, "It answers \(what) with the error `\(error.text)`; all of that may be in a message.")
        case .wrong(let clause): short(check, "Given \(what): \(clause).")
        }
    }
}
