import Statistics
import World

/// Decides what each claim weighs: who is right where they contradict each other, and how much of an intent may rest on
/// words that no admin vouched for. It is a function of the claims alone: without some of them it decides as if they had
/// never been made.
struct Settlement {
    private(set) var claims: [Claim]
    /// The key of each claim's text.
    let keys: [String]
    private(set) var findings: [Finding] = []
    /// The texts that nobody decided, by key.
    private(set) var undecided: [String: TrainingData.Undecided] = [:]
    private let rules: TrainingData.Rules

    init(claims: [Claim], rules: TrainingData.Rules) {
        var key = WordKey(language: rules.language)
        let sorted = claims.map { (claim: $0, key: key($0.text)) }.sorted(by: Claim.order)
        keys = sorted.map(\.key)
        self.rules = rules
        self.claims = sorted.map { pair in
            var claim = pair.claim
            claim.weight = claim.claimed
            return claim
        }
    }

    /// The claims that give a text the same intent.
    private struct Side {
        var intent: String
        var claims: [Int] = []
        /// The weight of the data file's rows and of words that an admin vouched for.
        var solid = 0.0
        var weight = 0.0
        /// The people whose words no admin vouched for.
        var loose = 0
        var isSpoken = false
        /// When the newest of them was said, which decides between equal weights.
        var latest: (at: Int64, item: String) = (0, "")
    }

    /// A text that unreviewed words would take from an intent.
    private struct Challenge {
        var winner: Side
        var sides: [Side]
        var holder: Side
    }

    /// If people contradict the data file about a text, the greater weight decides and the rest is left out: a correction
    /// outweighs one prepared row, and not hundreds of them. Words that no admin vouched for take a text from the data
    /// file only if several people agree, and only up to a share of its intent. A text that the data file alone gives
    /// several intents is left out: whatever were learnt of it would be wrong of one of them.
    mutating func settleConflicts() {
        var challenges: [Challenge] = []
        for sides in rivals() {
            guard sides.contains(where: \.isSpoken) else {
                leaveOut(sides)
                continue
            }
            guard let heaviest = Self.greatest(sides, \.weight),
                let holder = Self.greatest(sides, \.solid)
            else { continue }
            if holder.solid > 0, holder.intent != heaviest.intent {
                challenges.append(Challenge(winner: heaviest, sides: sides, holder: holder))
            } else {
                decide(for: heaviest, sides, .greatestWeight)
            }
        }
        judge(challenges)
        findings.sort { ($0.line ?? .max, $0.message) < ($1.line ?? .max, $1.message) }
    }

    private mutating func leaveOut(_ sides: [Side]) {
        for index in sides.flatMap(\.claims) {
            claims[index].weight = 0
            undecided[keys[index]] = TrainingData.Undecided(intents: sides.map(\.intent))
        }
    }

    private mutating func judge(_ challenges: [Challenge]) {
        var left: [String: Double] = [:]
        for claim in claims where claim.split == .train && claim.isVouched {
            left[claim.intent, default: 0] += claim.claimed
        }
        left = left.mapValues { $0 * rules.maxSharePerUID }
        // Texts on which most people agree come first; equal ones in the order of the texts, whoever spoke.
        let ordered = challenges.sorted { one, other in
            if one.winner.loose != other.winner.loose { return one.winner.loose > other.winner.loose }
            return (keys[one.winner.claims[0]], one.winner.intent) < (keys[other.winner.claims[0]], other.winner.intent)
        }
        for challenge in ordered {
            let price = challenge.holder.solid
            let isAgreed = challenge.winner.loose >= TrainingData.Rules.quorum
            if rules.maxSharePerUID >= 1 || isAgreed && price <= left[challenge.holder.intent] ?? 0 {
                left[challenge.holder.intent, default: 0] -= price
                decide(for: challenge.winner, challenge.sides, .greatestWeight)
            } else {
                decide(for: challenge.holder, challenge.sides, .unreviewed)
            }
        }
    }

    /// The intents that claim the same text for training.
    private func rivals() -> [[Side]] {
        var texts: [String: [Int]] = [:]
        for index in claims.indices where claims[index].split == .train {
            texts[keys[index], default: []].append(index)
        }
        var conflicts: [[Side]] = []
        for (_, indices) in texts where Set(indices.map { claims[$0].intent }).count > 1 {
            var sides: [String: Side] = [:]
            for index in indices {
                let claim = claims[index]
                var side = sides[claim.intent] ?? Side(intent: claim.intent)
                side.claims.append(index)
                side.weight += claim.claimed
                if claim.isVouched { side.solid += claim.claimed } else { side.loose += 1 }
                if claim.uid != nil {
                    side.isSpoken = true
                    let said = (at: claim.at?.microseconds ?? 0, item: claim.item ?? "")
                    if said > side.latest { side.latest = said }
                }
                sides[claim.intent] = side
            }
            conflicts.append(sides.values.sorted { $0.intent < $1.intent })
        }
        return conflicts
    }

    private static func greatest(_ sides: [Side], _ weight: (Side) -> Double) -> Side? {
        sides.max { one, other in
            weight(one) == weight(other) ? one.latest < other.latest : weight(one) < weight(other)
        }
    }

    private enum Reason { case greatestWeight, unreviewed }

    private mutating func decide(for winner: Side, _ sides: [Side], _ reason: Reason) {
        for side in sides where side.intent != winner.intent { for index in side.claims { claims[index].weight = 0 } }
        let names = sides.map(\.intent).joined(separator: ", ")
        switch reason {
        case .greatestWeight:
            let message = "One text stood under \(names); \(winner.intent) has the greatest weight and stays."
            let remedy = "Look at its feedback with `intentctl feedback list` if that is not what it means."
            findings.add(.conflictSettled, .note, message: message, remedy: remedy)
        case .unreviewed:
            let message =
                "One text stood under \(names); unreviewed feedback alone does not take it from \(winner.intent)."
            let remedy = "If the feedback is right, an admin accepts it: `intentctl review`."
            findings.add(.unreviewedConflict, .note, message: message, remedy: remedy)
        }
    }

    /// Scales down words that no admin vouched for: those of one uid to its share of an intent, and those of all uids
    /// together to theirs.
    mutating func capShares() {
        let share = rules.maxSharePerUID
        guard share < 1 else { return }
        var solid: [String: Double] = [:]
        var byUID: [String: [UInt32: [Int]]] = [:]
        for index in claims.indices where claims[index].split == .train && claims[index].weight > 0 {
            let claim = claims[index]
            if let uid = claim.uid, !claim.isVouched {
                byUID[claim.intent, default: [:]][uid, default: []].append(index)
            } else {
                solid[claim.intent, default: 0] += claim.weight
            }
        }
        for (intent, uids) in byUID.sorted(by: { $0.key < $1.key }) {
            let base = solid[intent] ?? 0
            let weights = uids.mapValues { $0.reduce(0) { $0 + claims[$1].weight } }
            let loose = weights.values.sorted(by: >)
            let allowed = Self.allowance(of: base + loose.reduce(0, +), loose, share)
            let capped = loose.map { min($0, allowed) }
            // All together have a limit, too. The heaviest are cut first, so that nobody drowns the others.
            let all = rules.maxShareUnreviewed
            let limit = all < 1 ? base * all / (1 - all) : .infinity
            let isOver = capped.reduce(0, +) > limit * (1 + 1e-12)
            let level = isOver ? Self.level(capped, limit) : allowed
            for (uid, weight) in weights where weight > min(allowed, level) {
                for index in uids[uid] ?? [] { claims[index].weight *= min(allowed, level) / weight }
            }
            report(
                intent,
                scaled: weights.filter { $0.value > allowed }.map(\.key).sorted(),
                isOver: isOver,
                base: base
            )
        }
    }

    /// The weight to which the heaviest are cut so that all together have the sum.
    private static func level(_ heaviestFirst: [Double], _ sum: Double) -> Double {
        var rest = sum
        for (count, weight) in heaviestFirst.reversed().enumerated() {
            let level = rest / Double(heaviestFirst.count - count)
            if weight >= level { return level }
            rest -= weight
        }
        return heaviestFirst.first ?? 0
    }

    private mutating func report(_ intent: String, scaled: [UInt32], isOver: Bool, base: Double) {
        for uid in scaled {
            let message =
                "Feedback of uid \(uid) for \(intent) weighs more than "
                + "\((rules.maxSharePerUID * 100).rounded(toPlaces: 1)) % of the intent and was scaled down."
            let remedy = "An admin can accept the rows one by one: `intentctl review`."
            findings.add(.shareCapped, .warning, message: message, remedy: remedy)
        }
        guard isOver else { return }
        let message =
            base > 0
            ? "Unreviewed feedback for \(intent) weighs more than "
                + "\((rules.maxShareUnreviewed * 100).rounded(toPlaces: 1)) % of the intent and was scaled down."
            : "All that is known of \(intent) is unreviewed feedback, which was left out."
        let remedy = "An admin can accept the rows one by one: `intentctl review`."
        findings.add(.unreviewedCapped, .warning, message: message, remedy: remedy)
    }

    /// The weight at which nobody's is more than `share` of what is left when all heavier ones are scaled down to it.
    private static func allowance(of total: Double, _ heaviestFirst: [Double], _ share: Double) -> Double {
        var rest = total
        for (count, weight) in heaviestFirst.enumerated() {
            let free = 1 - Double(count) * share
            guard free > 0 else { break }
            let allowed = share * rest / free
            if weight <= allowed * (1 + 1e-12) { return allowed * (1 + 1e-12) }
            rest -= weight
        }
        let free = 1 - Double(heaviestFirst.count) * share
        return free > 0 ? max(0, share * rest / free) : heaviestFirst.last ?? 0
    }

    /// Leaves out validation rows that are also trained on: they would make the model look surer than it is.
    mutating func finish() {
        var trained: Set<String> = []
        for index in claims.indices where claims[index].split == .train && claims[index].weight > 0 {
            trained.insert(keys[index])
        }
        for index in claims.indices where claims[index].split == .val && trained.contains(keys[index]) {
            claims[index].weight = 0
        }
    }
}
