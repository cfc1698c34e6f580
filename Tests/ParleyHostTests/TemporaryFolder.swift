import Foundation
import Testing

/// A folder of its own for a test, which goes with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "parley-host-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        // As programs see it, whatever links lead there.
        let real = try #require(realpath(place.path, nil))
        defer { free(real) }
        path = String(cString: real)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// - Parameter mode: who may do what with it, as with chmod(2).
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
        try #require(chmod("\(path)/\(name)", mode) == 0)
    }
}
