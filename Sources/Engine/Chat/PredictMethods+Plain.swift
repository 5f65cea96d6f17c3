import Wire

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
