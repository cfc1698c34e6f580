import Insight
import Jansson
import Testing

@Suite("What a conversation is about") struct SubjectTests {
    @Test(
        "Products, each once: message by message, within one in the list's order",
        arguments: [
            ([], "[]"), (["u Hello"], "[]"), (["u The Premium one"], #"["premium"]"#),
            (["u premium, enterprise, BASIC PLAN or pro plan?"], #"["pro plan","basic plan","enterprise","premium"]"#),
            (["u premium", "u enterprise", "u pro plan"], #"["premium","enterprise","pro plan"]"#),
            (
                ["u premium", "u premium and enterprise", "a premium, pro plan"],
                #"["premium","enterprise","pro plan"]"#
            ),
            (["a premium"], #"["premium"]"#), (["s enterprise"], #"["enterprise"]"#),
            (["u pro", "u plan"], "[]"), (["u pro  plan"], "[]"),
            (["u enterprises' premiums"], "[\"enterprise\",\"premium\"]"),
            (["u premium"] + Sample.copies(40), #"["premium"]"#),
        ] as [([String], String)])
    func products(_ messages: [String], _ told: String) throws {
        #expect(try Sample.told("products_discussed", of: messages, try Words.builtIn()) == told)
    }

    @Test("A product is told as the list has it, however it was said")
    func spelling() throws {
        let words = try Words.builtIn { $0.products = ["Über-Plan", "Straße"] }
        #expect(
            try Sample.told("products_discussed", of: ["u STRASSE", "u ÜBER-PLAN"], words)
                == #"["Straße","Über-Plan"]"#)
    }

    @Test(
        "A stage of a sale, the farthest one last",
        arguments: [
            ([], "discovery"), (Sample.copies(4, "u price"), "discovery"), (Sample.copies(5, "u price"), "negotiation"),
            (Sample.copies(4, "u feature"), "discovery"), (Sample.copies(5, "u feature"), "presentation"),
            (Sample.copies(5), "discovery"), (Sample.copies(50), "discovery"),
            (["u cost"] + Sample.copies(4), "negotiation"), (["a cost"] + Sample.copies(4, "a ok"), "negotiation"),
            (["s cost"] + Sample.copies(4), "negotiation"), (["a plan"] + Sample.copies(4), "presentation"),
            (["s features"] + Sample.copies(40), "presentation"),
            (["u feature", "u price"] + Sample.copies(3), "negotiation"),
            (["u price", "u feature"] + Sample.copies(3), "negotiation"),
            (["u price"] + Sample.copies(4, "u feature"), "negotiation"),
            (["u COSTLY planets"] + Sample.copies(4), "negotiation"),
        ] as [([String], String)])
    func stage(_ messages: [String], _ stage: String) throws {
        #expect(try Sample.told("conversation_stage", of: messages, try Words.builtIn()) == "\"\(stage)\"")
    }

    @Test("From how many messages on there is a stage is the list's", arguments: [0, 1, 2, 9])
    func fromMessages(_ count: Int) throws {
        let words = try Words.builtIn { $0.stage.fromMessages = count }
        #expect(
            try Sample.told("conversation_stage", of: Sample.copies(max(1, count), "u cost"), words)
                == "\"negotiation\"")
        if count > 0 {
            #expect(
                try Sample.told("conversation_stage", of: Sample.copies(count - 1, "u cost"), words) == "\"discovery\"")
        }
    }

    @Test(
        "Topics of which a word was said, in the list's order",
        arguments: [
            ([], "[]"), (["u Hello"], "[]"), (["u The API is fine"], #"["technical"]"#),
            (["u how to log in? login!", "u invoice", "a a BUG"], #"["technical","billing","account","product"]"#),
            (["s tutorial"], #"["product"]"#), (["a password"], #"["account"]"#),
            (["u how", "u to"], "[]"), (["u plan"], #"["billing"]"#), (["u planet"], #"["billing"]"#),
            (["u rapid"], #"["technical"]"#), (["u tutorial"] + Sample.copies(40), #"["product"]"#),
        ] as [([String], String)])
    func topics(_ messages: [String], _ told: String) throws {
        #expect(try Sample.told("topics_discussed", of: messages, try Words.builtIn()) == told)
    }

    @Test("More topics than there are bits in a word")
    func manyTopics() throws {
        let words = try Words.builtIn {
            $0.topics = (100..<300).map { WordList.Topic(name: Text("t\($0)"), words: [Text("w\($0)")]) }
        }
        #expect(
            try Sample.told("topics_discussed", of: ["u w299 w100", "a w163,w164"], words)
                == #"["t100","t163","t164","t299"]"#)
    }
}
