import Glibc
import Jansson

/// The processes of a group, as /proc tells of them.
enum ProcessGroup {
    /// Those that run still, but for the leader: each name and number.
    static func members(of group: pid_t) -> [String] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var members: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let process = pid_t(name), process != group, let bytes = try? readFile("/proc/\(name)/stat"),
                let member = member(in: String(decoding: bytes, as: UTF8.self), group)
            else { continue }
            members.append("`\(member.excerpt)` (process \(process))")
        }
        return members
    }

    /// The name in a line "PID (NAME) STATE PARENT GROUP …", where the process belongs to the group and runs still. The
    /// name may hold anything.
    private static func member(in line: String, _ group: pid_t) -> String? {
        guard let start = line.firstIndex(of: "("), let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 2, pid_t(fields[2]) == group, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(line[line.index(after: start)..<end])
    }
}
