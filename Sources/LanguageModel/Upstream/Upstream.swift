import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import World

/// The connections to one LLM: some for answers, and others for looks at its state and for loading, so that neither
/// waits for the other.
final class Upstream: Sendable {
    let endpoint: Endpoint
    private let key: LLM.Secret?
    private let answers: HTTPClient
    private let looks: HTTPClient
    /// Connections for answers that were ever made.
    private let opened: Opened

    private final class Opened: Sendable { let count = Atomic(0) }

    init(_ endpoint: Endpoint, _ settings: LLM.Settings, _ group: (any EventLoopGroup)?) {
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
        let eventLoops = group ?? HTTPClient.defaultEventLoopGroup
        looks = HTTPClient(eventLoopGroup: eventLoops, configuration: configuration)
        // Nobody must wait for a connection here: how many ask at once is decided before.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.maxInFlight + 8
        configuration.http1_1ConnectionDebugInitializer = { channel in
            opened.count.add(1, ordering: .relaxed)
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        answers = HTTPClient(eventLoopGroup: eventLoops, configuration: configuration)
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

    private func request(_ method: HTTPMethod, _ path: String, _ body: [UInt8]?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: endpoint.base + path)
        request.method = method
        if let host = endpoint.hostHeader { request.headers.replaceOrAdd(name: "Host", value: host) }
        request.headers.add(name: "User-Agent", value: "intentd")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key.value)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    /// Sends a question; the answer's head is there, its body is not. Cancelling the task closes the connection, and so
    /// does letting go of the body before its end.
    func ask(_ path: String, _ body: [UInt8]) async throws -> HTTPClientResponse {
        let request = request(.POST, path, body)
        let before = opened.count.load(ordering: .relaxed)
        do {
            return try await answers.execute(request, deadline: .distantFuture)
        } catch {
            // The LLM closed a kept connection at the very moment it was used again. It has seen nothing of the question,
            // and that the connection was an old one is known from no new one having been made.
            guard Trouble(error) == .closed, opened.count.load(ordering: .relaxed) == before, !Task.isCancelled
            else { throw error }
            return try await answers.execute(request, deadline: .distantFuture)
        }
    }

    /// A short answer to a look at the LLM's state; nil when it did not come in time.
    func look(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [UInt8]? = nil,
        within limit: Duration,
        _ clock: Timepiece
    ) async -> Result<Answer, any Error>? {
        let request = request(method, path, body)
        let task = Task { [looks] () -> Result<Answer, any Error> in
            do {
                let response = try await looks.execute(request, deadline: .distantFuture)
                let bytes = try await response.body.collect(upTo: 4 << 20)
                return .success(Answer(status: Int(response.status.code), body: Array(bytes.readableBytesView)))
            } catch {
                return .failure(error)
            }
        }
        let result = await value(of: task, within: limit, clock)
        task.cancel()
        return result
    }
}

struct Answer: Sendable {
    var status: Int
    var body: [UInt8]
}

/// What a task came to; nil when that takes longer than the limit, or whoever waits is cancelled. The task goes on.
func value<Value: Sendable>(
    of task: Task<Value, Never>,
    within limit: Duration,
    _ clock: Timepiece
) async -> Value? {
    let (stream, continuation) = AsyncStream.makeStream(of: Value?.self, bufferingPolicy: .bufferingOldest(1))
    let waiting = Task {
        continuation.yield(await task.value)
        continuation.finish()
    }
    let timer = Task {
        await clock.sleep(limit)
        continuation.finish()
    }
    defer {
        waiting.cancel()
        timer.cancel()
    }
    for await value in stream { return value }
    return nil
}
