import ArgumentParser
import Wire

struct Review: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept or reject what people said; without an option, go through what is pending."
    )

    @Option(help: ArgumentHelp("Let this item train.", valueName: "id"))
    var accept: String?

    @Option(help: ArgumentHelp("Never let this item train.", valueName: "id"))
    var reject: String?

    @Option(help: "With --accept: what the text really means.")
    var intent: String?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard accept == nil || reject == nil else { throw ValidationError("Give either --accept or --reject.") }
        guard intent == nil || accept != nil else { throw ValidationError("--intent goes with --accept.") }
    }

    func run(with client: inout Client) throws {
        if let id = accept ?? reject {
            show(try decide(id, accept != nil, intent, &client)) { Receipt.item($0, Style(for: .standard)) }
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
            try walk(through: result["items"]?.array ?? [], &client)
        }
    }

    private func walk(through items: [JSON], _ client: inout Client) throws {
        let style = Style(for: .standard)
        if items.isEmpty { Output.standard.write("Nothing is pending.\n") }
        // The oldest first: who waited longest is served first.
        for (index, item) in items.reversed().enumerated() {
            let id = item["feedback_id"]?.string ?? ""
            Output.standard.write("\n\(index + 1) of \(items.count)  " + Receipt.item(item, style))
            Output.standard.write(style.dim("a accept  r reject  s skip  q quit") + " ")
            switch Keyboard.key(among: ["a", "r", "s", "q"]) {
            case "a": Output.standard.write("\n" + outcome(try decide(id, true, nil, &client)))
            case "r": Output.standard.write("\n" + outcome(try decide(id, false, nil, &client)))
            case "s": Output.standard.write("\nskipped\n")
            default:
                Output.standard.write("\n")
                return
            }
        }
    }

    private func outcome(_ item: JSON) -> String { item.cell("state") + "\n" }

    private func decide(
        _ id: String,
        _ isAccepted: Bool,
        _ intent: String?,
        _ client: inout Client
    ) throws(Failure) -> JSON {
        try client.call(
            .feedbackReview,
            parameters(["feedback_id": .string(id), "accept": .bool(isAccepted), "intent": intent.map(JSON.string)])
        )
    }
}
