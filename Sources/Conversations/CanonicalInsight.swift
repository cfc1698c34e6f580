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
            cursor.take(",\"context\":{\"user_sentiment\":"), cursor.skipValue(),
            cursor.take(",\"escalation_level\":"), cursor.skipValue(),
            cursor.take(",\"products_discussed\":"), cursor.skipValue(),
            cursor.take(",\"conversation_stage\":"), cursor.skipValue(),
            cursor.take(",\"topics_discussed\":"), cursor.skipValue(),
            cursor.take(",\"conversation_mood\":"), cursor.skipValue(),
            cursor.take("},\"checkpoint\":"), cursor.skipValue(), cursor.take("}"), cursor.isAtEnd
        else { return nil }
        self.seq = seq
        self.time = time
    }
}
