import TestSupport
import Wire

/// What may be said to a line: by its requests' ids, in the protocol's shape.
struct ExpectedReply {
    private let incoming: Incoming
    /// Whether a job may begin, which goes on after the answer.
    let startsTraining: Bool

    init(_ incoming: Incoming) {
        self.incoming = incoming
        startsTraining = Self.calls(in: incoming).contains {
            if case .success(let request) = $0 { request.method == Method.retrain.rawValue } else { false }
        }
    }

    private static func calls(in incoming: Incoming) -> [Result<Request, Rejection>] {
        switch incoming {
        case .blank, .rejected: []
        case .single(let call): [call]
        case .batch(let calls): calls
        }
    }

    /// The JSON of the ids that are answered; nil where nothing is.
    private var ids: [[UInt8]]? {
        if case .rejected(let rejection) = incoming { return [rejection.id.raw] }
        let ids = Self.calls(in: incoming).compactMap { call -> [UInt8]? in
            switch call {
            case .success(let request): request.id?.raw
            case .failure(let rejection): rejection.id.raw
            }
        }
        return ids.isEmpty ? nil : ids
    }

    func check(_ said: Side.Said, to line: [UInt8]) {
        switch said {
        case .nothing: promise(ids == nil, "\(shown(line)) is not answered")
        case .cancel:
            guard case .single(.success(let request)) = incoming, request.id == nil,
                request.method == Method.requestCancel.rawValue
            else { broken("\(shown(line)) cancels something") }
        case .postponed(let count):
            promise(startsTraining && (ids?.count ?? 1) >= count, "\(shown(line)) waits for too much")
        case .line(let reply):
            guard let ids else { broken("\(shown(line)) is answered: \(shown(reply))") }
            check(reply, ids)
        }
    }

    private func check(_ reply: [UInt8], _ ids: [[UInt8]]) {
        promise(reply.last == UInt8(ascii: "\n"), "\(shown(reply)) has no end")
        promise(reply.count { $0 < 0x20 } == 1, "\(shown(reply)) has a control character in it")
        guard let json = try? JSONParser.parse(reply) else { broken("\(shown(reply)) is not JSON") }
        let answers: [JSON]
        if case .batch = incoming {
            guard let array = json.array else { broken("\(shown(reply)) is no batch") }
            answers = array
        } else {
            answers = [json]
            let start = Array(#"{"jsonrpc":"2.0","id":"#.utf8) + ids[0] + [UInt8(ascii: ",")]
            promise(reply.starts(with: start), "\(shown(reply)) does not begin as it must")
        }
        promise(answers.count == ids.count, "\(shown(reply)) answers \(answers.count) of \(ids.count)")
        for (answer, id) in zip(answers, ids) { check(answer, id) }
    }

    private func check(_ answer: JSON, _ id: [UInt8]) {
        let names = answer.object?.map(\.name) ?? []
        promise(answer["jsonrpc"] == "2.0", "\(answer) has no version")
        promise(answer["id"] == (try? JSONParser.parse(id)), "\(answer) does not answer \(shown(id))")
        if let error = answer["error"] {
            promise(names == ["jsonrpc", "id", "error"], "\(answer) has other members")
            promise(error["code"]?.int.map { $0 < 0 } ?? false, "\(answer) has no code")
            promise(error["message"]?.string?.isEmpty == false, "\(answer) has no message")
            promise(error["data"]?["reason"]?.string?.isEmpty == false, "\(answer) has no reason")
            promise(error["data"]?["reason"] != "internal", "\(answer): nothing a client sends may do that")
        } else {
            promise(names == ["jsonrpc", "id", "result"], "\(answer) has other members")
            promise(answer["result"]?.object != nil, "\(answer) has a result that is no object")
        }
    }
}
