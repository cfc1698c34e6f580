import Glibc

/// A fresh temporary folder for one run: the child's HOME, and in it an empty folder for its store. It goes when the
/// run is over.
final class Scratch {
    let root: String
    var store: String { root + "/store" }

    /// Where the folders are made. The figures of the synced rows are those of the disk behind it.
    static var parent: String { Environment.value("TMPDIR") ?? "/tmp" }

    /// As the kernel names it: on a `tmpfs` a sync costs nothing and its rows mean nothing.
    static var fileSystem: String {
        var about = stat()
        guard stat(parent, &about) == 0, let mounts = try? File.text("/proc/self/mountinfo") else { return "unknown" }
        let major = (about.st_dev >> 8) & 0xFFF
        let minor = (about.st_dev & 0xFF) | ((about.st_dev >> 12) & 0xFFF00)
        let device = "\(major):\(minor)"
        for mount in mounts.split(separator: "\n") {
            let fields = mount.split(separator: " ")
            if fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count {
                return String(fields[dash + 1])
            }
        }
        return "unknown"
    }

    init() throws {
        var template = Array((Scratch.parent + "/parley-bench-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template).map({ String(cString: $0) }) else {
            throw Failure("making a folder in \(Scratch.parent)", errno: errno)
        }
        root = made
        guard mkdir(store, 0o700) == 0 else { throw Failure("making \(store)", errno: errno) }
    }

    deinit {
        File.removeTree(root)
    }

    /// Every event is a line of its conversation's file, whoever wrote it.
    func countEvents() throws -> Int {
        let folder = store + "/conversations"
        var count = 0
        for name in try File.names(in: folder) where name.hasSuffix(".jsonl") {
            try File.read(folder + "/" + name) { bytes in
                count += bytes.reduce(into: 0) { if $1 == 0x0A { $0 += 1 } }
            }
        }
        return count
    }
}

enum Environment {
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
