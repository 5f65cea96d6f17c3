import Testing

@testable import Classifier

@Suite struct `Labels that look wrong` {
    private func errors(_ examples: [Example], threads: Int = 2) async throws -> [LabelError] {
        try await Trainer.learn(examples, validation: [], settings: Settings(), threads: threads, progress: { _ in })
            .labelErrors
    }

    @Test func `are found, with the right one suggested, and few others`() async throws {
        var examples = Samples.examples(perIntent: 40).filter { $0.intent != outOfScopeIntent }
        let intents = Set(examples.map(\.intent)).sorted()
        var swapped: [String: String] = [:]
        for place in stride(from: 0, to: examples.count, by: 19) {
            swapped[examples[place].text] = examples[place].intent
            let other = (intents.firstIndex(of: examples[place].intent) ?? 0) + 1
            examples[place].intent = intents[other % intents.count]
        }
        let found = try await errors(examples)
        let right = found.count { swapped[$0.text] == $0.suggested }
        #expect(Double(right) / Double(swapped.count) >= 0.6)
        #expect(Double(right) / Double(found.count) >= 0.8)
        #expect(found.allSatisfy { $0.suggested != $0.intent && $0.probability > 0 && $0.probability <= 1 })
        let margins = found.map { $0.probability - $0.own }
        #expect(margins == margins.sorted(by: >))
    }

    @Test func `are the same on any number of threads`() async throws {
        let examples = Samples.examples(perIntent: 20)
        #expect(try await errors(examples, threads: 1) == errors(examples, threads: 3))
    }
}
