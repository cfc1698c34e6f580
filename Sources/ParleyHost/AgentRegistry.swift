import Agents
import DequeModule
import Jansson

/// The agents of a host by their ids, in the order in which the config names them.
package final class AgentRegistry: Sendable {
    package struct Entry: Sendable {
        package var id: Text
        package var name: Text
        package var agent: any Agent
        package var organizationId: Text?
        package var projectId: Text?
        package var concurrency: Int
        package var timeouts: Timeouts
        package var window: Window

        package init(
            id: Text, name: Text, agent: any Agent, organizationId: Text? = nil, projectId: Text? = nil,
            concurrency: Int = 1000, timeouts: Timeouts = Timeouts(), window: Window = Window()
        ) {
            self.id = id
            self.name = name
            self.agent = agent
            self.organizationId = organizationId
            self.projectId = projectId
            self.concurrency = concurrency
            self.timeouts = timeouts
            self.window = window
        }
    }

    /// How much of a history an agent is given as messages.
    package struct Window: Sendable {
        package var messages = 50
        /// As they are estimated.
        package var tokens = 16_000

        package init() {}
    }

    /// Until a reply begins, between two pieces of it, and all in all. In seconds; nil for no limit.
    package struct Timeouts: Sendable {
        package var firstToken: Double?
        package var idle: Double?
        package var total: Double?

        package init(firstToken: Double? = nil, idle: Double? = nil, total: Double? = nil) {
            self.firstToken = firstToken
            self.idle = idle
            self.total = total
        }

    }

    package let entries: [Entry]
    package let defaultAgent: Text

    /// - Parameter entries: at least one; the default agent is among them.
    package init(entries: [Entry], defaultAgent: Text) {
        self.entries = entries
        self.defaultAgent = defaultAgent
    }
}

/// An agent with the executions that it has and that wait for it. It belongs to the host's executor.
final class RegisteredAgent {
    let entry: AgentRegistry.Entry
    private var executions = 0
    private var waiting: Deque<() -> Void> = []

    var id: Text { entry.id }
    var agent: any Agent { entry.agent }
    var timeouts: AgentRegistry.Timeouts { entry.timeouts }

    init(_ entry: AgentRegistry.Entry) { self.entry = entry }

    /// Whether there is a place for one more execution; `proceed` is what `releaseSlot` hands out when there is one.
    func takeSlot(for proceed: @escaping () -> Void) -> Bool {
        if executions < entry.concurrency {
            executions += 1
            return true
        }
        waiting.append(proceed)
        return false
    }

    /// Frees a place, and answers with whose turn it is now: that one has the place.
    func releaseSlot() -> (() -> Void)? {
        if let next = waiting.popFirst() { return next }
        executions -= 1
        return nil
    }
}
