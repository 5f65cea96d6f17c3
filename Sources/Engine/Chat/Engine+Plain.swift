import Logging
import Wire

// The hot path: `chat` and `predict` in their plain form, answered on the event loop that read the line, from the
// lane's own memory. Nothing is allocated once the buffers have grown to their size, but for a turn of a conversation
// that is to be remembered.
extension Engine {
    /// Adds the answer to the lane's output.
    ///
    /// - Returns: false where the call is not one for this path, be it wrong or only unusual: the general path takes it.
    func answer(
        _ call: PlainCall,
        _ line: UnsafeRawBufferPointer,
        _ caller: Caller,
        _ lane: Lane,
        _ began: UInt64
    ) -> Bool {
        guard caller.role.covers(.user), case .ready(let snapshot) = lane.serving else { return false }
        switch call.question {
        case .chat(let chat): return answer(chat, id: line[call.id], line, snapshot, caller.uid, lane, began)
        case .predict(let predict): return answer(predict, id: line[call.id], line, snapshot, lane)
        }
    }

    private func answer(
        _ call: PlainCall.Chat,
        id: UnsafeRawBufferPointer.SubSequence,
        _ line: UnsafeRawBufferPointer,
        _ snapshot: Snapshot,
        _ uid: UInt32,
        _ lane: Lane,
        _ began: UInt64
    ) -> Bool {
        guard call.message.byteCount <= Self.longText, let mode = Mode(plain: call.mode.map { line[$0] }),
            0...1 ~= call.abProb ?? 0, var buffers = lane.takeBuffers()
        else { return false }
        defer { lane.give(back: buffers) }
        call.message.read(from: line, into: &buffers.message)
        buffers.session.removeAll(keepingCapacity: true)
        if let session = call.session {
            buffers.session.append(contentsOf: line[session])
            guard Wire.Schema.Pattern.isSessionName(buffers.session) else { return false }
        }
        // White space at the ends is rare and not worth a second way of taking it off.
        guard let first = buffers.message.first, let last = buffers.message.last, first.isInner || first >= 0x80,
            last.isInner || last >= 0x80, !buffers.message.hasSpaceAtEnds
        else { return false }
        let request = ChatService.Request(
            characters: buffers.message.scalarCount,
            mode: mode,
            abProb: call.abProb,
            hasSession: call.session != nil
        )
        let considered = chat.consider(request, uid: uid, snapshot: snapshot, buffers: &buffers, began: began)
        if considered.isForLLM { return false }
        let logged = chat.answer(considered, considered.decision.ending(llmFailure: .llmOff))
        lane.append(logged)
        remember(logged, message: buffers.message)
        if world.logger.logLevel <= .debug { noteAnswer(logged, RequestID(json: Array(id))) }
        Reply.append(to: &lane.output, id: id) { logged.answer.write(to: &$0) }
        return true
    }

    private func answer(
        _ call: PlainCall.Predict,
        id: UnsafeRawBufferPointer.SubSequence,
        _ line: UnsafeRawBufferPointer,
        _ snapshot: Snapshot,
        _ lane: Lane
    ) -> Bool {
        let top = call.topK ?? 1
        guard 1...Self.longText ~= call.text.byteCount, 1...20 ~= top, var buffers = lane.takeBuffers() else {
            return false
        }
        defer { lane.give(back: buffers) }
        call.text.read(from: line, into: &buffers.message)
        Reply.append(to: &lane.output, id: id) { writer in
            Self.beginPredictions(snapshot, to: &writer)
            Self.writePrediction(top, snapshot, &buffers, to: &writer)
            Self.endPredictions(to: &writer)
        }
        return true
    }
}

extension Mode {
    /// nil for a word that is no mode.
    fileprivate init?(plain word: UnsafeRawBufferPointer.SubSequence?) {
        guard let word else {
            self = .auto
            return
        }
        for mode in Mode.allCases where word.elementsEqual(mode.rawValue.utf8) {
            self = mode
            return
        }
        return nil
    }
}

extension UInt8 {
    /// Of ASCII, and neither white space nor a control character.
    fileprivate var isInner: Bool { 0x21...0x7E ~= self }
}

extension [UInt8] {
    /// Whether the first or the last scalar of this valid UTF-8 is white space beyond ASCII.
    fileprivate var hasSpaceAtEnds: Bool {
        guard let first, let last, first >= 0xC2 || last >= 0x80 else { return false }
        let tail = lastIndex { $0 & 0xC0 != 0x80 } ?? startIndex
        return [self[...], self[tail...]].contains { bytes in
            var decoder = UTF8()
            var iterator = bytes.prefix(4).makeIterator()
            if case .scalarValue(let scalar) = decoder.decode(&iterator) { return scalar.properties.isWhitespace }
            return false
        }
    }

    /// Of valid UTF-8.
    fileprivate var scalarCount: Int { reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
}
