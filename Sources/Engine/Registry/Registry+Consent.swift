import GRDB
import Wire
import World

// What is asked before an alias moves, within the commit that moves it.
extension Registry {
    /// How far the word of an admin who moves the champion reaches.
    package struct Consent: Sendable {
        /// Whether who asked for a version, or gave most of its new feedback, must leave its first promotion to somebody
        /// else. Who accepted feedback in a review has asked for nothing.
        package var fourEyes: Bool
        /// Also what was rejected.
        package var force: Bool
        /// Whose new feedback the version has learnt from; asked only with four eyes.
        var authors = Authors()
    }

    static func check(_ expected: Int?, against champion: Int?) throws {
        guard let expected, champion != expected else { return }
        throw RPCError.conflict(
            "The champion is version \(champion.map(String.init) ?? "none"), not \(expected); "
                + "look at `intentctl models` and try again."
        )
    }

    /// A version whose folder is there: what is collected while somebody asks for it is not moved to.
    static func present(_ number: Int, _ db: Database) throws -> Version {
        let row = try Row.fetchOne(db, sql: "SELECT * FROM versions WHERE version = ?", arguments: [number])
        guard let row else { throw unknown(number) }
        let version = Version(row, [:])
        if version.collectedAt != nil { throw unknown(number, collected: version.collectedAt) }
        return version
    }

    static func unknown(_ number: Int, collected: Timestamp? = nil) -> RPCError {
        guard let collected else {
            return .notFound("There is no version \(number); `intentctl models` lists them.", field: "version")
        }
        return .notFound(
            "Version \(number) was collected on \(collected.rfc3339.prefix(10)), and its files are gone; "
                + "`intentctl history` still tells what it did.",
            field: "version"
        )
    }

    /// Refuses a move that this admin may not make although the role allows it; records an approval.
    ///
    /// - Parameter entry: the move that is asked for.
    static func approve(
        _ version: Version,
        by entry: Move.Entry,
        _ consent: Consent,
        in transaction: Transaction
    ) throws {
        let number = version.version
        let isRejected = try isRejected(number, transaction.db)
        if isRejected, !consent.force {
            throw RPCError.conflict(
                "Version \(number) was rejected; `intentctl history` says by whom and why.",
                hint: "overrule that: `intentctl promote \(number) --force`"
            )
        }
        // What has served has been approved.
        let hasServed = try Bool.fetchOne(
            transaction.db,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM moves JOIN versions ON target = version WHERE alias = 'champion' AND digest = ?
                )
                """,
            arguments: [version.digest]
        )
        if hasServed == true { return }
        if consent.fourEyes, version.uid == entry.uid {
            throw RPCError.forbidden(
                "Version \(number) was asked for by uid \(entry.uid), which is you; "
                    + "with training.four_eyes another administrator has to promote it.",
                hint: "ask another administrator to look at it: `intentctl models show \(number)`, "
                    + "`intentctl promote \(number)`"
            )
        }
        if consent.fourEyes, consent.authors.isMost(entry.uid) {
            throw RPCError.forbidden(
                "Most of the feedback that is new in version \(number) was given by uid \(entry.uid), which is you; "
                    + "with training.four_eyes another administrator has to promote it.",
                hint: "ask another administrator to look at it: `intentctl models show \(number)`, "
                    + "`intentctl promote \(number)`"
            )
        }
        try transaction.record(
            .approval,
            uid: entry.uid,
            payload: [
                "version": .integer(number), "digest": .string(version.digest),
                "asked_by": JSON(version.uid.map(Int.init)), "kind": .string(entry.kind.rawValue),
                "verdict": JSON(entry.verdict ?? version.verdict?["verdict"]?.string), "reason": .string(entry.reason),
                "four_eyes": .bool(consent.fourEyes), "force": .bool(consent.force),
            ]
        )
    }
}
