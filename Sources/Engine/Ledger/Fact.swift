import GRDB
package import Wire
package import World

/// A fact, as an event tells it. It holds everything that the tables say about it, so that they can be made from the
/// events alone.
package struct Fact: Sendable, Equatable {
    package var kind: EventKind
    /// The user who caused the event.
    package var uid: UInt32
    package var at: Timestamp
    /// Payload and words together. Words that were erased are empty strings.
    package var content: JSON

    /// An event that does not say what its kind has to say.
    package struct Incomplete: Error, Equatable, CustomStringConvertible {
        package var kind: EventKind
        package var name: String

        package var description: String { "an event \(kind.rawValue) must say \(name)" }
    }

    func text(_ name: String) throws -> String { try member(name, \.string) }

    func number(_ name: String) throws -> Int { try member(name, \.int) }

    func flag(_ name: String) throws -> Bool { try member(name, \.bool) }

    func elements(_ name: String) throws -> [JSON] { try member(name, \.array) }

    /// nil for null. The member itself must be there.
    func time(_ name: String) throws -> Timestamp? {
        if content[name]?.isNull == true { return nil }
        return try member(name) { $0.string.flatMap(Timestamp.init(rfc3339:)) }
    }

    private func member<Value>(_ name: String, _ read: (JSON) -> Value?) throws -> Value {
        guard let value = content[name].flatMap(read) else { throw Incomplete(kind: kind, name: name) }
        return value
    }
}

/// How the events of some kinds change the tables of one room. Nothing else writes these tables, so that a rebuild from
/// the events gives the same rows.
package struct Projection: Sendable {
    let kinds: [EventKind]
    let apply: @Sendable (Fact, Database) throws -> Void
}

/// The projections of all rooms.
struct Projections: Sendable {
    private var byKind: [EventKind: [@Sendable (Fact, Database) throws -> Void]] = [:]

    init(_ projections: [Projection]) {
        for projection in projections + [StatedRow.projection] {
            for kind in projection.kinds { byKind[kind, default: []].append(projection.apply) }
        }
    }

    /// Makes the tables follow an event. An event with an erased payload changes nothing: a later event tells what became
    /// of its rows.
    func apply(_ record: AuditRecord, _ db: Database) throws {
        guard let fact = try record.fact else { return }
        for apply in byKind[fact.kind] ?? [] { try apply(fact, db) }
    }
}
