import Foundation
import Testing

// The laws inside Engine: which room may name the types of which, and how a function is called.

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

private struct Source {
    var path: String
    /// Without comments and texts.
    var code: String

    init(_ path: String, text: String) {
        self.path = path
        var lines: [Substring] = []
        var isText = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let marks = line.components(separatedBy: "\"\"\"").count - 1
            defer { if marks % 2 == 1 { isText.toggle() } }
            if isText || line.drop(while: { $0 == " " }).hasPrefix("//") { continue }
            lines.append(line)
        }
        code = lines.joined(separator: "\n").replacing(/"(\\.|[^"\\])*"/, with: "\"\"").replacing(/[ ]\/\/.*/, with: "")
    }
}

private func sources(_ folder: String) throws -> [Source] {
    let base = root.appendingPathComponent(folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
        Source("\(folder)/\(name)", text: try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8))
    }
}

@Suite struct `The rooms of the engine` {
    /// From the ground up. A room may name types of the rooms in the rows before its own, and of none beside it.
    ///
    /// What a client may ask of a room stands beside it in `…Methods`, which may name all rooms, and which no room
    /// names.
    private static let storeys: [[String]] = [
        ["Settings"],
        ["Health", "Chores"],
        ["Environment"],
        ["Answers", "Calls"],
        ["Ledger"],
        ["Registry", "Feedback", "Sessions", "Telemetry"],
        ["Dataset"],
        ["Champion"],
        ["Chat", "Jobs", "Watch", "Drift", "Experiment"],
        ["Forgetting", "Intents"],
        ["Methods"],
        ["Door"],
        ["Engine"],
    ]

    private static func room(of path: String) -> String {
        let parts = path.split(separator: "/").dropFirst(2)
        guard parts.count > 1, let folder = parts.first, let file = parts.last else { return "Engine" }
        if folder == "Door" { return "Door" }
        return file.contains(/^[A-Za-z]+Methods(\+|\.)/) ? "Methods" : String(folder)
    }

    @Test func `name only what stands below them`() throws {
        let storey = Dictionary(
            uniqueKeysWithValues: Self.storeys.enumerated().flatMap { index, rooms in rooms.map { ($0, index) } }
        )
        let sources = try sources("Sources/Engine")
        let declaration =
            /^(?:(?:package|final|fileprivate|private|indirect) )*(?:struct|class|enum|actor|protocol|typealias) ([A-Za-z]+)/
            .anchorsMatchLineEndings()
        let nested = /(?:struct|class|enum|actor|protocol|typealias|case) ([A-Z][A-Za-z]*)/
        var owner: [String: String] = [:]
        for source in sources {
            let room = Self.room(of: source.path)
            #expect(storey[room] != nil, "\(source.path) stands in a room that the plan does not know")
            for match in source.code.matches(of: declaration) where !match.output.0.contains("private ") {
                owner[String(match.output.1)] = room
            }
        }
        #expect(owner.count > 100)
        for source in sources {
            let room = Self.room(of: source.path)
            let own = Set(source.code.matches(of: nested).map { String($0.output.1) })
            for match in source.code.matches(of: /(^|[^A-Za-z.])([A-Z][A-Za-z]+)/) {
                let name = String(match.output.2)
                guard let other = owner[name], other != room, !own.contains(name), let from = storey[room],
                    let to = storey[other]
                else { continue }
                #expect(to < from, "\(source.path): \(room) names \(name) of \(other)")
            }
        }
    }

    @Test func `nobody extends Engine`() throws {
        for source in try sources("Sources") {
            #expect(!source.code.contains(/extension Engine\b(?!\.)/), "\(source.path)")
        }
    }

    @Test func `the socket server knows no Engine`() throws {
        let sources = try sources("Sources/intentd/Server")
        #expect(!sources.isEmpty)
        for source in sources { #expect(!source.code.contains("import Engine"), "\(source.path)") }
    }

    @Test func `the half that learns knows no database and no journal`() throws {
        for source in try sources("Sources/Learning") {
            #expect(!source.code.contains(/import (GRDB|Logging|NIOCore|Engine)\b/), "\(source.path)")
        }
    }

    /// A third argument without a label leaves the reader to count.
    @Test func `functions have at most two arguments without a label`() throws {
        for source in try sources("Sources") {
            for match in source.code.matches(of: /\b(func [A-Za-z]+|init\??)(?:<[^>]*>)?\(/) {
                var depth = 1
                var parameters = ""
                for character in source.code[match.range.upperBound...] {
                    switch character {
                    case "(", "[", "<": depth += 1
                    case ")", "]": depth -= 1
                    case ">": if parameters.last != "-" { depth -= 1 }
                    default: break
                    }
                    if depth == 0 { break }
                    if depth == 1 || character == "_" && depth == 1 { parameters.append(character) }
                }
                let bare = parameters.matches(of: /(?:^|,)\s*_\s/).count
                #expect(bare <= 2, "\(source.path): \(match.output.1) has \(bare)")
            }
        }
    }
}
