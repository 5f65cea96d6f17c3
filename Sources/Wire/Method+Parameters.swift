extension Method {
    /// The length of a text in Unicode scalars.
    package static let textLength = 1...16_384

    /// The parameters in the order in which they are documented.
    package var parameters: [Parameter] {
        switch self {
        case .chat: Rows.chat
        case .predict: Rows.predict
        case .explain: Rows.explain
        case .feedbackSubmit: Rows.feedbackSubmit
        case .feedbackList: Rows.feedbackList
        case .feedbackReview: Rows.feedbackReview
        case .feedbackRevise: Rows.feedbackRevise
        case .feedbackWithdraw: Rows.feedbackWithdraw
        case .forget: Rows.forget
        case .retrain: Rows.retrain
        case .jobsList: Rows.jobsList
        case .jobsGet, .jobsCancel: Rows.job
        case .modelsShow: Rows.version
        case .modelsPromote: Rows.promote
        case .modelsRollback: Rows.rollback
        case .modelsReject: Rows.reject
        case .modelsHistory: Rows.history
        case .modelsDiff: Rows.diff
        case .metrics: Rows.metrics
        case .experimentReport: Rows.experiment
        case .sessionsList: Rows.sessionsList
        case .sessionsShow: Rows.sessionsShow
        case .sessionsForget: Rows.sessionsForget
        case .dataCheck: Rows.dataCheck
        case .dataShow: Rows.dataShow
        case .dataDiff: Rows.dataDiff
        case .dataImport: Rows.dataImport
        case .export: Rows.export
        case .connectionRestrict: Rows.restrict
        case .requestCancel: Rows.cancel
        case .modelsList, .verify, .status, .reload, .discover: []
        }
    }

    /// The rows of the table. They are made once, since every request looks at one of them.
    private enum Rows {
        static let chat = [
            needed("message", .trimmedString(textLength), summary: "What the person says."),
            optional("mode", .choice(["auto", "local", "llm"]), default: "auto", summary: "Who may answer."),
            optional("ab_prob", .number(0...1), summary: "In auto: the probability that the LLM answers."),
            optional("session", .pattern(.sessionName), summary: "Turns of one session share memory and one arm."),
            optional("stream", .boolean, default: false, summary: "Whether to send chat.delta notifications."),
            optional("model", .string(1...256), summary: "One of the configured LLM models."),
        ]
        static let predict = [
            optional("text", .string(textLength), summary: "One text."),
            optional("texts", .array(.string(textLength), 1...1_000), summary: "Several texts."),
            optional("top_k", .integer(1...20), default: 1, summary: "How many alternatives to name."),
        ]
        static let explain = [
            optional("text", .string(textLength), summary: "A text."),
            optional("id", .string(1...64), summary: "An answer's id."),
        ]
        static let feedbackSubmit = [
            optional("id", .string(1...64), summary: "The answer that is rated."),
            optional("rating", .choice(["up", "down"]), summary: "Whether it was right; with id."),
            optional("text", .string(textLength), summary: "The text of a new example."),
            optional("intent", .pattern(.intentName), summary: "What the text means."),
            optional("new_intent", .boolean, default: false, summary: "Whether the intent may be an unknown one."),
            optional("comment", .string(0...4_096), summary: "For the person who reviews it."),
            optional("key", .string(1...128), summary: "Makes a retry harmless."),
        ]
        static let feedbackList = [
            optional(
                "state",
                .choice(["pending", "accepted", "rejected", "withdrawn", "duplicate", "evaluation_only"]),
                summary: "Only items in this state."
            ),
            limit(100),
            optional("before", .string(1...64), summary: "Only items before this feedback_id."),
        ]
        static let feedbackReview = [
            needed("feedback_id", .string(1...64), summary: "The item."),
            optional("accept", .boolean, summary: "Whether it may train; needed unless undo is there."),
            optional("intent", .pattern(.intentName), summary: "What the text really means."),
            optional("undo", .boolean, default: false, summary: "Takes the last decision about it back instead."),
        ]
        static let feedbackRevise = [
            needed("feedback_id", .string(1...64), summary: "The item."),
            optional("intent", .pattern(.intentName), summary: "What the text means after all."),
            optional("comment", .string(0...4_096), summary: "For the person who reviews it."),
        ]
        static let feedbackWithdraw = [needed("feedback_id", .string(1...64), summary: "The item.")]
        static let retrain = [
            optional(
                "promote",
                .choice(["gate", "hold"]),
                default: "gate",
                summary: "Whether to promote what passes the gate."
            ),
            optional(
                "dry_run",
                .boolean,
                default: false,
                summary: "Whether to stop after the verdict, and keep nothing."
            ),
        ]
        static let jobsList = [limit(20)]
        static let job = [needed("job", .string(1...64), summary: "The job.")]
        static let version = [needed("version", versionNumber, summary: "The version.")]
        static let promote = [
            optional("version", versionNumber, summary: "The version; without it, the candidate."),
            needed("reason", .string(1...1_024), summary: "Why; it stands in the history."),
            optional("expected", versionNumber, summary: "The champion the caller believes in."),
            optional(
                "force",
                .boolean,
                default: false,
                summary: "Whether to promote what the gate or an admin refused."
            ),
        ]
        static let rollback = [
            optional("version", versionNumber, summary: "The version; without it, the last good one."),
            needed("reason", .string(1...1_024), summary: "Why; it stands in the history."),
            optional("expected", versionNumber, summary: "The champion the caller believes in."),
            optional(
                "force",
                .boolean,
                default: false,
                summary: "Whether to go to a version that was rolled back from."
            ),
        ]
        static let reject = [
            optional("version", versionNumber, summary: "The version; without it, the candidate."),
            needed("reason", .string(1...1_024), summary: "Why; it stands in the history."),
            optional("expected", versionNumber, summary: "The champion the caller believes in."),
        ]
        static let diff = [
            needed("from", versionNumber, summary: "The version to compare with."),
            needed("to", versionNumber, summary: "The version that is compared."),
        ]
        static let history = [
            optional("at", .pattern(.time), summary: "Show the aliases as they stood then."), limit(100),
        ]
        static let metrics = [
            optional("window", .choice(["5m", "1h", "24h", "7d", "all"]), default: "all", summary: "How far back."),
            optional("format", .choice(["json", "prometheus"]), default: "json", summary: "How it is written."),
        ]
        static let experiment = [optional("since", .pattern(.time), summary: "Only answers from then on.")]
        static let sessionsList = [uid, limit(100)]
        static let sessionsShow = [needed("session", .pattern(.sessionName), summary: "The session."), uid]
        static let sessionsForget = [
            optional("session", .pattern(.sessionName), summary: "The session; without it, all of them."), uid,
        ]
        static let forget = [uid]
        static let dataCheck = [limit(100)]
        static let dataShow = [
            optional(
                "snapshot",
                .string(1...64),
                default: "now",
                summary: "A digest or its beginning, a version (v3), or now."
            ),
            optional("intent", .pattern(.intentName), summary: "Only rows of this intent."), limit(100),
        ]
        static let dataDiff = [
            needed("from", .string(1...64), summary: "A digest or its beginning, a version (v3), or now."),
            needed("to", .string(1...64), summary: "The same."), limit(100),
        ]
        static let dataImport = [
            needed("content", .string(0...524_288), summary: "The file, or its next part."),
            optional("format", .choice(["csv", "jsonl"]), default: "csv", summary: "What the file is."),
            optional("last", .boolean, default: true, summary: "Whether this is the last part."),
            optional("upload", .string(1...64), summary: "The upload that this part belongs to."),
            optional("check_only", .boolean, default: false, summary: "Whether to write nothing."),
        ]
        static let export = [
            needed("what", .choice(["data", "feedback"]), summary: "The data file, or the accepted feedback."),
            optional("format", .choice(["csv", "jsonl"]), default: "csv", summary: "How it is written."),
            optional(
                "offset",
                .integer(0...Int.max),
                default: 0,
                summary: "The page's first byte: next of the one before."
            ),
        ]
        static let restrict = [needed("role", .choice(["user"]), summary: "The role that is left.")]
        static let cancel = [needed("request", .any, summary: "The id of the request to stop.")]

        private static let uid = optional(
            "uid",
            .integer(0...4_294_967_295),
            summary: "The user; only an admin may name another one."
        )
        private static let versionNumber = Schema.integer(1...999_999)

        private static func limit(_ value: Int) -> Parameter {
            optional("limit", .integer(1...1_000), default: .integer(value), summary: "How many at most.")
        }

        private static func needed(_ name: String, _ schema: Schema, summary: String) -> Parameter {
            Parameter(name: name, schema: schema, required: true, defaultValue: nil, summary: summary)
        }

        private static func optional(
            _ name: String,
            _ schema: Schema,
            default value: JSON? = nil,
            summary: String
        ) -> Parameter {
            Parameter(name: name, schema: schema, required: false, defaultValue: value, summary: summary)
        }
    }
}
