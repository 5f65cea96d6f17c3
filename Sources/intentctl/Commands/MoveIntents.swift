import ArgumentParser
import Terminal
import Wire

// The commands with which an administrator changes intents, wherever they are named.

extension Intents {
    struct Rename: Question {
        static let configuration = CommandConfiguration(
            abstract: "Give an intent another name, in data, responses, cases and feedback.",
            discussion: "Comments, order and all else of the files stay, and each file before is kept beside it."
        )

        @Argument(help: "The name that it has.")
        var intent: String

        @Argument(help: "The name that it gets.")
        var name: String

        @OptionGroup var why: Reason
        @OptionGroup var options: GlobalOptions

        var call: Call { (.intentsRename, ["intent": .string(intent), "to": .string(name), "reason": why.json]) }

        func render(_ receipt: JSON) -> String {
            Changed.text(
                receipt,
                "\(Printable.line(intent)) is called \(Printable.line(name)) now.",
                next: Changed.named
            )
        }
    }

    struct Merge: Question {
        static let configuration = CommandConfiguration(
            abstract: "Make several intents one, in data, responses, cases and feedback.",
            usage: "intentctl intents merge <intent> ... into <name> [--reason <reason>]",
            discussion: """
                The policy and the responses of the last name count, where it has them, else those of the first that has \
                them. The name may be one of the intents or a new one.
                """
        )

        @Argument(help: "The intents, the word into, and the name that they get.")
        var words: [String]

        @Option(help: ArgumentHelp("The name that they get, instead of the word.", valueName: "name"))
        var into: String?

        @OptionGroup var why: Reason
        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard parts.intents.isEmpty || parts.name.isEmpty else { return }
            throw ValidationError("Name the intents and what they become: intentctl intents merge A B into C.")
        }

        /// Both empty where the words do not say it.
        private var parts: (intents: [String], name: String) {
            if let into { return (words, into) }
            guard words.count > 2, words[words.count - 2].lowercased() == "into" else { return ([], "") }
            return (Array(words.dropLast(2)), words[words.count - 1])
        }

        var call: Call {
            let (intents, name) = parts
            return (
                .intentsMerge,
                ["intents": .array(intents.map { .string($0) }), "to": .string(name), "reason": why.json]
            )
        }

        func render(_ receipt: JSON) -> String {
            let (intents, name) = parts
            let others = intents.filter { $0 != name }.map(Printable.line)
            let list =
                others.dropLast().joined(separator: ", ") + (others.count > 1 ? " and " : "") + (others.last ?? "")
            let verb = others.count == 1 ? "is" : "are"
            return Changed.text(receipt, "\(list) \(verb) \(Printable.line(name)) now.", next: Changed.named)
        }
    }

    struct Remove: Question {
        static let configuration = CommandConfiguration(
            abstract: "Take an intent out of data, responses, cases and feedback."
        )

        @Argument(help: "The intent.")
        var intent: String

        @OptionGroup var why: Reason
        @OptionGroup var options: GlobalOptions

        var call: Call { (.intentsRemove, ["intent": .string(intent), "reason": why.json]) }

        func render(_ receipt: JSON) -> String {
            let next = "The version in service still knows it; `intentctl retrain` makes one without it.\n"
            return Changed.text(receipt, "\(Printable.line(intent)) is removed.", next: next)
        }
    }

    struct Undo: Question {
        static let configuration = CommandConfiguration(
            abstract: "Take back a renaming, a merging or a removal.",
            discussion: "It is possible while the files are as the change left them."
        )

        @Argument(help: "The move, as the command that made it named it.")
        var move: String

        @OptionGroup var why: Reason
        @OptionGroup var options: GlobalOptions

        var call: Call { (.intentsUndo, ["move": .string(move), "reason": why.json]) }

        func render(_ receipt: JSON) -> String {
            Changed.counts(receipt, "The files before the move are back.")
                + "Answers use the old names at once, and `intentctl retrain` trains with them.\n"
        }
    }

    /// What a person reads after intents have changed.
    private enum Changed {
        static let named =
            "Answers use the new name at once; `intentctl retrain` makes it part of a model.\n"

        static func text(_ receipt: JSON, _ fact: String, next: String) -> String {
            counts(receipt, fact) + next + "To take it back: intentctl intents undo \(receipt.cell("move"))\n"
        }

        static func counts(_ receipt: JSON, _ fact: String) -> String {
            let parts = [
                receipt.counted("rows", "row"), receipt.counted("responses", "block") + " of responses",
                receipt.counted("cases", "case"), receipt.counted("feedback", "feedback item"),
            ]
            return style.bold(fact) + " Changed: " + parts.joined(separator: ", ") + ".\n"
        }
    }
}
