import Wire

/// The answer of one request, made or to be made; the line is nil for a notification.
enum Performed {
    case line([UInt8]?)
    case later(Pending)
}

/// The requests of a batch, which are handled one after the other. After each, the event loop may turn to other clients: a
/// batch of 64 texts takes some milliseconds. Its answers leave as one array when the last of them is made.
final class RequestBatch: UnfinishedLine {
    private var left: ArraySlice<Result<Request, Rejection>>
    private var performed: [Performed] = []
    private let perform: (Request, inout Caller) -> Performed

    init(_ entries: [Result<Request, Rejection>], perform: @escaping (Request, inout Caller) -> Performed) {
        (left, self.perform) = (entries[...], perform)
    }

    func proceed(_ caller: inout Caller) -> Outcome {
        if let entry = left.popFirst() { handle(entry, &caller) }
        return left.isEmpty ? finish() : .unfinished(self)
    }

    func abandon() {
        // A request that is let in gives back its place when it has ended, and a cancelled one ends at once.
        for case .later(let pending) in performed { Task { await pending.run() }.cancel() }
    }

    private func handle(_ entry: Result<Request, Rejection>, _ caller: inout Caller) {
        switch entry {
        case .failure(let rejection): performed.append(.line(Reply.error(id: rejection.id, rejection.error)))
        case .success(let request):
            // A cancel inside a batch could only concern what the same line asks for.
            if request.id != nil || request.method != Method.requestCancel.rawValue {
                performed.append(perform(request, &caller))
            }
        }
    }

    private func finish() -> Outcome {
        // Large answers are not kept beside the line that they become.
        let performed = performed
        self.performed = []
        var (waiting, bytes) = (0, 0)
        for case .later(let pending) in performed {
            waiting += 1
            bytes += pending.bytes
        }
        if waiting == 0 {
            let lines = performed.compactMap { if case .line(let line) = $0 { line } else { nil } }
            return lines.isEmpty ? .none : .reply(Reply.batch(lines))
        }
        let parts: [@Sendable () async -> [UInt8]?] = performed.map { part in
            switch part {
            case .line(let line): { line }
            case .later(let pending): pending.run
            }
        }
        return .later([
            Pending(id: nil, requests: waiting, bytes: bytes) {
                var lines: [[UInt8]] = []
                for part in parts { if let line = await part() { lines.append(line) } }
                return lines.isEmpty ? nil : Reply.batch(lines)
            }
        ])
    }
}
