import Jansson
import ParleyHost
import Testing

@Suite("Requests") struct RequestTests {
    @Test("A batch is answered in one array; its notifications are not answered")
    func batch() throws {
        let host = try TestHost()
        host.send(
            #"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"ping"},{"jsonrpc":"2.0","id":"x","method":"none"},7,[]]"#
        )
        let answers = try #require(host.sink.take { $0.kind == .array }).elements
        #expect(answers.count == 4)
        #expect(answers.first { $0["id"]?.integer == 1 }?["result"] != nil)
        #expect(answers.first { $0["id"]?.text == "x" }?["error"]?.errorKind == "methodNotFound")
        #expect(answers.filter { $0["id"]?.isNull == true && $0["error"]?.errorKind == "invalidRequest" }.count == 2)
    }

    @Test("A batch waits for the slowest of its members")
    func slowBatch() throws {
        let host = try TestHost()
        try host.start()
        host.send(
            #"[{"jsonrpc":"2.0","id":1,"method":"conversation/send","params":{"conversationId":"c","content":"hold a"}},{"jsonrpc":"2.0","id":2,"method":"ping"}]"#
        )
        host.settle()
        #expect(host.sink.rest.isEmpty)
        host.environment.release("a")
        #expect(try #require(host.sink.take { $0.kind == .array }).count == 2)
    }

    @Test("A batch of notifications alone is not answered; an empty one is one error")
    func emptyBatches() throws {
        let host = try TestHost()
        host.send(#"[{"jsonrpc":"2.0","method":"ping"}]"#, "[]")
        host.settle()
        #expect(host.sink.rest.map { $0["error"]?.errorKind } == ["invalidRequest"])
    }

    @Test("Blank lines are nothing, and a byte-order mark at the very start is skipped")
    func blank() throws {
        let host = try TestHost()
        host.send("\u{FEFF}" + #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "", " \t\r", "\u{FEFF}{}")
        _ = try host.result(1)
        host.settle()
        #expect(host.sink.rest.map { $0["error"]?.errorKind } == ["parseError"])
    }

    @Test(
        "Parameters are checked, and what is wrong is named",
        arguments: [
            ("conversation/get", "{}", "conversationId"),
            ("conversation/get", #"{"conversationId":7}"#, "conversationId"),
            ("conversation/get", #"{"conversationId":"c","mesages":true}"#, "mesages"),
            ("conversation/history", #"{"conversationId":"c","limit":0}"#, "limit"),
            ("conversation/history", #"{"conversationId":"c","limit":1001}"#, "limit"),
            ("conversation/history", #"{"conversationId":"c","limit":1.0}"#, "limit"),
            ("conversation/history", #"{"conversationId":"c","after":-2}"#, "after"),
            ("conversation/send", #"{"conversationId":"c","content":"x","role":"robot"}"#, "role"),
            ("conversation/start", #"{"conversationId":"../x"}"#, "conversationId"),
            ("conversation/start", #"{"tags":[1]}"#, "tags"),
            ("conversation/start", #"{"type":"other"}"#, "type"),
            ("conversation/start", #"{"context":{"conversation_state":"x"}}"#, "context.conversation_state"),
            ("conversation/list", #"{"cursor":"x"}"#, "cursor"),
            ("conversation/list", #"{"since":"yesterday"}"#, "since"), ("ping", #"{"x":1}"#, "x"),
            ("ping", "[1]", "params"),
        ])
    func parameters(_ method: String, _ params: String, _ path: Text) throws {
        let host = try TestHost()
        host.request(1, method, params)
        let error = try host.error(1)
        #expect(error["code"]?.integer == -32602 && error["data"]?["path"]?.text == path)
    }

    @Test(
        "`_meta` is always allowed, and none, null and [] are no parameters",
        arguments: [#"{"_meta":{"x":1}}"#, "null", "[]", "{}"])
    func noParameters(_ params: String) throws {
        #expect(try TestHost().call("ping", params).count == 0)
    }

    @Test(
        "Numbers at the ends of their range do no harm", arguments: ["conversation/events", "conversation/history"],
        [-1, Int.max - 1])
    func extremes(_ method: String, _ after: Int) throws {
        let host = try TestHost()
        try host.start()
        _ = try host.call("conversation/send", #"{"conversationId":"c","content":"x"}"#)
        let result = try host.call(method, #"{"conversationId":"c","after":\#(after)}"#)
        let all = method.hasSuffix("events") ? 4 : 2
        #expect((result["events"] ?? result["messages"])?.count == (after < 0 ? all : 0))
    }

    @Test(
        "The greatest number there is does no harm",
        arguments: ["conversation/events", "conversation/history"])
    func greatest(_ method: String) throws {
        let host = try TestHost()
        try host.start()
        let result = try host.call(method, #"{"conversationId":"c","after":9223372036854775807}"#)
        #expect((result["events"] ?? result["messages"])?.count == 0)
    }

    @Test("A method that is misspelt is refused with the one that was meant")
    func misspelt() throws {
        let host = try TestHost()
        host.request(1, "conversation/sned")
        let error = try host.error(1)
        #expect(error.errorKind == "methodNotFound" && error["data"]?["closest"]?.text == "conversation/send")
    }

    @Test("What a started conversation is, is what is read back, listed and found on disk")
    func starting() throws {
        let host = try TestHost()
        let params =
            #"{"conversationId":"c","title":"T","type":"sales","tags":["a","b","a"],"metadata":{"k":[1.0]},"context":{"x":1}}"#
        let started = try #require(try host.call("conversation/start", params)["conversation"])
        #expect(
            started["tags"]?.elements.compactMap(\.text) == ["a", "b"] && started["userId"]?.text == "ada"
                && started["agentId"]?.text == "demo")
        let read = try #require(try host.call("conversation/get", #"{"conversationId":"c"}"#)["conversation"])
        #expect(JSONFragment(read) == JSONFragment(started))
        let listed = try host.call("conversation/list")["conversations"]?.elements
        #expect(listed?.map { $0["title"]?.text } == ["T"])
        host.request(1, "conversation/start", params)
        #expect(try host.error(1).errorKind == "conversationExists")
        #expect(
            try host.call("conversation/start", #"{"conversationId":"c","ifExists":"open"}"#)["conversation"]?["title"]?
                .text == "T")
    }

    @Test("An update changes what it names; the same again makes no event")
    func updating() throws {
        let host = try TestHost()
        try host.start()
        let params = #"{"conversationId":"c","title":"T","addTags":["x"],"metadata":{"k":1},"ifSeq":0}"#
        #expect(try host.call("conversation/update", params)["conversation"]?["seq"]?.integer == 1)
        host.request(1, "conversation/update", params)
        let error = try host.error(1)
        #expect(error.errorKind == "conflict" && error["data"]?["seq"]?.integer == 1)
        let again = params.replacing(#","ifSeq":0"#, with: "")
        #expect(try host.call("conversation/update", again)["conversation"]?["seq"]?.integer == 1)
    }

    @Test("With the disk asked to confirm, answers come all the same", arguments: [HostOptions.Durability.fsync, .os])
    func durability(_ durability: HostOptions.Durability) throws {
        let host = try TestHost { $0.durability = durability }
        host.send(
            #"{"jsonrpc":"2.0","id":1,"method":"conversation/start","params":{"conversationId":"c"}}"#,
            #"{"jsonrpc":"2.0","id":2,"method":"conversation/send","params":{"conversationId":"c","content":"hi"}}"#,
            #"{"jsonrpc":"2.0","id":3,"method":"conversation/history","params":{"conversationId":"c"}}"#)
        _ = try host.result(1)
        _ = try host.result(2)
        #expect(try host.result(3)["messages"]?.count == 2)
    }
}
