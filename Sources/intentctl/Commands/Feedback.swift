import ArgumentParser
import Terminal
import Wire

struct Feedback: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rate or correct an answer, teach a new example, or list what was said.",
        usage: """
            intentctl feedback --id ID --up|--down [--intent INTENT]
            intentctl feedback --text TEXT --intent INTENT [--new-intent]
            intentctl feedback list [--state STATE] [--limit N]
            intentctl feedback revise ID [--intent INTENT] [--comment COMMENT]
            intentctl feedback withdraw ID
            """,
        subcommands: [Submit.self, List.self, Revise.self, Withdraw.self],
        defaultSubcommand: Submit.self
    )
}

extension Feedback {
    struct Submit: DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "Rate or correct an answer, or teach an example.")

        enum Rating: String, EnumerableFlag { case up, down }

        @Option(help: ArgumentHelp("The answer that is rated.", valueName: "id"))
        var id: String?

        @Flag(help: "Whether it was right.")
        var rating: Rating?

        @Option(help: "The text of a new example.")
        var text: String?

        @Option(help: "What the text means.")
        var intent: String?

        @Flag(help: "The intent may be one that is not known yet.")
        var newIntent = false

        @Option(help: "For the person who reviews it.")
        var comment: String?

        @Option(help: "Makes a retry harmless.")
        var key: String?

        @OptionGroup var options: GlobalOptions

        func validate() throws {
            switch (id, text) {
            case (_?, nil):
                guard rating != nil else { throw ValidationError("Say --up or --down with --id.") }
                guard !newIntent else { throw ValidationError("--new-intent goes with --text.") }
            case (nil, _?):
                guard rating == nil else { throw ValidationError("--up and --down go with --id.") }
                guard intent != nil else { throw ValidationError("Say with --intent what the text means.") }
            default: throw ValidationError("Give either --id of an answer or --text of a new example.")
            }
        }

        func run(with client: inout Client) throws {
            let receipt = try client.call(
                .feedbackSubmit,
                parameters([
                    "id": id.map(JSON.string), "rating": rating.map { .string($0.rawValue) },
                    "text": text.map(JSON.string), "intent": intent.map(JSON.string),
                    "new_intent": newIntent ? true : nil, "comment": comment.map(JSON.string),
                    "key": key.map(JSON.string),
                ])
            )
            show(receipt) { Receipt.text($0, isCorrected: rating != .down || intent != nil) }
        }
    }

    struct List: DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "List feedback, newest first.")

        enum State: String, ExpressibleByArgument, CaseIterable {
            case pending, accepted, rejected, withdrawn, duplicate
            case evaluationOnly = "evaluation_only"
        }

        @Option(help: "Only items in this state.")
        var state: State?

        @Option(help: ArgumentHelp("How many at most.", valueName: "n"))
        var limit = Limit(100)

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            let params = parameters(["state": state.map { .string($0.rawValue) }, "limit": limit.json])
            show(try client.call(.feedbackList, params)) { result in
                let items = result["items"]?.array ?? []
                let style = Style(for: .standard)
                let pending = result["pending"]?.int ?? 0
                return items.map { Receipt.item($0, style) }.joined()
                    + (items.isEmpty ? "There is no such feedback.\n" : "")
                    + (pending > 0 ? "\(pending) pending; look at them with: intentctl review\n" : "")
            }
        }
    }
}

extension Feedback {
    struct Revise: DaemonCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say something differently.",
            discussion: "What a user says anew waits for a review again."
        )

        @Argument(help: "The item's id.")
        var id: String

        @Option(help: "What the text means after all.")
        var intent: String?

        @Option(help: "For the person who reviews it.")
        var comment: String?

        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard intent != nil || comment != nil else { throw ValidationError("Give --intent, --comment or both.") }
        }

        func run(with client: inout Client) throws {
            let params = parameters([
                "feedback_id": .string(id), "intent": intent.map(JSON.string), "comment": comment.map(JSON.string),
            ])
            show(try client.call(.feedbackRevise, params)) { Receipt.item($0, Style(for: .standard)) }
        }
    }

    struct Withdraw: DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "Take something back; it never trains again.")

        @Argument(help: "The item's id.")
        var id: String

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            show(try client.call(.feedbackWithdraw, [Member("feedback_id", .string(id))])) {
                Receipt.item($0, Style(for: .standard))
            }
        }
    }
}

/// Feedback in words.
enum Receipt {
    /// Says what happens next.
    ///
    /// - Parameter isCorrected: whether the feedback says what would have been right.
    static func text(_ receipt: JSON, isCorrected: Bool) -> String {
        let next: String
        switch receipt.text("state") {
        case "accepted":
            next =
                isCorrected ? "Learn from it now with: intentctl retrain --wait" : "To teach what was meant, label it."
        case "pending":
            next = "An administrator looks at it first (\(receipt.cell("pending")) pending): intentctl review"
        case "evaluation_only": next = "The text is one of the locked test rows: it counts, but it never trains."
        case "duplicate": next = "It was said before, so it changes nothing."
        default: next = ""
        }
        return "Noted as \(receipt.cell("feedback_id")), \(receipt.cell("state")).\n"
            + (next.isEmpty ? "" : next + "\n")
    }

    /// An item takes two lines, because its id alone takes half of a narrow terminal.
    static func item(_ item: JSON, _ style: Style) -> String {
        let head = [item.cell("feedback_id"), item.cell("state"), item.moment("at"), "uid \(item.cell("uid"))"]
        var body = "  " + item.cell("text")
        if let rating = item.text("rating") { body += rating == "up" ? "  (right)" : "  (wrong)" }
        if let intent = item.text("intent") { body += "  → " + style.bold(intent) }
        if let comment = item.text("comment"), !comment.isEmpty { body += "\n  " + style.dim(comment) }
        return style.dim(head.joined(separator: "  ")) + "\n" + body + "\n"
    }
}
