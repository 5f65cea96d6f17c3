extension Dialogue {
    /// Something that is wrong with a line that the daemon sent.
    package enum Fault: Error, Sendable, Equatable {
        case tooLong(limit: Int)
        case notJSON(JSONError)
        case notAMessage
        case noOutcome
        case unclearError
        /// The answer's id belongs to no request that waits for one.
        case unknownID(JSON)
    }
}

extension Dialogue.Fault: CustomStringConvertible {
    /// One sentence for a person.
    package var description: String {
        switch self {
        case .tooLong(let limit): "The daemon's line is longer than \(limit) bytes."
        case .notJSON(let error): "The daemon's line is not JSON: \(error)."
        case .notAMessage: "The daemon's line is neither an answer nor a notification of JSON-RPC 2.0."
        case .noOutcome: "The daemon's answer has neither result nor error."
        case .unclearError: "The daemon's error has no code or no message."
        case .unknownID(let id): "The daemon answers a request \(id), and no such request waits for an answer."
        }
    }
}
