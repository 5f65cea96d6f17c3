import Foundation
import Learning
import TestSupport
import Testing

@Suite struct `The bundled files` {
    /// The path is not tidied on purpose: it may lead through a link.
    private func box() throws -> MoveBox {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let box = MoveBox()
        for name in ["intents.yaml", "golden.csv", "behaviour.yaml"] {
            let bytes = try #require(FileManager.default.contents(atPath: "/\(folder)/../../../data/\(name)"))
            box.disk.put("/d/" + name, [UInt8](bytes))
        }
        return box
    }

    @Test func `come back byte by byte from a renaming of an intent`() throws {
        let box = try box()
        let before = ["intents.yaml", "golden.csv", "behaviour.yaml"].map { box[$0] }
        let file = try IntentsFile(yaml: Array(try #require(before[0]).utf8))
        // Every eighth, since a build without optimisation takes a second for each.
        for place in stride(from: 0, to: file.intents.count, by: 8) {
            let intent = file.intents[place].name
            let plan = try box.carryOut(MoveBox.rename(intent, "another_name"))
            #expect(plan.files.contains { $0.name == "intents.yaml" })
            try box.carryOut(MoveBox.rename("another_name", intent))
        }
        #expect(["intents.yaml", "golden.csv", "behaviour.yaml"].map { box[$0] } == before)
    }

    @Test func `follow the moves of the manual`() throws {
        let box = try box()
        try box.carryOut(MoveBox.rename("refund_status", "refund"))
        try box.carryOut(MoveBox.merge(["return_item", "return_label"], "returns"))
        try box.carryOut(MoveBox.remove("gift_card"))
        let names = try IntentsFile(yaml: Array(try #require(box["intents.yaml"]).utf8)).intents.map(\.name)
        #expect(names.contains("returns") && names.contains("refund"))
        #expect(Set(names).isDisjoint(with: ["refund_status", "return_item", "return_label", "gift_card"]))
    }
}
