import Glibc

/// One connection's buffers and its requests under way. Nothing here allocates once it is made.
final class Connection {
    private struct Slot {
        var id = 0
        var sent = 0
    }

    let descriptor: Int32
    private let requests: Requests
    private var input: UnsafeMutablePointer<UInt8>
    private var capacity = 1 << 16
    private var filled = 0
    private let output: UnsafeMutablePointer<UInt8>
    private var pending = 0
    private var written = 0
    private let slots: UnsafeMutablePointer<Slot>
    private let free: UnsafeMutablePointer<Int>
    private(set) var freeCount: Int
    private let inFlight: Int
    /// The kernel has not taken all output yet.
    var isBlocked: Bool { written < pending }
    /// The event queue was asked for room to write.
    var watchesRoom = false

    init(_ descriptor: Int32, requests: Requests, inFlight: Int) {
        self.descriptor = descriptor
        self.requests = requests
        self.inFlight = inFlight
        input = .allocate(capacity: capacity)
        output = .allocate(capacity: requests.longest * inFlight + 1)
        slots = .allocate(capacity: inFlight)
        slots.initialize(repeating: Slot(), count: inFlight)
        free = .allocate(capacity: inFlight)
        for index in 0..<inFlight { free[index] = inFlight - 1 - index }
        freeCount = inFlight
    }

    deinit {
        close(descriptor)
        input.deallocate()
        output.deallocate()
        slots.deallocate()
        free.deallocate()
    }

    var underWay: Int { inFlight - freeCount }

    /// Puts a request into the output; there must be a free slot.
    func enqueue(sequence: Int, at time: Int) {
        freeCount -= 1
        let slot = free[freeCount]
        let id = Requests.idBase + sequence << 10 | slot
        slots[slot] = Slot(id: id, sent: time)
        if written == pending {
            written = 0
            pending = 0
        } else if written > 0 {
            output.update(from: output + written, count: pending - written)
            pending -= written
            written = 0
        }
        pending += requests.write(id: id, to: output + pending)
    }

    func flush() throws {
        while written < pending {
            let count = send(descriptor, output + written, pending - written, Int32(MSG_NOSIGNAL))
            if count < 0 {
                if errno == EAGAIN { return }
                if errno == EINTR { continue }
                throw explain("the server closed a connection")
            }
            written += count
        }
    }

    /// Reads once and tells of every answer that is complete: when it was asked, whether it is a result, its length.
    func receive(_ tally: inout Tally) throws {
        let count = read(descriptor, input + filled, capacity - filled)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            throw count == 0 ? Failure("the server closed a connection") : explain("a connection broke")
        }
        let now = clock()
        filled += count
        var start = 0
        while start < filled, let answer = try next(input + start, filled - start) {
            if answer.isAnswer { settle(answer, from: input + start, at: now, &tally) }
            start += answer.end
        }
        if start > 0, start < filled { memmove(input, input + start, filled - start) }
        filled -= start
        if filled == capacity { grow() }
    }

    private func next(_ start: UnsafeMutablePointer<UInt8>, _ count: Int) throws -> Answer? {
        requests.dialect == .lines ? try Answers.line(start, count) : try Answers.http(start, count)
    }

    private func settle(_ answer: Answer, from start: UnsafeMutablePointer<UInt8>, at now: Int, _ tally: inout Tally) {
        // HTTP has no ids and one request under way, in slot 0.
        let slot = answer.id.map { $0 & 1023 } ?? 0
        guard slot < inFlight, slots[slot].id != 0, answer.id == nil || slots[slot].id == answer.id else {
            tally.strays += 1
            return
        }
        slots[slot].id = 0
        free[freeCount] = slot
        freeCount += 1
        tally.answerBytes += answer.end
        if answer.isResult {
            tally.times.record(now - slots[slot].sent)
        } else {
            tally.errors[Answers.reason(start, answer.end, in: requests.dialect), default: 0] += 1
        }
    }

    private func grow() {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        larger.update(from: input, count: filled)
        input.deallocate()
        input = larger
        capacity *= 2
    }
}

/// The answers that a run has seen.
struct Tally {
    var times = Histogram()
    var errors: [String: Int] = [:]
    var strays = 0
    var answerBytes = 0

    var answers: Int { times.count + errors.values.reduce(0, +) }
}
