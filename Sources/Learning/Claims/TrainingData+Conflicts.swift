// What is said of texts that the data file gives several intents, and that no feedback decided.
extension TrainingData {
    /// So many texts are told one by one.
    private static let told = 20
    private static let remedy =
        "In the data file, keep the line that is right and remove the others, or correct one of them by feedback."

    func conflicts() -> [Finding] {
        guard !undecided.isEmpty else { return [] }
        let learnt = Set(rows.filter { $0.split == .train }.map(\.intent))
        guard learnt.subtracting([DataRow.outOfScope]).count > 1 else { return [tooMany()] }
        var findings = undecided.prefix(Self.told).map { text in
            Finding(
                .conflictingIntents,
                .warning,
                line: text.lines.first,
                otherLine: text.lines.dropFirst().first,
                message: "\(text.place) under \(text.intents.map(\.shown).joined(separator: " and ")); "
                    + "none of the rows is trained on.",
                remedy: Self.remedy
            )
        }
        if undecided.count > Self.told {
            let more = (undecided.count - Self.told).counted("more text stands", "more texts stand")
            let message =
                "\(more) under several intents and \(undecided.count == Self.told + 1 ? "is" : "are") left out."
            findings.add(.conflictingIntents, .warning, message: message, remedy: Self.remedy)
        }
        for intent in Set(undecided.flatMap(\.intents)).subtracting(learnt).sorted() {
            let message = "\(intent.shown) has no row left to learn: all its texts stand under other intents as well."
            findings.add(.noTrainRows, .warning, message: message, remedy: Self.remedy)
        }
        return findings
    }

    private func tooMany() -> Finding {
        let places = undecided.prefix(Self.told).compactMap(\.numbers)
        let named = places.isEmpty ? "" : " (" + places.joined(separator: "; ") + ")"
        let count = undecided.count.counted("text stands", "texts stand")
        return Finding(
            .mostInConflict,
            .error,
            line: undecided.first?.lines.first,
            message:
                "\(count) under several intents\(named), and without them fewer than two intents are left to learn.",
            remedy: Self.remedy
        )
    }
}

extension TrainingData.Undecided {
    /// "lines 2 and 3"; nil where they are not known.
    fileprivate var numbers: String? {
        guard let last = lines.last else { return nil }
        let first = lines.dropLast().prefix(5).map(String.init).joined(separator: ", ")
        return first.isEmpty ? "line \(last)" : "lines \(first) and \(last)"
    }

    fileprivate var place: String {
        let why = isRedacted ? "once personal data is redacted" : "to a model"
        guard let numbers else { return "One text stands" }
        return "\(numbers.prefix(1).uppercased())\(numbers.dropFirst()) are one text \(why), and it stands"
    }
}
