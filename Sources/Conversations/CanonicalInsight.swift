import Jansson

/// The beginning of an insight's line that tells again what each such line tells, and nothing besides: of many of them
/// only the last one makes a difference. A line of any other shape makes `init?` return nil and is parsed.
package struct CanonicalInsight {
    package let seq: Int
    package let time: Timestamp

    package init?(_ line: UnsafeRawBufferPointer) {
        // What is told only where it changed would stand before the sentiment.
        guard var cursor = LineCursor(line), cursor.take("{\"seq\":"), let seq = cursor.digits(),
            cursor.take(",\"type\":\"insight\",\"timestamp\":\""), let time = cursor.timestamp(),
            cursor.take(",\"context\":{\"user_sentiment\":{"), line.last == UInt8(ascii: "}"),
            cursor.restHolds("\"}},\"checkpoint\":{\"throughSeq\":")
        else { return nil }
        self.seq = seq
        self.time = time
    }
}
