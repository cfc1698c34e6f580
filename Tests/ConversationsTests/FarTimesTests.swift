import Conversations
import Testing

@Suite("Moments at the ends of the calendar") struct FarTimesTests {
    @Test(
        "An offset that leads out of the years 0 to 9999 leads to no moment that can't be written",
        arguments: ["0000-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01"])
    func outside(_ text: String) {
        if let time = Timestamp(text.utf8) { #expect(Timestamp(time.text.utf8) == time) }
    }
}
