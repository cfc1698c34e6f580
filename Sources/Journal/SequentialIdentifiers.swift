import CLinux
import Glibc
import Jansson

extension StoreDirectory {
    /// The ids of messages, turns and executions in the store that are made of a number, such as `msg_000001`.
    package func sequentialIdentifiers() throws(StoreError) -> Set<Text> {
        var found: Set<Text> = []
        for id in try conversationIDs() {
            let descriptor = linux_open_at(conversations, Self.fileName(id), O_RDONLY, 0)
            // What can't be read has no ids that could come up again.
            if descriptor < 0 { continue }
            let file = OpenFile(descriptor)
            _ = try? readLines(of: file.descriptor, from: 0, shown: shown(id)) { line, _ in
                Self.collectIdentifiers(in: line, into: &found)
            }
        }
        return found
    }

    private static func collectIdentifiers(in line: UnsafeRawBufferPointer, into found: inout Set<Text>) {
        for part in line.split(separator: UInt8(ascii: "\"")) {
            guard let mark = part.firstIndex(of: UInt8(ascii: "_")), part.count <= 24 else { continue }
            let prefix = String(decoding: part[..<mark], as: UTF8.self)
            let digits = part[part.index(after: mark)...]
            if ["msg", "turn", "exec"].contains(prefix), digits.count >= 6,
                digits.allSatisfy({ (0x30...0x39).contains($0) })
            {
                found.insert(Text(utf8: Array(part)))
            }
        }
    }
}
