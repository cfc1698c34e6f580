import Glibc

/// The little of files that is needed here.
enum File {
    /// Hands over the contents, block by block.
    static func read(_ path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("opening \(path)", errno: errno) }
        defer { close(descriptor) }
        var block = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let got = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if got < 0 && errno == EINTR { continue }
            if got < 0 { throw Failure("reading \(path)", errno: errno) }
            if got == 0 { return }
            block.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
        }
    }

    static func text(_ path: String) throws -> String {
        var bytes: [UInt8] = []
        try read(path) { bytes.append(contentsOf: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("creating \(path)", errno: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure("writing \(path)", errno: errno)
        }
    }

    static func names(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { throw Failure("opening \(folder)", errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// `remove` takes files and empty folders, so only the others must be emptied first. What can't go stays.
    static func removeTree(_ path: String) {
        if remove(path) == 0 { return }
        for name in (try? names(in: path)) ?? [] { removeTree(path + "/" + name) }
        remove(path)
    }
}
