import Engine
import Learning
import Wire
import Yams

/// Reads the YAML configuration strictly: an unknown key, a wrong type or a value out of range is an error that names
/// the line and what would be right.
enum ConfigurationFile {
    struct Failure: Error, Equatable, CustomStringConvertible {
        var path: String
        /// From 1; nil where the file as a whole is at fault.
        var line: Int?
        var key: String?
        var problem: String

        var description: String { "\(path)\(line.map { ", line \($0)" } ?? ""): \(problem)" }
    }

    static let sizeLimit = 1 << 20

    static func parse(_ bytes: [UInt8], path: String) throws(Failure) -> Configuration {
        guard bytes.count <= sizeLimit else {
            throw Failure(path: path, problem: "the file has more than 1 MiB, which no configuration needs")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(path: path, problem: "the file is not UTF-8 text")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            let line = error.line.map { min($0, text.lineCount) }
            throw Failure(path: path, line: line, problem: "not YAML: \(error.problem)")
        } catch {
            throw Failure(path: path, problem: "not YAML: \(error)")
        }
        var configuration = Configuration()
        guard let root, root.null == nil else { return configuration }
        guard let sections = root.mapping else {
            throw Failure(path: path, line: root.line, problem: "sections such as `limits:` should be here")
        }
        var seen: Set<String> = []
        for (name, section) in sections { try read(section, name, &seen, &configuration, path) }
        if configuration.limits.outputSoft > configuration.limits.outputHard {
            throw Failure(
                path: path,
                key: "limits.output_soft",
                problem: "limits.output_soft may not be more than limits.output_hard"
            )
        }
        return configuration
    }

    private static func read(
        _ section: Node,
        _ nameNode: Node,
        _ seen: inout Set<String>,
        _ configuration: inout Configuration,
        _ path: String
    ) throws(Failure) {
        let name = nameNode.string ?? ""
        let sections = Set(ConfigurationKey.all.map { String($0.name.prefix { $0 != "." }) })
        guard sections.contains(name) else {
            throw Failure(
                path: path,
                line: nameNode.line,
                key: name,
                problem: "there is no section \(name); there are \(sections.sorted().joined(separator: ", "))"
            )
        }
        if section.null != nil { return }
        guard let keys = section.mapping else {
            throw Failure(
                path: path,
                line: section.line,
                key: name,
                problem: "\(name) is a section with keys of its own"
            )
        }
        for (keyNode, value) in keys {
            let full = "\(name).\(keyNode.string ?? "")"
            guard let key = ConfigurationKey.all.first(where: { $0.name == full }) else {
                let known = ConfigurationKey.all.map(\.name).filter { $0.hasPrefix(name + ".") }
                throw Failure(
                    path: path,
                    line: keyNode.line,
                    key: full,
                    problem: "there is no key \(full); there are \(known.joined(separator: ", "))"
                )
            }
            guard seen.insert(full).inserted else {
                throw Failure(path: path, line: keyNode.line, key: full, problem: "\(full) stands twice")
            }
            guard key.read(YAMLValue(value), &configuration) else {
                throw Failure(path: path, line: value.line, key: full, problem: "\(full) is \(key.accepts)")
            }
        }
    }

    /// The names of the keys whose values differ.
    static func changes(
        from old: Configuration,
        to new: Configuration
    ) -> (changed: [String], needsRestart: [String]) {
        let different = ConfigurationKey.all.filter { $0.show(old) != $0.show(new) }
        return (
            different.filter { $0.effect == .reload }.map(\.name),
            different.filter { $0.effect == .restart }.map(\.name)
        )
    }
}

extension YAMLValue {
    fileprivate init(_ node: Node) {
        switch node {
        case .scalar(let scalar):
            self = .scalar(scalar.string, isQuoted: scalar.style == .singleQuoted || scalar.style == .doubleQuoted)
        // No key goes deeper, and aliases can make a short file of 2^60 elements.
        case .sequence(let sequence):
            self = .sequence(sequence.map { if case .scalar = $0 { YAMLValue($0) } else { .mapping } })
        default: self = .mapping
        }
    }
}

extension Node {
    fileprivate var line: Int? { mark?.line }
}

extension YamlError {
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        // Where the section begins in which they stand.
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }

    fileprivate var problem: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        case .duplicatedKeysInMapping(let duplicates, _):
            "stands twice in one section: \(duplicates.sorted().joined(separator: ", "))"
        default: "\(self)"
        }
    }
}
