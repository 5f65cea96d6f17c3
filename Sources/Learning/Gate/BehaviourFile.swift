package import World
import Yams

/// `data/behaviour.yaml`: the cases it holds and everything that is wrong with it. What is not understood is a finding
/// with its line, so that a slip of the pen never quietly costs a case.
package struct BehaviourFile: Sendable {
    package private(set) var behaviour = Behaviour()
    /// By line; those of severity `error` keep the gate from passing unasked.
    package private(set) var findings: [Finding] = []

    /// Of the whole file, in bytes.
    package static let maximumSize = 1 << 20

    /// Each is classified several times at each retraining.
    package static let maximumCases = 10_000

    /// No file, no cases.
    package init() {}

    package init(_ behaviour: Behaviour) { self.behaviour = behaviour }

    /// - Parameter bytes: UTF-8.
    package init(yaml bytes: [UInt8]) {
        guard bytes.count <= Self.maximumSize, let text = String(validating: bytes, as: UTF8.self) else {
            findings = [
                Finding(
                    .badValue,
                    .error,
                    line: nil,
                    "behaviour.yaml is larger than 1 MiB or not valid UTF-8.",
                    remedy: "Make it shorter, and save it as UTF-8."
                )
            ]
            return
        }
        do {
            // A file of comments alone has no cases.
            if let root = try Yams.compose(yaml: text) { read(root) }
        } catch {
            findings = [.invalidYAML(error, lineCount: text.lineCount)]
        }
        findings.sort { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    /// The file of a host; none where there is none.
    package init(files: any FileSystem, folders: Folders) {
        self.init()
        guard files.status(folders.behaviour) != nil else { return }
        do {
            self = BehaviourFile(yaml: try files.read(folders.behaviour))
        } catch {
            findings = [
                Finding(
                    .badValue,
                    .error,
                    line: nil,
                    "behaviour.yaml could not be read: \(error).",
                    remedy: "Mend the file, or remove it."
                )
            ]
        }
    }

    private mutating func read(_ root: Node) {
        for (key, value) in mapping(root, of: "the file", example: "must:") {
            switch key.text {
            case "must": behaviour.must = cases(value, of: key.text)
            case "must_not": behaviour.mustNot = cases(value, of: key.text)
            case "invariance": behaviour.invariance = cases(value, of: key.text)
            case "perturbations":
                behaviour.perturbations = lines(value, of: key.text).compactMap { line in
                    if let perturbation = Perturbation(rawValue: line.text) { return perturbation }
                    let known = Perturbation.allCases.map(\.rawValue).joined(separator: ", ")
                    fail(.badValue, line.line, "\"\(line.text.shown)\" is no perturbation.", remedy: "Use \(known).")
                    return nil
                }
            case "direction":
                guard let list = value.sequence else {
                    fail(.badValue, line(of: value), "direction is no list.", remedy: "Begin each case with \"- \".")
                    continue
                }
                behaviour.direction = list.compactMap { direction($0) }
            default:
                fail(
                    .unknownKey,
                    key.line,
                    "\"\(key.text.shown)\" is not known in the file.",
                    remedy: "Use must, must_not, invariance, perturbations and direction."
                )
            }
        }
    }

    /// Texts by intent.
    private mutating func cases(_ node: Node, of section: String) -> [Behaviour.Case] {
        var cases: [Behaviour.Case] = []
        for (key, value) in mapping(node, of: section, example: "order_status: [where is my parcel]") {
            cases += lines(value, of: "\(section).\(key.text)").map { Behaviour.Case($0.text, key.text, line: $0.line) }
            guard cases.count > Self.maximumCases else { continue }
            fail(
                .badValue,
                key.line,
                "\(section) has more than \(Self.maximumCases) cases.",
                remedy: "Leave out those that say the same."
            )
            return []
        }
        return cases
    }

    private mutating func direction(_ node: Node) -> Behaviour.Direction? {
        var members: [String: String] = [:]
        let before = findings.count
        for (key, value) in mapping(node, of: "a case of direction", example: "text: my order") {
            guard ["text", "add", "raises", "lowers"].contains(key.text) else {
                fail(
                    .unknownKey,
                    key.line,
                    "\"\(key.text.shown)\" is not known in a case of direction.",
                    remedy: "Use text, add, and raises or lowers."
                )
                continue
            }
            if let text = value.scalar?.string.trimmingWhitespace(), !text.isEmpty {
                members[key.text] = text
            } else {
                fail(.badValue, key.line, "\(key.text) is no text.", remedy: "Write one line of text.")
            }
        }
        guard findings.count == before else { return nil }
        guard let text = members["text"], let added = members["add"],
            let intent = members["raises"] ?? members["lowers"], members.count == 3
        else {
            fail(
                .missingKey,
                line(of: node),
                "A case of direction has text, add, and one of raises and lowers.",
                remedy: "Add what is missing."
            )
            return nil
        }
        return Behaviour.Direction(
            text,
            adding: added,
            raises: members["raises"] != nil,
            intent,
            line: line(of: node) ?? 0
        )
    }
}

// MARK: - Nodes

extension BehaviourFile {
    private struct Line {
        var text: String
        var line: Int
    }

    private func line(of node: Node) -> Int? { node.mark?.line }

    private mutating func mapping(_ node: Node, of section: String, example: String) -> [(key: Line, value: Node)] {
        guard let mapping = node.mapping else {
            fail(
                .badValue,
                line(of: node),
                "\(section) is no section.",
                remedy: "Write indented lines such as \"\(example)\"."
            )
            return []
        }
        return mapping.compactMap { key, value in
            guard let text = key.scalar?.string else {
                fail(
                    .badValue,
                    line(of: key),
                    "A name in \(section) is no plain word.",
                    remedy: "Write a word and a colon."
                )
                return nil
            }
            return (Line(text: text, line: line(of: key) ?? 0), value)
        }
    }

    /// A list, or a `|` block with one text on each line, where a line that begins with `#` is a comment.
    private mutating func lines(_ node: Node, of section: String) -> [Line] {
        let first = line(of: node) ?? 0
        if let list = node.sequence {
            return list.compactMap { item in
                guard let text = item.scalar?.string.trimmingWhitespace(), !text.isEmpty else {
                    fail(
                        .badValue,
                        line(of: item),
                        "An entry of \(section) is no text.",
                        remedy: "Put it into quotes if it begins with [ or { or has \": \" in it."
                    )
                    return nil
                }
                return Line(text: text, line: line(of: item) ?? first)
            }
        }
        guard let scalar = node.scalar, scalar.style == .literal else {
            fail(
                .badValue,
                line(of: node),
                "\(section) is no list.",
                remedy: "Write | after the colon and one text on each indented line below, or a list of \"- \" lines."
            )
            return []
        }
        return scalar.string.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
            let text = String($1).trimmingWhitespace()
            return text.isEmpty || text.hasPrefix("#") ? nil : Line(text: text, line: first + 1 + $0)
        }
    }

    private mutating func fail(_ code: Finding.Code, _ line: Int?, _ message: String, remedy: String) {
        findings.append(Finding(code, .error, line: line, "behaviour.yaml: " + message, remedy: remedy))
    }
}
