// The members of a call are read in the same pass as the JSON, since the id must be kept exactly as it was sent, and a
// call with an error in it must still be answered with its id.
extension JSONParser {
    /// The members of a call; nil for those that are missing.
    private struct Envelope {
        var version: JSON?
        var method: JSON?
        var params: (value: JSON, raw: Range<Int>)?
        var id: (value: JSON, raw: Range<Int>)?
        /// The names that occurred so far.
        var members: [Member] = []
        var isIDAmbiguous = false
    }

    /// Reads one call, valid or not.
    ///
    /// - Returns: nil for a call that must be neither run nor answered.
    /// - Throws: `JSONError` for syntax errors only; a name that occurs twice is an error of the call.
    mutating func call() throws(JSONError) -> Result<Request, Rejection>? {
        duplicate = nil
        guard next == UInt8(ascii: "{") else {
            _ = try value()
            return .failure(Rejection(id: .null, error: .invalidRequest("A request is a JSON object.")))
        }
        let envelope = try envelope()
        return judge(envelope)
    }

    private mutating func envelope() throws(JSONError) -> Envelope {
        var envelope = Envelope()
        try open()
        if try isEmpty(closedBy: UInt8(ascii: "}")) { return envelope }
        var names = NameSet()
        repeat {
            let start = position
            let name = try name()
            if !names.insert(name, among: envelope.members) {
                noteDuplicate(name, at: start)
                envelope.isIDAmbiguous = envelope.isIDAmbiguous || name == "id"
            }
            let begin = position
            switch name {
            case "jsonrpc": envelope.version = try value()
            case "method": envelope.method = try value()
            case "params": envelope.params = (try value(), begin..<position)
            case "id": envelope.id = (try value(), begin..<position)
            // Extra members are ignored, but they must be JSON.
            default: _ = try value()
            }
            envelope.members.append(Member(name, .null))
        } while try !closes(with: UInt8(ascii: "}"))
        return envelope
    }

    private func judge(_ envelope: Envelope) -> Result<Request, Rejection>? {
        let id: RequestID?
        var isIDValid = !envelope.isIDAmbiguous
        if let (value, range) = envelope.id {
            let raw = bytes[range]
            isIDValid = isIDValid && RequestID.isID(value, raw)
            id = isIDValid ? RequestID(raw: Array(raw)) : nil
        } else {
            id = nil
        }
        func refuse(_ error: RPCError) -> Result<Request, Rejection> {
            .failure(Rejection(id: id ?? .null, error: error))
        }
        if let duplicate { return refuse(RPCError(duplicate)) }
        guard isIDValid else {
            return refuse(.invalidRequest("An id is a string, an integer or null.", field: "id"))
        }
        guard envelope.version?.string == "2.0" else {
            return refuse(.invalidRequest("Say \"jsonrpc\":\"2.0\" in every request.", field: "jsonrpc"))
        }
        guard let method = envelope.method?.string else {
            return refuse(.invalidRequest("A request needs a method, which is a string.", field: "method"))
        }
        switch envelope.params {
        case nil: return .success(Request(id: id, method: method, params: []))
        case (.object(let members), let range)?:
            var request = Request(id: id, method: method, params: members)
            if method == Method.requestCancel.rawValue { request.cancelled = namedID("request", in: range) }
            return .success(request)
        default:
            if id == nil { return nil }
            return refuse(.invalidParams("Parameters are given by name: params is an object.", field: "params"))
        }
    }

    /// The id that is a member of the object at `range`, exactly as sent; nil if there is none or it cannot be an id.
    private func namedID(_ wanted: String, in range: Range<Int>) -> RequestID? {
        var parser = JSONParser(bytes)
        parser.position = range.lowerBound
        do throws(JSONError) {
            try parser.open()
            while try parser.name() != wanted {
                _ = try parser.value()
                if try parser.closes(with: UInt8(ascii: "}")) { return nil }
            }
            let begin = parser.position
            let value = try parser.value()
            let raw = bytes[begin..<parser.position]
            return RequestID.isID(value, raw) ? RequestID(raw: Array(raw)) : nil
        } catch {
            return nil
        }
    }
}
