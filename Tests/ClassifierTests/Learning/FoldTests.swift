import Testing
import Text

@testable import Classifier

@Suite struct FoldTests {
    private func folds(_ texts: [String], _ labels: [Int32], classes: Int) -> [Int8] {
        Folds.assign(texts: texts, labels: labels, classes: classes, folds: 5, settings: TextSettings(), seed: 1)
    }

    @Test func `texts with the same words share a fold`() {
        let texts = ["Where is my parcel", "my parcel: where is?", "WHERE is MY parcel my", "other", "?", "?", "!"]
        let found = folds(texts, [0, 1, 0, 1, 0, 1, 0], classes: 2)
        #expect(found[0] == found[1] && found[1] == found[2])
        #expect(found[4] == found[5])
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
