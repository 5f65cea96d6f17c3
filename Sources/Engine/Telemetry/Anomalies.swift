import Wire

/// Something about a request that an operator may want to look at. It is flagged, never blocked.
package struct Anomaly: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case lowConfidence = "low_confidence"
        case suspiciousToken = "suspicious_token"
        case longPrompt = "long_prompt"
    }

    package enum Value: Sendable, Equatable {
        /// In the precision in which it was compared, so that it reads as it was written.
        case number(Float)
        case count(Int)
        case token(String)
    }

    package var kind: Kind
    package var value: Value
    package var limit: Value?

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("kind")
        writer.value(kind.rawValue)
        writer.name("value")
        Self.write(value, to: &writer)
        writer.name("limit")
        if let limit { Self.write(limit, to: &writer) } else { writer.null() }
        writer.endObject()
    }

    private static func write(_ value: Value, to writer: inout JSONWriter) {
        switch value {
        case .number(let number): writer.value(number)
        case .count(let count): writer.value(count)
        case .token(let token): writer.value(token)
        }
    }
}

/// The three detectors.
package struct Anomalies: Sendable {
    private let lowConfidence: Float
    private let longPrompt: Int
    /// In lower case, as bytes.
    private let suspicious: [(token: String, bytes: [UInt8])]

    package init(_ configuration: Configuration.Anomalies) {
        lowConfidence = Float(configuration.lowConfidence)
        longPrompt = configuration.longPrompt
        suspicious = configuration.suspicious.filter { !$0.isEmpty }.map { ($0, $0.lowercased().utf8.map { $0 }) }
    }

    /// - Parameter characters: the length of `message` in Unicode scalars.
    package func find(in message: String, characters: Int, confidence: Float) -> [Anomaly] {
        var found: [Anomaly] = []
        if confidence < lowConfidence {
            found.append(
                Anomaly(
                    kind: .lowConfidence,
                    value: .number(confidence),
                    limit: .number(lowConfidence)
                )
            )
        }
        if let token = firstSuspicious(in: message) {
            found.append(Anomaly(kind: .suspiciousToken, value: .token(token), limit: nil))
        }
        if characters > longPrompt {
            found.append(Anomaly(kind: .longPrompt, value: .count(characters), limit: .count(longPrompt)))
        }
        return found
    }

    private func firstSuspicious(in message: String) -> String? {
        var message = message
        return message.withUTF8 { text in
            suspicious.first { Self.contains($0.bytes, in: text) }?.token
        }
    }

    /// ASCII letters compare without case; a token's first byte decides most positions.
    private static func contains(_ token: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= token.count else { return false }
        let first = token[0]
        for start in 0...(text.count - token.count) where lowercased(text[start]) == first {
            var index = 1
            while index < token.count, lowercased(text[start + index]) == token[index] { index += 1 }
            if index == token.count { return true }
        }
        return false
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
}
