import Jansson

/// The beginning of a message's line in the order that Parley writes it, read without parsing the line.
///
/// `{"seq":7,"type":"message","id":"…","role":"user","turnId":"…","timestamp":"…","content":"…` is what a file mostly
/// consists of; a line of any other shape makes `init?` return nil and is parsed whole instead. Ids with escapes too.
package struct CanonicalMessage {
    package let seq: Int
    package let role: Role
    package let time: Timestamp
    package let id: UnsafeBufferPointer<UInt8>
    package let turnId: UnsafeBufferPointer<UInt8>?
    package let idempotencyKey: UnsafeBufferPointer<UInt8>?

    /// `line` must outlive this value, which points into it.
    package init?(_ line: UnsafeRawBufferPointer) {
        guard var cursor = LineCursor(line), cursor.take("{\"seq\":"), let seq = cursor.digits(),
            cursor.take(",\"type\":\"message\",\"id\":\""),
            let id = cursor.plainString(), cursor.take(",\"role\":\""), let role = cursor.role()
        else { return nil }
        var turnId: UnsafeBufferPointer<UInt8>?
        if cursor.take(",\"turnId\":\"") {
            guard let text = cursor.plainString() else { return nil }
            turnId = text
        }
        var idempotencyKey: UnsafeBufferPointer<UInt8>?
        if cursor.take(",\"idempotencyKey\":\"") {
            guard let text = cursor.plainString() else { return nil }
            idempotencyKey = text
        }
        guard cursor.take(",\"timestamp\":\""), let time = cursor.timestamp(), cursor.take(",\"content\":\""),
            line.last == UInt8(ascii: "}")
        else { return nil }
        // What the fold needs besides may stand behind the content: a reply's usage and tools, a turn or a key named by
        // other hands.
        if role == .assistant {
            if cursor.restHolds("\"usage\"") { return nil }
            // Named once and empty, as Parley writes it where there are none.
            if cursor.skip(to: "\"tools_used\""), !cursor.take(":[]") || cursor.restHolds("\"tools_used\"") {
                return nil
            }
        }
        if turnId == nil, cursor.restHolds("\"turnId\":") { return nil }
        if idempotencyKey == nil, role == .user, cursor.restHolds("\"idempotencyKey\":") { return nil }
        self.seq = seq
        self.role = role
        self.time = time
        self.id = id
        self.turnId = turnId
        self.idempotencyKey = idempotencyKey
    }
}
