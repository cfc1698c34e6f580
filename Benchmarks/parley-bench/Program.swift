import Glibc

/// A program to start, with its arguments for a store.
struct Program {
    let path: String
    let pipeKibibytes: CInt
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
        self.floor = floor ?? folder + "/parley-floor"
        self.bare = bare ?? folder + "/parley-bare"
        for path in [self.parley, self.floor, self.bare] where access(path, X_OK) != 0 {
            throw Failure(
                "`\(path)` can't be run; build it, or say where it is (--parley, --floor, --bare)", errno: errno)
        }
    }

    func parley(_ durability: Durability) -> Program {
        program(parley) { ["--store", $0, "--durability", durability.rawValue] }
    }

    /// A host whose agent is told the context in each turn.
    var parleyWithToldAgent: Program {
        program(parley) { ["--store", $0, "--durability", "os", "--config", $0 + "/../told.json"] }
    }

    func floor(_ durability: Durability) -> Program {
        program(floor) { ["append", "--store", $0, "--durability", durability.rawValue] }
    }

    var floorEcho: Program { program(floor) { _ in ["echo"] } }

    var bareProgram: Program { program(bare) { _ in [] } }

    private func program(_ path: String, _ arguments: @escaping (_ store: String) -> [String]) -> Program {
        Program(path: path, pipeKibibytes: pipeKibibytes, arguments: arguments)
    }

    private static func ownFolder() throws -> String {
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &target, 4096)
        guard length > 0 else { throw Failure("/proc/self/exe", errno: errno) }
        let path = String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
