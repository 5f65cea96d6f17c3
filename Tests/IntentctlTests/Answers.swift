import Wire

/// What a daemon with one of everything answers.
enum Answers {
    static let id = "0193a0b2-1111-7abc-8def-0123456789ab"
    static let time = "2026-11-23T13:20:01.123456Z"

    static let verdict: JSON = [
        "verdict": "pass",
        "checks": [
            [
                "name": "accuracy", "outcome": "pass", "unit": "points", "value": 0.0025, "limit": -0.005,
                "low": -0.001, "high": 0.006, "message": "Of 400 test rows 2 became right and 1 wrong.",
            ],
            [
                "name": "golden", "outcome": "pass", "unit": "count", "value": 24, "limit": 24, "low": nil,
                "high": nil, "message": "All golden cases are right.",
            ],
        ],
        "fixed": [["text": "where is my stuff", "intent": "order_status"]], "broken": [], "golden_missed": [],
        "behaviour_missed": [], "findings": [],
    ]

    /// Everything that a verdict can be unhappy with.
    static let doubt: JSON = [
        "verdict": "borderline",
        "checks": [
            check("ece", "borderline", "points", 0.031, 0.02, -0.004, 0.066),
            check("behaviour", "fail", "count", 50, 51), check("behaviour:invariance", "pass", "share", 0.97436, 0.9),
            check("size", "pass", "bytes", 2_485_506, 3_728_259), check("latency", "pass", "ratio", 1.02, 2, 1, 1.1),
            check("recall:refund", "pass", "points", -0.03, -0.05, -0.1, 0),
            check("recall:delivery", "pass", "points", 0.1, -0.05, 0, 0.2),
            check("recall:hours", "fail", "points", -0.5, -0.05, -0.7, -0.3),
        ],
        "fixed": [], "broken": .array((0..<7).map { ["text": .string("row \($0)"), "intent": "hours"] }),
        "golden_missed": [],
        "behaviour_missed": [
            ["kind": "must", "text": "is it dry", "intent": "product", "got": "who"],
            ["kind": "must_not", "text": "hello", "intent": "refund", "got": "refund"],
            ["kind": "invariance", "text": "my refnud", "intent": "refund", "got": "hours"],
        ],
        "findings": [
            [
                "code": "unknown_key", "severity": "error", "line": 3, "message": "\"musst\" is not known.",
                "remedy": "Use must.",
            ]
        ],
    ]

    private static func check(
        _ name: String,
        _ outcome: String,
        _ unit: String,
        _ value: Double,
        _ limit: Double,
        _ low: Double? = nil,
        _ high: Double? = nil
    ) -> JSON {
        [
            "name": .string(name), "outcome": .string(outcome), "unit": .string(unit), "value": .double(value),
            "limit": .double(limit), "low": low.map { .double($0) } ?? .null,
            "high": high.map { .double($0) } ?? .null, "message": .string("Why \(name)."),
        ]
    }

    static let item: JSON = [
        "feedback_id": .string(id), "at": .string(time), "uid": 1000, "id": .string(id), "text": "where is it",
        "intent": "order_status", "rating": "down", "comment": "hm", "state": "pending", "key": nil,
    ]

    static func job(
        _ state: String,
        verdict: JSON = verdict,
        candidate: JSON = 4,
        sameAs: JSON = nil,
        error: JSON = nil
    ) -> JSON {
        [
            "job": .string(id), "state": .string(state), "step": "train", "fraction": 0.5, "started_at": .string(time),
            "finished_at": nil, "candidate": candidate, "same_as": sameAs, "verdict": verdict,
            "learned": ["applied": 3, "fixed": 2, "still_wrong": [.string(id)]], "error": error,
            "cause": "after 20 accepted corrections",
        ]
    }

    static func chat(_ reply: String, reason: String = "confident") -> JSON {
        [
            "id": .string(id), "reply": .string(reply), "route": "local", "reason": .string(reason), "doubt": nil,
            "tier": "lexical", "intent": "order_status", "confidence": 0.9712, "threshold": 0.62,
            "threshold_basis": "proven", "in_scope": true, "alternatives": [], "llm_error": nil,
            "arm": nil, "propensity": nil, "eligible": false, "model": 1, "digest": "0123456789ab", "llm": nil,
            "anomalies": [], "latency_us": ["total": 90, "classify": 60, "llm": nil],
        ]
    }

    static func of(_ method: String) -> JSON {
        switch method {
        case "chat": chat("It is on its way.")
        case "predict":
            [
                "model": 1,
                "predictions": [
                    [
                        "intent": "order_status", "confidence": 0.97, "in_scope": true,
                        "alternatives": [
                            ["intent": "order_status", "confidence": 0.97], ["intent": "delivery", "confidence": 0.02],
                        ],
                    ]
                ],
            ]
        case "explain":
            [
                "model": 1, "intent": "order_status", "confidence": 0.97, "logit": 3.2, "bias": -0.1,
                "contributions": [
                    ["feature": "parcel", "weight": 2.31], ["feature": "is", "weight": -0.21],
                    ["feature": "others' words", "weight": 1.2],
                ],
                "threshold": 0.62, "threshold_basis": "proven", "route": "local", "reason": "confident", "doubt": nil,
                "nearest": [["text": "where is my parcel", "intent": "order_status", "similarity": 0.8]],
            ]
        case "feedback.submit": ["feedback_id": .string(id), "state": "accepted", "pending": 0]
        case "feedback.list": ["items": [item], "pending": 1]
        case "feedback.review", "feedback.revise", "feedback.withdraw": item
        case "forget":
            [
                "uid": 7, "feedback": 2, "events": 4, "sessions": 1, "turns": 3, "log_lines": 4, "snapshots": 1,
                "versions": [4], "gone": [3], "job": .string(id),
            ]
        case "retrain": ["job": .string(id)]
        case "jobs.list": ["jobs": [job("done")]]
        case "jobs.get", "jobs.cancel": job("done")
        case "models.list":
            [
                "models": [
                    [
                        "version": 4, "digest": "0123456789ab", "created_at": .string(time), "aliases": ["champion"],
                        "metrics": ["accuracy": 0.9312], "verdict": "pass",
                    ]
                ]
            ]
        case "models.show":
            [
                "version": 4, "metadata": ["rows": 4000], "evaluation": ["accuracy": 0.9312], "verdict": verdict,
                "shadow": shadow, "watch": watch,
            ]
        case "models.promote", "models.rollback": ["champion": 4, "previous": 3]
        case "models.reject": ["rejected": 5, "champion": 4, "previous": 4]
        case "models.diff":
            [
                "from": 3, "to": 4, "identical": false, "rows": 400,
                "metrics": [
                    "accuracy": ["from": 0.93, "to": 0.94, "delta": 0.01, "low": -0.001, "high": 0.021],
                    "ece": ["from": 0.02, "to": 0.03, "delta": 0.01, "low": nil, "high": nil],
                ],
                "fixed": [["text": "where is my stuff", "intent": "order_status"]], "broken": [], "fixed_total": 1,
                "broken_total": 0,
            ]
        case "verify": verification()
        case "models.history":
            [
                "moves": [
                    [
                        "at": .string(time), "kind": "promote", "alias": "champion", "from": 3, "to": 4, "uid": 0,
                        "reason": "by hand",
                        "verdict": "pass",
                    ]
                ]
            ]
        case "metrics": metrics
        case "experiment.report": experiment
        case "status":
            [
                "version": "0.1.0", "protocol": 1, "uptime_s": 3723, "champion": 4, "candidate": nil, "job": nil,
                "llm": ["state": "off", "backend": nil, "model": nil],
                "degraded": [["feature": "log", "reason": "the disk is full"]], "limits": [:], "uid": 0,
                "role": "admin",
            ]
        case "sessions.list":
            [
                "sessions": [
                    [
                        "session": "chat-1", "uid": 1000, "turns": 2, "first_at": .string(time),
                        "last_at": .string(time),
                    ]
                ]
            ]
        case "sessions.show":
            [
                "session": "chat-1", "uid": 1000,
                "turns": [
                    [
                        "id": .string(id), "at": .string(time), "text": "where is it", "reply": "It is on its way.",
                        "route": "local", "intent": "order_status",
                    ]
                ],
            ]
        case "data.check":
            [
                "stopped": false, "rows": 4000, "counts": ["few_rows": 1],
                "findings": [
                    [
                        "code": "few_rows", "severity": "warning", "line": 3, "message": "refund has only 1 row.",
                        "remedy": "Write more.",
                    ]
                ],
                "label_errors": [
                    [
                        "text": "where is it", "intent": "refund", "suggested": "order_status", "probability": 0.91,
                        "own": 0.02,
                    ]
                ],
                "label_errors_of": "0123456789ab", "label_lift": 4.0,
            ]
        case "data.show":
            [
                "snapshot": "0123456789ab", "rows": 4000, "versions": [3, 4],
                "sources": ["prepared": 3999, "imported": 0, "feedback": 1, "review": 0],
                "intents": [["intent": "refund", "train": 140, "val": 30, "test": 30, "weight": 140.5]],
                "items": [
                    [
                        "text": "where is it", "intent": "order_status", "split": "train", "source": "feedback",
                        "weight": 10, "claimed": 10, "uid": 1000, "at": .string(time), "feedback_id": .string(id),
                        "group": nil,
                    ]
                ],
            ]
        case "data.diff":
            [
                "from": "0123456789ab", "to": "ba9876543210",
                "counts": ["added": 1, "removed": 1, "relabelled": 1, "reweighted": 1],
                "intents": [["intent": "refund", "from": 140, "to": 139]],
                "added": [["text": "a", "intent": "refund", "split": "train", "weight": 1]],
                "removed": [["text": "b", "intent": "refund", "split": "train", "weight": 1]],
                "relabelled": [["text": "c", "split": "train", "from": "refund", "to": "order_status"]],
                "reweighted": [["text": "d", "split": "train", "intent": "refund", "from": 1, "to": 11]],
            ]
        case "intents.list":
            [
                "intents": [
                    [
                        "intent": "refund", "rows": 140, "recall": 0.95, "policy": "auto", "has_responses": true,
                        "summary": "Money back", "groups": 12, "missing": 0,
                    ],
                    [
                        "intent": "vouchers", "rows": 2, "recall": nil, "policy": "auto", "has_responses": false,
                        "summary": nil, "groups": 2, "missing": 3,
                    ],
                ]
            ]
        case "intents.rename", "intents.merge", "intents.remove", "intents.undo":
            ["move": .string(id), "rows": 140, "responses": 1, "cases": 3, "feedback": 0]
        case "data.import":
            [
                "upload": nil, "imported": true, "rows": 4000, "counts": [:], "findings": [],
                "gone": [["intent": "hours", "rows": 40]], "new": [],
                "kept_aside": "data/intents.csv.replaced-x", "left_out": 0,
            ]
        case "export":
            [
                "what": "feedback", "format": "csv", "rows": 1, "sha256": "0123", "content": "text,intent\na,b\n",
                "next": nil,
            ]
        case "sessions.forget": ["sessions": 1, "turns": 2]
        case "reload": ["changed": ["local.threshold"], "needs_restart": ["limits.line"]]
        default: nil
        }
    }

    static func verification(event: JSON = nil, model: JSON? = nil, table: JSON? = nil) -> JSON {
        [
            "ok": .bool(event.isNull && model == nil && table == nil),
            "events": [
                "records": 20, "erased": 1, "broken": event, "head": event.isNull ? "20 0123456789abcdef" : nil,
            ],
            "models": ["checked": 4, "broken": .array(model.map { [$0] } ?? [])],
            "aliases": ["checked": 4, "broken": []],
            "tables": ["checked": 5, "broken": .array(table.map { [$0] } ?? [])],
        ]
    }

    static func arm(_ rate: Double) -> JSON {
        [
            "answers": 120, "routes": ["local": 100, "llm": 15, "fallback": 5], "llm_failed": 5, "errors": 1,
            "rated": 40, "rated_share": 0.333333, "up": 30, "down": 10, "corrections": 4,
            "success": ["units": 38, "successes": 29, "rate": .double(rate), "low": 0.55, "high": 0.95],
            "latency_us": ["p50": 120, "p90": 180, "p99": 1_200_000, "max": 1_300_000],
            "tokens": ["prompt": 900, "completion": 400],
        ]
    }

    /// Of a version that waits.
    static let shadow: JSON = [
        "as": "candidate", "champion": 3, "answers": 40, "agreed": 38, "agreement": 0.95, "local_answers": 30,
        "local_scored": 29, "missed": 1, "both_sure": 25, "champion_sure": 4, "shadow_sure": 2,
        "champion_confidence": 0.9, "shadow_confidence": 0.88,
        "by_intent": [
            "order_status": ["answers": 30, "agreed": 30, "agreement": 1],
            "refund_status": ["answers": 10, "agreed": 8, "agreement": 0.8],
        ],
    ]

    /// Of a champion.
    static let watch: JSON = [
        "state": "watching", "previous": 3, "answers": 120, "until": 2000, "false_alarms": 0.01,
        "corrections": [
            "answers": 120, "corrections": 6, "before": ["answers": 900, "corrections": 27], "low": -0.021,
            "high": 0.083, "limit": 0,
        ],
        "sureness": ["answers": 118, "lost": 5, "gained": 7, "low": -0.08, "high": 0.11, "limit": -0.05],
    ]

    static let experiment: JSON = [
        "ab_prob": 0.5, "unit": "session", "confidence": 0.95, "since": .string(time), "until": .string(time),
        "answers": 240, "arms": ["local": arm(0.7), "llm": arm(0.9)],
        "difference": ["estimate": 0.2, "low": 0.0123, "high": 0.3877, "blocks": 38, "excludes_zero": true],
        "verdict": "llm better",
        "mismatch": ["units": 230, "llm": 118, "llm_expected": 115, "p": 1, "alarm": false],
        "notes": ["Each session counts once."],
    ]

    static let metrics: JSON = [
        "window": "all", "requests": 12, "by_route": ["local": 10, "llm": 0, "fallback": 2],
        "by_reason": ["confident": 10, "llm_off": 2], "by_doubt": ["out_of_scope": 2],
        "by_intent": ["order_status": 8, "a,b": 4],
        "arms": ["local": 0, "llm": 0], "errors": 0, "anomalies": ["low_confidence": 1],
        "confidence": ["mean": 0.8, "p10": 0.3, "p50": 0.9, "p90": 0.99],
        "latency_us": ["local": ["p50": 80, "p90": 100, "p99": 200, "max": 400], "llm": ["p50": nil]],
        "feedback": ["up": 1, "down": 0, "corrections": 0, "pending": 0], "estimated_accuracy": nil, "drift": nil,
        "llm": ["state": "ready", "calls": 3, "fallbacks": 1, "tokens": 75], "model": 1, "since": .string(time),
        "lost_lines": 0,
    ]
}

extension FakeDaemon {
    /// One that answers every method with its usual result.
    static func usual() throws -> FakeDaemon { try FakeDaemon { method, _, _ in [.result(Answers.of(method))] } }

    func run(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:]
    ) throws -> Tool.Outcome {
        try run(arguments, input: input, environment: environment)
    }

    func run(
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:]
    ) throws -> Tool.Outcome {
        try Tool.run(arguments, input: input, environment: environment.merging(["INTENTD_SOCKET": path]) { $1 })
    }

    func onTerminal(
        _ arguments: String...,
        keys: [(after: String, type: String)] = [],
        environment: [String: String] = [:]
    ) throws -> (screen: String, code: Int32) {
        try Terminal.run(arguments, keys: keys, environment: environment.merging(["INTENTD_SOCKET": path]) { $1 })
    }
}
