import Synchronization
import TestSupport
import Testing
import Wire

@testable import Engine

@Suite struct `Training jobs` {
    private let clock = ManualClock()

    private struct Broken: Error, CustomStringConvertible { var description = "the child has lost its mind" }

    private static let outcome = Retraining.Outcome(
        candidate: 3,
        verdict: ["verdict": "pass"],
        learned: nil,
        isRefused: false
    )

    private func jobs(
        _ ledger: Ledger? = nil,
        _ work: @escaping @Sendable (JobRecord, @escaping Retraining.Update) async throws -> Retraining.Outcome
    ) throws -> Jobs {
        let ledger = try ledger ?? Ledger(path: nil, clock: clock.clock, randomness: .seeded(1), projections: .all)
        return Jobs(ledger: ledger, clock: clock.clock, logger: .quiet, work: work)
    }

    private static func untilCancelled() async throws {
        while !Task.isCancelled { await Task.yield() }
        throw CancellationError()
    }

    @Test func `end done, refused or failed, and stay on record`() async throws {
        let ledger = try Ledger(path: nil, clock: clock.clock, randomness: .seeded(1), projections: .all)
        let done = try jobs(ledger) { _, _ in Self.outcome }
        let record = try await done.runToEnd(uid: 7, policy: .gate)
        #expect(record.state == .done)
        #expect(record.candidate == 3)
        #expect(record.fraction == 1)
        #expect(record.startedAt != nil && record.finishedAt != nil)
        let refused = try jobs(ledger) { _, _ in
            var outcome = Self.outcome
            outcome.isRefused = true
            return outcome
        }
        #expect(try await refused.runToEnd(uid: 7, policy: .gate).state == .refused)
        let failed = try jobs(ledger) { _, _ in throw Broken() }
        let failure = try await failed.runToEnd(uid: 7, policy: .gate)
        #expect(failure.state == .failed)
        #expect(failure.error == "the child has lost its mind")
        #expect(try await failed.list(limit: 10).map(\.state) == [.failed, .refused, .done])
        #expect(try await failed.list(limit: 1).map(\.id) == [failure.id])
        #expect(try await failed.get(record.id) == record)
        #expect(try await failed.get("nothing") == nil)
    }

    @Test func `run one at a time: of many starts at once one wins`() async throws {
        let jobs = try jobs { _, _ in
            try await Self.untilCancelled()
            return Self.outcome
        }
        let outcomes = await withTaskGroup(of: String.self, returning: [String].self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        return "started " + (try await jobs.start(uid: 1, policy: .gate).id)
                    } catch let error as RPCError {
                        return error.reason.rawValue
                    } catch {
                        return "\(error)"
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0.hasPrefix("started ") } == 1)
        #expect(outcomes.count { $0 == "conflict" } == 49)
        #expect(try await jobs.list(limit: 100).count == 1)
        _ = try await jobs.cancel(jobs.current?.id ?? "")
        #expect(try await jobs.list(limit: 1).first?.state == .cancelled)
        #expect(try await jobs.start(uid: 1, policy: .gate).state == .queued)
        // At the end of the process nothing begins any more.
        await jobs.stop()
        #expect(try await jobs.list(limit: 100).map(\.state) == [.cancelled, .cancelled])
        await #expect(throws: CancellationError.self) { try await jobs.start(uid: 1, policy: .gate) }
    }

    @Test func `can be cancelled, and only while they run`() async throws {
        let jobs = try jobs { _, _ in
            try await Self.untilCancelled()
            return Self.outcome
        }
        let id = try await jobs.start(uid: 1, policy: .gate).id
        #expect(try await jobs.cancel("other") == nil)
        #expect(jobs.current?.id == id)
        let record = try #require(try await jobs.cancel(id))
        #expect(record.state == .cancelled)
        #expect(record.finishedAt != nil)
        #expect(try await jobs.cancel(id) == record)
        #expect(jobs.current == nil)
    }

    @Test func `that a crash cut short have failed as interrupted`() async throws {
        let world = try TestWorld()
        let before = try world.ledger()
        let jobs = try jobs(before) { _, _ in
            try await Self.untilCancelled()
            return Self.outcome
        }
        let id = try await jobs.start(uid: 1, policy: .gate).id
        // A second process finds what the first left behind.
        let again = try self.jobs(try world.ledger()) { _, _ in Self.outcome }
        try await again.recover()
        let record = try #require(try await again.get(id))
        #expect(record.state == .failed)
        #expect(record.error == "interrupted")
        #expect(record.finishedAt != nil)
        #expect(try await again.runToEnd(uid: 1, policy: .gate).state == .done)
        await jobs.stop()
    }

    @Test func `report progress that never goes back, and their end`() async throws {
        let heard = Mutex<[(JobState, Double)]>([])
        let jobs = try jobs { _, update in
            for number in 0..<200 {
                update("step", Double(number % 50) / 50)
                if number.isMultiple(of: 10) { await Task.yield() }
            }
            return Self.outcome
        }
        let record = try await jobs.runToEnd(uid: 1, policy: .gate) { record, _ in
            heard.withLock { $0.append((record.state, record.fraction)) }
        }
        let all = heard.withLock { $0 }
        #expect(all.map(\.1) == all.map(\.1).sorted())
        #expect(all.last?.0 == .done)
        #expect(all.last?.1 == 1)
        #expect(all.dropLast().allSatisfy { $0.0 == .running })
        #expect(record.step == "done")
    }
}
