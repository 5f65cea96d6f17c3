import Classifier
package import Wire

/// The rows whose label looked wrong to a training, one JSON object a line, the surest first. The file lies beside the
/// snapshot and not in the version's folder: it holds people's texts, which only an admin may see and `forget` removes.
package enum LabelErrorFile {
    /// Nobody reads more of them.
    static let limit = 500

    static func bytes(of errors: [LabelError]) -> [UInt8] {
        var bytes: [UInt8] = []
        for error in errors.prefix(limit) {
            let line: JSON = [
                "intent": .string(error.intent), "own": .share(Double(error.own)),
                "probability": .share(Double(error.probability)), "suggested": .string(error.suggested),
                "text": .string(error.text),
            ]
            bytes += (line.description + "\n").utf8
        }
        return bytes
    }

    /// nil if a line is damaged.
    package static func read(_ bytes: [UInt8]) -> [JSON]? {
        var errors: [JSON] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let json = try? JSONParser.parse(Array(line)), json["text"]?.string != nil,
                json["suggested"]?.string != nil
            else { return nil }
            errors.append(json)
        }
        return errors
    }
}
