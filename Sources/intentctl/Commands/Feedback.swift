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
    struct Submit: Question {
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

        var call: Call {
            (
                .feedbackSubmit,
                [
                    "id": id.map(JSON.string), "rating": rating.map { .string($0.rawValue) },
                    "text": text.map(JSON.string), "intent": intent.map(JSON.string),
                    "new_intent": newIntent ? true : nil, "comment": comment.map(JSON.string),
                    "key": key.map(JSON.string),
                ]
            )
        }

        func render(_ receipt: JSON) -> String {
            Receipt.text(receipt, isCorrected: rating != .down || intent != nil)
        }
    }

    struct List: Question {
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

        var call: Call { (.feedbackList, ["state": state.map { .string($0.rawValue) }, "limit": limit.json]) }

        func render(_ result: JSON) -> String {
            let pending = result["pending"]?.int ?? 0
            return Receipt.items(result, none: "There is no such feedback.")
                + (pending > 0 ? "\(pending) pending; look at them with: intentctl review\n" : "")
        }
    }

    struct Revise: Question {
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

        var call: Call {
            let words = (intent: intent.map(JSON.string), comment: comment.map(JSON.string))
            return (.feedbackRevise, ["feedback_id": .string(id), "intent": words.intent, "comment": words.comment])
        }

        func render(_ item: JSON) -> String { Receipt.item(item) }
    }

    struct Withdraw: Question {
        static let configuration = CommandConfiguration(abstract: "Take something back; it never trains again.")

        @Argument(help: "The item's id.")
        var id: String

        @OptionGroup var options: GlobalOptions

        var call: Call { (.feedbackWithdraw, ["feedback_id": .string(id)]) }

        func render(_ item: JSON) -> String { Receipt.item(item) }
    }
}

/// Feedback in words.
enum Receipt {
    /// Says what happens next.
    ///
    /// - Parameter isCorrected: whether the feedback says what would have been right.
    static func text(_ receipt: JSON, isCorrected: Bool) -> String {
        let next =
            switch receipt.text("state") {
            case "accepted" where isCorrected: "Learn from it now with: intentctl retrain --wait\n"
            case "accepted": "To teach what was meant, label it.\n"
            case "pending":
                "An administrator looks at it first (\(receipt.cell("pending")) pending): intentctl review\n"
            case "evaluation_only": "The text is one of the locked test rows: it counts, but it never trains.\n"
            case "duplicate": "It was said before, so it changes nothing.\n"
            default: ""
            }
        return "Noted as \(receipt.cell("feedback_id")), \(receipt.cell("state")).\n" + next
    }

    /// - Parameter none: what is said where there are no items.
    static func items(_ result: JSON, none: String) -> String {
        let items = result.list("items")
        return items.isEmpty ? none + "\n" : items.map(item).joined()
    }

    /// An item takes two lines, because its id alone takes half of a narrow terminal.
    static func item(_ item: JSON) -> String {
        let head = [item.cell("feedback_id"), item.cell("state"), item.moment("at"), "uid \(item.cell("uid"))"]
        var body = "  " + item.cell("text")
        if let rating = item.text("rating") { body += rating == "up" ? "  (right)" : "  (wrong)" }
        if let intent = item.text("intent") { body += "  → " + style.bold(intent) }
        if let comment = item.text("comment"), !comment.isEmpty { body += "\n  " + style.dim(comment) }
        return style.dim(head.joined(separator: "  ")) + "\n" + body + "\n"
    }
}
