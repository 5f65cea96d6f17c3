import Glibc
import Terminal
import Wire

/// The review queue at the keyboard: it shows one item at a time and takes one key for a decision. A person who has to
/// type an id and an option for each item reviews ten of them; with one key, a hundred.
struct ReviewSession {
    private var queue: ReviewQueue
    /// Items that were decided, so that `u` can go back to them.
    private var decided: [ReviewQueue.Item] = []
    private var known: Set<String>?
    private let total: Int
    private let output = Output.standard

    private static let digits = Array("123456789")
    private static let help = """
        a        accept what the person says
        1 to 9   accept it as what the model suggests
        /        accept it as another intent; its beginning is enough
        r        reject it: it never trains
        s        skip it: it waits on
        u        take the last decision back
        q        leave; what is left waits on

        """

    /// Asks the model about every text.
    init(_ items: [JSON], _ client: inout Client) throws(Failure) {
        var predictions: [JSON] = []
        do {
            let texts = items.map { $0["text"]?.string ?? "" }.map { JSON.string($0.isEmpty ? " " : $0) }
            if !texts.isEmpty {
                predictions = try client.call(.predict, ["texts": .array(texts), "top_k": 9]).list("predictions")
            }
        } catch .refused {
            // Without a model the oldest items come first.
        }
        queue = ReviewQueue(
            items.enumerated().map { index, item in
                ReviewQueue.Item(item, prediction: index < predictions.count ? predictions[index] : nil)
            }
        )
        total = items.count
    }

    mutating func run(_ client: inout Client) throws(Failure) {
        if total == 0 { output.write("Nothing is pending.\n") }
        while let item = queue.next() {
            show(item)
            guard try decide(item, &client) else { return }
        }
        if total > 0 { output.write("\nThat was all.\n") }
    }

    private func show(_ item: ReviewQueue.Item) {
        output.write("\n\(decided.count + 1) of \(decided.count + queue.count + 1)  ")
        output.write(Receipt.item(item.json))
        guard !item.suggestions.isEmpty else { return }
        let words = zip(Self.digits, item.suggestions).map { digit, suggestion in
            let name = Printable.line(suggestion.intent)
            let text = "\(digit) \(name) \(Int((suggestion.confidence * 100).rounded())) %"
            return suggestion.intent == item.label ? style.bold(text) : text
        }
        output.write("  " + style.dim("model: ") + words.joined(separator: "  ") + "\n")
    }

    /// - Returns: whether the session goes on.
    private mutating func decide(_ item: ReviewQueue.Item, _ client: inout Client) throws(Failure) -> Bool {
        let digits = Self.digits.prefix(item.suggestions.count)
        while true {
            output.write(style.dim("a accept  1-9 relabel  / other  r reject  s skip  u undo  ? help  q quit") + " ")
            let key = Keyboard.key(among: Set(["a", "r", "s", "u", "q", "?", "/"] + digits))
            output.write("\n")
            switch key {
            case "a":
                if item.label == nil, item.json["rating"] != "up" {
                    output.write("It names no intent: choose one by its number, or with /.\n")
                    continue
                }
                guard try review(item, accept: true, &client) else { continue }
            case "r": guard try review(item, accept: false, &client) else { continue }
            case "s": output.write("skipped\n")
            case "u":
                guard let last = decided.last else {
                    output.write("There is nothing to take back.\n")
                    continue
                }
                guard try review(last, accept: nil, &client) else { continue }
                queue.putBack(item)
                show(last)
                return try decide(last, &client)
            case "?":
                output.write(Self.help)
                continue
            case "/":
                guard let intent = try otherIntent(&client),
                    try review(item, accept: true, as: intent, &client)
                else { continue }
            case let digit?:
                guard let index = digits.firstIndex(of: digit) else { return false }
                guard try review(item, accept: true, as: item.suggestions[index].intent, &client) else { continue }
            case nil: return false
            }
            if key == "q" { return false }
            return true
        }
    }

    /// - Parameter accept: nil takes the last decision back.
    /// - Returns: whether the daemon took the decision. A refusal is shown, and the item is asked about again.
    private mutating func review(
        _ item: ReviewQueue.Item,
        accept: Bool?,
        as intent: String? = nil,
        _ client: inout Client
    ) throws(Failure) -> Bool {
        do {
            let result = try client.call(.feedbackReview, Review.params(item.id, accept, intent: intent))
            if accept == nil {
                decided.removeLast()
                output.write("taken back\n")
            } else {
                decided.append(item)
                output.write(result.cell("state") + (intent.map { " as " + Printable.line($0) } ?? "") + "\n")
            }
            return true
        } catch .refused(let error) {
            output.write(style.red(Printable.line(error.message)) + "\n")
            return false
        }
    }

    // MARK: Another intent

    /// Asks for an intent by name; nil where the person named none.
    private mutating func otherIntent(_ client: inout Client) throws(Failure) -> String? {
        output.write("intent: ")
        guard let typed = Keyboard.line()?.trimmed, !typed.isEmpty else { return nil }
        let known = try knownIntents(&client)
        if known.contains(typed) { return typed }
        let near = known.filter { $0.hasPrefix(typed) }.sorted()
        if near.count == 1 { return near[0] }
        if near.count > 1 {
            output.write("It could be \(near.map(Printable.line).joined(separator: ", ")).\n")
            return nil
        }
        let question = Printable.line(Spelling.question(about: typed, in: known))
        output.write("There is no intent \(Printable.line(typed)) yet.\(question) Make it one? [y/N] ")
        let isNew = Keyboard.key(among: ["y", "n", "\r", "\n"]) == "y"
        output.write(isNew ? "yes\n" : "no\n")
        return isNew ? typed : nil
    }

    private mutating func knownIntents(_ client: inout Client) throws(Failure) -> Set<String> {
        if let known { return known }
        let names = try KnownIntents.names(&client)
        known = names
        return names
    }
}
