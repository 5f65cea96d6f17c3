import Testing
import Text

@testable import Classifier

@Suite struct FoldTests {
    private func folds(_ texts: [String], _ labels: [Int32], classes: Int) -> [Int8] {
        assign(texts.map { Example(text: $0, intent: "") }, labels, classes: classes)
    }

    private func assign(_ examples: [Example], _ labels: [Int32], classes: Int) -> [Int8] {
        Folds(examples, settings: TextSettings()).assign(labels: labels, classes: classes, folds: 5, seed: 1)
    }

    @Test func `texts with the same words share a fold`() {
        let texts = ["Where is my parcel", "my parcel: where is?", "WHERE is MY parcel my", "other", "?", "?", "!"]
        let found = folds(texts, [0, 1, 0, 1, 0, 1, 0], classes: 2)
        #expect(found[0] == found[1] && found[1] == found[2])
        #expect(found[4] == found[5])
    }

    @Test func `rows of one group share a fold, and so do rows that their words tie to it`() {
        let examples = (0..<40).map {
            Example(text: "text number\($0 % 35)", intent: "", group: $0 < 35 ? $0 / 5 : nil)
        }
        let folds = Folds(examples, settings: TextSettings())
        for row in 0..<35 { #expect(folds.leaders[row] == row / 5 * 5) }
        // The last five repeat the words of the first five.
        for row in 35..<40 { #expect(folds.leaders[row] == 0) }
        #expect(folds.counts(labels: (0..<40).map { Int32($0 < 5 || $0 >= 35 ? 0 : 1) }, classes: 2) == [1, 6])
        let found = assign(examples, (0..<40).map { Int32($0 % 2) }, classes: 2)
        for row in 0..<40 { #expect(found[row] == found[folds.leaders[row]]) }
    }

    @Test func `each class is spread evenly`() {
        let count = 57
        let texts = (0..<count).map { "text number\($0)" }
        let labels = (0..<count).map { Int32($0 % 3) }
        let found = folds(texts, labels, classes: 3)
        for label in 0..<3 {
            for fold in 0..<5 {
                let rows = (0..<count).count { labels[$0] == label && found[$0] == fold }
                #expect((3...4).contains(rows))
            }
        }
    }
}
