import Agents
import JSONRPC
import Jansson

extension Trial {
    /// starts, initialize, capabilities
    mutating func tryBeginning() {
        let reply = start()
        if let failure = run?.startFailure {
            short(.starts, failure.message)
            giveUp("It could not be started.")
            return
        }
        ok(.starts, "`\(program.command[0])` runs.")
        switch reply {
        case .answer(.result(let result)):
            do throws(ShapeFault) {
                let introduction = try Introduction(result)
                ok(.initialize, "It is `\(introduction.name)`, version `\(introduction.version)`.")
                note(introduction.capabilities)
                return
            } catch {
                short(.initialize, "The result \(error.clause).")
            }
        case .answer(.error(let error)):
            short(.initialize, "It is answered with the error `\(error.text)`, which means that it can't begin.")
        case .nothing(let instead):
            short(.initialize, "It \(instead).")
        }
        giveUp("No host goes on after such an `initialize`.")
    }

    private mutating func note(_ names: [Text]) {
        capabilities = Capability.allCases.filter { names.contains(Text($0.rawValue)) }
        let known = Capability.allCases.map(\.rawValue) + ["initialize"]
        if let unknown = names.first(where: { !known.contains($0.description) }) {
            let closest = closestName(to: unknown.description, among: known)
            let hint =
                closest.map { "is it meant to be `\($0)`?" } ?? "known are \(known.dropLast().joined(separator: ", "))."
            short(.capabilities, "No host asks for `\(unknown.description.excerpt)`: \(hint)")
        } else if capabilities.isEmpty {
            short(.capabilities, "It claims nothing, so it is never asked anything.")
        } else {
            ok(.capabilities, "It claims \(capabilities.map { "`\($0.rawValue)`" }.joined(separator: ", ")).")
        }
    }
}
