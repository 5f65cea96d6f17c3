import Text
import Wire
import World

// The checks before a training.
extension TrainingData {
    /// More items of one uid within an hour, which no admin vouched for, are a burst.
    package static let wordsPerHour = 20

    /// The same data with the findings of the checks.
    ///
    /// - Parameter evidence: that of the rows, where it is at hand.
    /// - Throws: ``TrainingSource/Failure/hopeless(_:)`` if they stop the job.
    package func checked(_ evidence: Evidence? = nil) throws(TrainingSource.Failure) -> TrainingData {
        let found = checks(evidence)
        let stops = found.filter { $0.severity == .error }
        guard stops.isEmpty else { throw .hopeless(stops) }
        var data = self
        data.findings += found
        return data
    }

    /// An ``Finding/Severity/error`` stops a job; there are three of them.
    ///
    /// - Parameter evidence: that of the rows, where it is at hand.
    package func checks(_ evidence: Evidence? = nil) -> [Finding] {
        let conflicts = conflicts()
        if conflicts.contains(where: { $0.severity == .error }) { return conflicts }
        let evidence = evidence ?? Evidence(rows)
        return rowsToLearn() + Self.outOfScope(rows) + Self.oneGroup(evidence) + conflicts
            + Self.nearTestRows(evidence) + bursts()
    }

    /// Intents of which nothing can be held out: all of their rows are one piece of evidence.
    private static func oneGroup(_ evidence: Evidence) -> [Finding] {
        evidence.groups { $0.split == .train && $0.intent != DataRow.outOfScope }
            .filter { $0.value == 1 }.keys.sorted().map { intent in
                let message =
                    "The rows of \(intent.shown) are all of one group, so how right it is cannot be estimated."
                let remedy = "It is not answered locally yet; write it in other words, or add another template."
                return Finding(.oneGroup, .warning, message: message, remedy: remedy)
            }
    }

    /// Says so if no row shows what to leave alone: such a model takes whatever it is asked for one of its intents.
    package static func outOfScope(_ rows: [DataRow]) -> [Finding] {
        guard !rows.isEmpty, !rows.contains(where: { $0.intent == DataRow.outOfScope }) else { return [] }
        let message =
            "There are no rows of intent \(DataRow.outOfScope), so the model learns nothing of what to leave alone."
        let remedy =
            "Add some 50 texts or more that people may write and that belong to none of your intents, with intent "
            + "\(DataRow.outOfScope) (in intents.yaml: the section out_of_scope)."
        return [Finding(.noOutOfScopeRows, .warning, message: message, remedy: remedy)]
    }

    private func rowsToLearn() -> [Finding] {
        var counts: [String: Int] = [:]
        for row in rows where row.intent != DataRow.outOfScope {
            counts[row.intent, default: 0] += row.split == .train ? 1 : 0
        }
        let known = counts.filter { $0.value > 0 }.keys.sorted()
        if known.isEmpty {
            let remedy = "Add rows of split train, or accept feedback: `intentctl review`."
            return [Finding(.noRows, .error, message: "There are no rows to learn from.", remedy: remedy)]
        }
        if known.count == 1 {
            let remedy = "Add rows of at least one other intent: there must be something to tell apart."
            let message = "All rows to learn from belong to one intent, \(known[0].shown)."
            return [Finding(.oneIntent, .error, message: message, remedy: remedy)]
        }
        return counts.sorted { $0.key < $1.key }.compactMap { intent, count in
            if count == 0 {
                let message = "\(intent.shown) has no row to learn from."
                return Finding(.noTrainRows, .warning, message: message, remedy: "Move some of its rows to train.")
            }
            guard count < DataFile.enoughRows else { return nil }
            let remedy = "Write at least \(DataFile.enoughRows), better 20, different ways to say it."
            let message = "\(intent.shown) has only \(count.counted("row", "rows")) to learn from."
            return Finding(.fewRows, .warning, message: message, remedy: remedy)
        }
    }

    /// Rows that are trained on and nearly equal a locked test row; one finding for each intent.
    package static func nearTestRows(_ evidence: Evidence) -> [Finding] {
        var found: [String: (count: Int, line: Int, testLine: Int)] = [:]
        for (row, test) in evidence.nearTests {
            found[row.intent, default: (0, row.line, test.line)].count += 1
        }
        return found.sorted { $0.key < $1.key }.map { intent, near in
            let rows = near.count.counted(
                "row of \(intent.shown) nearly equals",
                "rows of \(intent.shown) nearly equal"
            )
            let place = near.line > 0 ? ", line \(near.line) and line \(near.testLine) to begin with" : ""
            return Finding(
                .nearTestRow,
                .note,
                line: near.line > 0 ? near.line : nil,
                otherLine: near.testLine > 0 ? near.testLine : nil,
                message: rows + " a locked test row" + place + ".",
                remedy: "They are trained on; put both into one split, or the figures flatter the model."
            )
        }
    }

    /// Many items of one person within an hour: a script, or an angry person.
    private func bursts() -> [Finding] {
        var times: [UInt32: [Int64]] = [:]
        for claim in claims where !claim.isVouched {
            if let uid = claim.uid, let at = claim.at { times[uid, default: []].append(at.microseconds) }
        }
        return times.sorted { $0.key < $1.key }.compactMap { uid, times in
            let times = times.sorted()
            var most = (count: 0, at: Int64(0))
            var first = 0
            for last in times.indices {
                while times[last] - times[first] >= 3_600_000_000 { first += 1 }
                if last - first + 1 > most.count { most = (last - first + 1, times[first]) }
            }
            guard most.count > Self.wordsPerHour else { return nil }
            let message =
                "uid \(uid) gave \(most.count) items that nobody reviewed within one hour from "
                + "\(Timestamp(microseconds: most.at).rfc3339)."
            let remedy = "Look at them: `intentctl feedback list`, then `intentctl review`."
            return Finding(.feedbackBurst, .warning, message: message, remedy: remedy)
        }
    }
}
