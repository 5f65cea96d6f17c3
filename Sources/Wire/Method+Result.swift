// The shapes of the answers, as `rpc.discover` publishes them. Replies are not checked against them at run time, which
// would cost as much as writing them; the tests and the fuzzer check them.

extension Method {
    /// The shape of the result; nil for a notification, which has none.
    package var result: Schema? {
        switch self {
        case .chat:
            [
                "id": .string, "reply": .string, "route": .choice(["local", "llm", "fallback"]),
                "reason": .choice([
                    "confident", "below_threshold", "out_of_scope", "mode", "policy", "experiment", "llm_unreachable",
                    "llm_timeout", "llm_model_missing", "llm_loading", "llm_busy", "llm_error", "llm_off",
                ]),
                "doubt": Results.doubt, "tier": .string, "intent": .string, "confidence": .number(0...1),
                "threshold": .optional(.number), "threshold_basis": Results.thresholdBasis,
                "in_scope": .boolean, "alternatives": Results.ranked, "llm_error": .optional(.string),
                "arm": .optional(.string), "propensity": .optional(.number(0...1)), "eligible": .boolean,
                "model": .integer, "digest": .string,
                "llm": .optional([
                    "backend": .string, "model": .string, "prompt_tokens": .optional(.integer),
                    "completion_tokens": .optional(.integer), "first_token_ms": .optional(.integer),
                    "truncated": .boolean, "left_host": .boolean,
                ]),
                "anomalies": .array(["kind": .string, "value": .any, "limit": .any]),
                "latency_us": ["total": .integer, "classify": .integer, "llm": .optional(.integer)],
            ]
        case .predict:
            [
                "model": .integer,
                "predictions": .array([
                    "intent": .string, "confidence": .number(0...1), "in_scope": .boolean,
                    "alternatives": Results.ranked,
                ]),
            ]
        case .explain:
            [
                "model": .integer, "intent": .string, "confidence": .number(0...1), "logit": .number, "bias": .number,
                "contributions": .array(["feature": .string, "weight": .number]), "threshold": .optional(.number),
                "threshold_basis": Results.thresholdBasis, "route": .string, "reason": .string, "doubt": Results.doubt,
                "in_scope": .boolean, "alternatives": Results.ranked,
                "nearest": .array(["text": .string, "intent": .string, "similarity": .number]),
            ]
        case .feedbackSubmit: ["feedback_id": .string, "state": .feedbackState, "pending": .integer]
        case .feedbackList: ["items": .array(Results.feedback), "pending": .integer]
        case .feedbackReview, .feedbackRevise, .feedbackWithdraw: Results.feedback
        case .forget:
            [
                "uid": .integer, "feedback": .integer, "events": .integer, "sessions": .integer, "turns": .integer,
                "log_lines": .integer, "snapshots": .integer, "versions": .array(.integer), "gone": .array(.integer),
                "job": .optional(.string),
            ]
        case .retrain: ["job": .string]
        case .jobsList: ["jobs": .array(Results.job)]
        case .jobsGet, .jobsCancel: Results.job
        case .modelsList: ["models": .array(Results.model)]
        case .modelsShow:
            [
                "version": .integer, "metadata": .map(.any), "evaluation": .map(.any), "verdict": .optional(.map(.any)),
                "shadow": .optional(.map(.any)), "watch": .optional(.map(.any)),
                "wrong": .optional([
                    "rows": .integer, "total": .integer,
                    "items": .array([
                        "text": .string, "intent": .string, "got": .string, "confidence": .number(0...1),
                        "in_scope": .boolean,
                    ]),
                ]),
            ]
        case .modelsPromote, .modelsRollback: ["champion": .integer, "previous": .optional(.integer)]
        case .modelsReject:
            ["rejected": .integer, "champion": .optional(.integer), "previous": .optional(.integer)]
        case .modelsHistory:
            // The aliases at one moment are a map: `at` was given.
            .either(["moves": .array(Results.move)], .map(.any))
        case .modelsDiff:
            [
                "from": .integer, "to": .integer, "identical": .boolean, "rows": .integer,
                "metrics": .map([
                    "from": .optional(.number), "to": .optional(.number), "delta": .optional(.number),
                    "low": .optional(.number), "high": .optional(.number),
                ]),
                "fixed": Results.sentences, "broken": Results.sentences, "fixed_total": .integer,
                "broken_total": .integer,
            ]
        case .verify:
            [
                "ok": .boolean,
                "events": [
                    "records": .integer, "erased": .integer, "head": .optional(.string),
                    "broken": .optional([
                        "seq": .integer, "id": .optional(.string), "kind": .optional(.string), "at": .optional(.string),
                        "problem": .string,
                    ]),
                ],
                "models": [
                    "checked": .integer,
                    "broken": .array(["version": .integer, "file": .optional(.string), "problem": .string]),
                ],
                "aliases": ["checked": .integer, "broken": .array(["alias": .string, "problem": .string])],
                "tables": [
                    "checked": .integer,
                    "broken": .array([
                        "table": .string, "key": .either(.integer, .string), "column": .optional(.string),
                        "problem": .string,
                    ]),
                ],
            ]
        case .metrics:
            .either(
                ["text": .string],
                [
                    "window": .string, "requests": .integer, "by_route": .map(.integer), "by_reason": .map(.integer),
                    "by_doubt": .map(.integer), "by_intent": .map(.integer), "arms": .map(.any), "errors": .integer,
                    "anomalies": .map(.integer),
                    "confidence": .map(.any), "latency_us": .map(.map(.any)), "feedback": .map(.integer),
                    "estimated_accuracy": .optional(.map(.any)), "drift": .optional(.map(.any)),
                    "llm": .optional(.map(.any)), "model": .optional(.integer), "since": .optional(.string),
                    "lost_lines": .integer,
                ]
            )
        case .experimentReport:
            [
                "ab_prob": .number(0...1), "unit": .choice(["request", "session", "uid"]), "confidence": .number(0...1),
                "since": .optional(.string), "until": .optional(.string), "answers": .integer,
                "arms": ["local": Results.arm, "llm": Results.arm],
                "difference": [
                    "estimate": .optional(.number(-1...1)), "low": .number(-1...1), "high": .number(-1...1),
                    "blocks": .integer, "excludes_zero": .boolean,
                ],
                "verdict": .string,
                "mismatch": [
                    "units": .integer, "llm": .integer, "llm_expected": .number, "p": .number(0...1), "alarm": .boolean,
                ],
                "notes": .array(.string),
            ]
        case .status:
            [
                "version": .string, "protocol": .integer, "uptime_s": .integer, "champion": .optional(.integer),
                "candidate": .optional(.integer), "job": .optional(.any),
                "llm": [
                    "state": .string, "backend": .optional(.string), "model": .optional(.string),
                    "configured": .boolean, "age_s": .optional(.integer), "llm_error?": .optional(.string),
                ],
                "degraded": .array(["feature": .string, "reason": .string]), "limits": .map(.any), "uid": .integer,
                "role": .string, "pid": .optional(.integer), "socket": .optional(.string), "root": .optional(.string),
                "configuration": .optional(.string),
            ]
        case .reload: ["changed": .array(.string), "needs_restart": .array(.string)]
        case .sessionsList: ["sessions": .array(Results.session)]
        case .sessionsShow:
            [
                "session": .string, "uid": .integer,
                "turns": .array([
                    "id": .string, "at": .string, "text": .string, "reply": .string,
                    "route": .choice(["local", "llm", "fallback"]), "intent": .string,
                ]),
            ]
        case .sessionsForget: ["sessions": .integer, "turns": .integer]
        case .intentsList:
            [
                "intents": .array([
                    "intent": .string, "rows": .integer, "recall": .optional(.number(0...1)), "policy": .string,
                    "has_responses": .boolean, "summary": .optional(.string), "groups": .optional(.integer),
                    "missing": .integer,
                ])
            ]
        case .intentsRename, .intentsMerge, .intentsRemove, .intentsUndo:
            ["move": .string, "rows": .integer, "responses": .integer, "cases": .integer, "feedback": .integer]
        case .dataCheck:
            [
                "stopped": .boolean, "rows": .integer, "counts": .map(.integer), "findings": .array(Results.finding),
                "label_errors": .array([
                    "text": .string, "intent": .string, "suggested": .string, "probability": .number(0...1),
                    "own": .number(0...1),
                ]),
                "label_errors_of": .optional(.string), "label_lift": .number,
            ]
        case .dataShow:
            [
                "snapshot": .string, "rows": .integer, "versions": .array(.integer), "sources": .map(.integer),
                "intents": .array([
                    "intent": .string, "train": .integer, "val": .integer, "test": .integer, "weight": .number,
                ]),
                "items": .array([
                    "text": .string, "intent": .string, "split": .string,
                    "source": .choice(["prepared", "imported", "feedback", "review"]), "weight": .number,
                    "claimed": .number, "uid": .optional(.integer), "at": .optional(.string),
                    "feedback_id": .optional(.string), "group": .optional(.string),
                ]),
            ]
        case .dataDiff:
            [
                "from": .string, "to": .string, "counts": .map(.integer),
                "intents": .array(["intent": .string, "from": .integer, "to": .integer]), "added": .array(Results.row),
                "removed": .array(Results.row),
                "relabelled": .array(["text": .string, "split": .string, "from": .string, "to": .string]),
                "reweighted": .array([
                    "text": .string, "split": .string, "intent": .string, "from": .number, "to": .number,
                ]),
            ]
        case .dataImport:
            [
                "upload": .optional(.string), "imported": .boolean, "rows": .integer, "counts": .map(.integer),
                "findings": .array(Results.finding), "gone": Results.counted, "new": Results.counted,
                "kept_aside": .optional(.string), "left_out": .integer,
            ]
        case .export:
            [
                "what": .choice(["data", "feedback"]), "format": .choice(["csv", "jsonl"]), "rows": .integer,
                "sha256": .string, "content": .string, "next": .optional(.integer),
            ]
        case .connectionRestrict: ["uid": .integer, "role": .string]
        case .discover: .map(.any)
        case .requestCancel: nil
        }
    }

    /// The reasons for which a call of this method can fail, beyond errors of the line itself.
    package var errors: [RPCError.Reason] {
        if self == .requestCancel { return [] }
        let always: [RPCError.Reason] = [.invalidParams, .internal, .forbidden, .overloaded, .cancelled]
        let own: [RPCError.Reason] =
            switch self {
            case .chat: [.noModel, .rateLimited, .upstreamInterrupted]
            case .predict: [.noModel]
            case .explain: [.noModel, .notFound]
            case .feedbackSubmit, .feedbackReview, .feedbackRevise, .feedbackWithdraw, .retrain, .jobsCancel,
                .modelsReject, .dataImport, .intentsRename, .intentsMerge, .intentsRemove, .intentsUndo:
                [.notFound, .conflict, .storageFull, .storageFailed]
            case .modelsPromote, .modelsRollback: [.notFound, .conflict, .gateRefused, .storageFull, .storageFailed]
            case .modelsDiff: [.notFound, .conflict]
            case .jobsGet, .modelsShow, .sessionsShow, .dataShow, .dataDiff: [.notFound]
            case .sessionsForget: [.storageFull, .storageFailed]
            case .forget: [.conflict, .storageFull, .storageFailed]
            default: []
            }
        return always + own
    }

    private enum Results {
        static let finding: Schema = [
            "code": .string, "severity": .choice(["error", "warning", "note"]), "line": .optional(.integer),
            "message": .string, "remedy": .string,
        ]
        static let doubt = Schema.optional(
            .choice(["below_threshold", "out_of_scope", "policy", "few_rows", "unproven"])
        )
        static let thresholdBasis = Schema.optional(.choice(["proven", "estimated", "fixed"]))

        static let row: Schema = ["text": .string, "intent": .string, "split": .string, "weight": .number]

        static let counted = Schema.array(["intent": .string, "rows": .integer])

        static let ranked = Schema.array(["intent": .string, "confidence": .number(0...1)])

        static let feedback: Schema = [
            "feedback_id": .string, "at": .string, "uid": .integer, "id?": .optional(.string),
            "text": .optional(.string), "intent": .optional(.string), "rating?": .optional(.string),
            "comment?": .optional(.string), "state": .feedbackState, "key": .optional(.string),
        ]

        static let job: Schema = [
            "job": .string, "state": .choice(["queued", "running", "done", "refused", "failed", "cancelled"]),
            "step": .optional(.string), "fraction": .number(0...1), "started_at": .optional(.string),
            "finished_at": .optional(.string), "candidate": .optional(.integer), "same_as": .optional(.integer),
            "verdict": .optional(.map(.any)),
            "learned": .optional(["applied": .integer, "fixed": .integer, "still_wrong": .array(.string)]),
            "error": .optional(.string), "cause": .optional(.string), "dry_run": .boolean,
        ]

        static let model: Schema = [
            "version": .integer, "digest": .string, "created_at": .string, "aliases": .array(.string),
            "metrics": .optional(.map(.any)), "verdict": .optional(.any),
        ]

        static let move: Schema = [
            "at": .string, "kind": .string, "alias": .string, "from": .optional(.integer), "to": .optional(.integer),
            "uid": .integer, "reason": .string, "verdict": .any,
        ]

        static let session: Schema = [
            "session": .string, "uid": .integer, "turns": .integer, "first_at": .string, "last_at": .string,
        ]

        static let sentences = Schema.array(["text": .string, "intent": .string])

        static let arm: Schema = [
            "answers": .integer, "routes": .map(.integer), "llm_failed": .integer, "errors": .integer,
            "rated": .integer, "rated_share": .optional(.number(0...1)), "up": .integer, "down": .integer,
            "corrections": .integer,
            "success": [
                "units": .integer, "successes": .integer, "rate": .optional(.number(0...1)), "low": .number(0...1),
                "high": .number(0...1),
            ],
            "latency_us": .map(.optional(.integer)), "tokens": .map(.integer),
        ]
    }
}
