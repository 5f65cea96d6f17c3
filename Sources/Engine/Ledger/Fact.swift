package import GRDB
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

    func text(_ name: String) throws -> String {
        guard let text = content[name]?.string else { throw Incomplete(kind: kind, name: name) }
        return text
    }

    func number(_ name: String) throws -> Int {
        guard let number = content[name]?.int else { throw Incomplete(kind: kind, name: name) }
        return number
    }

    func flag(_ name: String) throws -> Bool {
        guard let flag = content[name]?.bool else { throw Incomplete(kind: kind, name: name) }
        return flag
    }

    func elements(_ name: String) throws -> [JSON] {
        guard let elements = content[name]?.array else { throw Incomplete(kind: kind, name: name) }
        return elements
    }

    /// nil for null. The member itself must be there.
    func time(_ name: String) throws -> Timestamp? {
        guard let value = content[name] else { throw Incomplete(kind: kind, name: name) }
        if value.isNull { return nil }
        guard let time = value.string.flatMap(Timestamp.init(rfc3339:)) else {
            throw Incomplete(kind: kind, name: name)
        }
        return time
    }
}

/// How the events of some kinds change the tables of one room. Nothing else writes these tables, so that a rebuild from
/// the events gives the same rows.
package struct Projection: Sendable {
    let kinds: [EventKind]
    let apply: @Sendable (Fact, Database) throws -> Void

    package init(of kinds: [EventKind], apply: @escaping @Sendable (Fact, Database) throws -> Void) {
        (self.kinds, self.apply) = (kinds, apply)
    }
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
