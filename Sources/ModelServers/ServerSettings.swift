import Jansson

/// Which way a model server speaks.
package enum ServerAPI: String, CaseIterable, Sendable {
    case openai, anthropic
    case crafter = "llm-crafter"
}

/// What the plugin was told at its start: where the server is, and what is sent to it besides the messages.
package struct ServerSettings: Sendable {
    package let api: ServerAPI
    package let base: ServerURL
    /// Empty for llm-crafter, whose agents have a model of their own.
    package let model: Text
    package let key: KeySource?
    /// Members of the body, over those that we would send; null leaves one out.
    package let parameters: Members
    /// Of llm-crafter: organization, project and agent.
    package let place: [Text]
    /// Seconds before a request that failed is sent again for the first time.
    package let retryPause: Double

    /// - Throws: `SettingsFault`, which names the key.
    package init(_ settings: JSON?) throws(SettingsFault) {
        guard let settings, settings.isObject else { throw SettingsFault("settings", "must be an object") }
        let api = try Self.api(settings["api"])
        for (name, _) in settings.members where !api.keys.contains(where: { name.elementsEqual($0.utf8) }) {
            let known = api.keys.dropFirst(2).map { "`\($0)`" }.joined(separator: ", ")
            throw SettingsFault(
                String(decoding: name, as: UTF8.self), "is no key of a model server of this kind, which has \(known)")
        }
        self.api = api
        base = try Self.base(settings["baseUrl"], api)
        model = api == .crafter ? "" : try Self.text(settings["model"], "model")
        key = try settings["apiKey"].map { json throws(SettingsFault) in try KeySource(json) }
        parameters = try Self.parameters(settings["parameters"], api)
        retryPause = try Self.retryPause(settings["retryPause"])
        if api == .crafter {
            place = [
                try Self.text(settings["organizationId"], "organizationId"),
                try Self.text(settings["projectId"], "projectId"),
                try Self.text(settings["remoteAgentId"], "remoteAgentId"),
            ]
        } else {
            place = []
        }
    }

    private static func api(_ json: JSON?) throws(SettingsFault) -> ServerAPI {
        let name = json?.text?.description
        guard let api = name.flatMap(ServerAPI.init) else {
            let given = name.map { "is `\($0)`, and " } ?? ""
            throw SettingsFault("api", "\(given)must be \"openai\", \"anthropic\" or \"llm-crafter\"")
        }
        return api
    }

    private static func base(_ json: JSON?, _ api: ServerAPI) throws(SettingsFault) -> ServerURL {
        guard let text = try json.map({ json throws(SettingsFault) in try Self.text(json, "baseUrl") }) ?? api.base
        else {
            throw SettingsFault("baseUrl", "is missing: the address of the server, such as `https://crafter.example`")
        }
        do throws(URLFault) {
            let url = try ServerURL(text.description)
            guard ["http", "https"].contains(url.scheme) else {
                throw URLFault("begins with neither `http://` nor `https://`")
            }
            // It is shown in errors, so nothing that is secret may be in it.
            if url.user != nil { throw URLFault("has a name or a password in it: `apiKey` is the place for a key") }
            return url
        } catch {
            // What stands before an @ may be a secret.
            let shown = text.description.contains("@") ? "" : " `\(text)`"
            throw SettingsFault("baseUrl", "can't be taken:\(shown) \(error)")
        }
    }

    private static func parameters(_ json: JSON?, _ api: ServerAPI) throws(SettingsFault) -> Members {
        guard let json else { return Members() }
        guard json.isObject else { throw SettingsFault("parameters", "must be an object") }
        let own: [Text] = api == .anthropic ? ["model", "messages", "system"] : ["model", "messages"]
        let members = Members(json)
        if let taken = own.first(where: { members[$0] != nil }) {
            throw SettingsFault("parameters.\(taken)", "is not taken here: it is made from the agent and its messages")
        }
        return members
    }

    private static func retryPause(_ json: JSON?) throws(SettingsFault) -> Double {
        guard let json else { return RetrySchedule.usualPause }
        guard let seconds = json.number, seconds >= 0 else {
            throw SettingsFault("retryPause", "must be a number of seconds, 0 or more")
        }
        return seconds
    }

    private static func text(_ json: JSON?, _ name: String) throws(SettingsFault) -> Text {
        guard let json else { throw SettingsFault(name, "is missing") }
        guard let text = json.text, !text.isEmpty else {
            throw SettingsFault(name, "must be a string that isn't empty")
        }
        return text
    }
}

/// What is wrong with the settings.
package struct SettingsFault: Error, Sendable, CustomStringConvertible {
    /// Where in the settings: `parameters.model`.
    package let key: String
    /// One sentence for people, which names the key.
    package let description: String

    init(_ key: String, _ clause: String) {
        self.key = key
        description = "`\(key)` \(clause)."
    }
}

extension ServerAPI {
    /// `agentId` is what Parley calls the agent; nothing hangs on it here.
    fileprivate var keys: [String] {
        let all = ["api", "agentId", "baseUrl", "apiKey", "retryPause"]
        return all + (self == .crafter ? ["organizationId", "projectId", "remoteAgentId"] : ["model", "parameters"])
    }

    fileprivate var base: Text? {
        switch self {
        case .openai: "https://api.openai.com/v1"
        case .anthropic: "https://api.anthropic.com"
        case .crafter: nil
        }
    }
}
