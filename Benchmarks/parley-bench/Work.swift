/// What a run sends: first the lines that prepare the store, outside the measured time, then those that are timed.
struct Work {
    let preparation: Requests
    let timed: Requests
    /// Requests that may be unanswered at once; nil writes as fast as the pipe takes.
    var window: Int?
    /// Events of the prepared and timed lines together that must be in the store afterwards; checked outside the
    /// measured time, so that nothing can look quick by storing less.
    var leastEvents = 0
}

extension Work {
    static func pings(_ count: Int) -> Work {
        var pings = Requests(firstID: 1)
        for _ in 0..<count { pings.add("ping", "{}") }
        return Work(preparation: Requests(firstID: 0), timed: pings)
    }

    /// Messages that no agent is asked about.
    static func appends(_ count: Int, conversations: Int = 1, window: Int? = nil) -> Work {
        let preparation = starts(conversations)
        var sends = Requests(firstID: preparation.nextID, leastAnswer: content.utf8.count)
        for number in 0..<count { sends.addAppend(to: number % conversations) }
        return Work(preparation: preparation, timed: sends, window: window, leastEvents: conversations + count)
    }

    /// Messages that the host's default agent answers at once. An answer holds the message and the reply.
    static func turns(_ count: Int, conversations: Int) -> Work {
        let preparation = starts(conversations)
        var sends = Requests(firstID: preparation.nextID, leastAnswer: 2 * content.utf8.count)
        for number in 0..<count { sends.addQuestion(to: number % conversations) }
        return Work(preparation: preparation, timed: sends, leastEvents: conversations + 3 * count)
    }

    /// One message in each conversation, all at once, to the floor as a plugin. Each has had a turn before, so the plugin
    /// runs, and no file is made any more: what that costs is the file system's, and wanders by a factor of ten.
    static func turnsAtOnce(_ count: Int) -> Work {
        var preparation = starts(count)
        for number in 0..<count { preparation.addQuestion(to: number) }
        var sends = Requests(
            firstID: preparation.nextID, leastAnswer: content.utf8.count, piece: "Your order left our warehouse")
        for number in 0..<count { sends.addQuestion(to: number) }
        return Work(preparation: preparation, timed: sends, leastEvents: 7 * count)
    }

    /// Messages to an agent that is told the context, in one conversation that has messages already.
    static func turns(_ count: Int, after messages: Int) -> Work {
        var preparation = starts(1)
        for _ in 0..<messages { preparation.addAppend(to: 0) }
        var sends = Requests(firstID: preparation.nextID, leastAnswer: content.utf8.count)
        for _ in 0..<count { sends.addQuestion(to: 0) }
        return Work(preparation: preparation, timed: sends, window: 64, leastEvents: 1 + messages + 3 * count)
    }

    /// The newest page of a conversation of 1,000 messages, over and over.
    static func histories(_ count: Int) -> Work {
        var preparation = starts(1)
        for _ in 0..<1000 { preparation.addAppend(to: 0) }
        var pages = Requests(firstID: preparation.nextID, leastAnswer: 50 * content.utf8.count)
        for _ in 0..<count { pages.add("conversation/history", #"{"conversationId":"c0","limit":50}"#) }
        return Work(preparation: preparation, timed: pages, leastEvents: 1001)
    }

    private static func starts(_ conversations: Int) -> Requests {
        var starts = Requests(firstID: 1)
        for number in 0..<conversations { starts.add("conversation/start", #"{"conversationId":"c\#(number)"}"#) }
        return starts
    }
}

/// About 100 bytes, as a person might write them.
private let content =
    "Could you please look at order 4711 again? It was to be here last week, but nothing has arrived yet."

extension Requests {
    fileprivate mutating func addQuestion(to conversation: Int) {
        add("conversation/send", #"{"conversationId":"c\#(conversation)","content":"\#(content)"}"#)
    }

    fileprivate mutating func addAppend(to conversation: Int) {
        add("conversation/send", #"{"conversationId":"c\#(conversation)","content":"\#(content)","execute":false}"#)
    }
}
