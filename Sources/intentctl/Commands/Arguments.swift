import ArgumentParser
import Terminal
import Wire

/// The most items that a list may have.
struct Limit: ExpressibleByArgument {
    let count: Int
    var json: JSON { .integer(count) }

    init(_ count: Int) { self.count = count }

    init?(argument: String) {
        guard let count = Int(argument), 1...1_000 ~= count else { return nil }
        self.init(count)
    }

    var defaultValueDescription: String { json.cell }
}

/// A version as people write it: 7, v7, 000007, or the alias that names it.
enum Version {
    case number(Int)
    case alias(String)

    static let aliases = ["champion", "candidate", "last-good"]
    static let completion = CompletionKind.list(aliases)

    static func parse(_ argument: String) throws -> Version {
        if aliases.contains(argument) { return .alias(argument) }
        let digits = argument.hasPrefix("v") ? argument.dropFirst() : argument[...]
        if let number = Int(digits), 1...999_999 ~= number { return .number(number) }
        let question = Spelling.question(about: argument, in: aliases)
        throw ValidationError("Name a version such as 7, or \(aliases.joined(separator: ", ")).\(question)")
    }

    var json: JSON {
        switch self {
        case .number(let number): .integer(number)
        case .alias(let name): .string(name)
        }
    }

    /// The members of a call with numbers in the place of aliases. Only the daemon knows what an alias names now.
    static func resolved(_ params: Parameters, of method: Method, _ client: inout Client) throws(Failure) -> [Member] {
        var known: [String: Int]?
        var members: [Member] = []
        for (name, value) in params {
            guard let value else { continue }
            guard ["version", "expected", "from", "to", "snapshot"].contains(name), let alias = value.string,
                aliases.contains(alias)
            else {
                members.append(Member(name, value))
                continue
            }
            if known == nil { known = try named(&client) }
            guard let number = known?[alias] else {
                throw .absent("No version is \(alias) now.", hint: "`intentctl models` lists them")
            }
            // A snapshot goes by the name that people write.
            let isSnapshot = method == .dataShow || method == .dataDiff
            members.append(Member(name, isSnapshot ? .string("v\(number)") : .integer(number)))
        }
        return members
    }

    private static func named(_ client: inout Client) throws(Failure) -> [String: Int] {
        var versions: [String: Int] = [:]
        for model in try client.call(.modelsList).list("models") {
            for alias in model.list("aliases") { versions[alias.string ?? ""] = model["version"]?.int }
        }
        return versions
    }
}

/// A moment as people write it, in UTC: 2026-11-02, 2026-11-02T10:00Z, "2026-11-02 10:00:30".
struct Moment: ExpressibleByArgument {
    /// The moment in the form that the protocol asks for.
    let text: String

    static let words = "a time in UTC such as 2026-11-02, 2026-11-02T10:00Z or \"2026-11-02 10:00:30\""

    init?(argument: String) {
        var time = argument
        if time.hasSuffix("Z") || time.hasSuffix("z") { time.removeLast() }
        var bytes = Array(time.utf8)
        if bytes.count > 10, [UInt8(ascii: " "), UInt8(ascii: "t")].contains(bytes[10]) {
            bytes[10] = UInt8(ascii: "T")
        }
        switch bytes.count {
        // A day means its midnight.
        case 10 where time.utf8.count == argument.utf8.count: bytes += Array("T00:00:00".utf8)
        case 16: bytes += Array(":00".utf8)
        default: break
        }
        let text = String(decoding: bytes, as: UTF8.self) + "Z"
        guard Schema.Pattern.time.matches(text) else { return nil }
        self.text = text
    }
}
