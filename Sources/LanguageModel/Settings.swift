extension LanguageModel {
    package enum Backend: String, Sendable, CaseIterable {
        /// Ollama's own protocol.
        case ollama
        /// `/v1/chat/completions`, as llama.cpp, vLLM and others speak it.
        case openai
        /// Sentences made here, for trying things out without an LLM.
        case standin
        case off
    }

    /// What never shows up in a description.
    package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
        CustomReflectable
    {
        let value: String

        package init(_ value: String) { self.value = value }

        package var description: String { "(secret)" }
        package var debugDescription: String { description }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// As the configuration has it; times in seconds.
    package struct Settings: Sendable, Equatable {
        package var backend = Backend.ollama
        package var url = "http://127.0.0.1:11434"
        package var model = "llama3.2"
        package var models: [String] = []
        package var connectTimeout = 0.25
        package var firstByteTimeout = 30.0
        package var idleTimeout = 10.0
        package var totalTimeout = 120.0
        package var maxInFlight = 4
        package var maxQueued = 64
        package var allowRemote = false
        /// Sent as a bearer token.
        package var key: Secret?
        /// How long Ollama keeps the model in memory, as it spells it (`5m`, `-1m` for ever); nil leaves it to Ollama.
        package var keepAlive: String?
        /// For a look at the LLM's state, which must cost next to nothing.
        package var probeTimeout = 1.0
        /// How long a user waits for a model that is being loaded before the answer is `loading`.
        package var loadPatience = 1.0
        /// For the loading itself.
        package var loadTimeout = 300.0
        /// Between two looks at the LLM's state, while somebody asks.
        package var probeInterval = 5.0
        /// How long a question counts as interest in the LLM's state.
        package var interest = 300.0

        package init() {}
    }

    /// Settings that cannot be used; the message names the key and the remedy.
    package struct InvalidSettings: Error, Sendable, Equatable, CustomStringConvertible {
        package var message: String
        package var description: String { message }
    }
}
