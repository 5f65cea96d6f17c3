import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import Wire
import World

/// The connections to one LLM: some for answers, and others for looks at its state and for loading, so that neither
/// waits for the other.
final class Upstream: Sendable {
    let endpoint: Endpoint
    private let key: LLM.Secret?
    private let answers: HTTPClient
    private let looks: HTTPClient
    /// The number of connections for answers that were ever made.
    private let opened: Opened

    private final class Opened: Sendable { let count = Atomic(0) }

    init(_ endpoint: Endpoint, _ settings: LLM.Settings) {
        self.endpoint = endpoint
        key = settings.key
        let opened = Opened()
        self.opened = opened
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(Int64(settings.connectTimeout * 1e9))),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 8
        looks = HTTPClient(configuration: configuration)
        // No question may wait for a connection here, since Admission decides how many are asked at once.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.maxInFlight + 8
        configuration.http1_1ConnectionDebugInitializer = { channel in
            opened.count.add(1, ordering: .relaxed)
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        answers = HTTPClient(configuration: configuration)
    }

    deinit {
        // After a reload the old connections end with the last answer that came over them.
        let clients = [answers, looks]
        Task { for client in clients { try? await client.shutdown() } }
    }

    func shutDown() async {
        try? await answers.shutdown()
        try? await looks.shutdown()
    }

    private func request(_ path: String, _ body: [UInt8]?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: endpoint.base + path)
        request.method = body == nil ? .GET : .POST
        if let host = endpoint.hostHeader { request.headers.replaceOrAdd(name: "Host", value: host) }
        request.headers.add(name: "User-Agent", value: "intentd")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key.value)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    /// Sends a question and waits for the head of the answer. Cancelling the task closes the connection, and so does
    /// dropping the body before its end.
    func ask(_ path: String, _ body: [UInt8]) async throws -> HTTPClientResponse {
        let request = request(path, body)
        let before = opened.count.load(ordering: .relaxed)
        do {
            return try await answers.execute(request, deadline: .distantFuture)
        } catch {
            // The LLM may close a kept connection at the very moment it is used again. Then it has seen nothing of the
            // question, which can be sent once more. The connection was an old one if no new one has been made.
            guard ConnectionProblem(error) == .closed, opened.count.load(ordering: .relaxed) == before,
                !Task.isCancelled
            else { throw error }
            return try await answers.execute(request, deadline: .distantFuture)
        }
    }

    /// Makes a request with a short answer, such as a look at the LLM's state.
    ///
    /// - Returns: nil if no answer came within the limit.
    func look(_ path: String, _ body: [UInt8]? = nil, within limit: Duration) async -> Result<HTTPAnswer, any Error>? {
        let request = request(path, body)
        let task = Task { [looks] () -> Result<HTTPAnswer, any Error> in
            do {
                let response = try await looks.execute(request, deadline: .distantFuture)
                return .success(HTTPAnswer(response, try await response.body.collect(upTo: 4 << 20)))
            } catch {
                return .failure(error)
            }
        }
        let result = await value(of: task, within: limit)
        task.cancel()
        return result
    }
}

/// A complete answer to an HTTP request.
struct HTTPAnswer: Sendable {
    let status: Int
    /// The body as JSON; nil if it is none.
    let json: JSON?
    /// The body.
    let text: String
    /// How long the server wants to be left alone; nil if it does not say.
    let pause: Duration?

    init(_ response: HTTPClientResponse, _ body: ByteBuffer?) {
        status = Int(response.status.code)
        let bytes = body.map { Array($0.readableBytesView) } ?? []
        text = String(decoding: bytes, as: UTF8.self)
        json = try? ServerJSON.parse(bytes)
        pause = response.headers.first(name: "Retry-After").flatMap { RetryAfter.pause($0, at: Timepiece.wall) }
    }

    /// What it says about a failure: the words of an error in any project's shape, the title of a page, or a plain text.
    var said: String? {
        if let json {
            let value = json.array?.first ?? json
            return ReportedError.words(in: value) ?? ReportedError.text(value)
        }
        let trimmed = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        guard trimmed.first == "<" else { return trimmed.isEmpty ? nil : String(trimmed) }
        let lower = trimmed.prefix(4_000).lowercased()
        guard let start = lower.firstRange(of: "<title>")?.upperBound,
            let end = lower[start...].firstRange(of: "</title>")?.lowerBound
        else { return nil }
        return String(lower[start..<end])
    }
}

/// Waits for the value of a task.
///
/// - Returns: nil if it takes longer than the limit, or if the waiting task is cancelled. The other task goes on.
func value<Value: Sendable>(of task: Task<Value, Never>, within limit: Duration) async -> Value? {
    let (stream, continuation) = AsyncStream.makeStream(of: Value?.self, bufferingPolicy: .bufferingOldest(1))
    let waiting = Task {
        continuation.yield(await task.value)
        continuation.finish()
    }
    let timer = Task {
        await Timepiece.sleep(limit)
        continuation.finish()
    }
    defer {
        waiting.cancel()
        timer.cancel()
    }
    for await value in stream { return value }
    return nil
}
