/// A change of intents that every file of `data/` follows: a name becomes another, several become one, or one goes.
package struct IntentMove: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable { case rename, merge, remove }

    package var kind: Kind
    /// The names that nobody has afterwards, each once; a merge does not count its target.
    package var sources: [String]
    /// The name that the sources get; nil if they are removed.
    package var target: String?

    package init(kind: Kind, sources: [String], target: String? = nil) {
        (self.kind, self.target) = (kind, target)
        self.sources = []
        for name in sources where !self.sources.contains(name) && (kind != .merge || name != target) {
            self.sources.append(name)
        }
    }

    /// The name of an intent after the move; nil if the intent is removed.
    package func name(of intent: String) -> String? { sources.contains(intent) ? target : intent }

    /// Refuses names that no file could hold.
    ///
    /// - Parameter names: the intents that are in use.
    func check(among names: some Sequence<String>) throws(IntentMoveError) {
        guard (target == nil) == (kind == .remove), kind == .merge || sources.count == 1, !sources.isEmpty else {
            let remedy = kind == .merge ? "Name the intents that become it." : "Name one intent."
            throw IntentMoveError(.badName, "Nothing is named that could \(kind.rawValue).", remedy: remedy)
        }
        for name in sources + [target].compactMap(\.self) where name == DataRow.outOfScope {
            let message = "\(DataRow.outOfScope) stands for texts that belong to no intent, and is no intent itself."
            throw IntentMoveError(.badName, message, remedy: "Change such texts by hand.")
        }
        guard let target else { return }
        if sources.contains(target) {
            let message = "\(target.shown) is the name that it has already."
            throw IntentMoveError(.badName, message, remedy: "Choose another name.")
        }
        let isPlain = !target.unicodeScalars.contains { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }
        guard isPlain, target.containsText, target.trimmingWhitespace() == target else {
            let message = "\"\(target.shown)\" cannot be the name of an intent."
            let remedy = "A name has a letter or sign, no control character, and no space at its ends."
            throw IntentMoveError(.badName, message, remedy: remedy)
        }
        if !names.contains(target), let trouble = IntentName.personal(target) {
            throw IntentMoveError(.badName, trouble.message, remedy: trouble.remedy)
        }
        let others = names.filter { !sources.contains($0) }
        if let trouble = IntentName.trouble(target, among: others) {
            throw IntentMoveError(.badName, trouble.message, remedy: trouble.remedy)
        }
    }
}

/// Why intents cannot be moved. Nothing was changed where a plan fails.
package struct IntentMoveError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// A name that no intent can have, or that cannot be told from another.
        case badName
        /// The new name is that of another intent of a file.
        case nameTaken
        /// A file cannot be read, or could not be read afterwards.
        case unreadable
        /// A file is written in a way that has to be changed by hand.
        case byHand
        /// The copy of a file that a move replaced is gone, or is another file.
        case noCopy
    }

    package var kind: Kind
    /// The name of the file, such as `intents.yaml`; nil if the error is about none.
    package var file: String?
    /// From 1; nil if it is not known.
    package var line: Int?
    package var message: String
    package var remedy: String

    package init(_ kind: Kind, _ message: String, remedy: String, file: String? = nil, line: Int? = nil) {
        (self.kind, self.message, self.remedy) = (kind, message, remedy)
        (self.file, self.line) = (file, line)
    }

    /// Where it is, as a message begins; empty if it is about no file.
    package var place: String { file.map { file in line.map { "\(file), line \($0): " } ?? "\(file): " } ?? "" }

    /// The place, what is wrong, and what helps.
    package var description: String { "\(place)\(message) \(remedy)" }
}
