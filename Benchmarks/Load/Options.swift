/// A failure, said to a person.
struct Failure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// `--name value`, flags, and a command after `--`.
struct Options {
    private var values: [String: String] = [:]
    private var set: Set<String> = []
    /// The command that follows `--`.
    let command: [String]

    init(_ arguments: some Collection<String>, values names: Set<String>, flags: Set<String> = []) throws {
        var rest = Array(arguments)
        if let end = rest.firstIndex(of: "--") {
            command = Array(rest[(end + 1)...])
            rest.removeSubrange(end...)
        } else {
            command = []
        }
        var index = 0
        while index < rest.count {
            let name = String(rest[index].drop { $0 == "-" })
            guard rest[index].hasPrefix("--") else { throw Failure("\(rest[index]) is not an option") }
            if flags.contains(name) {
                set.insert(name)
            } else if names.contains(name) {
                index += 1
                guard index < rest.count else { throw Failure("--\(name) needs a value") }
                values[name] = rest[index]
            } else {
                throw Failure("there is no option --\(name) here")
            }
            index += 1
        }
    }

    func has(_ flag: String) -> Bool { set.contains(flag) }

    subscript(name: String) -> String? { values[name] }

    func required(_ name: String) throws -> String {
        guard let value = values[name] else { throw Failure("--\(name) is needed") }
        return value
    }

    func integer(_ name: String) throws -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), value >= 0 else { throw Failure("--\(name) must be a whole number, not \(text)") }
        return value
    }

    func number(_ name: String) throws -> Double? {
        guard let text = values[name] else { return nil }
        guard let value = Double(text), value >= 0 else { throw Failure("--\(name) must be a number, not \(text)") }
        return value
    }
}
