import Jansson

/// A request of a transcript that got no answer in it.
package struct UnansweredRequest: Sendable {
    /// Counted from 1.
    package let line: Int
    /// As JSON.
    package let id: String
}

extension Transcript {
    /// Requests that nothing received answers, in their order: golden files of them would tell nothing when the answer
    /// changes.
    package var unanswered: [UnansweredRequest] {
        var open: [(request: UnansweredRequest, key: JSONFragment)] = []
        for (index, line) in lines.enumerated() {
            switch line.kind {
            case .sent:
                for message in Self.messages(line.text) where message["method"] != nil {
                    // What can't be an id does not come back.
                    guard let json = message["id"], json.kind != .object, json.kind != .array, json.kind != .boolean
                    else { continue }
                    let id = JSONFragment(json)
                    let text = String(decoding: id.bytes, as: UTF8.self)
                    open.append((UnansweredRequest(line: index + 1, id: text), id))
                }
            case .received:
                for message in Self.messages(line.text) where message["method"] == nil {
                    let id = message["id"].map(JSONFragment.init)
                    if let place = open.firstIndex(where: { $0.key == id }) { open.remove(at: place) }
                }
            default: break
            }
        }
        return open.map(\.request)
    }

    /// Whether anything is sent at all.
    package var isEmpty: Bool { !exchanges.contains { $0.isSending } }

    /// The message of a line, or those of a batch.
    private static func messages(_ text: [UInt8]) -> [JSON] {
        guard let json = try? JSON.parse(text) else { return [] }
        return json.kind == .array ? json.elements : [json]
    }
}
