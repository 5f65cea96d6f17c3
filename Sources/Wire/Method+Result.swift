// The shapes of the answers, as `rpc.discover` publishes them. Replies are not checked against them at run time, which
// would cost as much as writing them; the tests and the fuzzer check them.

extension Method {
    /// The shape of the result; nil for a notification, which has none.
    package var result: Schema? {
        switch self {
        case .chat: Results.chat
        case .predict: Results.predict
        case .explain: Results.explain
        case .feedbackSubmit: Results.feedbackSubmit
        case .feedbackList: .object([.init("items", .array(Results.feedback)), .init("pending", .integer)])
        case .feedbackReview, .feedbackRevise, .feedbackWithdraw: Results.feedback
        case .forget:
            .object([
                .init("uid", .integer), .init("feedback", .integer), .init("events", .integer),
                .init("sessions", .integer), .init("turns", .integer), .init("log_lines", .integer),
                .init("snapshots", .integer), .init("versions", .array(.integer)), .init("gone", .array(.integer)),
                .init("job", .optional(.string)),
            ])
        case .retrain: .object([.init("job", .string)])
        case .jobsList: .object([.init("jobs", .array(Results.job))])
        case .jobsGet, .jobsCancel: Results.job
        case .modelsList: .object([.init("models", .array(Results.model))])
        case .modelsShow:
            .object([
                .init("version", .integer), .init("metadata", .map(.any)), .init("evaluation", .map(.any)),
                .init("verdict", .optional(.map(.any))), .init("shadow", .optional(.map(.any))),
                .init("watch", .optional(.map(.any))),
            ])
        case .modelsPromote, .modelsRollback:
            .object([.init("champion", .integer), .init("previous", .optional(.integer))])
        case .modelsReject:
            .object([
                .init("rejected", .integer), .init("champion", .optional(.integer)),
                .init("previous", .optional(.integer)),
            ])
        case .modelsHistory: Results.history
        case .modelsDiff: Results.diff
        case .verify: Results.verify
        case .metrics: Results.metrics
        case .experimentReport: Results.experiment
        case .status: Results.status
        case .reload: .object([.init("changed", .array(.string)), .init("needs_restart", .array(.string))])
        case .sessionsList: Results.sessions
        case .sessionsShow: Results.session
        case .sessionsForget: .object([.init("sessions", .integer), .init("turns", .integer)])
        case .dataCheck: Results.dataCheck
        case .dataShow: Results.dataShow
        case .dataDiff: Results.dataDiff
        case .dataImport: Results.dataImport
        case .export:
            .object([
                .init("what", .choice(["data", "feedback"])), .init("format", .choice(["csv", "jsonl"])),
                .init("rows", .integer), .init("sha256", .string), .init("content", .string),
                .init("next", .optional(.integer)),
            ])
        case .connectionRestrict: .object([.init("uid", .integer), .init("role", .string)])
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
            case .feedbackSubmit, .feedbackReview, .feedbackRevise, .feedbackWithdraw:
                [.notFound, .conflict, .storageFull, .storageFailed]
            case .retrain, .jobsCancel: [.notFound, .conflict, .storageFull, .storageFailed]
            case .modelsPromote, .modelsRollback: [.notFound, .conflict, .gateRefused, .storageFull, .storageFailed]
            case .modelsReject: [.notFound, .conflict, .storageFull, .storageFailed]
            case .modelsDiff: [.notFound, .conflict]
            case .jobsGet, .modelsShow: [.notFound]
            case .sessionsShow, .dataShow, .dataDiff: [.notFound]
            case .dataImport: [.notFound, .conflict, .storageFull, .storageFailed]
            case .sessionsForget: [.storageFull, .storageFailed]
            case .forget: [.conflict, .storageFull, .storageFailed]
            default: []
            }
        return always + own
    }

    private enum Results {
        static let finding = Schema.object([
            .init("code", .string), .init("severity", .choice(["error", "warning", "note"])),
            .init("line", .optional(.integer)), .init("message", .string),
            .init("remedy", .string),
        ])
        static let dataCheck = Schema.object([
            .init("stopped", .boolean), .init("rows", .integer), .init("counts", .map(.integer)),
            .init("findings", .array(finding)),
            .init(
                "label_errors",
                .array(
                    .object([
                        .init("text", .string), .init("intent", .string), .init("suggested", .string),
                        .init("probability", .number(0...1)), .init("own", .number(0...1)),
                    ])
                )
            ),
            .init("label_errors_of", .optional(.string)),
        ])
        static let dataShow = Schema.object([
            .init("snapshot", .string), .init("rows", .integer), .init("versions", .array(.integer)),
            .init("sources", .map(.integer)),
            .init(
                "intents",
                .array(
                    .object([
                        .init("intent", .string), .init("train", .integer), .init("val", .integer),
                        .init("test", .integer), .init("weight", .number),
                    ])
                )
            ),
            .init(
                "items",
                .array(
                    .object([
                        .init("text", .string), .init("intent", .string), .init("split", .string),
                        .init("source", .choice(["prepared", "imported", "feedback", "review"])),
                        .init("weight", .number), .init("claimed", .number), .init("uid", .optional(.integer)),
                        .init("at", .optional(.string)), .init("feedback_id", .optional(.string)),
                    ])
                )
            ),
        ])
        static let dataDiff: Schema = {
            let row = Schema.object([
                .init("text", .string), .init("intent", .string), .init("split", .string), .init("weight", .number),
            ])
            return .object([
                .init("from", .string), .init("to", .string), .init("counts", .map(.integer)),
                .init(
                    "intents",
                    .array(.object([.init("intent", .string), .init("from", .integer), .init("to", .integer)]))
                ),
                .init("added", .array(row)), .init("removed", .array(row)),
                .init(
                    "relabelled",
                    .array(
                        .object([
                            .init("text", .string), .init("split", .string), .init("from", .string),
                            .init("to", .string),
                        ])
                    )
                ),
                .init(
                    "reweighted",
                    .array(
                        .object([
                            .init("text", .string), .init("split", .string), .init("intent", .string),
                            .init("from", .number), .init("to", .number),
                        ])
                    )
                ),
            ])
        }()
        static let dataImport = Schema.object([
            .init("upload", .optional(.string)), .init("imported", .boolean), .init("rows", .integer),
            .init("counts", .map(.integer)), .init("findings", .array(finding)),
            .init("kept_aside", .optional(.string)),
        ])

        static let ranked = Schema.array(.object([.init("intent", .string), .init("confidence", .number(0...1))]))

        static let chat = Schema.object([
            .init("id", .string), .init("reply", .string), .init("route", .choice(["local", "llm", "fallback"])),
            .init(
                "reason",
                .choice([
                    "confident", "below_threshold", "out_of_scope", "mode", "policy", "experiment", "llm_unreachable",
                    "llm_timeout", "llm_model_missing", "llm_loading", "llm_busy", "llm_error", "llm_off",
                ])
            ),
            .init("tier", .string), .init("intent", .string), .init("confidence", .number(0...1)),
            .init("threshold", .optional(.number)), .init("in_scope", .boolean), .init("alternatives", ranked),
            .init("arm", .optional(.string)), .init("propensity", .optional(.number(0...1))),
            .init("eligible", .boolean), .init("model", .integer), .init("digest", .string),
            .init(
                "llm",
                .optional(
                    .object([
                        .init("backend", .string), .init("model", .string), .init("prompt_tokens", .optional(.integer)),
                        .init("completion_tokens", .optional(.integer)), .init("first_token_ms", .optional(.integer)),
                        .init("truncated", .boolean), .init("left_host", .boolean),
                    ])
                )
            ),
            .init("anomalies", .array(.object([.init("kind", .string), .init("value", .any), .init("limit", .any)]))),
            .init(
                "latency_us",
                .object([
                    .init("total", .integer), .init("classify", .integer), .init("llm", .optional(.integer)),
                ])
            ),
        ])

        static let predict = Schema.object([
            .init("model", .integer),
            .init(
                "predictions",
                .array(
                    .object([
                        .init("intent", .string), .init("confidence", .number(0...1)), .init("in_scope", .boolean),
                        .init("alternatives", ranked),
                    ])
                )
            ),
        ])

        static let explain = Schema.object([
            .init("model", .integer), .init("intent", .string), .init("confidence", .number(0...1)),
            .init("logit", .number), .init("bias", .number),
            .init("contributions", .array(.object([.init("feature", .string), .init("weight", .number)]))),
            .init("threshold", .optional(.number)), .init("route", .string), .init("reason", .string),
            .init(
                "nearest",
                .array(
                    .object([.init("text", .string), .init("intent", .string), .init("similarity", .number)])
                )
            ),
        ])

        static let feedbackState = Schema.choice([
            "pending", "accepted", "rejected", "withdrawn", "duplicate", "evaluation_only",
        ])

        static let feedbackSubmit = Schema.object([
            .init("feedback_id", .string), .init("state", feedbackState), .init("pending", .integer),
        ])

        static let feedback = Schema.object([
            .init("feedback_id", .string), .init("at", .string), .init("uid", .integer),
            .init("id", .optional(.string), required: false), .init("text", .optional(.string)),
            .init("intent", .optional(.string)), .init("rating", .optional(.string), required: false),
            .init("comment", .optional(.string), required: false), .init("state", feedbackState),
            .init("key", .optional(.string)),
        ])

        static let job = Schema.object([
            .init("job", .string),
            .init("state", .choice(["queued", "running", "done", "refused", "failed", "cancelled"])),
            .init("step", .optional(.string)), .init("fraction", .number(0...1)),
            .init("started_at", .optional(.string)), .init("finished_at", .optional(.string)),
            .init("candidate", .optional(.integer)), .init("verdict", .optional(.map(.any))),
            .init(
                "learned",
                .optional(
                    .object([
                        .init("applied", .integer), .init("fixed", .integer), .init("still_wrong", .array(.string)),
                    ])
                )
            ),
            .init("error", .optional(.string)), .init("cause", .optional(.string)),
        ])

        static let model = Schema.object([
            .init("version", .integer), .init("digest", .string), .init("created_at", .string),
            .init("aliases", .array(.string)), .init("metrics", .optional(.map(.any))),
            .init("verdict", .optional(.any)),
        ])

        static let history = Schema.either(
            .object([
                .init(
                    "moves",
                    .array(
                        .object([
                            .init("at", .string), .init("kind", .string), .init("alias", .string),
                            .init("from", .optional(.integer)),
                            .init("to", .optional(.integer)), .init("uid", .integer), .init("reason", .string),
                            .init("verdict", .any),
                        ])
                    )
                )
            ]),
            // The aliases at one moment: `at` was given.
            .map(.any)
        )

        static let sentences = Schema.array(.object([.init("text", .string), .init("intent", .string)]))

        static let diff = Schema.object([
            .init("from", .integer), .init("to", .integer), .init("rows", .integer),
            .init(
                "metrics",
                .map(
                    .object([
                        .init("from", .optional(.number)), .init("to", .optional(.number)),
                        .init("delta", .optional(.number)), .init("low", .optional(.number)),
                        .init("high", .optional(.number)),
                    ])
                )
            ),
            .init("fixed", sentences), .init("broken", sentences), .init("fixed_total", .integer),
            .init("broken_total", .integer),
        ])

        static let verify = Schema.object([
            .init("ok", .boolean),
            .init(
                "events",
                .object([
                    .init("records", .integer), .init("erased", .integer), .init("head", .optional(.string)),
                    .init(
                        "broken",
                        .optional(
                            .object([
                                .init("seq", .integer), .init("id", .optional(.string)),
                                .init("kind", .optional(.string)), .init("at", .optional(.string)),
                                .init("problem", .string),
                            ])
                        )
                    ),
                ])
            ),
            .init(
                "models",
                .object([
                    .init("checked", .integer),
                    .init(
                        "broken",
                        .array(
                            .object([
                                .init("version", .integer), .init("file", .optional(.string)),
                                .init("problem", .string),
                            ])
                        )
                    ),
                ])
            ),
            .init(
                "aliases",
                .object([
                    .init("checked", .integer),
                    .init("broken", .array(.object([.init("alias", .string), .init("problem", .string)]))),
                ])
            ),
            .init(
                "tables",
                .object([
                    .init("checked", .integer),
                    .init(
                        "broken",
                        .array(
                            .object([
                                .init("table", .string), .init("key", .either(.integer, .string)),
                                .init("column", .optional(.string)), .init("problem", .string),
                            ])
                        )
                    ),
                ])
            ),
        ])

        static let sessions = Schema.object([
            .init(
                "sessions",
                .array(
                    .object([
                        .init("session", .string), .init("uid", .integer), .init("turns", .integer),
                        .init("first_at", .string), .init("last_at", .string),
                    ])
                )
            )
        ])

        static let session = Schema.object([
            .init("session", .string), .init("uid", .integer),
            .init(
                "turns",
                .array(
                    .object([
                        .init("id", .string), .init("at", .string), .init("text", .string), .init("reply", .string),
                        .init("route", .choice(["local", "llm", "fallback"])), .init("intent", .string),
                    ])
                )
            ),
        ])

        static let metrics = Schema.either(
            .object([.init("text", .string)]),
            .object([
                .init("window", .string), .init("requests", .integer), .init("by_route", .map(.integer)),
                .init("by_reason", .map(.integer)), .init("by_intent", .map(.integer)), .init("arms", .map(.any)),
                .init("errors", .integer), .init("anomalies", .map(.integer)), .init("confidence", .map(.any)),
                .init("latency_us", .map(.map(.any))), .init("feedback", .map(.integer)),
                .init("estimated_accuracy", .optional(.map(.any))), .init("drift", .optional(.map(.any))),
                .init("llm", .optional(.map(.any))), .init("model", .optional(.integer)),
                .init("since", .optional(.string)), .init("lost_lines", .integer),
            ])
        )

        static let arm = Schema.object([
            .init("answers", .integer), .init("routes", .map(.integer)), .init("llm_failed", .integer),
            .init("errors", .integer), .init("rated", .integer), .init("rated_share", .optional(.number(0...1))),
            .init("up", .integer), .init("down", .integer), .init("corrections", .integer),
            .init(
                "success",
                .object([
                    .init("units", .integer), .init("successes", .integer), .init("rate", .optional(.number(0...1))),
                    .init("low", .number(0...1)), .init("high", .number(0...1)),
                ])
            ),
            .init("latency_us", .map(.optional(.integer))), .init("tokens", .map(.integer)),
        ])

        static let experiment = Schema.object([
            .init("ab_prob", .number(0...1)), .init("unit", .choice(["request", "session", "uid"])),
            .init("confidence", .number(0...1)), .init("since", .optional(.string)), .init("until", .optional(.string)),
            .init("answers", .integer), .init("arms", .object([.init("local", arm), .init("llm", arm)])),
            .init(
                "difference",
                .object([
                    .init("estimate", .optional(.number(-1...1))), .init("low", .number(-1...1)),
                    .init("high", .number(-1...1)), .init("blocks", .integer), .init("excludes_zero", .boolean),
                ])
            ),
            .init("verdict", .string),
            .init(
                "mismatch",
                .object([
                    .init("units", .integer), .init("llm", .integer), .init("llm_expected", .number),
                    .init("p", .number(0...1)), .init("alarm", .boolean),
                ])
            ),
            .init("notes", .array(.string)),
        ])

        static let status = Schema.object([
            .init("version", .string), .init("protocol", .integer), .init("uptime_s", .integer),
            .init("champion", .optional(.integer)), .init("candidate", .optional(.integer)),
            .init("job", .optional(.any)),
            .init(
                "llm",
                .object([
                    .init("state", .string), .init("backend", .optional(.string)), .init("model", .optional(.string)),
                ])
            ),
            .init("degraded", .array(.object([.init("feature", .string), .init("reason", .string)]))),
            .init("limits", .map(.any)), .init("uid", .integer), .init("role", .string),
        ])
    }
}
