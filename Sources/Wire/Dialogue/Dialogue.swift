/// The client's half of a conversation with the daemon, without a socket.
///
/// Everybody who talks to the daemon has the same bookkeeping to do: number the requests, cut what comes into lines,
/// read each line strictly, and tell which request it answers. How the bytes travel differs: the tool waits in `poll`,
/// a gateway has an event loop, a test may have no socket at all. So the bookkeeping is a value that does no I/O.
/// Bytes to send come out of ``ask(_:_:)-(String,_)`` and ``cancel(_:)``, bytes that were received go into
/// ``take(_:)``, and ``next()`` says what they mean:
///
///     var dialogue = Dialogue()
///     let request = dialogue.ask(.status)
///     send(request.line)
///     receive { dialogue.take($0) }
///     if case .answer(let answer)? = try dialogue.next(), answer.id == request.id { print(try answer.outcome.get()) }
///
/// A line that makes no sense is a ``Fault`` and costs itself alone: whoever wants to can go on with the next one.
package struct Dialogue: Sendable {
    /// A request that is ready to be sent.
    package struct Request: Sendable {
        package var id: Int
        /// It ends with a line feed.
        package var line: [UInt8]
    }

    private let limit: Int
    private var framer: LineFramer
    private var lastID = 0
    private var unanswered: Set<Int> = []

    /// - Parameter limit: the longest line in bytes that the daemon may send. By default it is far above any answer: it
    ///   only stops a stream that never ends its line.
    package init(limit: Int = 256 << 20) {
        self.limit = limit
        framer = LineFramer(limit: limit)
    }

    /// The id that the next request will have.
    package var nextID: Int { lastID + 1 }

    // MARK: To the daemon

    /// Numbers a request; its answer is expected from then on.
    package mutating func ask(_ method: Method, _ params: [Member] = []) -> Request {
        ask(method.rawValue, .object(params))
    }

    /// Does the same as ``ask(_:_:)-(Method,_)``, for methods that this version does not know.
    package mutating func ask(_ method: String, _ params: JSON? = nil) -> Request {
        lastID += 1
        unanswered.insert(lastID)
        return Request(id: lastID, line: Self.line(id: lastID, method: method, params: params))
    }

    /// A notification that asks the daemon to stop a request; nil when it has been answered, or was never made. The
    /// request still has its answer: it says how it ended.
    package func cancel(_ id: Int) -> [UInt8]? {
        guard unanswered.contains(id) else { return nil }
        return Self.line(id: nil, method: Method.requestCancel.rawValue, params: ["request": .integer(id)])
    }

    /// A line for the daemon, for those who number their requests themselves.
    ///
    /// - Parameter id: nil makes a notification.
    package static func line(id: Int?, method: String, params: JSON?) -> [UInt8] {
        JSONWriter.message { writer in
            if let id {
                writer.name("id")
                writer.value(id)
            }
            writer.name("method")
            writer.value(method)
            if let params {
                writer.name("params")
                writer.value(params)
            }
        }
    }

    // MARK: From the daemon

    /// Takes bytes as they come, in pieces of any size.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) { framer.append(bytes) }

    /// Reads the next complete line; nil when more bytes are needed.
    package mutating func next() throws(Fault) -> Message? {
        guard let place = try place() else { return nil }
        let message = try framer.withBytes(at: place) { line in Result { () throws(Fault) in try Message(line) } }.get()
        if case .answer(let answer) = message, unanswered.remove(answer.id) == nil {
            throw .unknownID(.integer(answer.id))
        }
        return message
    }

    /// The next complete line unread, for those who have sent lines of their own and know the answers by themselves.
    package mutating func nextLine() throws(Fault) -> [UInt8]? {
        guard let place = try place() else { return nil }
        return framer.withBytes(at: place) { Array($0) }
    }

    private mutating func place() throws(Fault) -> Range<Int>? {
        switch framer.nextPlace() {
        case nil: return nil
        case .tooLong: throw .tooLong(limit: limit)
        case .line(let place): return place
        }
    }
}
