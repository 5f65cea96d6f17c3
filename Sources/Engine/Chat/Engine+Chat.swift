import Classifier
import Wire
import World

extension Engine {
    /// Longer texts leave the event loop: the next client should not wait for them.
    static var longText: Int { 2_048 }

    func chat(_ call: Call, _ lane: Lane) throws -> Given {
        let snapshot = try snapshot(lane)
        let params = call.params
        let message = try params.requiredString("message", length: 1...16_384, trimmed: true)
        let model = try params.string("model", length: 1...256)
        let wantsPieces = try params.bool("stream") ?? false
        let models = configuration.llm.models + [configuration.llm.model]
        if let model, !models.contains(model) {
            throw RPCError.invalidParams(
                "The LLM model \(model.debugDescription) is not one that this daemon may use; leave it out or take one of \(models.joined(separator: ", ")).",
                field: "model"
            )
        }
        let session = try params.string("session", pattern: .sessionName)
        let request = ChatService.Request(
            characters: message.unicodeScalars.count,
            mode: try params.choice("mode", of: Mode.self) ?? .auto,
            abProb: try params.double("ab_prob", in: 0...1),
            hasSession: session != nil
        )
        let notify = call.caller.notify
        let exchange = Exchange(
            message: Array(message.utf8),
            model: model,
            pieces: wantsPieces ? call.id.map { ($0, notify) } : nil,
            id: call.id,
            counters: lane.counters
        )
        let (uid, began) = (call.caller.uid, call.began)
        if message.utf8.count > Self.longText {
            return .later { [self] in
                var buffers = Buffers(message: exchange.message, session: Array((session ?? "").utf8))
                return try await relay(
                    chat.consider(request, uid: uid, snapshot: snapshot, buffers: &buffers, began: began),
                    exchange
                )
            }
        }
        guard var buffers = lane.takeBuffers() else { throw RPCError.noModel("the model is being replaced") }
        buffers.message = exchange.message
        buffers.session = Array((session ?? "").utf8)
        let considered = chat.consider(request, uid: uid, snapshot: snapshot, buffers: &buffers, began: began)
        lane.give(back: buffers)
        if considered.isForLLM { return .later { [self] in try await relay(considered, exchange) } }
        let line = chat.answer(considered, considered.decision.ending(llmFailure: .llmOff))
        remember(line, message: exchange.message)
        lane.append(line)
        noteAnswer(line, call.id)
        var writer = JSONWriter()
        line.answer.write(to: &writer)
        return .written(writer)
    }

    func predict(_ call: Call, _ lane: Lane) throws -> Given {
        let snapshot = try snapshot(lane)
        let params = call.params
        let top = try params.int("top_k", in: 1...20) ?? 1
        let text = try params.string("text", length: 1...16_384)
        let texts = try params.strings("texts", count: 1...1_000, length: 1...16_384)
        guard (text == nil) != (texts == nil) else {
            throw RPCError.invalidParams("Give either text or texts.", field: text == nil ? "text" : "texts")
        }
        let all = texts ?? [text ?? ""]
        let compute: @Sendable () throws -> JSONWriter = {
            var buffers = Buffers()
            var writer = JSONWriter()
            Self.beginPredictions(snapshot, to: &writer)
            for text in all {
                // Between two texts of a request that nobody waits for any more.
                try Task.checkCancellation()
                buffers.message.removeAll(keepingCapacity: true)
                buffers.message.append(contentsOf: text.utf8)
                Self.writePrediction(top, snapshot, &buffers, to: &writer)
            }
            Self.endPredictions(to: &writer)
            return writer
        }
        if let text, text.utf8.count <= Self.longText { return .written(try compute()) }
        return .later { try JSONParser.parse(try compute().bytes) }
    }

    static func beginPredictions(_ snapshot: Snapshot, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("model")
        writer.value(snapshot.version)
        writer.name("predictions")
        writer.beginArray()
    }

    static func endPredictions(to writer: inout JSONWriter) {
        writer.endArray()
        writer.endObject()
    }

    /// Classifies the message in the buffers.
    static func writePrediction(
        _ top: Int,
        _ snapshot: Snapshot,
        _ buffers: inout Buffers,
        to writer: inout JSONWriter
    ) {
        let model = snapshot.model
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
