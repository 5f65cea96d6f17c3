import Patience
import Testing

@testable import LanguageModel

@Suite struct `The queue of an LLM` {
    /// Has a user ask, and waits until it is decided whether somebody waits or is refused.
    private func ask(_ uid: UInt32, _ admission: Admission, _ refused: Counter) async -> Task<Bool, Never> {
        let before = admission.load.queued + refused.count
        let task = Task {
            switch await admission.enter(uid) {
            case .admitted: admission.leave()
            case .full, .cancelled:
                _ = refused.next()
                return false
            }
            return true
        }
        #expect(await eventually { admission.load.queued + refused.count > before })
        return task
    }

    @Test(arguments: [4, 5, 8, 64])
    func `has room for others, however many questions two users have`(_ size: Int) async {
        let (admission, refused) = (Admission(maxInFlight: 1, maxQueued: size), Counter())
        #expect(await admission.enter(0) == .admitted)
        var tasks: [Task<Bool, Never>] = []
        for uid in [1, 2] as [UInt32] {
            for _ in 0..<size { tasks.append(await ask(uid, admission, refused)) }
        }
        let other = await ask(3, admission, refused)
        #expect(admission.load.queued <= size)
        admission.leave()
        #expect(await other.value)
        for task in tasks { _ = await task.value }
        #expect(admission.load == (0, 0))
    }

    @Test func `makes way for whoever has less in it`() async {
        let (admission, refused) = (Admission(maxInFlight: 1, maxQueued: 16), Counter())
        #expect(await admission.enter(0) == .admitted)
        var tasks: [(uid: UInt32, task: Task<Bool, Never>)] = []
        // Five users fill it, each with as much as it gets.
        for uid in 1...5 as ClosedRange<UInt32> {
            for _ in 0..<16 { tasks.append((uid, await ask(uid, admission, refused))) }
        }
        let late = await ask(9, admission, refused)
        #expect(admission.load.queued <= 16)
        admission.leave()
        #expect(await late.value)
        var answered: [UInt32: Int] = [:]
        for (uid, task) in tasks {
            if await task.value { answered[uid, default: 0] += 1 }
        }
        // Nobody got nothing, and nobody the most of it.
        #expect(answered.values.allSatisfy { 1...8 ~= $0 } && answered.count == 5, "\(answered)")
        #expect(admission.load == (0, 0))
    }
}
