import TestSupport
import Wire
import World

@testable import Engine

/// An engine with a tiny trained model, and one connection's state. Two of these that hear the same say the same.
final class Side {
    /// Unchecked: the fuzzer's thread waits while a task of the engine touches the lane.
    private final class Loop: @unchecked Sendable {
        let lane: Lane
        var output: [UInt8] = []

        init(_ lane: Lane) { self.lane = lane }
    }

    private let world: TestWorld
    private let engine: Engine
    private let loop: Loop
    private var caller = Caller(uid: 0, role: .none) { _ in }

    init() {
        guard let world = try? TestWorld() else { broken("the folder for the database cannot be made") }
        self.world = world
        engine = wait {
            guard let engine = try? await world.engine() else { broken("the engine does not start") }
            await engine.dataset.areRowsRead()
            return engine
        }
        let loop = Loop(engine.makeLane())
        self.loop = loop
        engine.champion.attach(
            EventLoops { body in
                body(LineHandler(handle: { _, _, _ in .none }, flush: {}, pulse: {}, refresh: { loop.lane.refresh() }))
            }
        )
        guard case .ready = loop.lane.serving else { broken("no model was trained") }
        // How often a training looks at the clock is its own affair.
        world.clock.set(Timestamp(microseconds: 1_800_000_000_000_000), nanoseconds: 100_000_000_000)
    }

    func connect(uid: UInt32, role: Role) { caller = Caller(uid: uid, role: role) { _ in } }

    /// What was written to the chat log.
    var log: [UInt8] { world.files.bytes(world.folders.chatLog) ?? [] }

    enum Said: Equatable {
        case nothing
        case line([UInt8])
        case cancel(RequestID)
        /// It would go on in the background and draw from the clock when it likes.
        case postponed(Int)
    }

    /// What the daemon says to a line.
    func hear(_ line: [UInt8], postpones: Bool) -> Said {
        line.withUnsafeBytes {
            said(engine.door.handle($0, caller: &caller, lane: loop.lane, output: &loop.output), postpones)
        }
    }

    /// The same, on the way that every line can take.
    func hearGenerally(_ line: [UInt8], postpones: Bool) -> Said {
        let began = world.clock.clock.monotonic()
        return said(engine.door.answer(Incoming.parse(line), caller: &caller, lane: loop.lane, began: began), postpones)
    }

    private func said(_ outcome: Outcome, _ postpones: Bool) -> Said {
        defer {
            loop.lane.flush()
            caller.inFlight = 0
        }
        var outcome = outcome
        while case .unfinished(let rest) = outcome { outcome = rest.proceed(&caller) }
        switch outcome {
        case .none, .unfinished: return .nothing
        case .cancel(let id): return .cancel(id)
        case .reply(let line):
            promise(loop.output.isEmpty, "a reply came beside what was written")
            return .line(line)
        case .written:
            defer { loop.output.removeAll(keepingCapacity: true) }
            return .line(loop.output)
        case .later(let pending):
            promise(pending.count == 1, "\(pending.count) things wait for one line")
            if postpones { return .postponed(pending.reduce(0) { $0 + $1.requests }) }
            let (engine, run) = (engine, pending[0].run)
            return wait {
                let line = await run()
                // A promotion reads the data file beside its answer.
                await engine.dataset.areRowsRead()
                return line
            }.map { .line($0) } ?? .nothing
        }
    }
}
