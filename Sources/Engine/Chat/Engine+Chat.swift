import Classifier
import Wire

extension Engine {
    /// Longer texts leave the event loop: the next client should not wait for them.
    private static var longText: Int { 2_048 }

    func chat(_ call: Call, _ lane: Lane) throws -> Given {
        let snapshot = try snapshot(lane)
        let params = call.params
        let message = try params.requiredString("message", length: 1...16_384, trimmed: true)
        let model = try params.string("model", length: 1...256)
        _ = try params.bool("stream")
        let models = configuration.llm.models + [configuration.llm.model]
        if let model, !models.contains(model) {
            throw RPCError.invalidParams(
                "The LLM model \(model.debugDescription) is not one that this daemon may use; leave it out or take one of \(models.joined(separator: ", ")).",
                field: "model"
            )
        }
        let request = ChatService.Request(
            message: message,
            characters: message.unicodeScalars.count,
            mode: try params.choice("mode", of: Mode.self) ?? .auto,
            abProb: try params.double("ab_prob", in: 0...1),
            session: try params.string("session", pattern: .sessionName)
        )
        if message.utf8.count > Self.longText {
            let (uid, began, id) = (call.caller.uid, call.began, call.id)
            let counters = lane.counters
            return .later { [self] in
                var workspace = Workspace()
                let line = chat.answer(request, uid: uid, snapshot: snapshot, workspace: &workspace, began: began)
                var bytes: [UInt8] = []
                line.write(to: &bytes)
                log.write(bytes, count: 1)
                counters.count(line.counted)
                noteAnswer(line, id)
                var writer = JSONWriter()
                line.answer.write(to: &writer)
                return try JSONParser.parse(writer.bytes)
            }
        }
        guard var workspace = lane.takeWorkspace() else { throw RPCError.noModel("the model is being replaced") }
        let line = chat.answer(
            request,
            uid: call.caller.uid,
            snapshot: snapshot,
            workspace: &workspace,
            began: call.began
        )
        lane.give(back: workspace)
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
        if let text, text.utf8.count <= Self.longText, var workspace = lane.takeWorkspace() {
            var writer = JSONWriter()
            defer { lane.give(back: workspace) }
            try Self.write([text], top, snapshot, &workspace, to: &writer)
            return .written(writer)
        }
        let all = texts ?? [text ?? ""]
        return .later {
            var workspace = Workspace()
            var writer = JSONWriter()
            try Self.write(all, top, snapshot, &workspace, to: &writer)
            return try JSONParser.parse(writer.bytes)
        }
    }

    /// - Throws: `CancellationError`, between two texts of a request that nobody waits for any more.
    private static func write(
        _ texts: [String],
        _ top: Int,
        _ snapshot: Snapshot,
        _ workspace: inout Workspace,
        to writer: inout JSONWriter
    ) throws {
        let model = snapshot.model
        writer.beginObject()
        writer.name("model")
        writer.value(snapshot.version)
        writer.name("predictions")
        writer.beginArray()
        for text in texts {
            try Task.checkCancellation()
            let prediction = model.predict(text, top: top, workspace: &workspace)
            writer.beginObject()
            writer.name("intent")
            writer.value(model.intents[prediction.intent])
            writer.name("confidence")
            writer.value(prediction.confidence)
            writer.name("in_scope")
            writer.value(prediction.inScope)
            writer.name("alternatives")
            writer.beginArray()
            for entry in workspace.ranked {
                writer.beginObject()
                writer.name("intent")
                writer.value(model.intents[entry.intent])
                writer.name("confidence")
                writer.value(entry.confidence)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
