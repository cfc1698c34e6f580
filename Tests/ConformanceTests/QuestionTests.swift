import Jansson
import Testing

@testable import Conformance

@Suite("What a plugin is asked") struct QuestionTests {
    @Test("stands where the plugin looks for it", arguments: Capability.allCases)
    func text(_ capability: Capability) throws {
        let params = try JSON.parse(Question(capability: capability, text: Question.letters).params.bytes)
        switch capability {
        case .loadProfile: #expect(params["userId"]?.text == Question.letters)
        case .execute, .buildContext:
            #expect(params["prompt"]?.text == Question.letters)
            #expect(params["context"]?["conversation_type"]?.text == params["conversation"]?["type"]?.text)
            fallthrough
        case .analyzeSentiment, .extractTopics:
            #expect(params["messages"]?.elements.last?["content"]?.text == Question.letters)
        }
    }

    @Test("names no conversation where there is none")
    func bare() throws {
        let question = Question(capability: .execute, executionId: "e", hasConversation: false)
        let params = try JSON.parse(question.params.bytes)
        #expect(params["conversation"] == nil && params["turnId"] == nil)
        #expect(params["context"]?.count == 0 && params["messages"]?.count == 0)
        #expect(params["executionId"]?.text == "e")
    }

    @Test("has letters of every kind, and is as long as it says")
    func letters() {
        let letters = Question.letters.description
        for part in ["\u{301}", "🙂", "\u{2028}", "\"", "\\", "\n"] {
            #expect(letters.unicodeScalars.contains(part.unicodeScalars))
        }
        #expect(Question.nul.utf8.contains(0))
        #expect(Question.long.utf8.count >= 1 << 20)
    }

    @Test("has one member more in each object, but for the plugin's own settings")
    func more() throws {
        let text = #"{"settings":{"a":{}},"list":[{"b":1},2],"deep":{"c":{}}}"#
        let fragment = JSONFragment(try JSON.parse(Array(text.utf8))).withMoreMembers
        let json = try JSON.parse(fragment.bytes)
        #expect(json["settings"]?.count == 1 && json["settings"]?["a"]?.count == 0)
        #expect(json.count == 4 && json["list"]?.elements[0].count == 2)
        #expect(json["deep"]?.count == 2 && json["deep"]?["c"]?.count == 1)
        #expect(json["list"]?.elements[1].integer == 2)
    }
}
