import CLinux
import Glibc
import Jansson

extension StoreDirectory {
    /// The ids of messages, turns and executions in the store that are made of a number, such as `msg_000001`.
    package func sequentialIdentifiers() throws(StoreError) -> Set<Text> {
        try conversationIDs().reduce(into: []) { $0.formUnion(sequentialIdentifiers(of: $1)) }
    }

    /// As above, of one conversation. What can't be read has no ids that could come up again.
    package func sequentialIdentifiers(of id: Text) -> Set<Text> {
        let descriptor = linux_open_at(conversations, Self.fileName(id), O_RDONLY, 0)
        if descriptor < 0 { return [] }
        let file = OpenFile(descriptor)
        var found: Set<Text> = []
        _ = try? readLines(of: file.descriptor, from: 0, shown: shown(id)) { line, _ in
            Self.collectIdentifiers(in: line, into: &found)
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
