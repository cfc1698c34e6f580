import Agents
import JSONRPC
import Jansson

/// Where the profiles of users come from.
package enum Profiles: Sendable {
    /// The path of a file of profiles (schemas/profiles.schema.json), which is read for each profile, so that a change
    /// of it counts at once.
    case file(String)
    case plugin(Hook)
}

extension Host {
    /// Gets a user's profile: an object. The error is `profileUnavailable`.
    func load(
        _ profiles: Profiles, _ userId: Text, _ conversationId: Text,
        then: @escaping @Sendable (isolated Host, Result<JSONFragment, RPCError>) -> Void
    ) {
        switch profiles {
        case .file(let path):
            runAside {
                Result { () throws(RPCError) in try profile(of: userId, in: path) }
            } then: { host, outcome in
                then(host, outcome)
            }
        case .plugin(let hook):
            let params = JSONFragment {
                $0.beginObject()
                $0.member("userId", userId)
                $0.member("conversationId", conversationId)
                $0.endObject()
            }
            ask(hook, "profile/load", params) { host, result in
                then(host, Result { () throws(RPCError) in try profile(of: userId, in: result) })
            }
        }
    }
}

/// May take long; safe on any thread.
private func profile(of userId: Text, in path: String) throws(RPCError) -> JSONFragment {
    let profiles: JSON
    do throws(FileFault) { profiles = try JSON.load(path) } catch {
        throw .profileUnavailable("The profiles can't be read from \(path): \(error).", userId)
    }
    guard profiles.isObject else {
        throw .profileUnavailable("\(path) must hold an object of profiles, not \(profiles.article).", userId)
    }
    guard let profile = profiles.members.first(where: { $0.name.elementsEqual(userId.utf8) })?.value else {
        throw .profileUnavailable("There is no profile of the user `\(userId)` in \(path).", userId)
    }
    guard profile.isObject else {
        throw .profileUnavailable(
            "The profile of the user `\(userId)` in \(path) must be an object, not \(profile.article).", userId)
    }
    return JSONFragment(profile)
}

private func profile(of userId: Text, in answer: Result<JSON, AgentFailure>) throws(RPCError) -> JSONFragment {
    switch answer {
    case .failure(let failure):
        throw .profileUnavailable("The profile of the user `\(userId)` can't be loaded: \(failure.message)", userId)
    case .success(let answer):
        if let profile = answer["profile"], profile.isObject { return JSONFragment(profile) }
        throw .profileUnavailable(
            "The profile of the user `\(userId)` can't be loaded: the plugin answered without a `profile`, an object.",
            userId)
    }
}

extension RPCError {
    static func profileUnavailable(_ sentence: String, _ userId: Text) -> RPCError {
        RPCError(.profileUnavailable, sentence, [("userId", .shown(userId))])
    }
}
