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
        let all = texts ?? [text ?? ""]
        let compute: @Sendable () throws -> Response.Body = {
            var buffers = Buffers()
            var writer = JSONWriter()
            Self.begin(model, to: &writer)
            for text in all {
                // The client may have left between two texts.
                try Task.checkCancellation()
                buffers.message.removeAll(keepingCapacity: true)
                buffers.message.append(contentsOf: text.utf8)
                Self.write(model, top: top, &buffers, to: &writer)
            }
            Self.end(to: &writer)
            return .encoded(writer.bytes)
        }
        if let text, text.utf8.count <= ChatMethods.longText { return .now(try compute()) }
        return .later { try compute() }
    }

    static func begin(_ model: ServingModel, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("model")
        writer.value(model.version)
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
        writer.name("intent")
        writer.value(model.intents[prediction.intent])
        writer.name("confidence")
        writer.value(prediction.confidence)
        writer.name("in_scope")
        writer.value(prediction.inScope)
        writer.name("alternatives")
        buffers.workspace.ranked.write(names: model.intents, to: &writer)
        writer.endObject()
    }
}
