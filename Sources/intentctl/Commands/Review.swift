import ArgumentParser
import Terminal
import Wire

struct Review: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept or reject what people said; without an option, go through what is pending.",
        discussion: """
            On a terminal, what would teach most comes first, and one key decides: a accepts, 1 to 9 relabel to what the \
            model suggests, / to another intent, r rejects, s skips, u takes the last decision back, q leaves. Elsewhere \
            the pending items are listed.
            """
    )

    @Option(help: ArgumentHelp("Let this item train.", valueName: "id"))
    var accept: String?

    @Option(help: ArgumentHelp("Never let this item train.", valueName: "id"))
    var reject: String?

    @Option(help: ArgumentHelp("Take the last decision about this item back.", valueName: "id"))
    var undo: String?

    @Option(help: "With --accept: what the text really means.")
    var intent: String?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard [accept, reject, undo].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("Give one of --accept, --reject and --undo.")
        }
        guard intent == nil || accept != nil else { throw ValidationError("--intent goes with --accept.") }
    }

    func run(with client: inout Client) throws {
        if let undo {
            let params = [Member("feedback_id", .string(undo)), Member("undo", true)]
            show(try client.call(.feedbackReview, params)) { Receipt.item($0, Style(for: .standard)) }
            return
        }
        if let id = accept ?? reject {
            show(try decide(id, accept: accept != nil, with: &client)) { Receipt.item($0, Style(for: .standard)) }
            return
        }
        let result = try client.call(.feedbackList, [Member("state", "pending"), Member("limit", 1_000)])
        if options.json || !Output.standard.isTerminal || !Keyboard.isTerminal {
            show(result) { result in
                let items = result["items"]?.array ?? []
                return items.isEmpty
                    ? "Nothing is pending.\n" : items.map { Receipt.item($0, Style(for: .standard)) }.joined()
            }
        } else {
            var session = try ReviewSession(result["items"]?.array ?? [], &client)
            try session.run(&client)
        }
    }

    private func decide(_ id: String, accept: Bool, with client: inout Client) throws(Failure) -> JSON {
        try client.call(
            .feedbackReview,
            parameters(["feedback_id": .string(id), "accept": .bool(accept), "intent": intent.map(JSON.string)])
        )
    }
}
