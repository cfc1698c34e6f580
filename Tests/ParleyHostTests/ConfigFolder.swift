import Foundation
import Logging
import ParleyHost

/// A folder with a config and what stands beside it.
struct ConfigFolder {
    let folder: TemporaryFolder
    let environment = HostEnvironment(
        loop: HostLoop(clock: FakeClock()), log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))

    init() throws { folder = try TemporaryFolder() }

    func load(_ config: String) throws -> Configuration {
        try folder.write("parley.json", config)
        return try Configuration.load("\(folder.path)/parley.json", environment: environment)
    }

    /// What is wrong with a config, without the folder's name; nil where nothing is.
    func problem(_ config: String) -> String? {
        do {
            _ = try load(config)
            return nil
        } catch {
            return without(folder: "\(error)")
        }
    }

    func without(folder text: String) -> String { text.replacing(folder.path + "/", with: "") }
}
