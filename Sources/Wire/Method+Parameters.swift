extension Method {
    package static let textLength = 1...16_384

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

    /// Made once: every request looks at one of them.
    private enum Rows {
        static let chat = [
            needed("message", .trimmedString(textLength), "What the person says."),
            optional("mode", .choice(["auto", "local", "llm"]), default: "auto", "Who may answer."),
            optional("ab_prob", .number(0...1), "In auto: the probability that the LLM answers."),
            optional("session", .pattern(.sessionName), "Turns of one session share memory and one arm."),
            optional("stream", .boolean, default: false, "Whether to send chat.delta notifications."),
            optional("model", .string(1...256), "One of the configured LLM models."),
        ]
        static let predict = [
            optional("text", .string(textLength), "One text."),
            optional("texts", .array(.string(textLength), 1...1_000), "Several texts."),
            optional("top_k", .integer(1...20), default: 1, "How many alternatives to name."),
        ]
        static let explain = [
            optional("text", .string(textLength), "A text."),
            optional("id", .string(1...64), "An answer's id."),
        ]
        static let feedbackSubmit = [
            optional("id", .string(1...64), "The answer that is rated."),
            optional("rating", .choice(["up", "down"]), "Whether it was right; with id."),
            optional("text", .string(textLength), "The text of a new example."),
            optional("intent", .pattern(.intentName), "What the text means."),
            optional("new_intent", .boolean, default: false, "Whether the intent may be an unknown one."),
            optional("comment", .string(0...4_096), "For the person who reviews it."),
            optional("key", .string(1...128), "Makes a retry harmless."),
        ]
        static let feedbackList = [
            optional(
                "state",
                .choice(["pending", "accepted", "rejected", "withdrawn", "duplicate", "evaluation_only"]),
                "Only items in this state."
            ),
            limit(100),
            optional("before", .string(1...64), "Only items before this feedback_id."),
        ]
        static let feedbackReview = [
            needed("feedback_id", .string(1...64), "The item."),
            optional("accept", .boolean, "Whether it may train; needed unless undo is there."),
            optional("intent", .pattern(.intentName), "What the text really means."),
            optional("undo", .boolean, default: false, "Takes the last decision about it back instead."),
        ]
        static let feedbackRevise = [
            needed("feedback_id", .string(1...64), "The item."),
            optional("intent", .pattern(.intentName), "What the text means after all."),
            optional("comment", .string(0...4_096), "For the person who reviews it."),
        ]
        static let feedbackWithdraw = [needed("feedback_id", .string(1...64), "The item.")]
        static let retrain = [
            optional(
                "promote",
                .choice(["gate", "hold"]),
                default: "gate",
                "Whether to promote what passes the gate."
            ),
            optional("dry_run", .boolean, default: false, "Whether to stop after the verdict, and keep nothing."),
        ]
        static let jobsList = [limit(20)]
        static let job = [needed("job", .string(1...64), "The job.")]
        static let version = [needed("version", versionNumber, "The version.")]
        static let promote = [
            optional("version", versionNumber, "The version; without it, the candidate."),
            needed("reason", .string(1...1_024), "Why; it stands in the history."),
            optional("expected", versionNumber, "The champion the caller believes in."),
            optional("force", .boolean, default: false, "Whether to promote what the gate or an admin refused."),
        ]
        static let rollback = [
            optional("version", versionNumber, "The version; without it, the last good one."),
            needed("reason", .string(1...1_024), "Why; it stands in the history."),
            optional("expected", versionNumber, "The champion the caller believes in."),
            optional("force", .boolean, default: false, "Whether to go to a version that was rolled back from."),
        ]
        static let reject = [
            optional("version", versionNumber, "The version; without it, the candidate."),
            needed("reason", .string(1...1_024), "Why; it stands in the history."),
            optional("expected", versionNumber, "The champion the caller believes in."),
        ]
        static let diff = [
            needed("from", versionNumber, "The version to compare with."),
            needed("to", versionNumber, "The version that is compared."),
        ]
        static let history = [
            optional("at", .pattern(.time), "Show the aliases as they stood then."), limit(100),
        ]
        static let metrics = [
            optional("window", .choice(["5m", "1h", "24h", "7d", "all"]), default: "all", "How far back."),
            optional("format", .choice(["json", "prometheus"]), default: "json", "How it is written."),
        ]
        static let experiment = [optional("since", .pattern(.time), "Only answers from then on.")]
        static let sessionsList = [uid, limit(100)]
        static let sessionsShow = [needed("session", .pattern(.sessionName), "The session."), uid]
        static let sessionsForget = [
            optional("session", .pattern(.sessionName), "The session; without it, all of them."), uid,
        ]
        static let forget = [uid]
        static let dataCheck = [limit(100)]
        static let dataShow = [
            optional("snapshot", .string(1...64), default: "now", "A digest or its beginning, a version (v3), or now."),
            optional("intent", .pattern(.intentName), "Only rows of this intent."), limit(100),
        ]
        static let dataDiff = [
            needed("from", .string(1...64), "A digest or its beginning, a version (v3), or now."),
            needed("to", .string(1...64), "The same."), limit(100),
        ]
        static let dataImport = [
            needed("content", .string(0...524_288), "The file, or its next part."),
            optional("format", .choice(["csv", "jsonl"]), default: "csv", "What the file is."),
            optional("last", .boolean, default: true, "Whether this is the last part."),
            optional("upload", .string(1...64), "The upload that this part belongs to."),
            optional("check_only", .boolean, default: false, "Whether to write nothing."),
        ]
        static let export = [
            needed("what", .choice(["data", "feedback"]), "The data file, or the accepted feedback."),
            optional("format", .choice(["csv", "jsonl"]), default: "csv", "How it is written."),
            optional("offset", .integer(0...Int.max), default: 0, "The page's first byte: next of the one before."),
        ]
        static let restrict = [needed("role", .choice(["user"]), "The role that is left.")]
        static let cancel = [needed("request", .any, "The id of the request to stop.")]

        private static let uid = optional(
            "uid",
            .integer(0...4_294_967_295),
            "Whose; for an admin, who may name somebody else."
        )
        private static let versionNumber = Schema.integer(1...999_999)

        private static func limit(_ value: Int) -> Parameter {
            optional("limit", .integer(1...1_000), default: .integer(value), "How many at most.")
        }

        private static func needed(_ name: String, _ schema: Schema, _ summary: String) -> Parameter {
            Parameter(name: name, schema: schema, required: true, defaultValue: nil, summary: summary)
        }

        private static func optional(
            _ name: String,
            _ schema: Schema,
            default value: JSON? = nil,
            _ summary: String
        ) -> Parameter {
            Parameter(name: name, schema: schema, required: false, defaultValue: value, summary: summary)
        }
    }
}
