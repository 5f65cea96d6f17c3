import Text
import Wire
import World

/// Training data as JSON lines: the rules it was settled by, then one line for each claim with what it weighs. The same
/// data gives the same bytes.
///
/// A snapshot tells who said what when, which nobody but an admin may know: its file has mode 0600. Those members are for
/// finding and removing a person's words; training does not see them. Of who spoke it sees the number alone, `support`,
/// which reading counts anew.
package enum SnapshotFile {
    /// Earlier snapshots have no first line of their own: each line is a row of the merged data.
    private static let schema = 2
    private static let start = Array(#"{"rules":"#.utf8)

    package struct Damaged: Error, Sendable, Equatable, CustomStringConvertible {
        package var line: Int
        package var description: String {
            "line \(line) of the snapshot is damaged; train again to have one of the data as it is now."
        }
    }

    package static func bytes(of data: TrainingData) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128 * data.claims.count)
        let head: JSON = ["rules": data.rules.json, "schema": .integer(schema)]
        bytes += (head.description + "\n").utf8
        for claim in data.claims { bytes += (json(claim).description + "\n").utf8 }
        return bytes
    }

    /// Members in the order of their names, and no empty ones.
    private static func json(_ claim: Claim) -> JSON {
        let members = [
            Member("at", JSON(claim.at?.rfc3339)),
            Member("claimed", claim.claimed == claim.weight ? .null : .double(claim.claimed)),
            Member("feedback", JSON(claim.item)), Member("group", JSON(claim.group)),
            Member("intent", .string(claim.intent)),
            Member("origin", JSON(claim.origin)), Member("source", .string(claim.source.rawValue)),
            Member("split", .string(claim.split.rawValue)),
            Member("support", claim.support == 0 ? .null : .integer(claim.support)),
            Member("text", .string(claim.text)),
            Member("uid", JSON(claim.uid.map { Int($0) })),
            Member("vouched", claim.uid == nil ? .null : .bool(claim.isVouched)),
            Member("weight", .double(claim.weight)),
        ]
        return .object(members.filter { !$0.value.isNull })
    }

    package static func isSnapshot(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.starts(with: start) }

    /// Reads a snapshot, also one of an earlier form, which does not tell who said what.
    package static func read(_ bytes: [UInt8]) throws(Damaged) -> TrainingData {
        guard isSnapshot(bytes[...]) else { return try readEarlier(bytes) }
        var rules: TrainingData.Rules?
        var claims: [Claim] = []
        var line = 0
        for part in bytes.split(separator: UInt8(ascii: "\n")) {
            line += 1
            let json = try? JSONParser.parse(Array(part))
            if rules == nil, json?["schema"]?.int == schema,
                let settled = json?["rules"].flatMap(TrainingData.Rules.init)
            {
                rules = settled
            } else if rules != nil, let claim = json.flatMap(Self.claim) {
                claims.append(claim)
            } else {
                throw Damaged(line: line)
            }
        }
        guard let rules, bytes.last == UInt8(ascii: "\n") else { throw Damaged(line: line) }
        return TrainingData(settled: claims, rules: rules)
    }

    /// Adds the rows that train, for readers that take a snapshot for any data file.
    static func read(_ bytes: ArraySlice<UInt8>, into rows: inout RowCollector) {
        do throws(Damaged) {
            for (index, row) in try read(Array(bytes)).rows.enumerated() {
                let fields = RowCollector.Fields(
                    text: row.text,
                    intent: row.intent,
                    split: row.split?.rawValue,
                    weight: row.weight.map { "\($0)" },
                    source: row.source,
                    group: row.group,
                    support: row.support
                )
                rows.add(fields, line: index + 2)
            }
        } catch {
            let remedy = "Use the file as it was written, or another one."
            rows.refuse(.badJSON, line: error.line, "The line must be a claim of a snapshot.", remedy: remedy)
        }
    }

    private static func claim(_ json: JSON) -> Claim? {
        guard let text = json["text"]?.string, let intent = json["intent"]?.string,
            let split = json["split"]?.string.flatMap(Split.init(rawValue:)),
            let source = json["source"]?.string.flatMap(Claim.Source.init(rawValue:)),
            let weight = json["weight"]?.double, weight.isFinite, weight >= 0
        else { return nil }
        return Claim(
            text: text,
            intent: intent,
            split: split,
            source: source,
            origin: json["origin"]?.string,
            group: json["group"]?.string,
            uid: json["uid"]?.int.flatMap(UInt32.init(exactly:)),
            at: json["at"]?.string.flatMap(Timestamp.init(rfc3339:)),
            item: json["feedback"]?.string,
            isVouched: json["vouched"]?.bool ?? true,
            claimed: json["claimed"]?.double ?? weight,
            weight: weight
        )
    }

    private static func readEarlier(_ bytes: [UInt8]) throws(Damaged) -> TrainingData {
        let parsed = DataFile.parse(bytes, format: .jsonl)
        if let error = parsed.findings.first(where: { $0.severity == .error }) { throw Damaged(line: error.line ?? 1) }
        let claims = parsed.rows.map { row in
            Claim(
                text: row.text,
                intent: row.intent,
                split: row.split ?? .train,
                source: row.source == "feedback" ? .feedback : .imported,
                origin: row.source,
                claimed: row.weight ?? 1,
                weight: row.weight ?? 1
            )
        }
        let rules = TrainingData.Rules(feedbackWeight: 10, maxSharePerUID: 1, maxShareUnreviewed: 1)
        return TrainingData(settled: claims, rules: rules)
    }
}

extension TrainingData.Rules {
    var json: JSON {
        var members = [
            Member("feedback_weight", .double(feedbackWeight)), Member("max_share_per_uid", .double(maxSharePerUID)),
            Member("max_share_unreviewed", .double(maxShareUnreviewed)),
        ]
        if language != .und { members.insert(Member("language", .string(language.rawValue)), at: 1) }
        return .object(members)
    }

    init?(_ json: JSON) {
        guard let weight = json["feedback_weight"]?.double, let perUID = json["max_share_per_uid"]?.double,
            let unreviewed = json["max_share_unreviewed"]?.double
        else { return nil }
        let language = json["language"]?.string
        guard let language = language.map(TextSettings.Language.init(rawValue:)) ?? .und else { return nil }
        self.init(
            feedbackWeight: weight,
            maxSharePerUID: perUID,
            maxShareUnreviewed: unreviewed,
            language: language
        )
    }
}
