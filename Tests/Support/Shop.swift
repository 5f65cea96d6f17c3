package import Learning

/// A small shop's sentences: four intents that a model learns in milliseconds.
package enum Shop {
    package static let subjects: [String: [String]] = [
        "delivery": [
            "where is my parcel", "track my package", "when does the shipment arrive", "is my delivery on its way",
        ],
        "refund": ["i want my money back", "refund the payment", "reimburse me", "return the cash for this item"],
        "hours": [
            "when do you open", "what are your opening hours", "are you open on sunday", "when does the shop close",
        ],
        "greeting": ["hello there", "good morning", "hi friend", "hey how are you"],
    ]

    package static let openings = ["", "please tell me ", "quick question, ", "ok so "]
    package static let outOfScope = [
        "the capital of france", "write a poem about rain", "solve this equation", "recipe for pancakes",
        "who won the match", "play some music",
    ]

    /// 12 train, 2 val and 2 test rows of each intent, and six out of scope.
    package static var rows: [DataRow] {
        var rows: [DataRow] = []
        for (intent, sentences) in subjects.sorted(by: { $0.key < $1.key }) {
            for (number, sentence) in sentences.enumerated() {
                for (variant, opening) in openings.enumerated() {
                    let place = number * openings.count + variant
                    let split: Split = place % 8 == 5 ? .test : place % 8 == 6 ? .val : .train
                    rows.append(DataRow(text: opening + sentence, intent: intent, split: split))
                }
            }
        }
        for (number, text) in outOfScope.enumerated() {
            rows.append(DataRow(text: text, intent: "oos", split: [.train, .val, .test][number % 3]))
        }
        return rows
    }

    /// The same sentences as a source, with policies and responses.
    package static let yaml: String = {
        let settings = [
            "delivery": "    responses: [\"It is on its way.\", \"It comes tomorrow.\"]\n", "refund": "",
            "hours": "    policy: never-local\n",
            "greeting": "    policy: local\n    responses: [\"Hello!\"]\n",
        ]
        var yaml = "intents:\n"
        for (intent, sentences) in subjects.sorted(by: { $0.key < $1.key }) {
            yaml += "  \(intent):\n\(settings[intent] ?? "")    templates:\n"
            for sentence in sentences + sentences.map({ "[please] tell me " + $0 }) {
                yaml += "      - \"\(sentence)\"\n"
            }
        }
        return yaml
    }()
}
