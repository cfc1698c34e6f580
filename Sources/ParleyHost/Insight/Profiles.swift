import JSONRPC
import Jansson

/// Where the profiles of users come from: schemas/profiles.schema.json.
package struct Profiles: Sendable {
    /// A file that is read for each profile, so that a change of it counts at once.
    package let path: String

    package init(path: String) { self.path = path }

    /// A user's profile: an object. May take long; safe on any thread.
    ///
    /// - Throws: `profileUnavailable`.
    func profile(of userId: Text) throws(RPCError) -> JSONFragment {
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
}

extension RPCError {
    static func profileUnavailable(_ sentence: String, _ userId: Text) -> RPCError {
        RPCError(.profileUnavailable, sentence, [("userId", .shown(userId))])
    }
}
