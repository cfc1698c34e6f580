import Jansson
import Testing

@Suite("Members of an object") struct MembersTests {
    private func members(_ text: String) throws -> Members { Members(try JSON.parse(text.utf8)) }

    private func text(_ members: Members) -> String { JSONFragment { $0.object(members) }.description }

    @Test(
        "A merge replaces in place and puts new members at the end",
        arguments: [
            (#"{"a":1,"b":2}"#, #"{"b":3,"c":4}"#, #"{"a":1,"b":3,"c":4}"#),
            ("{}", #"{"b":1,"a":2}"#, #"{"b":1,"a":2}"#),
            (#"{"a":{"x":1}}"#, #"{"a":{"y":2}}"#, #"{"a":{"y":2}}"#), (#"{"a":1}"#, "{}", #"{"a":1}"#),
            (#"{"a":1}"#, #"{"a":null}"#, #"{"a":null}"#),
        ])
    func merging(_ ours: String, _ theirs: String, _ merged: String) throws {
        var members = try members(ours)
        members.merge(try self.members(theirs))
        #expect(text(members) == merged)
    }

    @Test func removingLeavesTheOrderOfTheOthers() throws {
        var members = try members(#"{"a":1,"b":2,"c":3}"#)
        members["b"] = nil
        members["none"] = nil
        #expect(text(members) == #"{"a":1,"c":3}"#)
        members["b"] = JSONFragment { $0.boolean(true) }
        #expect(text(members) == #"{"a":1,"c":3,"b":true}"#)
    }

    @Test func namesAreBytes() throws {
        var members = try members(#"{"\#u{E9}":1}"#)
        members["e\u{301}"] = .emptyObject
        #expect(members.list.count == 2)
        #expect(members["\u{E9}"]?.description == "1")
    }

    @Test func anotherOrderIsAnotherObject() throws {
        #expect(try members(#"{"a":1,"b":2}"#) == members(#"{ "a": 1, "b": 2 }"#))
        #expect(try members(#"{"a":1,"b":2}"#) != members(#"{"b":2,"a":1}"#))
        #expect(try members(#"{"a":1}"#) != members(#"{"a":1.0}"#))
    }

    @Test("What is no object has none", arguments: ["[1]", "null", "1"])
    func noObject(_ value: String) throws {
        #expect(try members(value).isEmpty)
        #expect(Members(nil).isEmpty)
    }
}
