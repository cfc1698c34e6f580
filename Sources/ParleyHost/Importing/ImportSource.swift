import Exchange
import Glibc
import JSONRPC
import Jansson
import Journal

/// Where a conversation comes from.
enum ImportSource: Sendable {
    case conversation(JSON)
    case text(Text)
    case path(String)

    /// Reads it and finds out what it is. May take long; safe on any thread.
    ///
    /// - Throws: `invalidParams` with the parameter's name and what is wrong where.
    func read(_ format: ExchangeFormat?) throws(RPCError) -> Arrival {
        switch self {
        case .conversation(let json): return .portable(try portable(json))
        case .text(let text): return try read(text.utf8, format ?? ExchangeFormat(of: text.utf8[...]))
        case .path(let path):
            let size = try size(of: path)
            // Events may be more than fits into memory.
            let format = if let format { format } else { ExchangeFormat(of: try beginning(of: path)[...]) }
            if format == .jsonl {
                return try events { () throws(ForeignFile.Fault) in try ForeignFile(path: path) }
            }
            if size > Limits.importBytes {
                throw fault(path, "it has \(size) bytes, over the limit of \(Limits.importBytes); jsonl has none")
            }
            let bytes: [UInt8]
            do throws(FileFault) { bytes = try readFile(path) } catch { throw fault(path, "\(error)") }
            return try read(bytes, format)
        }
    }

    private func read(_ bytes: [UInt8], _ format: ExchangeFormat) throws(RPCError) -> Arrival {
        switch format {
        case .jsonl: return try events { () throws(ForeignFile.Fault) in try ForeignFile(text: bytes) }
        case .json:
            let json: JSON
            do throws(JSONSyntaxError) { json = try JSON.parse(bytes) } catch {
                throw fault("byte \(error.offset)", "it is not JSON: \(error.reason)")
            }
            // What an export was answered with is taken as it is.
            if json["format"] != nil, let text = json["text"]?.text {
                return try read(text.utf8, ExchangeFormat(of: text.utf8[...]))
            }
            return .portable(try portable(json["format"] == nil ? json : json["conversation"] ?? json))
        case .markdown:
            do throws(ExchangeFault) { return .portable(try PortableConversation(markdown: bytes)) } catch {
                throw fault(error.place, error.reason)
            }
        }
    }

    private func portable(_ json: JSON) throws(RPCError) -> PortableConversation {
        do throws(ExchangeFault) { return try PortableConversation(json) } catch {
            throw fault(error.place, error.reason)
        }
    }

    private func events(_ open: () throws(ForeignFile.Fault) -> ForeignFile) throws(RPCError) -> Arrival {
        do throws(ForeignFile.Fault) { return .events(try open()) } catch {
            switch error {
            case .unreadable(let failure): throw fault("the file", "\(failure)")
            case .bad(let line, let reason): throw fault("line \(line)", reason)
            }
        }
    }

    /// Bytes of a file. Nothing else is opened: a pipe would have everyone wait for its writer.
    private func size(of path: String) throws(RPCError) -> Int {
        var facts = stat()
        if stat(path, &facts) != 0 { throw fault(path, String(cString: strerror(errno))) }
        if facts.st_mode & S_IFMT != S_IFREG { throw fault(path, "it is no plain file") }
        return Int(facts.st_size)
    }

    /// Enough of a file to tell what it is.
    private func beginning(of path: String) throws(RPCError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw fault(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        if count < 0 { throw fault(path, String(cString: strerror(errno))) }
        return Array(bytes[..<count])
    }

    private func fault(_ place: String, _ reason: String) -> RPCError {
        let parameter =
            switch self {
            case .conversation: "conversation"
            case .text: "text"
            case .path: "path"
            }
        return RPCError(
            .invalidParams, "`\(parameter)` holds no conversation that can be taken: \(place): \(reason).",
            [("path", .string(place.hasPrefix(parameter) ? place : parameter))])
    }
}

/// What a conversation goes out and comes in as.
enum ExchangeFormat: String, CaseIterable {
    /// One object, with the messages of the history.
    case json
    /// The events, as the file has them.
    case jsonl
    /// For people.
    case markdown

    /// Tells by the beginning: events are one object a line, each with a seq.
    init(of text: ArraySlice<UInt8>) {
        let text = text.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard text.first == UInt8(ascii: "{") else {
            self = .markdown
            return
        }
        let line = text.prefix { $0 != 0x0A }
        let object = try? JSON.parse(line)
        let isEvent = line.starts(with: Array("{\"seq\":".utf8)) || object?["seq"] != nil && object?["type"] != nil
        self = isEvent ? .jsonl : .json
    }
}
