import Learning
import Statistics
import Wire
import World

/// The results of the methods about training data.
enum DataReport {
    /// - Parameter data: nil if the data file cannot be used at all.
    static func check(
        _ data: TrainingData?,
        _ findings: [Finding],
        isStopped: Bool,
        labelErrors: (digest: String, errors: [JSON])?,
        limit: Int
    ) -> JSON {
        [
            "stopped": .bool(isStopped), "rows": .integer(data?.rows.count ?? 0), "counts": counts(findings),
            "findings": .array(bySeverity(findings).prefix(limit).map(\.json)),
            "label_errors": .array(labelErrors?.errors.filter(isInDoubt).prefix(limit).map { $0 } ?? []),
            "label_errors_of": JSON(labelErrors?.digest), "label_lift": .double(labelLift),
        ]
    }

    static func show(
        _ data: TrainingData,
        digest: String,
        versions: [Int],
        intent: String?,
        limit: Int
    ) -> JSON {
        var sources: [Claim.Source: Int] = [:]
        for claim in data.claims { sources[claim.source, default: 0] += 1 }
        return [
            "snapshot": .string(digest), "rows": .integer(data.rows.count),
            "versions": .array(versions.map { .integer($0) }),
            "sources": .object(Claim.Source.allCases.map { Member($0.rawValue, .integer(sources[$0] ?? 0)) }),
            "intents": .array(intents(data.rows)),
            "items": .array(data.claims.filter { intent == nil || $0.intent == intent }.prefix(limit).map(item)),
        ]
    }

    /// A label is in doubt only if another intent is this many times as likely: most of what is nearer than that is right.
    static let labelLift = 4.0

    private static func isInDoubt(_ error: JSON) -> Bool {
        guard let likely = error["probability"]?.double, let own = error["own"]?.double else { return true }
        return likely >= labelLift * own
    }

    static func received(_ upload: String) -> JSON {
        [
            "upload": .string(upload), "imported": false, "rows": 0, "counts": [:], "findings": [],
            "gone": [], "new": [], "kept_aside": .null, "left_out": 0,
        ]
    }

    /// - Parameter before: the rows by intent of the file that it replaces, or would.
    static func imported(
        _ rows: [DataRow],
        _ findings: [Finding],
        isGood: Bool,
        leftOut: Int,
        before: [String: Int],
        keptAside: String?
    ) -> JSON {
        let after = Dictionary(rows.map { ($0.intent, 1) }, uniquingKeysWith: +)
        return [
            "upload": .null, "imported": .bool(isGood), "rows": .integer(rows.count), "counts": counts(findings),
            // Errors come first, since the list is limited.
            "findings": .array(bySeverity(findings).prefix(1_000).map(\.json)),
            "gone": counted(before.filter { after[$0.key] == nil }),
            "new": counted(before.isEmpty ? [:] : after.filter { before[$0.key] == nil }),
            "kept_aside": JSON(keptAside), "left_out": .integer(leftOut),
        ]
    }

    private static func counted(_ rows: [String: Int]) -> JSON {
        .array(
            rows.sorted { $0.key < $1.key }.map { ["intent": .string($0.key), "rows": .integer($0.value)] }
        )
    }

    private static func bySeverity(_ findings: [Finding]) -> [Finding] {
        let order: [Finding.Severity] = [.error, .warning, .note]
        return order.flatMap { severity in findings.filter { $0.severity == severity } }
    }

    private static func counts(_ findings: [Finding]) -> JSON {
        let counts = Dictionary(findings.map { ($0.code, 1) }, uniquingKeysWith: +)
        return .object(counts.sorted { $0.key < $1.key }.map { Member($0.key, .integer($0.value)) })
    }

    private static func intents(_ rows: [DataRow]) -> [JSON] {
        var counts: [String: (splits: [Split: Int], weight: Double)] = [:]
        for row in rows {
            let split = row.split ?? .train
            counts[row.intent, default: ([:], 0)].splits[split, default: 0] += 1
            if split == .train { counts[row.intent]?.weight += row.weight ?? 1 }
        }
        return counts.sorted { $0.key < $1.key }.map { intent, count in
            [
                "intent": .string(intent), "train": .integer(count.splits[.train] ?? 0),
                "val": .integer(count.splits[.val] ?? 0), "test": .integer(count.splits[.test] ?? 0),
                "weight": .double(count.weight.rounded(toPlaces: 3)),
            ]
        }
    }

    private static func item(_ claim: Claim) -> JSON {
        [
            "text": .string(claim.text), "intent": .string(claim.intent), "split": .string(claim.split.rawValue),
            "source": .string(claim.source.rawValue), "weight": .double(claim.weight.rounded(toPlaces: 6)),
            "claimed": .double(claim.claimed.rounded(toPlaces: 6)), "uid": JSON(claim.uid.map { Int($0) }),
            "at": JSON(claim.at?.rfc3339), "feedback_id": JSON(claim.item), "group": JSON(claim.group),
        ]
    }
}
