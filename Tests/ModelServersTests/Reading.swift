import Jansson
import ModelServers

/// What came of an answer: the pieces as "text:Hello", and the result.
struct Reading: Equatable {
    var pieces: [String] = []
    /// {response, metadata}; the fault's sentence where there was one.
    var result = ""

    /// Gives the reader the chunks, then the end.
    init(_ api: ServerAPI, _ chunks: [String], isWhole: Bool = true) {
        var reader = ReplyReader(api, ServerWords(key: "the-secret-key"))
        do throws(ReplyFault) {
            for chunk in chunks where !reader.isComplete {
                for piece in try reader.take(Array(chunk.utf8)) {
                    pieces.append("\(piece.kind.rawValue):\(piece.text)")
                }
            }
            if !reader.isComplete {
                for piece in try reader.finish(isWhole: isWhole) {
                    pieces.append("\(piece.kind.rawValue):\(piece.text)")
                }
            }
            let reply = reader.reply
            result = String(decoding: JSONFragment { $0.reply(reply) }.bytes, as: UTF8.self)
        } catch {
            result = error.message
        }
    }

    /// One event of each JSON text.
    init(_ api: ServerAPI, events: [String], isWhole: Bool = true) {
        self.init(api, events.map { "data: \($0)\n\n" }, isWhole: isWhole)
    }
}
