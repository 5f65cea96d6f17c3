import Wire

// The hot path: `chat` and `predict` in their plain form, answered on the event loop that read the line, from the
// lane's own memory. Once the buffers have grown to their size it allocates nothing, except for the turns of a
// conversation.

extension ChatMethods {
    /// Appends the answer to the output.
    ///
    /// - Returns: false if the call is wrong or merely unusual; then the general path must take it.
    func answer(_ call: PlainCall.Chat, of plain: PlainLine, on lane: Lane, output: inout [UInt8]) -> Bool {
        let bytes = plain.line
        guard case .ready(let model, let tally) = lane.serving, call.message.byteCount <= Self.longText,
            let mode = Mode(plain: call.mode.map { bytes[$0] }), 0...1 ~= call.abProb ?? 0,
            var buffers = lane.takeBuffers()
        else { return false }
        defer { lane.give(back: buffers) }
        call.message.read(from: bytes, into: &buffers.message)
        buffers.session.removeAll(keepingCapacity: true)
        if let session = call.session {
            buffers.session.append(contentsOf: bytes[session])
            guard Wire.Schema.Pattern.isSessionName(buffers.session) else { return false }
        }
        // White space at the ends is rare: the general path trims it.
        guard let first = buffers.message.first, let last = buffers.message.last, first.isInner || first >= 0x80,
            last.isInner || last >= 0x80, !buffers.message.hasSpaceAtEnds
        else { return false }
        let request = ChatRequest(
            characters: buffers.message.scalarCount,
            mode: mode,
            abProb: call.abProb,
            hasSession: call.session != nil
        )
        let classified = local.classify(
            request,
            of: plain.caller,
            serving: (model, tally),
            buffers: &buffers,
            began: plain.began
        )
        guard let ending = endingOnLoop(classified) else { return false }
        let line = local.answer(classified, ending)
        delivery.deliver(line, of: classified, message: buffers.message, id: RequestID(json: Array(plain.id)), on: lane)
        Reply.append(to: &output, id: plain.id) { line.answer.write(to: &$0) }
        return true
    }
}

extension Mode {
    /// nil if the word does not name a mode.
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
    /// Whether it is an ASCII character other than white space and controls.
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

    /// The number of scalars in this valid UTF-8.
    fileprivate var scalarCount: Int { reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
}
