import Glibc
import Jansson
import ModelServers

/// The server's key: looked for when it is needed first, and kept.
actor KeyRing {
    private let source: KeySource?
    private var search: Task<Text, any Error>?

    init(_ source: KeySource?) { self.source = source }

    /// Nil where the server wants none.
    func key() async throws(PluginError) -> Text? {
        guard let source else { return nil }
        let search = self.search ?? Task { try await Self.key(from: source) }
        self.search = search
        do {
            return try await search.value
        } catch {
            // The next turn looks again: whoever reads this error may have put the key there by then.
            if self.search == search { self.search = nil }
            throw error as? PluginError ?? .unavailable("There is no key.")
        }
    }

    /// The server doesn't take the key: the next turn looks whether there is another one.
    func forget() { search = nil }

    private static func key(from source: KeySource) async throws(PluginError) -> Text {
        switch source {
        case .environment(let name):
            guard let value = variable(name) else {
                throw .unavailable(
                    "The key is missing: the variable `\(name)` is not set. Editors hand few variables down to the "
                        + "programs that they start; {\"file\": PATH} or {\"command\": […]} as `apiKey` works everywhere."
                )
            }
            return try key(in: Array(value.utf8), "the variable `\(name)`")
        case .file(let path):
            let bytes: [UInt8]
            do throws(FileFault) {
                bytes = try readFile(path)
            } catch {
                throw .unavailable("The key is missing: the file `\(path)` can't be read: \(error).")
            }
            return try key(in: bytes, "the file `\(path)`")
        case .command(let words):
            let name = "the command `\(words.joined(separator: " "))`"
            let bytes: [UInt8]
            do throws(CommandFault) {
                bytes = try await KeyCommand(words).output()
            } catch {
                throw .unavailable("The key is missing: \(name) \(error).")
            }
            return try key(in: bytes, name)
        }
    }

    private static func key(in bytes: [UInt8], _ place: String) throws(PluginError) -> Text {
        do throws(KeyFault) {
            return try KeySource.key(in: bytes)
        } catch {
            throw .unavailable("The key is missing: \(place) has none: \(error).")
        }
    }
}
