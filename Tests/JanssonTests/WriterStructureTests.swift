import Jansson
import Testing

@Suite("Commas and cuts in written JSON") struct WriterStructureTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String { JSONFragment(body).description }

    @Test func commasStandBetweenValuesAlone() {
        let text = written { writer in
            writer.beginArray()
            writer.beginObject()
            writer.endObject()
            writer.integer(1)
            writer.string("a" as Text)
            writer.real(1)
            writer.boolean(true)
            writer.null()
            writer.beginArray()
            writer.endArray()
            writer.value(.emptyObject)
            writer.value(spliced: Array("[2]".utf8)[...])
            writer.endArray()
        }
        #expect(text == #"[{},1,"a",1.0,true,null,[],{},[2]]"#)
    }

    @Test func commasStandBetweenMembers() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginObject()
            writer.key("b")
            writer.string("x\"" as Text)
            writer.key(named: "c\n")
            writer.integer(-1)
            writer.endObject()
            writer.key("d")
            writer.null()
            writer.endObject()
        }
        #expect(text == #"{"a":{"b":"x\"","c\n":-1},"d":null}"#)
    }

    @Test func aLineEndBeginsAfresh() {
        var writer = JSONWriter()
        for _ in 0..<2 {
            writer.beginArray()
            writer.integer(1)
            writer.endArray()
            writer.endLine()
        }
        #expect(writer.bytes == Array("[1]\n[1]\n".utf8))
    }

    @Test("What was written since a moment can be taken back, and writing goes on as if it had not been")
    func truncating() {
        var writer = JSONWriter()
        writer.beginArray()
        for value in 1...3 {
            let moment = writer.count
            writer.string("wrong" as Text)
            writer.truncate(to: moment)
            writer.integer(value)
        }
        writer.endArray()
        #expect(writer.bytes == Array("[1,2,3]".utf8))
    }

    @Test("Cut at a moment where no comma is due, none is written", arguments: ["[", "{\"a\":", "1\n"])
    func truncatingToABeginning(_ beginning: String) {
        var writer = JSONWriter()
        writer.value(spliced: Array(beginning.utf8)[...])
        writer.integer(7)
        writer.truncate(to: beginning.utf8.count)
        writer.integer(8)
        #expect(writer.bytes == Array("\(beginning)8".utf8))
    }

    @Test(
        "A splice is separated like any value; an empty one leaves nothing",
        arguments: [[""], ["1"], ["", "1"], ["1", ""], ["1,2", "", "3"]])
    func splicing(_ pieces: [String]) {
        let text = written { writer in
            writer.beginArray()
            for piece in pieces {
                writer.splice(16) { space in
                    space.copyBytes(from: Array(piece.utf8))
                    return piece.utf8.count
                }
            }
            writer.endArray()
        }
        #expect(text == "[" + pieces.filter { !$0.isEmpty }.joined(separator: ",") + "]")
    }

    @Test("A splice that fails can be cut off")
    func failingSplice() {
        struct Failure: Error {}
        var writer = JSONWriter()
        writer.beginArray()
        writer.integer(1)
        let moment = writer.count
        #expect(throws: Failure.self) {
            try writer.splice(8) { (_) throws(Failure) -> Int in throw Failure() }
        }
        writer.truncate(to: moment)
        writer.integer(2)
        writer.endArray()
        #expect(writer.bytes == Array("[1,2]".utf8))
    }

    @Test func takingAndRemovingLeaveAnEmptyWriter() {
        var writer = JSONWriter()
        writer.integer(1)
        #expect(writer.take() == Array("1".utf8))
        #expect(writer.count == 0)
        writer.integer(2)
        writer.removeAll(keeping: 1024)
        writer.integer(3)
        #expect(writer.bytes == Array("3".utf8))
    }
}
