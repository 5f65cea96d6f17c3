import Wire

/// Bytes of an LLM's answer, by the first byte Ollama's lines or OpenAI's events; the second says how they are cut.
///
/// Promised: the cuts make no difference; after the end nothing counts; no text is empty; no count is beyond what sums of
/// them hold.
enum AnswerTarget {
    static func make() -> Target { run }

    private static func run(_ input: [UInt8]) {
        guard input.count >= 2 else { return }
        let bytes = Array(input.dropFirst(2))
        if input[0] % 2 == 0 {
            check(OllamaDecoder(), bytes, step: Int(input[1]))
        } else {
            check(OpenAIDecoder(), bytes, step: Int(input[1]))
        }
    }

    private static func check(_ first: some AnswerDecoder, _ bytes: [UInt8], step: Int) {
        let whole = decode(first, bytes, step: bytes.count)
        promise(decode(first, bytes, step: step + 1) == whole, "\(shown(bytes)) differs by its cuts of \(step + 1)")
        for (place, piece) in whole.enumerated() {
            switch piece {
            case .text(let text): promise(!text.isEmpty, "a text is empty")
            case .error: promise(place == whole.count - 1, "something comes after an error")
            case .done(let ending):
                promise(place == whole.count - 1, "something comes after the end")
                for count in [ending.promptTokens, ending.completionTokens] {
                    promise(0...(1 << 40) ~= count ?? 0, "\(count ?? 0) tokens")
                }
            }
        }
    }

    private static func decode(_ first: some AnswerDecoder, _ bytes: [UInt8], step: Int) -> [Piece] {
        var decoder = first
        var pieces: [Piece] = []
        for start in stride(from: 0, to: bytes.count, by: max(1, step)) {
            bytes[start..<min(bytes.count, start + max(1, step))].withUnsafeBytes { pieces += decoder.take($0) }
        }
        return pieces + decoder.finish()
    }
}
