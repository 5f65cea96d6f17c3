import Learning
import Statistics
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The experiment's report` {
    private func open(
        _ lines: DrawnLines,
        unit: Configuration.Experiment.Unit = .session
    ) async throws -> (client: Client, engine: Engine, world: TestWorld) {
        let world = try TestWorld {
            $0.experiment.unit = unit
            $0.experiment.abProb = 0.5
        }
        world.files.put(world.folders.chatLog, lines.bytes)
        let engine = try await world.engine()
        return (Client(engine), engine, world)
    }

    /// As the method table describes it.
    private func report(_ client: Client, _ params: JSON = [:]) async throws -> JSON {
        let report = try await client.call("experiment.report", params)
        let violation = Method.experimentReport.result?.violation(in: report)
        #expect(violation == nil)
        return report
    }

    private func arm(_ report: JSON, _ arm: Arm) -> JSON { report["arms"]?[arm.rawValue] ?? .null }

    @Test func `without an experiment has nothing to compare`() async throws {
        var lines = DrawnLines()
        for _ in 0..<5 { lines.add(nil) }
        let (client, engine, _) = try await open(lines)
        _ = try await client.chat("where is my parcel", [Member("mode", "local")])
        _ = engine
        let report = try await report(client)
        #expect(report["answers"] == 0)
        #expect(report["verdict"] == "nothing to compare yet")
        #expect(report["since"] == .null)
        #expect(report["mismatch"]?["alarm"] == false)
        #expect(report["difference"]?["low"]?.double == -1)
        #expect(arm(report, .llm)["latency_us"]?["p50"] == .null)
    }

    @Test func `counts by the arm that was drawn, whoever answered`() async throws {
        var lines = DrawnLines()
        for number in 1...100 { lines.add(.local, latency: number) }
        lines.add(.local, route: .fallback, reason: .llmOff, latency: 50)
        for _ in 0..<3 {
            lines.add(.llm, route: .llm, reason: .experiment, latency: 900_000, llm: DrawnLines.tokens)
        }
        lines.add(.llm, route: .local, reason: .llmTimeout, latency: 1_000_000)
        lines.add(.llm, route: .fallback, reason: .llmBusy, latency: 10)
        lines.add(
            .llm,
            route: .llm,
            reason: .experiment,
            latency: 99_000_000,
            llm: DrawnLines.tokens,
            error: "cancelled"
        )
        lines.add(nil, route: .llm, reason: .mode, llm: DrawnLines.tokens)
        let report = try await report(try await open(lines).client)
        #expect(report["answers"] == 107)
        let (local, llm) = (arm(report, .local), arm(report, .llm))
        #expect(local["answers"] == 101)
        #expect(local["routes"] == ["local": 100, "llm": 0, "fallback": 1])
        #expect(local["llm_failed"] == 1)
        #expect(local["latency_us"]?["p50"] == 50)
        #expect(local["tokens"] == ["prompt": 0, "completion": 0])
        #expect(llm["answers"] == 6)
        #expect(llm["routes"] == ["local": 1, "llm": 4, "fallback": 1])
        #expect(llm["llm_failed"] == 2)
        #expect(llm["errors"] == 1)
        #expect(llm["tokens"] == ["prompt": 80, "completion": 28])
        // The cancelled one's latency is none.
        #expect((llm["latency_us"]?["max"]?.int ?? 0) < 1_100_000)
    }

    @Test func `takes a thumb up for success, unless the local model spoke and was corrected`() async throws {
        var lines = DrawnLines()
        let locals = (0..<4).map { _ in lines.add(.local) }
        let llms = (0..<3).map { _ in lines.add(.llm, route: .llm, reason: .experiment) }
        let other = lines.add(nil)
        let (client, engine, _) = try await open(lines)
        try await engine.rate(locals[0], .up)
        try await engine.rate(locals[1], .up, intent: "refund")
        try await engine.rate(locals[2], .down)
        try await engine.rate(llms[0], .up, intent: "refund")
        try await engine.rate(llms[1], .down, intent: "refund")
        try await engine.rate(llms[2], .up, state: .withdrawn)
        try await engine.rate(other, .down)
        var report = try await report(client)
        #expect(arm(report, .local)["rated"] == 3)
        #expect(arm(report, .local)["rated_share"]?.double == 0.75)
        #expect(arm(report, .local)["up"] == 2)
        #expect(arm(report, .local)["corrections"] == 1)
        #expect(arm(report, .local)["success"]?["successes"] == 1)
        #expect(arm(report, .llm)["rated"] == 2)
        #expect(arm(report, .llm)["corrections"] == 2)
        #expect(arm(report, .llm)["success"]?["successes"] == 1)
        // A change of mind: the last word counts, and once.
        try await engine.rate(locals[2], .up)
        report = try await self.report(client)
        #expect(arm(report, .local)["rated"] == 3)
        #expect(arm(report, .local)["success"]?["successes"] == 2)
        #expect(report["verdict"] == "no difference shown yet")
        let (low, high) = RateSequence(successes: 2, trials: 3).interval(alpha: 0.05)
        #expect(abs((arm(report, .local)["success"]?["low"]?.double ?? 0) - low) < 1e-5)
        #expect(abs((arm(report, .local)["success"]?["high"]?.double ?? 0) - high) < 1e-5)
    }

    @Test(arguments: [(Configuration.Experiment.Unit.request, 24), (.session, 8), (.uid, 2)])
    func `counts a unit once, with the answer that was rated first`(
        unit: Configuration.Experiment.Unit,
        units: Int
    ) async throws {
        var lines = DrawnLines()
        var ids: [String] = []
        for uid: UInt32 in [1, 2] {
            for session in ["a", "b", "c"] {
                for _ in 0..<3 { ids.append(lines.add(uid == 1 ? .local : .llm, uid: uid, session: session)) }
            }
        }
        // Without a session each is a unit of its own, unless people are.
        for uid: UInt32 in [1, 2] { for _ in 0..<3 { ids.append(lines.add(uid == 1 ? .local : .llm, uid: uid)) } }
        let (client, engine, _) = try await open(lines, unit: unit)
        for id in ids.prefix(18).reversed() { try await engine.rate(id, id == ids[2] ? .down : .up) }
        if unit == .request { for id in ids.suffix(6) { try await engine.rate(id, .up) } }
        if unit != .request { for id in [ids[18], ids[21]] { try await engine.rate(id, .up) } }
        let report = try await report(client)
        let compared = Arm.allCases.reduce(0) { $0 + (arm(report, $1)["success"]?["units"]?.int ?? 0) }
        #expect(compared == units)
        #expect(report["mismatch"]?["units"]?.int == [.request: 24, .session: 12, .uid: 2][unit])
        // The last answer of its session was rated first, and down.
        let failures = units - Arm.allCases.reduce(0) { $0 + (arm(report, $1)["success"]?["successes"]?.int ?? 0) }
        #expect(failures == (unit == .uid ? 0 : 1))
    }

    @Test(arguments: [(0.95, 0.55, "llm better"), (0.55, 0.95, "local better"), (0.8, 0.8, "no difference shown yet")])
    func `finds the better arm`(llm: Double, local: Double, verdict: String) async throws {
        var lines = DrawnLines()
        var random = SplitMix64(seed: 3)
        var ratings: [(String, Rating)] = []
        for number in 0..<300 {
            let isLLM = random.unit() < 0.5
            let id = lines.add(isLLM ? .llm : .local, session: "s\(number)")
            ratings.append((id, random.unit() < (isLLM ? llm : local) ? .up : .down))
        }
        let (client, engine, _) = try await open(lines)
        for (id, rating) in ratings { try await engine.rate(id, rating) }
        let report = try await report(client)
        let difference = report["difference"] ?? .null
        #expect(report["verdict"] == .string(verdict))
        #expect(difference["excludes_zero"]?.bool == (llm != local))
        let (low, high) = (difference["low"]?.double ?? 0, difference["high"]?.double ?? 0)
        #expect(low < llm - local && llm - local < high)
        #expect(low <= difference["estimate"]?.double ?? 9 && difference["estimate"]?.double ?? -9 <= high)
        #expect(report["mismatch"]?["alarm"] == false)
    }

    @Test func `raises the alarm when an arm loses units, and gives no verdict then`() async throws {
        var lines = DrawnLines()
        var ids: [String] = []
        for number in 0..<200 { ids.append(lines.add(number % 4 == 0 ? .llm : .local, session: "s\(number)")) }
        let (client, engine, _) = try await open(lines)
        for (number, id) in ids.enumerated() { try await engine.rate(id, number % 4 == 0 ? .up : .down) }
        let report = try await report(client)
        #expect(report["mismatch"]?["alarm"] == true)
        #expect(report["mismatch"]?["llm"] == 50)
        #expect(report["mismatch"]?["llm_expected"]?.double == 100)
        #expect(report["verdict"]?.string?.hasPrefix("no verdict") == true)
    }

    @Test func `holds every answer against its own probability, and every session once`() async throws {
        var lines = DrawnLines()
        var random = SplitMix64(seed: 4)
        for number in 0..<1_000 {
            // The probability was raised in the middle.
            let probability = number < 500 ? 0.1 : 0.9
            lines.add(random.unit() < probability ? .llm : .local, abProb: probability, session: "s\(number)")
        }
        for _ in 0..<500 { lines.add(.llm, session: "long") }
        for _ in 0..<100 { lines.add(.llm, abProb: 1) }
        let mismatch = try await report(try await open(lines).client)["mismatch"]
        #expect(mismatch?["alarm"] == false)
        #expect(mismatch?["units"] == 1_101)
    }

    @Test func `reaches over all segments, and no further back than asked`() async throws {
        var old = DrawnLines()
        for _ in 0..<10 { old.add(.local) }
        let bytes = old.bytes
        old.advance(seconds: 3_600)
        let middle = old.now
        for _ in 0..<5 { old.add(.llm) }
        let world = try TestWorld()
        world.files.put(world.folders.chatLog + ".1769900000000000", bytes)
        world.files.put(world.folders.chatLog, Array(old.bytes.dropFirst(bytes.count)))
        let client = Client(try await world.engine())
        #expect(try await report(client)["answers"] == 15)
        let later = try await report(client, ["since": .string(middle.rfc3339)])
        #expect(later["answers"] == 5)
        #expect((later["since"]?.string ?? "") > middle.rfc3339)
        #expect(try await client.refusal("experiment.report", ["since": "2026-02-30T00:00:00Z"]).field == "since")
        #expect(try await client.refusal("experiment.report", ["since": "yesterday"]).field == "since")
    }

    @Test func `of answers that were really drawn has no alarm, and their ratings`() async throws {
        let world = try TestWorld { $0.experiment.abProb = 0.3 }
        let client = Client(try await world.engine())
        var drawn: [String: Int] = [:]
        for number in 0..<200 {
            let answer = try await client.chat("where is my parcel", [Member("session", .string("s\(number)"))])
            drawn[answer["arm"]?.string ?? "", default: 0] += 1
            if number < 40 {
                try await client.call("feedback.submit", ["id": answer["id"] ?? .null, "rating": "up"])
            }
        }
        let report = try await report(client)
        #expect(report["answers"] == 200)
        #expect(report["mismatch"]?["alarm"] == false)
        for arm in Arm.allCases { #expect(self.arm(report, arm)["answers"]?.int == drawn[arm.rawValue]) }
        #expect(Arm.allCases.reduce(0) { $0 + (arm(report, $1)["up"]?.int ?? 0) } == 40)
        // No LLM: the local model was sure and stood in.
        #expect(arm(report, .llm)["llm_failed"]?.int == drawn["llm"])
        #expect(arm(report, .llm)["routes"]?["local"]?.int == drawn["llm"])
    }

    @Test func `is whole though the log is rotated while it is read`() async throws {
        var lines = DrawnLines()
        for _ in 0..<1_000 { lines.add(.llm) }
        let world = try TestWorld()
        world.files.put(world.folders.chatLog, lines.bytes)
        let files = InterruptedFileSystem(world.files)
        var hands = world.environment
        hands.files = files
        let engine = try await Engine(hands, world.configuration)
        await engine.bringUp()
        _ = await engine.telemetry.counters()
        let client = Client(engine)
        var settings = Configuration.Telemetry()
        settings.rotateSize = 1
        settings.keep = 1e9
        let rotating = settings
        files.interrupt(afterReads: 2, of: world.folders.chatLog) { engine.telemetry.log.maintain(rotating) }
        #expect(try await report(client)["answers"] == 1_000)
        #expect(try engine.telemetry.log.segments().count == 2)
        // And though a segment is forgotten.
        let closed = try #require(try engine.telemetry.log.segments().first?.path)
        files.interrupt(afterReads: 2, of: closed) { try? world.files.remove(closed) }
        #expect(try await report(client)["answers"] == 0)
    }

    @Test func `that many ask for at once is made for all of them`() async throws {
        var lines = DrawnLines()
        for _ in 0..<500 { lines.add(.llm) }
        let client = try await open(lines).client
        let reports = try await withThrowingTaskGroup(of: JSON.self) { group in
            for _ in 0..<20 { group.addTask { try await client.call("experiment.report") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reports.count == 20)
        #expect(reports.allSatisfy { $0 == reports[0] && $0["answers"] == 500 })
    }

    @Test func `is not thrown off by lines that are torn or another's`() async throws {
        var lines = DrawnLines()
        for _ in 0..<3 { lines.add(.llm) }
        let line = Array(lines.bytes.prefix { $0 != UInt8(ascii: "\n") })
        for length in 0..<line.count { #expect(DrawnAnswer(line: Array(line.prefix(length))) == nil) }
        let text = String(decoding: line, as: UTF8.self)
        for (old, new) in [
            ("\"propensity\":0.5", "\"propensity\":1.5"), ("\"arm\":\"llm\"", "\"arm\":\"moon\""),
            ("\"eligible\":true", "\"eligible\":false"), ("\"uid\":1000", "\"uid\":-1"),
        ] {
            #expect(text.contains(old))
            #expect(DrawnAnswer(line: Array(text.replacing(old, with: new).utf8)) == nil)
        }
        // Somebody may write about it.
        let said = text.replacing("where is my parcel", with: "\\\"eligible\\\":false")
        #expect(DrawnAnswer(line: Array(said.utf8))?.arm == .llm)
    }
}
