import Statistics

// The check on the data file itself: what is not read any more is not in the test rows either, so that every other check
// may pass without it.
extension Gate {
    /// The share of the last training's rows that must still be there.
    package static let fileShare = 0.995
    /// The share of an intent's rows that must still be there.
    package static let intentShare = 0.5

    /// How many rows the data file gives to each intent, and gave when the champion was trained.
    package struct FileRows: Sendable, Equatable {
        package var now: [String: Int]
        package var before: [String: Int]

        package init(now: [String: Int], before: [String: Int]) { (self.now, self.before) = (now, before) }

        /// The rows of each intent. Rows that people gave as feedback are not rows of the file.
        static func counts(_ claims: [Claim]) -> [String: Int] {
            claims.reduce(into: [:]) { counts, claim in
                if claim.source == .prepared || claim.source == .imported { counts[claim.intent, default: 0] += 1 }
            }
        }
    }

    func checkFile(_ file: FileRows, _ verdict: inout Verdict) {
        let (now, before) = (file.now.values.reduce(0, +), file.before.values.reduce(0, +))
        guard before > 0 else { return }
        let share = Double(now) / Double(before)
        let shrunk = file.before.filter { Double(file.now[$0.key] ?? 0) < Self.intentShare * Double($0.value) }.keys
            .sorted()
        let isLess = share < Self.fileShare
        var message = "The data file gives \(now) of the \(before) rows of the last training"
        if !shrunk.isEmpty {
            let names = shrunk.prefix(5).map { "\($0.shown) (\(file.now[$0] ?? 0) of \(file.before[$0] ?? 0))" }
            let more = shrunk.count > 5 ? " and \(shrunk.count - 5) more" : ""
            message += "; fewer than half are left of \(names.joined(separator: ", "))\(more)"
        }
        let isCalm = !isLess && shrunk.isEmpty
        message += isCalm ? "." : ". If that is not meant, mend the file and train again; `intentctl data check` helps."
        let check = Check(
            name: "file_rows",
            outcome: isCalm ? .pass : .borderline,
            unit: .share,
            value: share,
            limit: Self.fileShare,
            message: message
        )
        verdict.checks.append(check)
    }
}
