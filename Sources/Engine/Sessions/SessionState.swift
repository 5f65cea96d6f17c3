// The sessions in memory. Everything here happens under one lock, so nothing waits, and each step costs the same
// however many sessions there are.

import World

/// The name of a conversation. Two uids may use the same name for different ones.
struct SessionKey: Hashable, Sendable {
    var uid: UInt32
    var name: String
}

/// A turn that the database does not have yet, with its session.
struct UnsavedTurn: Sendable {
    var key: SessionKey
    var turn: Turn
}

struct SessionState: Sendable {
    struct Entry: Sendable {
        /// Oldest first.
        var turns: [Turn] = []
        var tokens = 0
        /// How many of the last turns the database may lack.
        var unsaved = 0
        /// Whether the turns of the database have been put in front.
        var isWhole = false
    }

    var settings: Configuration.Sessions
    /// How often something was forgotten. Turns read or taken at a lower count may be forgotten ones.
    var forgets = 0
    private(set) var unsaved: [UnsavedTurn] = []
    private(set) var unsavedWeight = 0
    /// The number of turns that will be missing after a restart.
    private(set) var lost = 0
    private(set) var weight = 0
    private var entries: [SessionKey: Entry] = [:]
    private var recency = Recency<SessionKey>()
    private let limits: SessionMemory.Limits

    init(settings: Configuration.Sessions, limits: SessionMemory.Limits) {
        (self.settings, self.limits) = (settings, limits)
    }

    var count: Int { entries.count }

    /// The time before which turns are too old.
    func cutoff(at now: Timestamp) -> Timestamp {
        Timestamp(microseconds: now.microseconds - Int64(settings.maxAge * 1e6))
    }

    mutating func add(_ turn: Turn, to key: SessionKey) {
        var entry = take(key)
        entry.turns.append(turn)
        entry.tokens += turn.tokens
        if unsavedWeight + turn.weight <= limits.unsaved {
            entry.unsaved += 1
            unsaved.append(UnsavedTurn(key: key, turn: turn))
            unsavedWeight += turn.weight
        } else {
            lost += 1
        }
        put(entry, key, now: turn.at)
        makeRoom()
    }

    /// Returns the turns of a session; nil if the database must be read first.
    mutating func turns(of key: SessionKey, at now: Timestamp) -> [Turn]? {
        guard let entry = entries[key], entry.isWhole else { return nil }
        recency.touch(key)
        let cutoff = cutoff(at: now)
        return entry.turns.filter { $0.at >= cutoff }
    }

    /// Returns the turns of a session that are in memory, even if there are more in the database.
    func said(in key: SessionKey, at now: Timestamp) -> [Turn] {
        let cutoff = cutoff(at: now)
        return entries[key]?.turns.filter { $0.at >= cutoff } ?? []
    }

    /// Puts the turns of the database before those in memory, and returns all.
    mutating func complete(_ key: SessionKey, with rows: [Turn], at now: Timestamp) -> [Turn] {
        var entry = take(key)
        let known = Set(entry.turns.map(\.answer))
        let older = rows.filter { !known.contains($0.answer) }.map { $0.fitting(tokens: limits.tokens) }
        entry.turns = older + entry.turns
        entry.tokens += older.reduce(0) { $0 + $1.tokens }
        entry.isWhole = true
        let turns = put(entry, key, now: now)
        makeRoom()
        return turns
    }

    /// Forgets one session of a uid, or all.
    ///
    /// - Parameter name: nil for all sessions of the uid.
    /// - Returns: the session's name of each unsaved turn that was dropped.
    mutating func forget(uid: UInt32, name: String?) -> [String] {
        func isMeant(_ key: SessionKey) -> Bool { key.uid == uid && (name == nil || key.name == name) }
        forgets += 1
        let keys = name.map { [SessionKey(uid: uid, name: $0)] } ?? entries.keys.filter(isMeant)
        for key in keys where entries[key] != nil {
            _ = take(key)
            recency.remove(key)
        }
        let names = unsaved.filter { isMeant($0.key) }.map(\.key.name)
        unsaved.removeAll { isMeant($0.key) }
        unsavedWeight = unsaved.reduce(0) { $0 + $1.turn.weight }
        return names
    }

    /// Drops the sessions whose turns are all too old.
    mutating func expire(at now: Timestamp) {
        let cutoff = cutoff(at: now)
        while let key = recency.oldest() {
            guard let entry = entries[key] else {
                recency.remove(key)
                continue
            }
            if let last = entry.turns.last, last.at >= cutoff { return }
            _ = take(key)
            recency.remove(key)
        }
    }

    // MARK: Saving

    /// Returns the oldest turns that the database does not have, at most `count`.
    mutating func takeUnsaved(_ count: Int) -> [UnsavedTurn] {
        let taken = Array(unsaved.prefix(count))
        unsaved.removeFirst(taken.count)
        unsavedWeight -= taken.reduce(0) { $0 + $1.turn.weight }
        return taken
    }

    mutating func saved(_ batch: [UnsavedTurn]) {
        for key in batch.map(\.key) where entries[key]?.unsaved ?? 0 > 0 { entries[key]?.unsaved -= 1 }
    }

    /// Takes back turns that the database did not take.
    mutating func giveBack(_ batch: [UnsavedTurn], takenAt forgets: Int) {
        let weight = batch.reduce(0) { $0 + $1.turn.weight }
        guard forgets == self.forgets, unsavedWeight + weight <= limits.unsaved else {
            lost += batch.count
            return saved(batch)
        }
        unsaved = batch + unsaved
        unsavedWeight += weight
    }

    // MARK: Limits

    private mutating func take(_ key: SessionKey) -> Entry {
        guard let entry = entries.removeValue(forKey: key) else { return Entry() }
        weight -= Self.weight(of: entry, key)
        return entry
    }

    /// Puts an entry back as the one used last, cut to the limits of one session.
    @discardableResult
    private mutating func put(_ entry: Entry, _ key: SessionKey, now: Timestamp) -> [Turn] {
        var entry = entry
        let cutoff = cutoff(at: now)
        var surplus = 0
        while surplus < entry.turns.count {
            let first = entry.turns[surplus]
            guard entry.turns.count - surplus > settings.maxTurns || entry.tokens > limits.tokens || first.at < cutoff
            else { break }
            entry.tokens -= first.tokens
            surplus += 1
        }
        entry.turns.removeFirst(surplus)
        entries[key] = entry
        weight += Self.weight(of: entry, key)
        recency.touch(key)
        return entry.turns
    }

    /// Drops the sessions used longest ago. The unsaved turns at the end of a session stay.
    private mutating func makeRoom() {
        var passes = 0
        while weight > limits.memory, passes < 8, let key = recency.oldest() {
            var entry = take(key)
            recency.remove(key)
            guard entry.unsaved > 0 else { continue }
            passes += 1
            entry.turns = entry.turns.suffix(entry.unsaved)
            entry.tokens = entry.turns.reduce(0) { $0 + $1.tokens }
            entry.isWhole = false
            entries[key] = entry
            weight += Self.weight(of: entry, key)
            recency.touch(key)
        }
    }

    private static func weight(of entry: Entry, _ key: SessionKey) -> Int {
        entry.turns.reduce(key.name.utf8.count + 360) { $0 + $1.weight }
    }
}
