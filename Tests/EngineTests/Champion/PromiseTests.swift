import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Classifier
@testable import Engine

@Suite struct `A champion whose test rows contradict it` {
    @Test func `is told in status, the loudest thing first`() async throws {
        let world = try TestWorld { $0.local.threshold = nil }
        let engine = try await world.engine()
        let client = Client(engine, uid: 0, role: .admin)
        func promise() async throws -> String? {
            let degraded = try await client.call("status")["degraded"]?.array ?? []
            return degraded.first { $0["feature"] == "promise" }?["reason"]?.string
        }
        #expect(try await promise() == nil)
        let findings = [
            Finding(.fewTestRows, .note, message: "Little is measured.", remedy: "Write more."),
            Finding(.promiseBroken, .warning, message: "Only 60 % are right.", remedy: "Write more."),
            Finding(.lowRecall, .warning, message: "Two intents are hardly recognised.", remedy: "Write more."),
        ]
        let evaluation: JSON = ["findings": .array(findings.map(\.json))]
        world.files.put(world.folders.version(1) + "/" + VersionFolder.evaluationFile, evaluation.description)
        _ = try await client.call("reload")
        #expect(try await promise() == "Only 60 % are right.")
    }

    @Test(arguments: [true, false])
    func `counts as estimated if it was proven by rows and not by groups`(isOld: Bool) async throws {
        let world = try TestWorld { $0.local.threshold = nil }
        let serving = try #require(try await world.engine().champion.serving.model)
        var calibration = serving.model.calibration
        calibration.threshold = .proven(value: 0.7, coverage: 0.9, precision: 0.96)
        let model = Model(
            intents: serving.model.intents,
            groups: isOld ? [] : serving.model.groups,
            withheld: serving.model.withheld,
            settings: serving.model.settings,
            space: serving.model.space,
            weights: serving.model.weights,
            bias: serving.model.bias,
            calibration: calibration
        )
        #expect(serving.rules.threshold(of: model)?.value == 0.7)
        #expect(serving.rules.threshold(of: model)?.basis == (isOld ? .estimated : .proven))
    }
}
