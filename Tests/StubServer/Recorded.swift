extension Line {
    /// A whole answer in one chunk.
    package func answer(_ text: String, _ type: String = "application/x-ndjson") {
        head(type)
        chunk(text)
        last()
    }
}

/// Answers as the servers give them.
package enum Recorded {
    package static func line(_ text: String) -> String {
        #"{"model":"m","created_at":"2026-11-24T10:00:00Z","message":{"role":"assistant","content":"\#(text)"},"done":false}"#
            + "\n"
    }

    package static func end(_ reason: String = "stop") -> String {
        #"{"model":"m","created_at":"2026-11-24T10:00:01Z","message":{"role":"assistant","content":""},"done":true,"#
            + #""done_reason":"\#(reason)","total_duration":5,"prompt_eval_count":7,"eval_count":3}"# + "\n"
    }

    package static let plain = line("Héllo") + line(" wörld 👩‍👩‍👧") + line("!") + end()

    package static func event(_ text: String) -> String {
        #"data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":null}]}"#
            + "\n\n"
    }

    package static func eventEnd(_ reason: String = "stop") -> String {
        #"data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}]}"# + "\n\n"
            + #"data: {"id":"x","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#
            + "\n\ndata: [DONE]\n\n"
    }

    package static let events = event("Héllo") + ": keep-alive\n\n" + event(" wörld 👩‍👩‍👧") + event("!") + eventEnd()
    package static let text = "Héllo wörld 👩‍👩‍👧!"
}
