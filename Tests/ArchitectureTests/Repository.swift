import Foundation

/// The project's files, as the tests find them from their own place.
enum Repository {
    struct File: Sendable {
        /// From the project's folder.
        let path: String
        let text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// What is built, fetched or left behind by tools, and not written by hand.
    private static let generated: Set<String> = [
        ".build", ".git", "Package.resolved", "__pycache__", ".pytest_cache", ".DS_Store",
    ]

    /// All text files under a folder of the project; of the whole project for "".
    static func files(in folder: String) throws -> [File] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(atPath: start.path).sorted().flatMap { name -> [File] in
            if generated.contains(name) { return [] }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            let place = root.appending(path: path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else { return [] }
            if isFolder.boolValue { return try files(in: path) }
            guard let text = String(data: try Data(contentsOf: place), encoding: .utf8) else { return [] }
            return [File(path: path, text: text)]
        }
    }

    static func sources() throws -> [File] { try files(in: "Sources") }
    static func swiftSources() throws -> [File] { try sources().filter { $0.path.hasSuffix(".swift") } }
}
