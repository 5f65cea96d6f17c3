import Classifier
import Wire

/// `predict`: asks the local model alone. Nothing is logged, counted or remembered.
struct PredictMethods: Sendable {
    func predict(_ call: Call, _ lane: Lane) throws -> Response {
        let (model, _) = try lane.serving.ready()
        let params = call.params
        let top = try params.int("top_k") ?? 1
        let text = try params.string("text")
        let texts = try params.strings("texts")
        guard (text == nil) != (texts == nil) else {
            throw RPCError.invalidParams("Give either text or texts.", field: text == nil ? "text" : "texts")
        }
        if let text, text.utf8.count <= ChatMethods.longText {
            // New ones would cost more than the prediction.
            var buffers = lane.takeBuffers() ?? Buffers()
            defer { lane.give(back: buffers) }
            buffers.message.removeAll(keepingCapacity: true)
            buffers.message.append(contentsOf: text.utf8)
            var writer = JSONWriter()
            Self.begin(model, to: &writer)
            Self.write(model, top: top, &buffers, to: &writer)
            Self.end(to: &writer)
            return .now(.encoded(writer.bytes))
        }
        let all = texts ?? [text ?? ""]
        return .later {
            var buffers = Buffers()
            var writer = JSONWriter()
            var sinceLastTurn = 0
            Self.begin(model, to: &writer)
            for text in all {
                // The client may have left between two texts, and others may have waited long enough.
                try Task.checkCancellation()
                sinceLastTurn += text.utf8.count
                if sinceLastTurn > Self.piece {
                    sinceLastTurn = 0
                    await Task.yield()
                }
                buffers.message.removeAll(keepingCapacity: true)
                buffers.message.append(contentsOf: text.utf8)
                Self.write(model, top: top, &buffers, to: &writer)
                if buffers.workspace.isTooLong {
                    throw RPCError.textTooLong(field: texts == nil ? "text" : "texts")
                }
            }
            Self.end(to: &writer)
            return .encoded(writer.bytes)
        }
    }

    /// The bytes of text that are classified in one turn.
    private static let piece = 8_192

    static func begin(_ model: ServingModel, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("model", model.version)
        writer.name("predictions")
        writer.beginArray()
    }

    static func end(to writer: inout JSONWriter) {
        writer.endArray()
        writer.endObject()
    }

    /// Classifies the message in the buffers and writes the prediction.
    static func write(_ serving: ServingModel, top: Int, _ buffers: inout Buffers, to writer: inout JSONWriter) {
        let model = serving.model
        let prediction = buffers.predict(model, top: top)
        writer.beginObject()
        writer.member("intent", model.intents[prediction.intent])
        writer.member("confidence", prediction.confidence)
        writer.member("in_scope", prediction.inScope)
        writer.name("alternatives")
        buffers.workspace.ranked.write(names: model.intents, to: &writer)
        writer.endObject()
    }
}

extension PredictMethods {
    /// Appends the answer to the output.
    ///
    /// - Returns: false if the general path must take the call.
    func answer(_ call: PlainCall.Predict, of plain: PlainLine, on lane: Lane, output: inout [UInt8]) -> Bool {
        let top = call.topK ?? 1
        guard let model = lane.serving.model, 1...ChatMethods.longText ~= call.text.byteCount, 1...20 ~= top,
            var buffers = lane.takeBuffers()
        else { return false }
        defer { lane.give(back: buffers) }
        call.text.read(from: plain.line, into: &buffers.message)
        Reply.append(to: &output, id: plain.id) { writer in
            Self.begin(model, to: &writer)
            Self.write(model, top: top, &buffers, to: &writer)
            Self.end(to: &writer)
        }
        return true
    }
}
