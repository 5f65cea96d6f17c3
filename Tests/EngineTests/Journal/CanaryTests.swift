import Engine
import FoundationEssentials
import Learning
import Logging
import Synchronization
import TestSupport
import Testing
import Text
import Wire
import World

/// Made-up personal data, each number once, so that a trace of it names the parameter that it was given to.
private struct Canary {
    var number: Int

    /// The same data in the forms that people write.
    var forms: [String] {
        let phone = "+49170\(1_000_000 + number)"
        let mail = "canary\(1_000 + number)@example.org"
        return [
            mail, wide(mail), phone, "+49 170 \(1_000_000 + number)", wide(phone), arabic(phone), card, spaced(card),
            wide(card), arabic(card),
        ]
    }

    /// A number that satisfies Luhn's check.
    private var card: String {
        let digits = "411111" + String(String(1_000_000_000 + number).dropFirst())
        let sum = digits.reversed().enumerated().reduce(0) { sum, entry in
            let digit = entry.element.wholeNumberValue ?? 0
            return sum + (entry.offset % 2 == 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit)
        }
        return digits + String((10 - sum % 10) % 10)
    }

    private func spaced(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() { text += (index > 0 && index % 4 == 0 ? " " : "") + String(digit) }
        return text
    }

    private func wide(_ text: String) -> String { mapped(text) { 0x21...0x7E ~= $0 ? $0 + 0xFEE0 : $0 } }

    private func arabic(_ text: String) -> String { mapped(text) { 0x30...0x39 ~= $0 ? $0 + 0x630 : $0 } }

    private func mapped(_ text: String, _ change: (UInt32) -> UInt32) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.compactMap { UnicodeScalar(change($0.value)) }))
    }
}

/// All that is told to the journal, down to its finest level.
private final class Heard: Sendable {
    let lines = Mutex<[String]>([])

    var logger: Logger {
        var logger = Logger(label: "test") { [self] _ in Handler(heard: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let heard: Heard
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            heard.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}

extension Wire.Schema {
    /// A value with this text in it; nil where no text of a person's choosing fits.
    fileprivate func value(_ text: String) -> JSON? {
        let value: JSON?
        switch self {
        case .string, .trimmedString, .pattern: value = .string(text)
        case .array(let element, _): value = element.value(text).map { .array([$0]) }
        case .optional(let schema): value = schema.value(text)
        case .either(let one, let other): value = one.value(text) ?? other.value(text)
        default: value = nil
        }
        return value.flatMap { violation(in: $0) == nil ? $0 : nil }
    }
}

@Suite struct `Personal data that somebody writes` {
    /// The other parameters of a call, by the number of the call: an alias that stands already is not moved again.
    private func rest(of method: Method, _ number: Int, item: JSON) -> [Member] {
        let version = JSON.integer(number % 2 + 1)
        let parameters: JSON =
            switch method {
            case .modelsPromote, .modelsRollback: ["version": version, "force": true]
            case .feedbackReview: ["feedback_id": item, "accept": true]
            case .feedbackRevise, .feedbackWithdraw: ["feedback_id": item]
            case .intentsRename:
                number % 2 == 0 ? ["intent": "greeting", "to": "salute"] : ["intent": "salute", "to": "greeting"]
            case .intentsUndo: ["move": "x"]
            case .feedbackSubmit: ["text": .string("crate number \(number)"), "intent": "refund", "new_intent": true]
            default: A.parameters[method.rawValue] ?? [:]
            }
        return parameters.object ?? []
    }

    private typealias A = `A line's way through the engine`

    /// Where the text is stored, and must be stored for the test to mean anything.
    private static let sinks: Set<String> = [
        "chat.message", "chat.session", "feedback.submit.text", "feedback.submit.comment", "feedback.submit.key",
        "feedback.revise.comment", "models.promote.reason", "models.rollback.reason", "intents.rename.reason",
    ]

    @Test(arguments: [Configuration.Telemetry.Text.redacted, .none])
    func `stands in no file, journal, export or answer, whichever parameter it came by`(
        text: Configuration.Telemetry.Text
    ) async throws {
        let world = try TestWorld { $0.telemetry.text = text }
        let heard = Heard()
        var handed = world.environment
        handed.logger = heard.logger
        let engine = try await Engine(handed, world.configuration)
        await engine.bringUp()
        let admin = Client(engine, uid: 0, role: .admin)
        #expect(try await admin.retrain(["promote": "hold"])["state"] == "done")
        let item = try await admin.call("feedback.submit", ["text": "late crate", "intent": "delivery"])["feedback_id"]
        var canaries: [(place: String, text: String)] = []
        var kept: Set<String> = []
        var number = 0
        for method in Method.allCases where ![.connectionRestrict, .forget, .requestCancel].contains(method) {
            for parameter in method.parameters {
                let place = "\(method.rawValue).\(parameter.name)"
                for form in Canary(number: 0).forms.indices {
                    number += 1
                    let canary = Canary(number: number).forms[form]
                    // Alone, or in a sentence where there is room for one.
                    let sentence = number % 3 == 0 ? parameter.schema.value("please note \(canary), thanks") : nil
                    guard let value = sentence ?? parameter.schema.value(canary) else { continue }
                    canaries.append((place: place, text: canary))
                    let others = rest(of: method, number, item: item ?? .null).filter { $0.name != parameter.name }
                    let params = JSON.object(others + [Member(parameter.name, value)])
                    if (try? await admin.call(method.rawValue, params)) != nil { kept.insert(place) }
                }
            }
        }
        #expect(kept.isSuperset(of: Self.sinks), "\(Self.sinks.subtracting(kept))")
        #expect(try await admin.retrain()["state"] != "failed")

        var places: [(name: String, text: String)] = []
        for (method, params) in Self.readers {
            places.append((name: method, text: try await admin.call(method, params).description))
        }
        places += heard.lines.withLock { $0 }.map { (name: "the journal", text: $0) }
        places += try files(of: world)
        engine.finish()
        places += try files(of: world)
        let all = places.flatMap { Array($0.text.utf8) }
        for canary in canaries where ByteSearch(canary.text).isFound(in: all) {
            let holders = Set(places.filter { $0.text.contains(canary.text) }.map(\.name))
            Issue.record("\(canary.place): \(canary.text) stands in \(holders)")
        }
    }

    /// What gives out again what was stored.
    private static let readers: [(String, JSON)] = [
        ("feedback.list", ["limit": 1_000]), ("sessions.list", ["limit": 1_000]), ("models.history", ["limit": 1_000]),
        ("models.show", ["version": 1]), ("jobs.list", ["limit": 1_000]), ("data.show", ["limit": 1_000]),
        ("data.check", ["limit": 1_000]), ("export", ["what": "data"]), ("export", ["what": "feedback"]),
        ("intents.list", [:]), ("status", [:]), ("metrics", [:]), ("verify", [:]),
    ]

    private func files(of world: TestWorld) throws -> [(name: String, text: String)] {
        var found = world.files.paths.compactMap { path in world.files.text(path).map { (name: path, text: $0) } }
        for name in try FileManager.default.contentsOfDirectory(atPath: world.folders.data) {
            let path = world.folders.data + "/" + name
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            found.append((name: path, text: String(decoding: data, as: UTF8.self)))
        }
        return found
    }

    @Test func `is no name of an intent`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        for name in ["canary@example.org", "4111111111111111", "４１１１１１１１１１１１１１１１"] {
            let said = try await admin.refusal(
                "feedback.submit",
                ["text": "late crate", "intent": .string(name), "new_intent": true]
            )
            #expect(said.reason == "invalid_params" && said.message.contains("personal data"))
            let moved = try await admin.refusal(
                "intents.rename",
                ["intent": "greeting", "to": .string(name), "reason": "r"]
            )
            #expect(moved.message.contains("personal data"))
        }
    }
}
