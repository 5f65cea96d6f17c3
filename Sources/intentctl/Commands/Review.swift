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
        if let id = undo ?? accept ?? reject {
            let decision = undo == nil ? accept != nil : nil
            return show(try client.call(.feedbackReview, Self.params(id, decision, intent: intent)), Receipt.item)
        }
        let result = try client.call(.feedbackList, ["state": "pending", "limit": 1_000])
        if options.json || !Output.standard.isTerminal || !Keyboard.isTerminal {
            show(result) { Receipt.items($0, none: "Nothing is pending.") }
        } else {
            var session = try ReviewSession(result.list("items"), &client)
            try session.run(&client)
        }
    }

    /// - Parameter accept: nil takes the last decision back.
    static func params(_ id: String, _ accept: Bool?, intent: String?) -> Parameters {
        [
            "feedback_id": .string(id), "accept": accept.map(JSON.bool), "intent": intent.map(JSON.string),
            "undo": accept == nil ? true : nil,
        ]
    }
}
