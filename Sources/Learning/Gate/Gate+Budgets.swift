import Classifier
import Statistics
import World

// The checks on a version's cost: its bytes and its time.
extension Gate {
    func checkSize(of challenger: Model, beside champion: Model?, _ verdict: inout Verdict) {
        let size = challenger.serialized().count
        let limit = champion.map { champion in
            let growth = max(1, Double(challenger.intents.count) / Double(champion.intents.count))
            return max(Int(Double(champion.serialized().count) * Self.sizeFactor * growth), Self.smallSize)
        }
        let isTooLarge = limit.map { size > $0 } ?? false
        verdict.checks.append(
            Check(
                name: "size",
                outcome: isTooLarge ? .fail : .pass,
                unit: .bytes,
                value: Double(size),
                limit: limit.map(Double.init),
                message: isTooLarge
                    ? "The model has more than \(Self.sizeFactor) times the champion's bytes, new intents allowed for."
                    : "The model has \(size / 1_024) KiB."
            )
        )
    }

    /// Checks how many times the champion's time a classification takes. Both classify the same texts in turn, and the
    /// median of the rounds' ratios counts, so that neither a slow machine nor a busy one sways it.
    func checkLatency(of challenger: Model, beside champion: Model, _ verdict: inout Verdict) {
        let all = tests + golden.rows
        // The rows lie in the order of their intents: strides take some of each.
        let texts = stride(from: 0, to: all.count, by: max(1, all.count / 64)).map { all[$0].text }.prefix(64)
        guard !texts.isEmpty else { return }
        var workspaces = (challenger: Workspace(), champion: Workspace())
        let passes = (64 + texts.count - 1) / texts.count
        func time(_ model: Model, _ workspace: inout Workspace) -> Double {
            let began = clock.monotonic()
            for _ in 0..<passes { for text in texts { _ = model.predict(text, workspace: &workspace) } }
            return max(1, Double(clock.monotonic() - began))
        }
        var ratios: [Double] = []
        // The first two rounds fill caches and buffers.
        for round in 0..<33 {
            let (mine, theirs): (Double, Double)
            if round.isMultiple(of: 2) {
                mine = time(challenger, &workspaces.challenger)
                theirs = time(champion, &workspaces.champion)
            } else {
                theirs = time(champion, &workspaces.champion)
                mine = time(challenger, &workspaces.challenger)
            }
            if round > 1 { ratios.append(mine / theirs) }
        }
        guard let ratio = medianInterval(ofSorted: ratios.sorted()) else { return }
        let outcome: Outcome =
            ratio.low > Self.latencyFactor ? .fail : ratio.median > Self.latencyFactor ? .borderline : .pass
        let check = Check(
            name: "latency",
            outcome: outcome,
            unit: .ratio,
            value: ratio.median,
            limit: Self.latencyFactor,
            low: ratio.low,
            high: ratio.high,
            message: "A text takes \(ratio.median.rounded(toPlaces: 2)) times as long as with the champion"
                + Self.ending(outcome)
        )
        verdict.checks.append(check)
    }
}
