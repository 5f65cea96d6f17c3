import Testing
import Wire

@Suite struct `Answers of the methods` {
    private static func names(_ value: JSON?) -> Set<String> { Set((value?.object ?? []).map(\.name)) }

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    private static let chatMembers = words(
        """
        id reply route reason doubt tier intent confidence threshold threshold_basis in_scope alternatives arm \
        propensity eligible model digest llm llm_error anomalies latency_us
        """
    )

    @Test func `chat answers with exactly the members of the protocol`() throws {
        let daemon = try DaemonProcess(try .trained(threshold: 0.2))
        let client = try daemon.connect()
        let answer = try client.call("chat", ["message": " where is my parcel\n"])
        #expect(Self.names(answer) == Self.chatMembers)
        #expect(answer["route"] == "local")
        #expect(answer["reason"] == "confident")
        #expect(answer["reply"] == "Your parcel is on its way.")
        #expect(answer["intent"] == "delivery")
        #expect(answer["tier"] == "lexical")
        #expect(answer["in_scope"] == true)
        #expect(abs((answer["threshold"]?.double ?? 0) - 0.2) < 1e-6)
        #expect(answer["alternatives"]?.array?.count == 3)
        #expect(answer["alternatives"]?[0]?["intent"] == "delivery")
        #expect(answer["alternatives"]?[0]?["confidence"] == answer["confidence"])
        #expect(answer["arm"] == .null && answer["propensity"] == .null && answer["eligible"] == false)
        #expect(answer["model"] == 1 && answer["digest"]?.string?.count == 12)
        #expect(answer["llm"] == .null && answer["llm_error"] == .null)
        #expect(Self.names(answer["latency_us"]) == ["total", "classify", "llm"])
        let id = answer["id"]?.string ?? ""
        #expect(id.count == 36 && Array(id)[14] == "7")
    }

    @Test(arguments: [
        // A policy decides before the threshold does.
        ("give me my money back", "auto", "fallback", "llm_off"),
        ("give me my money back", "local", "local", "mode"),
        ("where is my parcel", "auto", "local", "confident"),
        ("where is my parcel", "llm", "fallback", "llm_off"),
        ("when do you open", "auto", "local", "confident"),
        ("qqq zzz xxx", "local", "local", "mode"),
    ])
    func `chat takes the route that mode and policy say`(
        message: String,
        mode: String,
        route: String,
        reason: String
    ) throws {
        let daemon = try DaemonProcess(try .trained(threshold: 0.2))
        let answer = try daemon.connect().call("chat", ["message": .string(message), "mode": .string(mode)])
        #expect(answer["route"]?.string == route)
        #expect(answer["reason"]?.string == reason)
    }

    @Test func `nothing is answered locally where no threshold is proven and proof is asked for, and status says why`()
        throws
    {
        let root = try Root.trained()
        try root.write("local: { unproven: ask }\nllm: { backend: off }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        let answer = try client.call("chat", ["message": "where is my parcel"])
        #expect(answer["threshold"] == .null)
        #expect(answer["route"] == "fallback" && answer["doubt"] == "unproven")
        // A local policy never reaches for the LLM, so that the doubt itself is the reason.
        let doubt = try client.call("chat", ["message": "when do you open"])
        #expect(doubt["reason"] == "below_threshold" || doubt["reason"] == "out_of_scope")
        let degraded = try client.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["reason"]?.string?.contains("threshold_unproven") == true })
    }

    @Test func `an intent without a response of its own is named`() throws {
        let daemon = try DaemonProcess(try .trained(threshold: 0.01))
        let answer = try daemon.connect().call("chat", ["message": "send me the invoice", "mode": "local"])
        #expect(answer["reply"] == "I think this is about invoice.")
    }

    @Test func `an experiment draws an arm and says how`() throws {
        let daemon = try DaemonProcess(try .trained(threshold: 0.05))
        let client = try daemon.connect()
        var arms: [String: String] = [:]
        for index in 0..<40 {
            let answer = try client.call(
                "chat",
                ["message": "where is my parcel", "ab_prob": 0.5, "session": .string("s\(index % 20)")]
            )
            let arm = try #require(answer["arm"]?.string)
            #expect(answer["eligible"] == true && answer["propensity"] == 0.5)
            #expect(answer["reason"]?.string == (arm == "llm" ? "llm_off" : "confident"))
            #expect(answer["route"] == "local")
            // A session keeps its arm.
            #expect(arms.updateValue(arm, forKey: "s\(index % 20)") ?? arm == arm)
        }
        #expect(Set(arms.values) == ["local", "llm"])
        #expect(try client.call("metrics")["arms"]?["llm"]?.int ?? 0 > 0)
    }

    @Test func `predict answers for one text and for many alike`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let one = try client.call("predict", ["text": "where is my parcel", "top_k": 5])
        #expect(Self.names(one) == ["model", "predictions"])
        let prediction = one["predictions"]?[0]
        #expect(Self.names(prediction) == ["intent", "confidence", "in_scope", "alternatives"])
        let ranked = prediction?["alternatives"]?.array ?? []
        #expect(Set(ranked.compactMap { $0["intent"]?.string }) == Set(TrainingSet.intents))
        let confidences = ranked.compactMap { $0["confidence"]?.double }
        #expect(confidences == confidences.sorted(by: >))
        #expect(abs(confidences.reduce(0, +) - 1) < 1e-4)
        let many = try client.call("predict", ["texts": ["refund me", "where is my parcel"], "top_k": 5])
        #expect(many["predictions"]?[1] == prediction)
        let byDefault = try client.call("predict", ["text": "where is my parcel"])
        #expect(byDefault["predictions"]?[0]?["alternatives"]?.array?.count == 1)
        #expect(
            try client.call("predict", ["text": "where", "top_k": 20])["predictions"]?[0]?["alternatives"]?.array?.count
                == 5
        )
    }

    @Test func `an explanation adds up`() throws {
        let daemon = try DaemonProcess(try .trained(threshold: 0.2))
        let client = try daemon.connect()
        let answer = try client.call("chat", ["message": "where is my parcel, mail me at bob@example.org"])
        let by: [JSON] = [["text": "where is my parcel, mail me at bob@example.org"], ["id": answer["id"] ?? .null]]
        var explanations: [JSON] = []
        for params in by {
            let explanation = try client.call("explain", params)
            #expect(
                Self.names(explanation)
                    == Self.words(
                        """
                        model intent confidence logit bias contributions in_scope alternatives threshold \
                        threshold_basis route reason doubt nearest
                        """
                    )
            )
            let sum = (explanation["contributions"]?.array ?? []).compactMap { $0["weight"]?.double }.reduce(0, +)
            let expected = (explanation["logit"]?.double ?? .nan) - (explanation["bias"]?.double ?? .nan)
            #expect(abs(sum - expected) < 1e-3)
            #expect(explanation["nearest"]?[0].map(Self.names) == ["text", "intent", "similarity"])
            #expect(explanation["intent"] == answer["intent"])
            #expect(abs((explanation["confidence"]?.double ?? 0) - (answer["confidence"]?.double ?? 1)) < 1e-5)
            explanations.append(explanation)
        }
        // The kept text is redacted and classifies the same.
        #expect(explanations[0]["logit"] == explanations[1]["logit"])
        #expect(try client.refusal("explain", ["id": "nonsense"])?.code == -32_003)
        #expect(try client.refusal("explain", [:])?.code == -32_602)
    }

    @Test func `status and metrics have all their members`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        try client.call("chat", ["message": "where is my parcel"])
        let status = try client.call("status")
        #expect(
            Self.names(status)
                == Self.words(
                    """
                    version protocol uptime_s champion candidate job llm degraded limits uid role pid socket root \
                    configuration
                    """
                )
        )
        #expect(status["protocol"] == 1 && status["role"] == "admin" && status["llm"]?["state"] == "off")
        #expect(status["job"] == .null && status["candidate"] == .null)
        let metrics = try client.call("metrics")
        #expect(
            Self.names(metrics)
                == Self.words(
                    """
                    window requests by_route by_reason by_doubt by_intent arms errors anomalies confidence latency_us feedback \
                    estimated_accuracy drift llm model since lost_lines
                    """
                )
        )
        #expect(metrics["requests"] == 1 && metrics["by_intent"]?["delivery"] == 1 && metrics["window"] == "all")
        #expect(Self.names(metrics["latency_us"]?["local"]) == ["p50", "p90", "p99", "max"])
        #expect(Self.names(metrics["feedback"]) == ["up", "down", "corrections", "pending"])
        let text = try client.call("metrics", ["format": "prometheus"])["text"]?.string ?? ""
        #expect(text.contains("intentd_requests_total 1\n"))
    }

    @Test func `the description of the protocol names the methods that answer`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let document = try client.call("rpc.discover")
        #expect(document["openrpc"]?.string?.hasPrefix("1.") == true)
        let methods = (document["methods"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(methods.count == Set(methods).count && methods.contains("chat") && !methods.contains("backup"))
        for method in methods where !["reload", "retrain", "request.cancel", "connection.restrict"].contains(method) {
            #expect(try client.refusal(method, [:])?.code != -32_601, "\(method)")
        }
    }
}
