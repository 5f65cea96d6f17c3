import Statistics
import Wire

/// Bytes of a client: framing, parsing, routing. The first byte chooses role and line limit, the second the chunks.
///
/// Promised: the same lines whatever the chunks; to every request one line of JSON of the protocol's shape; from the
/// plain path exactly what the general path says, in the answer and in the log.
struct ProtocolTarget {
    private var plain = Side()
    private var general = Side()
    private var heard = 0
    /// Then the engines are made anew: their logs and databases grow.
    private static let lifetime = 20_000

    static func make() -> Target {
        var target = ProtocolTarget()
        return { target.run($0) }
    }

    private mutating func run(_ input: [UInt8]) {
        guard input.count >= 2 else { return }
        let role: Role = [.user, .admin, .user, .none][Int(input[0] & 3)]
        let limit = input[0] & 4 == 0 ? 1 << 20 : 48
        let stream = input.dropFirst(2)
        let frames = cut(stream, limit: limit, seed: input[1])
        for side in [plain, general] { side.connect(uid: role == .admin ? 0 : 1_000, role: role) }
        for case .line(let line) in frames { ask(line) }
        guard heard >= Self.lifetime else { return }
        promise(plain.log == general.log, "the two paths log differently")
        (plain, general, heard) = (Side(), Side(), 0)
    }

    // MARK: Lines

    private func cut(_ stream: ArraySlice<UInt8>, limit: Int, seed: UInt8) -> [LineFramer.Frame] {
        var (frames, rest): ([LineFramer.Frame], [UInt8]?) = ([], nil)
        var parts = stream.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        let tail = parts.popLast() ?? []
        for part in parts {
            let line = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
            frames.append(line.count > limit ? .tooLong : .line(Array(line)))
        }
        if tail.count > limit + 1 || tail.count == limit + 1 && tail.last != UInt8(ascii: "\r") {
            frames.append(.tooLong)
        } else if !tail.isEmpty {
            rest = Array(tail)
        }
        var random = SplitMix64(seed: UInt64(seed))
        // A few chunk sizes each, from single bytes to all at once.
        let largest = [1, 3, 17, 100, 4_096, 1 << 20][Int(seed) % 6]
        var framer = LineFramer(limit: limit)
        var found: [LineFramer.Frame] = []
        var left = stream
        while !left.isEmpty {
            let chunk = left.prefix(1 + random.next(below: largest))
            left = left.dropFirst(chunk.count)
            chunk.withUnsafeBytes { framer.append($0) }
            if seed & 1 == 0 {
                while let frame = framer.next() { found.append(frame) }
            } else {
                while let place = framer.nextPlace() {
                    switch place {
                    case .tooLong: found.append(.tooLong)
                    case .line(let range): found.append(.line(framer.withBytes(at: range) { Array($0) }))
                    }
                }
            }
            promise(framer.byteCount <= limit + 1, "the framer holds \(framer.byteCount) bytes of an unfinished line")
        }
        promise(framer.hasPartialLine == !tail.isEmpty, "whether a line is unfinished is not known")
        promise(found == frames, "chunks of up to \(largest) bytes give \(found), not \(frames)")
        let end = framer.finish()
        promise(end == rest, "the stream ends in \(end as Any), not \(rest as Any)")
        if let end { frames.append(.line(end)) }
        return frames
    }

    // MARK: Answers

    private mutating func ask(_ line: [UInt8]) {
        heard += 1
        let incoming = Incoming.parse(line)
        checkRoundTrip(line)
        let expected = ExpectedReply(incoming)
        let said = plain.hear(line, postpones: expected.startsTraining)
        let other = general.hearGenerally(line, postpones: expected.startsTraining)
        promise(said == other, "to \(shown(line)) the paths say \(said) and \(other)")
        expected.check(said, to: line)
    }

    /// What is read can be written and read again.
    private func checkRoundTrip(_ line: [UInt8]) {
        guard let value = try? JSONParser.parse(line) else { return }
        let written = Array(value.description.utf8)
        guard let again = try? JSONParser.parse(written) else { broken("\(shown(written)) is not read again") }
        promise(again == value, "\(shown(line)) is read as \(value), which is read as \(again)")
    }
}
