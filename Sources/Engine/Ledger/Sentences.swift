import Wire

/// People's sentences within an event. They stand in a part of their own, which can be erased without the rest: a verdict
/// names the sentences that became right or wrong, and a person who is forgotten may have written some of them.
///
/// The part is an object: each name is a JSON pointer (RFC 6901) to where the sentence stood in the payload, where an
/// empty string has taken its place.
enum Sentences {
    /// Members whose texts are the program's own, wherever they stand below a root.
    private static let vocabulary: Set<Substring> = [
        "verdict", "outcome", "unit", "code", "severity", "kind", "still_wrong",
    ]

    /// Takes the sentences out.
    ///
    /// - Parameter roots: JSON pointers to the values that may hold them.
    /// - Returns: the words are nil if there are none.
    static func part(_ content: JSON, below roots: [String]) -> (payload: JSON, words: JSON?) {
        guard !roots.isEmpty else { return (content, nil) }
        var words: [Member] = []
        let payload = content.mapTexts { path, text in
            guard !text.isEmpty, roots.contains(where: { isSentence(path, below: $0) }) else { return text }
            words.append(Member(path, .string(text)))
            return ""
        }
        return (payload, words.isEmpty ? nil : .object(words))
    }

    /// Puts them back; without them, the empty strings stay.
    static func join(_ payload: JSON, _ words: JSON?) -> JSON {
        guard let members = words?.object else { return payload }
        let texts = Dictionary(members.map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { $1 })
        return payload.mapTexts { path, text in text.isEmpty ? texts[path] ?? "" : text }
    }

    private static func isSentence(_ path: String, below root: String) -> Bool {
        guard path.hasPrefix(root) else { return false }
        let rest = path.dropFirst(root.count)
        return rest.isEmpty || rest.hasPrefix("/") && !rest.split(separator: "/").contains(where: vocabulary.contains)
    }
}

extension JSON {
    /// The same value with other texts.
    fileprivate func mapTexts(at path: String = "", _ body: (_ path: String, String) -> String) -> JSON {
        switch self {
        case .string(let text): .string(body(path, text))
        case .array(let elements):
            .array(elements.enumerated().map { index, element in element.mapTexts(at: "\(path)/\(index)", body) })
        case .object(let members):
            .object(
                members.map { member in
                    let name = member.name.replacing("~", with: "~0").replacing("/", with: "~1")
                    return Member(member.name, member.value.mapTexts(at: "\(path)/\(name)", body))
                }
            )
        case .null, .bool, .integer, .double: self
        }
    }
}
