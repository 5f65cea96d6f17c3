import Text
import Wire

/// A property of a request that an operator may want to look at. The request is flagged, never blocked.
package struct Anomaly: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case lowConfidence = "low_confidence"
        case suspiciousToken = "suspicious_token"
        case longPrompt = "long_prompt"
    }

    package enum Value: Sendable, Equatable {
        /// It has the precision in which it was compared, so that it reads back as it was written.
        case number(Float)
        case count(Int)
        case token(String)
    }

    package var kind: Kind
    package var value: Value
    package var limit: Value?

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
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

/// The anomalies of one request. Each detector has a fixed place, so that an answer needs no memory for them.
package struct Anomalies: Sendable, Equatable, Sequence {
    package var lowConfidence: Anomaly?
    package var suspiciousToken: Anomaly?
    package var longPrompt: Anomaly?

    package func makeIterator() -> Iterator { Iterator(found: self) }

    package struct Iterator: IteratorProtocol {
        fileprivate let found: Anomalies
        private var place = 0

        fileprivate init(found: Anomalies) { self.found = found }

        package mutating func next() -> Anomaly? {
            while place < 3 {
                place += 1
                let anomaly =
                    switch place {
                    case 1: found.lowConfidence
                    case 2: found.suspiciousToken
                    default: found.longPrompt
                    }
                if let anomaly { return anomaly }
            }
            return nil
        }
    }
}

extension Anomaly {
    /// The kinds without their values, for counting.
    package struct Kinds: OptionSet, Sendable {
        package var rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package init(_ kind: Kind) {
            switch kind {
            case .lowConfidence: rawValue = 1
            case .suspiciousToken: rawValue = 2
            case .longPrompt: rawValue = 4
            }
        }

        package init(_ kinds: [Kind]) {
            self = []
            for kind in kinds { formUnion(Kinds(kind)) }
        }

        package init(_ found: Anomalies) {
            self = []
            for anomaly in found { formUnion(Kinds(anomaly.kind)) }
        }
    }
}

/// The three detectors of anomalies, with the limits of one configuration.
package struct Detectors: Sendable {
    private let lowConfidence: Float
    private let longPrompt: Int
    private let suspicious: [(token: String, search: ByteSearch)]

    package init(_ configuration: Configuration.Anomalies) {
        lowConfidence = Float(configuration.lowConfidence)
        longPrompt = configuration.longPrompt
        suspicious = configuration.suspicious.map { ($0, ByteSearch($0.lowercased(), ignoringCase: true)) }
    }

    /// - Parameters:
    ///   - message: valid UTF-8.
    ///   - characters: the length of the message in Unicode scalars.
    package func find(in message: [UInt8], characters: Int, confidence: Float) -> Anomalies {
        var found = Anomalies()
        if confidence < lowConfidence {
            found.lowConfidence = Anomaly(
                kind: .lowConfidence,
                value: .number(confidence),
                limit: .number(lowConfidence)
            )
        }
        if let token = firstSuspicious(in: message) {
            found.suspiciousToken = Anomaly(kind: .suspiciousToken, value: .token(token), limit: nil)
        }
        if characters > longPrompt {
            found.longPrompt = Anomaly(kind: .longPrompt, value: .count(characters), limit: .count(longPrompt))
        }
        return found
    }

    private func firstSuspicious(in message: [UInt8]) -> String? {
        for (token, search) in suspicious where search.isFound(in: message) { return token }
        return nil
    }
}
