import Wire
import World

/// The time during which a version is the champion, and its counts, as the ledger keeps them.
struct Reign: Sendable, Equatable {
    var version: Int
    /// The time when it was made champion.
    var began: Timestamp
    /// The counts before this process began to serve it.
    var counted = AccountCounts()
    var watch: Watch?
    /// The answers and corrections of earlier champions, by version.
    var past: [Int: WatchRule.Corrections] = [:]
    /// The counts of the shadows at the time of storing, by version.
    var tallies: [Int: JSON] = [:]

    /// The number of earlier champions that are remembered.
    static let pastLimit = 20

    struct Watch: Sendable, Equatable {
        enum Outcome: String, Sendable { case watching, passed, worse }

        var previous: Int
        var before: WatchRule.Corrections
        var outcome = Outcome.watching
        /// The figures at its end; nil while it goes on.
        var seen: JSON?
    }

    var json: JSON {
        [
            "version": .integer(version), "began": .integer(Int(began.microseconds)),
            "accounts": counted.json,
            "watch": watch.map { watch in
                [
                    "previous": .integer(watch.previous), "answers": .integer(watch.before.answers),
                    "corrections": .integer(watch.before.corrections), "outcome": .string(watch.outcome.rawValue),
                    "seen": watch.seen ?? .null,
                ]
            } ?? .null,
            "past": .object(
                past.sorted { $0.key < $1.key }.suffix(Self.pastLimit).map { version, rate in
                    Member(String(version), .object(rate.members))
                }
            ),
            "tallies": .object(tallies.sorted { $0.key < $1.key }.map { Member(String($0.key), $0.value) }),
        ]
    }

    init(version: Int, began: Timestamp) {
        (self.version, self.began) = (version, began)
    }

    /// Reads a stored reign; nil if the value is not one.
    init?(_ json: JSON) {
        guard let version = json["version"]?.int, let began = json["began"].flatMap(Timestamp.init(stored:)),
            let counted = json["accounts"].map(AccountCounts.init) ?? Self.withoutAccounts(json)
        else { return nil }
        self.init(version: version, began: began)
        self.counted = counted
        if let watch = json["watch"], let previous = watch["previous"]?.int,
            let outcome = watch["outcome"]?.string.flatMap(Watch.Outcome.init(rawValue:))
        {
            self.watch = Watch(
                previous: previous,
                before: WatchRule.Corrections(watch),
                outcome: outcome,
                seen: watch["seen"]?.object.map { .object($0) }
            )
        }
        for member in json["past"]?.object ?? [] {
            if let version = Int(member.name) { past[version] = WatchRule.Corrections(member.value) }
        }
        for member in json["tallies"]?.object ?? [] {
            if let version = Int(member.name) { tallies[version] = member.value }
        }
    }
    /// The counts of a record that told no accounts apart; nil if the value is not one.
    private static func withoutAccounts(_ json: JSON) -> AccountCounts? {
        guard let answers = json["answers"]?.quantity else { return nil }
        var counts = AccountCounts()
        counts.add(AccountCounts.Count(answers: answers), of: nil)
        return counts
    }
}
