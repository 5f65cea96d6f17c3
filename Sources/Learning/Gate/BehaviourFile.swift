package import World
import Yams

/// `data/behaviour.yaml`: the cases that it holds, and everything that is wrong with it.
package struct BehaviourFile: Sendable {
    package private(set) var behaviour = Behaviour()
    /// By line. With one of severity `error` the gate passes nothing without an admin.
    package private(set) var findings: [Finding] = []

    /// The largest file, in bytes.
    package static let maximumSize = 1 << 20

    /// The most cases of a section: each is classified several times at each retraining.
    package static let maximumCases = 10_000

    /// A host without the file has no cases.
    package init() {}

    package init(_ behaviour: Behaviour) { self.behaviour = behaviour }

    /// - Parameter bytes: UTF-8.
    package init(yaml bytes: [UInt8]) {
        guard bytes.count <= Self.maximumSize, let text = String(validating: bytes, as: UTF8.self) else {
            let message = "behaviour.yaml is larger than 1 MiB or not valid UTF-8."
            let remedy = "Make it shorter, and save it as UTF-8."
            findings.add(.badValue, .error, message: message, remedy: remedy)
            return
        }
        var reader = BehaviourFileReader()
        behaviour = reader.read(text)
        findings = reader.yaml.findings.byLine
    }

    /// Reads the file of a host, which may have none.
    package init(files: any FileSystem, folders: Folders) {
        self.init()
        guard files.status(folders.behaviour) != nil else { return }
        do {
            self = BehaviourFile(yaml: try files.read(folders.behaviour, limit: Self.maximumSize))
        } catch {
            findings = [.unreadable("behaviour.yaml", error)]
        }
    }
}

private struct BehaviourFileReader {
    private(set) var yaml = StrictYAML(prefix: "behaviour.yaml: ")

    mutating func read(_ text: String) -> Behaviour {
        var behaviour = Behaviour()
        // A file of comments alone has no cases.
        guard let root = yaml.root(of: text) else { return behaviour }
        for (key, value) in yaml.mapping(root, of: "the file", example: "must:") {
            switch key.text {
            case "must": behaviour.must = cases(value, of: key.text)
            case "must_not": behaviour.mustNot = cases(value, of: key.text)
            case "invariance": behaviour.invariance = cases(value, of: key.text)
            case "perturbations":
                behaviour.perturbations = yaml.lines(value, of: key.text, mayBeEmpty: true).compactMap { line in
                    if let perturbation = Perturbation(rawValue: line.text) { return perturbation }
                    let known = Perturbation.allCases.map(\.rawValue).joined(separator: ", ")
                    let message = "The perturbation \"\(line.text.shown)\" is not known."
                    yaml.fail(.badValue, line: line.line, message, remedy: "Use \(known).")
                    return nil
                }
            case "direction":
                guard let list = value.sequence else {
                    let remedy = "Begin each case with \"- \"."
                    yaml.fail(.badValue, line: value.mark?.line, "direction must be a list.", remedy: remedy)
                    continue
                }
                behaviour.direction = list.compactMap { direction($0) }
            default:
                yaml.unknown(key, in: "the file", known: "must, must_not, invariance, perturbations and direction")
            }
        }
        return behaviour
    }

    /// A section whose texts stand under their intents.
    private mutating func cases(_ node: Node, of section: String) -> [Behaviour.Case] {
        var cases: [Behaviour.Case] = []
        for (key, value) in yaml.mapping(node, of: section, example: "order_status: [where is my parcel]") {
            cases += yaml.lines(value, of: "\(section).\(key.text)", mayBeEmpty: true).map {
                Behaviour.Case($0.text, key.text, line: $0.line)
            }
            guard cases.count > BehaviourFile.maximumCases else { continue }
            let message = "\(section) has more than \(BehaviourFile.maximumCases) cases."
            yaml.fail(.badValue, line: key.line, message, remedy: "Leave out those that say the same.")
            return []
        }
        return cases
    }

    private mutating func direction(_ node: Node) -> Behaviour.Direction? {
        var members: [String: String] = [:]
        let before = yaml.findings.count
        for (key, value) in yaml.mapping(node, of: "a case of direction", example: "text: my order") {
            guard ["text", "add", "raises", "lowers"].contains(key.text) else {
                yaml.unknown(key, in: "a case of direction", known: "text, add, and raises or lowers")
                continue
            }
            if let text = value.scalar?.string.trimmingWhitespace(), !text.isEmpty {
                members[key.text] = text
            } else {
                yaml.fail(.badValue, line: key.line, "\(key.text) must be a text.", remedy: "Write one line of text.")
            }
        }
        guard yaml.findings.count == before else { return nil }
        guard let text = members["text"], let added = members["add"],
            let intent = members["raises"] ?? members["lowers"], members.count == 3
        else {
            let message = "A case of direction has text, add, and one of raises and lowers."
            yaml.fail(.missingKey, line: node.mark?.line, message, remedy: "Add what is missing.")
            return nil
        }
        let raises = members["raises"] != nil
        return Behaviour.Direction(text, adding: added, raises: raises, intent, line: node.mark?.line ?? 0)
    }
}
