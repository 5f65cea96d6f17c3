/// A sentence with variations, as a person writes it: `(where is|track) my {item} [please]`.
///
/// The tree lies flat in `nodes`, children before parents, so that whatever asks about the whole template (how many
/// sentences, can it be empty) is one pass without recursion, however deep the brackets are.
package struct SentenceTemplate: Sendable, Equatable {
    /// As written.
    package let text: String
    /// The line in its file, from 1.
    package let line: Int
    let nodes: [Node]

    enum Node: Sendable, Equatable {
        case text(String)
        /// `{name}`
        case slot(String)
        case sequence([Int])
        /// `(a|b)`: one of the children.
        case choice([Int])
        /// `[a]`: the child or nothing.
        case optional(Int)
    }

    /// Names of the slots, each once, in the order of their appearance.
    package var slots: [String] {
        var names: [String] = []
        for case .slot(let name) in nodes where !names.contains(name) { names.append(name) }
        return names
    }

    /// Nobody can read deeper nesting than this.
    package static let maximumDepth = 32
    /// The longest template, in UTF-8 bytes.
    package static let maximumLength = 4_096
}

/// Where and why a template cannot be read.
package struct TemplateError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case empty
        case tooLong
        case tooDeep
        /// A bracket that is never closed, or closes none, or another kind.
        case unbalanced
        /// `()`, `[]`, `(a|)`, `{}`
        case emptyPart
        /// `|` outside brackets.
        case strayBar
        case badSlotName
        /// A backslash before something that needs none.
        case badEscape
    }

    package var kind: Kind
    /// The line of the file, from 1.
    package var line: Int
    /// The column in characters, from 1.
    package var column: Int
    package var message: String
    package var remedy: String
}
