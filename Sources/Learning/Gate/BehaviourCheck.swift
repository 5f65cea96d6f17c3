import Classifier
import Statistics

/// Holds a challenger to the cases of `behaviour.yaml`. Those of `must` and `must_not` are right or wrong; invariance
/// and direction are rates, compared with the champion's on the same cases and with a floor.
struct BehaviourCheck {
    private let file: BehaviourFile
    private let challenger: Model
    private let champion: Model?
    private let known: Set<String>

    init(_ file: BehaviourFile, challenger: Model, champion: Model?) {
        (self.file, self.challenger, self.champion) = (file, challenger, champion)
        known = Set(challenger.intents)
    }

    func judge(_ verdict: inout Gate.Verdict) {
        verdict.findings += file.findings
        reportUnknown(&verdict)
        checkCases(&verdict)
        checkInvariance(&verdict)
        checkDirection(&verdict)
    }

    private func reportUnknown(_ verdict: inout Gate.Verdict) {
        let behaviour = file.behaviour
        let entries = (behaviour.must + behaviour.mustNot + behaviour.invariance).map { ($0.intent, $0.line) }
        var lines: [String: Int] = [:]
        for (intent, line) in entries + behaviour.direction.map({ ($0.intent, $0.line) })
        where !known.contains(intent) {
            lines[intent] = min(line, lines[intent] ?? .max)
        }
        guard let first = lines.values.min() else { return }
        let names = lines.keys.sorted()
        let shown =
            names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
        let message = "behaviour.yaml has cases of intents that the data does not know: \(shown)."
        let remedy = "Remove the cases, or add the intents to the data."
        verdict.findings.add(.behaviourUnknownIntent, .note, line: first, message: message, remedy: remedy)
    }

    /// A file that is only half understood must not pass.
    private func checkCases(_ verdict: inout Gate.Verdict) {
        let must = file.behaviour.must.filter { known.contains($0.intent) }
        let mustNot = file.behaviour.mustNot.filter { known.contains($0.intent) }
        let isBroken = file.findings.contains { $0.severity == .error }
        guard isBroken || must.count + mustNot.count > 0 else { return }
        let ask = Answers(challenger)
        var missed: [Gate.Missed] = []
        for entry in must {
            let got = ask.intent(entry.text)
            if got != entry.intent { missed.append(entry.missed(.must, got)) }
        }
        for entry in mustNot where ask.intent(entry.text) == entry.intent {
            missed.append(entry.missed(.mustNot, entry.intent))
        }
        verdict.behaviourMissed += missed
        let count = must.count + mustNot.count
        verdict.checks.append(
            Gate.Check(
                name: "behaviour",
                outcome: !missed.isEmpty ? .fail : isBroken ? .borderline : .pass,
                unit: .count,
                value: Double(count - missed.count),
                limit: Double(count),
                message: !missed.isEmpty
                    ? "\(missed.count.counted("case of must and must_not is", "cases of must and must_not are")) "
                        + "wrong, and every one must be right."
                    : isBroken
                        ? "behaviour.yaml is not understood as a whole; the findings name the lines."
                        : "All cases of must and must_not are right."
            )
        )
    }

    private func checkInvariance(_ verdict: inout Gate.Verdict) {
        var cases: [(text: String, changed: String)] = []
        for entry in file.behaviour.invariance where known.contains(entry.intent) {
            for perturbation in file.behaviour.perturbations {
                if let changed = perturbation.applied(to: entry.text) { cases.append((entry.text, changed)) }
            }
        }
        let mine = Answers(challenger)
        let holds = cases.map { mine.intent($0.text) == mine.intent($0.changed) }
        for (entry, holds) in zip(cases, holds) where !holds {
            let (intent, got) = (mine.intent(entry.text), mine.intent(entry.changed))
            let missed = Gate.Missed(kind: .invariance, text: entry.changed, intent: intent, got: got)
            verdict.behaviourMissed.append(missed)
        }
        let theirs = champion.map(Answers.init)
        rate(
            "behaviour:invariance",
            holds: holds,
            champion: theirs.map { ask in cases.map { ask.intent($0.text) == ask.intent($0.changed) } },
            fact: "changed texts keep their intent",
            &verdict
        )
    }

    private func checkDirection(_ verdict: inout Gate.Verdict) {
        let cases = file.behaviour.direction.filter { known.contains($0.intent) }
        let mine = Answers(challenger)
        let holds = cases.map { mine.obeys($0) }
        for (entry, holds) in zip(cases, holds) where !holds {
            let text = entry.text + " " + entry.added
            let missed = Gate.Missed(kind: .direction, text: text, intent: entry.intent, got: mine.intent(text))
            verdict.behaviourMissed.append(missed)
        }
        rate(
            "behaviour:direction",
            holds: holds,
            champion: champion.map(Answers.init).map { ask in cases.map { ask.obeys($0) } },
            fact: "added texts move the confidence as they should",
            &verdict
        )
    }

    /// Holds a rate to two limits: the champion's rate less the margin, and the floor. The check shows the limit that is
    /// broken worse, or the higher one if both are kept. A challenger that is below the floor but no worse than the
    /// champion waits for an admin.
    private func rate(_ name: String, holds: [Bool], champion: [Bool]?, fact: String, _ verdict: inout Gate.Verdict) {
        guard !holds.isEmpty else { return }
        let kept = Proportion(successes: holds.count { $0 }, trials: holds.count)
        let high = kept.upperBound(confidence: 0.95)
        var isNoWorse = false
        var floor = Gate.Check(
            name: name,
            outcome: .pass,
            unit: .share,
            value: kept.estimate,
            limit: Gate.behaviourFloor,
            low: kept.lowerBound(confidence: 0.95),
            high: high,
            message: ""
        )
        var chosen = floor
        if let champion {
            let comparison = PairedComparison(
                gained: zip(holds, champion).count { $0 && !$1 },
                lost: zip(holds, champion).count { !$0 && $1 },
                rows: holds.count
            )
            let before = kept.estimate - comparison.difference
            let interval = comparison.interval()
            isNoWorse = comparison.difference >= 0
            chosen.limit = before - Gate.behaviourMargin
            chosen.low = max(0, before + interval.low)
            chosen.high = min(1, before + interval.high)
            chosen.outcome =
                interval.high < -Gate.behaviourMargin
                ? .fail : comparison.difference < -Gate.behaviourMargin ? .borderline : .pass
        }
        if kept.estimate < Gate.behaviourFloor {
            floor.outcome = high < Gate.behaviourFloor && !isNoWorse ? .fail : .borderline
        }
        if floor.outcome > chosen.outcome
            || floor.outcome == chosen.outcome && (floor.limit ?? 0) > (chosen.limit ?? 0)
        {
            chosen = floor
        }
        chosen.message = "\(kept.successes) of \(kept.trials) \(fact)" + Gate.ending(chosen.outcome)
        verdict.checks.append(chosen)
    }
}

/// Asks one model.
private struct Answers {
    private let model: Model

    init(_ model: Model) { self.model = model }

    func intent(_ text: String) -> String {
        var workspace = Workspace()
        return model.intents[model.predict(text, workspace: &workspace).intent]
    }

    func obeys(_ direction: Behaviour.Direction) -> Bool {
        let before = confidence(of: direction.intent, in: direction.text)
        let after = confidence(of: direction.intent, in: direction.text + " " + direction.added)
        return direction.raises ? after > before : after < before
    }

    /// 0 for an intent that the model lacks.
    private func confidence(of intent: String, in text: String) -> Float {
        var workspace = Workspace()
        _ = model.predict(text, top: model.intents.count, workspace: &workspace)
        return workspace.ranked.first { model.intents[$0.intent] == intent }?.confidence ?? 0
    }
}

extension Behaviour.Case {
    fileprivate func missed(_ kind: Gate.Missed.Kind, _ got: String) -> Gate.Missed {
        Gate.Missed(kind: kind, text: text, intent: intent, got: got)
    }
}
