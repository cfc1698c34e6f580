import Agents
import Jansson

/// How it leaves, and, since that needs another process anyway, what that one says to a host that is newer.
extension Trial {
    /// end of input, nothing left, more members, SIGTERM
    mutating func tryLeaving() {
        tryEndOfInput()
        tryMoreMembers()
        tryTermination()
    }

    private mutating func tryEndOfInput() {
        guard let run = process(for: .endOfInput) else {
            skip(.nothingLeft, "No process was there to leave.")
            return
        }
        let right = "the end of input means to leave, within a second and with status 0"
        switch run.endInput() {
        case .stayed:
            short(.endOfInput, "It was still there a second after the end of its input; \(right).")
            skip(.nothingLeft, "It had to be killed.")
        case .left(let end, let leftovers):
            if case .exited(0) = end {
                ok(.endOfInput, "It leaves with status 0.")
            } else {
                short(.endOfInput, "It \(end.sentence); \(right).")
            }
            if leftovers.isEmpty {
                ok(.nothingLeft, "Its process group is empty when it has left.")
            } else {
                short(
                    .nothingLeft,
                    "A second after it had left, \(leftovers.joined(separator: ", ")) still ran; hosts kill what is left."
                )
            }
        }
    }

    private mutating func tryMoreMembers() {
        guard let run = begin(for: .moreMembers, hasMore: true) else { return }
        guard let main else {
            ok(.moreMembers, "In `initialize` they are passed over; it answers nothing else that could be asked.")
            return
        }
        let right = "members that it doesn't know are passed over, newer hosts may send some"
        switch ask(question(main), of: run, hasMore: true) {
        case .excused(let sentence): skip(.moreMembers, sentence)
        case .refused(let error) where main != .loadProfile:
            short(
                .moreMembers,
                "With more of them in `\(main.rawValue)` it answers with the error `\(error.text)`; \(right).")
        case .answered, .refused: ok(.moreMembers, "Members that it doesn't know are passed over.")
        case .wrong(let clause): short(.moreMembers, "With more of them in `\(main.rawValue)`: \(clause); \(right).")
        }
    }

    private mutating func tryTermination() {
        guard let run = process(for: .terminated) else { return }
        switch run.terminate() {
        case .stayed: short(.terminated, "It was still there a second after SIGTERM, which means to leave.")
        case .left: ok(.terminated, "It leaves.")
        }
    }
}
