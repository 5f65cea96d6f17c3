import Engine
import Learning
import Wire
import Yams

/// Reads the YAML configuration strictly: an unknown key, a wrong type or a value out of range is an error that names
/// the line and what would be right.
///
/// A daemon that started in spite of a typing error would run for months with a default that nobody meant. A file that is
/// missing is different: it means the defaults.
enum ConfigurationFile {
    struct Failure: Error, Equatable, CustomStringConvertible {
        var path: String
        /// The first line is 1; nil where the file as a whole is at fault.
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
        var reader = Reader(path: path)
        try reader.read(text)
        return reader.configuration
    }

    /// The names of the keys whose values differ. No key waits for a restart.
    static func changes(from old: Configuration, to new: Configuration) -> (changed: [String], needsRestart: [String]) {
        (ConfigurationKey.all.filter { $0.show(old) != $0.show(new) }.map(\.name), [])
    }
}

private struct Reader {
    let path: String
    var yaml = StrictYAML()
    var configuration = Configuration()

    mutating func read(_ text: String) throws(ConfigurationFile.Failure) {
        let root = yaml.root(of: text)
        try check()
        guard let root, root.null == nil else { return }
        let sections = yaml.mapping(root, of: "the file", example: "limits:")
        try check()
        for (name, section) in sections { try read(section, named: name) }
        if configuration.limits.outputSoft > configuration.limits.outputHard {
            let problem = "limits.output_soft may not be more than limits.output_hard"
            throw ConfigurationFile.Failure(path: path, key: "limits.output_soft", problem: problem)
        }
    }

    private mutating func read(_ section: Node, named name: StrictYAML.Entry) throws(ConfigurationFile.Failure) {
        let keys = ConfigurationKey.all.filter { $0.section == name.text }
        if keys.isEmpty {
            let sections = Set(ConfigurationKey.all.map(\.section)).sorted()
            yaml.unknown(name, in: "the file", known: sections.joined(separator: ", "))
            try check(name.text)
        }
        if section.null != nil { return }
        if let key = keys.first, key.member.isEmpty {
            return try read(section, as: key)
        }
        let members = yaml.mapping(section, of: name.text, example: "\(keys[0].member): …")
        try check(name.text)
        for (member, value) in members {
            let full = "\(name.text).\(member.text)"
            guard let key = keys.first(where: { $0.member == member.text }) else {
                yaml.unknown(member, in: name.text, known: keys.map(\.member).joined(separator: ", "))
                return try check(full)
            }
            try read(value, as: key)
        }
    }

    private mutating func read(_ value: Node, as key: ConfigurationKey) throws(ConfigurationFile.Failure) {
        guard key.read(YAMLValue(value), &configuration) else {
            let problem = "\(key.name) must be \(key.accepts)"
            throw ConfigurationFile.Failure(path: path, line: value.mark?.line, key: key.name, problem: problem)
        }
    }

    /// The first mistake is told: a daemon does not start with it, whatever else is wrong.
    private func check(_ key: String? = nil) throws(ConfigurationFile.Failure) {
        guard let first = yaml.findings.first else { return }
        let problem = "\(first.message) \(first.remedy)"
        throw ConfigurationFile.Failure(path: path, line: first.line, key: key, problem: problem)
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
