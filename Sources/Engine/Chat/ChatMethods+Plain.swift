import Wire

// The hot path: `chat` and `predict` in their plain form, answered on the event loop that read the line, from the
// lane's own memory. Nothing is allocated once the buffers have grown to their size, but for a turn of a conversation
// that is to be remembered.

extension ChatMethods {
    /// Adds the answer to the output.
    ///
    /// - Returns: false where the call is not one for this path, be it wrong or only unusual: the general path takes it.
    func answer(_ call: PlainCall.Chat, of plain: PlainLine, on lane: Lane, output: inout [UInt8]) -> Bool {
        let line = plain.line
        guard case .ready(let model, let tally) = lane.serving, call.message.byteCount <= Self.longText,
            let mode = Mode(plain: call.mode.map { line[$0] }), 0...1 ~= call.abProb ?? 0,
            var buffers = lane.takeBuffers()
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
        let request = ChatRequest(
            characters: buffers.message.scalarCount,
            mode: mode,
            abProb: call.abProb,
            hasSession: call.session != nil
        )
        let considered = local.consider(
            request,
            uid: plain.uid,
            serving: (model, tally),
            buffers: &buffers,
            began: plain.began
        )
        guard let ending = endingOnLoop(considered) else { return false }
        let logged = local.answer(considered, ending)
        delivery.deliver(
            logged,
            of: considered,
            message: buffers.message,
            id: RequestID(json: Array(plain.id)),
            on: lane
        )
        Reply.append(to: &output, id: plain.id) { logged.answer.write(to: &$0) }
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
