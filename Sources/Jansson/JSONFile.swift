import Glibc

/// Why a file that a person wrote can't be taken, as a clause that goes behind its path.
package struct FileFault: Error, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Reads a whole file; "-" is not special.
package func readFile(_ path: String) throws(FileFault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileFault(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    return try readAll(descriptor)
}

/// Reads a descriptor to its end.
package func readAll(_ descriptor: Int32) throws(FileFault) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = read(descriptor, &block, block.count)
        if count == 0 { return bytes }
        if count > 0 {
            bytes += block[..<count]
        } else if errno != EINTR {
            throw FileFault(String(cString: strerror(errno)))
        }
    }
}

extension JSON {
    /// Reads and parses a file, such as a config.
    package static func load(_ path: String) throws(FileFault) -> JSON {
        let bytes = try readFile(path)
        do throws(JSONSyntaxError) {
            return try parse(bytes)
        } catch {
            let line = bytes.prefix(error.offset).count { $0 == 0x0A } + 1
            throw FileFault("line \(line): it is not JSON: \(error.reason)")
        }
    }
}
