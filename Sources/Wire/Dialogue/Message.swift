// One line of the daemon, read strictly. A client acts on what it is told, so a line that could mean two things means
// nothing: it has to be JSON-RPC 2.0, and either an answer, with exactly one of result and error, or a notification.
extension Dialogue {
    /// One line of the daemon, understood.
    package enum Message: Sendable, Equatable {
        case answer(Answer)
        case notification(Notification)
        /// An error that belongs to no request: the daemon could not read a line, or turns the connection away.
        case refusal(Refusal)
    }

    package struct Answer: Sendable, Equatable {
        package var id: Int
        package var outcome: Result<JSON, Refusal>

        package init(id: Int, outcome: Result<JSON, Refusal>) {
            (self.id, self.outcome) = (id, outcome)
        }
    }

    /// Something that the daemon says without being asked, such as `chat.delta` and `job.progress`.
    package struct Notification: Sendable, Equatable {
        package var method: String
        package var params: JSON

        /// The request that it is about, if any; the request may have been answered already.
        package var request: Int? { params["request"]?.int }
    }
}

extension Dialogue.Message {
    /// Reads a line without its line feed. Whether its id was ever asked is not known here.
    package init(_ line: UnsafeRawBufferPointer) throws(Dialogue.Fault) {
        if let plain = Self.plain(line) {
            self = plain
            return
        }
        let value: JSON
        do throws(JSONError) {
            value = try JSONParser.parse(line)
        } catch {
            throw .notJSON(error)
        }
        guard value["jsonrpc"] == "2.0" else { throw .notAMessage }
        switch (value["method"], value["id"], value["result"], value["error"]) {
        case (let method?, nil, nil, nil): self = .notification(try Self.notification(method, value["params"]))
        case (nil, let id?, let result?, nil):
            self = .answer(Dialogue.Answer(id: try Self.id(id), outcome: .success(result)))
        case (nil, .null?, nil, let error?): self = .refusal(try Self.refusal(error))
        case (nil, let id?, nil, let error?):
            self = .answer(Dialogue.Answer(id: try Self.id(id), outcome: .failure(try Self.refusal(error))))
        case (nil, .some, nil, nil): throw .noOutcome
        default: throw .notAMessage
        }
    }

    /// An answer in the form that the daemon's own have, which is nearly all that comes: no tree is made of the line
    /// around the result. nil for whatever is of another form, or is wrong in some way.
    private static func plain(_ line: UnsafeRawBufferPointer) -> Dialogue.Message? {
        guard let place = PlainAnswer(line) else { return nil }
        var parser = JSONParser(line)
        parser.position = place.content
        // The line's own bracket.
        parser.depth = 1
        guard let value = try? parser.value(), parser.duplicate == nil, parser.next == UInt8(ascii: "}") else {
            return nil
        }
        parser.position += 1
        guard (try? parser.end()) != nil else { return nil }
        if place.isResult { return .answer(Dialogue.Answer(id: place.id, outcome: .success(value))) }
        return Refusal(value).map { .answer(Dialogue.Answer(id: place.id, outcome: .failure($0))) }
    }

    private static func notification(_ method: JSON, _ params: JSON?) throws(Dialogue.Fault) -> Dialogue.Notification {
        guard let method = method.string, params == nil || params?.object != nil else { throw .notAMessage }
        return Dialogue.Notification(method: method, params: params ?? .null)
    }

    private static func id(_ id: JSON) throws(Dialogue.Fault) -> Int {
        guard let number = id.int else { throw .unknownID(id) }
        return number
    }

    private static func refusal(_ error: JSON) throws(Dialogue.Fault) -> Refusal {
        guard let refusal = Refusal(error) else { throw .unclearError }
        return refusal
    }
}
