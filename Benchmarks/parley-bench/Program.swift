import Glibc

/// A program to start, with its arguments for a store.
struct Program {
    let path: String
    let pipeKibibytes: CInt
    /// What it finds beside its store: names and texts.
    var files: [(name: String, text: String)] = []
    let arguments: (_ store: String) -> [String]
}

/// Where the programs are: as asked, else beside this one, which is where a build puts them all.
struct Paths {
    private let parley: String
    private let floor: String
    private let bare: String
    private let pipeKibibytes: CInt

    init(parley: String?, floor: String?, bare: String?, pipeKibibytes: Int) throws {
        self.pipeKibibytes = CInt(pipeKibibytes)
        let folder = try Paths.ownFolder()
        self.parley = parley ?? folder + "/parley"
        self.floor = Paths.absolute(floor ?? folder + "/parley-floor")
        self.bare = bare ?? folder + "/parley-bare"
        for path in [self.parley, self.floor, self.bare] where access(path, X_OK) != 0 {
            throw Failure(
                "`\(path)` can't be run; build it, or say where it is (--parley, --floor, --bare)", errno: errno)
        }
    }

    func parley(_ durability: Durability) -> Program {
        program(parley) { ["--store", $0, "--durability", durability.rawValue] }
    }

    /// A host whose agent looks at the context, so that it is made, and answers as briefly as can be.
    var parleyWithToldAgent: Program {
        let script = #"{"rules":[{"pattern":"*","reply":"{context.message_count}"}]}"#
        var host = parley(.os, agent: #"{"kind":"scripted","script":"script.json"}"#)
        host.files.append(("script.json", script))
        return host
    }

    /// A host whose agent is the floor as a plugin, which takes a tenth of a second for each turn.
    func parleyWithPlugin(_ durability: Durability) -> Program {
        let path = floor.map { #"\""#.contains($0) ? #"\\#($0)"# : String($0) }.joined()
        return parley(durability, agent: #"{"kind":"plugin","command":["\#(path)","plugin"]}"#)
    }

    private func parley(_ durability: Durability, agent: String) -> Program {
        var host = program(parley) { store in
            ["--store", store, "--durability", durability.rawValue, "--config", store + "/../config.json"]
        }
        host.files = [("config.json", #"{"defaultAgent":"measured","agents":{"measured":\#(agent)}}"#)]
        return host
    }

    func floor(_ durability: Durability) -> Program {
        program(floor) { ["append", "--store", $0, "--durability", durability.rawValue] }
    }

    var floorEcho: Program { program(floor) { _ in ["echo"] } }

    var bareProgram: Program { program(bare) { _ in [] } }

    private func program(_ path: String, _ arguments: @escaping (_ store: String) -> [String]) -> Program {
        Program(path: path, pipeKibibytes: pipeKibibytes, arguments: arguments)
    }

    /// The host looks for a plugin from another folder than ours. A path that leads nowhere stays as it is.
    private static func absolute(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    private static func ownFolder() throws -> String {
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &target, 4096)
        guard length > 0 else { throw Failure("/proc/self/exe", errno: errno) }
        let path = String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
