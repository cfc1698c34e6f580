import Glibc
import Jansson

/// A store for one transcript, in a temporary folder that goes with it.
final class ScratchStore {
    let path: String

    /// - Parameter fixture: a folder whose contents the store begins with; nil for an empty one.
    init(copying fixture: String?) throws(CommandFailure) {
        let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(temporary)/parley-transcript-XXXXXX".utf8CString)
        guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) else {
            throw CommandFailure("A folder in \(temporary) can't be made: \(String(cString: strerror(errno))).")
        }
        path = String(cString: made)
        guard let fixture else { return }
        do throws(FileFault) {
            try Self.copy(fixture, to: path)
        } catch {
            throw CommandFailure("The store \(error).")
        }
    }

    deinit { Self.remove(path) }

    /// Copies the contents of a folder into another that is there.
    private static func copy(_ source: String, to target: String) throws(FileFault) {
        guard let names = names(in: source) else { throw FileFault("\(source): \(String(cString: strerror(errno)))") }
        for name in names {
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            var facts = stat()
            if stat(from, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR {
                mkdir(to, 0o700)
                try copy(from, to: to)
            } else {
                let bytes = try readFile(from)
                let descriptor = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
                if descriptor < 0 { throw FileFault("\(to): \(String(cString: strerror(errno)))") }
                printBytes(bytes, to: descriptor)
                close(descriptor)
            }
        }
    }

    private static func remove(_ path: String) {
        for name in names(in: path) ?? [] { remove("\(path)/\(name)") }
        if rmdir(path) != 0 { unlink(path) }
    }

    /// What a folder holds; nil where it can't be read, or is none.
    private static func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
