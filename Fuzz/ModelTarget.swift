import Classifier
import Learning
import TestSupport

/// Bytes of a model file. The first byte says how the rest is taken: as the file, as a header's text with the tensors
/// behind its first line feed, or as changes to a whole file, four bytes each: a place and what to put there.
///
/// Promised: a model or a typed error; what loads is written as a file that loads as the same model, and predicts.
struct ModelTarget {
    private let whole: [UInt8]
    private var workspace = Workspace()

    static func make() -> Target {
        var target = ModelTarget(whole: trained())
        return { target.run($0) }
    }

    private init(whole: [UInt8]) { self.whole = whole }

    /// A model of a few features, for small files.
    private static func trained() -> [UInt8] {
        var settings = Settings()
        settings.features.maximumFeatures = 24
        settings.features.characters = nil
        settings.features.pairs = nil
        let examples = Shop.rows.filter { $0.split == .train }.map { Example(text: $0.text, intent: $0.intent) }
        return wait { [settings] in
            guard let model = try? await Trainer.train(examples, settings: settings) else {
                broken("nothing is trained")
            }
            return model.serialized()
        }
    }

    private mutating func run(_ input: [UInt8]) {
        guard let kind = input.first else { return }
        switch kind % 3 {
        case 0: load(Array(input.dropFirst()))
        case 1: load(Self.file(input.dropFirst()))
        default: load(changed(input.dropFirst()))
        }
    }

    /// The length before the header is what a mutation hardly ever gets right.
    private static func file(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let end = text.firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
        let length = UInt64(end - text.startIndex)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + text[..<end]
            + text[min(end + 1, text.endIndex)...]
    }

    private func changed(_ changes: ArraySlice<UInt8>) -> [UInt8] {
        var file = whole
        var left = changes
        while left.count >= 4, !file.isEmpty {
            let change = Array(left.prefix(4))
            left = left.dropFirst(4)
            let place = (Int(change[0]) | Int(change[1]) << 8) % file.count
            switch change[2] % 4 {
            case 0: file[place] = change[3]
            case 1: file[place] ^= 1 << (change[3] % 8)
            case 2: file.insert(change[3], at: place)
            default: file.removeSubrange(place..<min(file.count, place + 1 + Int(change[3])))
            }
        }
        return file
    }

    private mutating func load(_ bytes: [UInt8]) {
        let model: Model
        do throws(ModelFileError) {
            model = try Model(safetensors: bytes)
        } catch {
            promise(!error.message.isEmpty, "\(error) says nothing")
            return
        }
        let written = model.serialized()
        guard let again = try? Model(safetensors: written) else { broken("a model that loads is written as none") }
        promise(again.serialized() == written, "a model is written in two ways")
        for text in ["", "where is my parcel", "caf\u{e9} \u{65e5}\u{672c} 12 <b>", "a b a b a b a b refund"] {
            let prediction = model.predict(text, top: 3, workspace: &workspace)
            promise(model.intents.indices.contains(prediction.intent), "class \(prediction.intent) is none")
            promise(0...1 ~= prediction.confidence, "\(prediction.confidence) is no confidence")
            promise(prediction.logit.isFinite && prediction.scopeScore.isFinite, "\(prediction) is not finite")
            promise(workspace.ranked.count == min(3, model.intents.count), "not the best three are named")
            promise(model.explain(text).intent == model.intents[prediction.intent], "another intent is explained")
        }
    }
}
