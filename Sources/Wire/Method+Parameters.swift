extension Method {
    /// The length of a text in Unicode scalars.
    package static let textLength = 1...16_384

    private static let snapshot = "A digest or its beginning, a version (v3), or now."

    /// The parameters in the order in which they are documented.
    package var parameters: [Parameter] { Self.table[self] ?? [] }

    /// The rows are made once, since every request looks at one of them.
    private static let table = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.row) })

    private var row: [Parameter] {
        switch self {
        case .chat:
            [
                .needed("message", .trimmedString(Self.textLength), summary: "What the person says."),
                .choice("mode", ["auto", "local", "llm"], summary: "Who may answer."),
                .optional("ab_prob", .number(0...1), summary: "In auto: the probability that the LLM answers."),
                .optional("session", .pattern(.sessionName), summary: "Turns of one session share memory and one arm."),
                .flag("stream", summary: "Whether to send chat.delta notifications."),
                .optional("model", .string(1...256), summary: "One of the configured LLM models."),
            ]
        case .predict:
            [
                .optional("text", .text, summary: "One text."),
                .optional("texts", .array(.text, 1...1_000), summary: "Several texts."),
                .optional("top_k", .integer(1...20), default: 1, summary: "How many alternatives to name."),
            ]
        case .explain:
            [.optional("text", .text, summary: "A text."), .optional("id", .name, summary: "An answer's id.")]
        case .feedbackSubmit:
            [
                .optional("id", .name, summary: "The answer that is rated."),
                .optional("rating", .choice(["up", "down"]), summary: "Whether it was right; with id."),
                .optional("text", .text, summary: "The text of a new example."),
                .optional("intent", .pattern(.intentName), summary: "What the text means."),
                .flag("new_intent", summary: "Whether the intent may be an unknown one."),
                .optional("comment", .string(0...4_096), summary: "For the person who reviews it."),
                .optional("key", .string(1...128), summary: "Makes a retry harmless."),
            ]
        case .feedbackList:
            [
                .optional("state", .feedbackState, summary: "Only items in this state."),
                .limit(100), .optional("before", .name, summary: "Only items before this feedback_id."),
            ]
        case .feedbackReview:
            [
                .item,
                .optional("accept", .boolean, summary: "Whether it may train; needed unless undo is there."),
                .optional("intent", .pattern(.intentName), summary: "What the text really means."),
                .flag("undo", summary: "Takes the last decision about it back instead."),
            ]
        case .feedbackRevise:
            [
                .item,
                .optional("intent", .pattern(.intentName), summary: "What the text means after all."),
                .optional("comment", .string(0...4_096), summary: "For the person who reviews it."),
            ]
        case .feedbackWithdraw: [.item]
        case .forget: [.uid]
        case .retrain:
            [
                .choice("promote", ["gate", "hold"], summary: "Whether to promote what passes the gate."),
                .flag("dry_run", summary: "Whether to stop after the verdict, and keep nothing."),
            ]
        case .jobsList: [.limit(20)]
        case .jobsGet, .jobsCancel: [.needed("job", .name, summary: "The job.")]
        case .modelsShow:
            [
                .needed("version", .version, summary: "The version."),
                .flag("wrong", summary: "Whether to list the test rows that it gets wrong."),
            ]
        case .modelsPromote:
            [
                .optional("version", .version, summary: "The version; without it, the candidate."),
                .reason, .expected,
                .flag("force", summary: "Whether to promote what the gate or an admin refused."),
            ]
        case .modelsRollback:
            [
                .optional("version", .version, summary: "The version; without it, the last good one."),
                .reason, .expected,
                .flag("force", summary: "Whether to go to a version that was rolled back from."),
            ]
        case .modelsReject:
            [.optional("version", .version, summary: "The version; without it, the candidate."), .reason, .expected]
        case .modelsHistory:
            [.optional("at", .pattern(.time), summary: "Show the aliases as they stood then."), .limit(100)]
        case .modelsDiff:
            [
                .needed("from", .version, summary: "The version to compare with."),
                .needed("to", .version, summary: "The version that is compared."),
            ]
        case .metrics:
            [
                .optional("window", .window, default: "all", summary: "How far back."),
                .choice("format", ["json", "prometheus"], summary: "How it is written."),
            ]
        case .experimentReport: [.optional("since", .pattern(.time), summary: "Only answers from then on.")]
        case .sessionsList: [.uid, .limit(100)]
        case .sessionsShow: [.needed("session", .pattern(.sessionName), summary: "The session."), .uid]
        case .sessionsForget:
            [.optional("session", .pattern(.sessionName), summary: "The session; without it, all of them."), .uid]
        case .intentsRename: [.intent, .needed("to", .pattern(.intentName), summary: "The new name."), .reason]
        case .intentsMerge:
            [
                .needed("intents", .array(.pattern(.intentName), 1...100), summary: "The intents that become one."),
                .needed("to", .pattern(.intentName), summary: "The name that they get; it may be one of theirs."),
                .reason,
            ]
        case .intentsRemove: [.intent, .reason]
        case .intentsUndo: [.needed("move", .name, summary: "What the change was answered with."), .reason]
        case .dataCheck: [.limit(100)]
        case .dataShow:
            [
                .optional("snapshot", .name, default: "now", summary: Self.snapshot),
                .optional("intent", .pattern(.intentName), summary: "Only rows of this intent."), .limit(100),
            ]
        case .dataDiff:
            [.needed("from", .name, summary: Self.snapshot), .needed("to", .name, summary: "The same."), .limit(100)]
        case .dataImport:
            [
                .needed("content", .string(0...524_288), summary: "The file, or its next part."),
                .choice("format", ["csv", "jsonl"], summary: "What the file is."),
                .optional("last", .boolean, default: true, summary: "Whether this is the last part."),
                .optional("upload", .name, summary: "The upload that this part belongs to."),
                .flag("check_only", summary: "Whether to write nothing."),
                .flag(
                    "partial",
                    summary: "Whether to leave out the rows that cannot be read, instead of importing nothing."
                ),
                .flag("base64", summary: "Whether content is base64, as a file needs that is not UTF-8."),
                .optional(
                    "encoding",
                    .choice(["utf-8", "utf-16", "cp1252", "latin1"]),
                    summary: "What a guess is not to decide."
                ),
                .optional("text", .string(1...200), summary: "The name of the column with the texts."),
                .optional("intent", .string(1...200), summary: "The name of the column with the intents."),
                .optional("split", .string(1...200), summary: "The name of the column with the splits."),
            ]
        case .export:
            [
                .needed("what", .choice(["data", "feedback"]), summary: "The data file, or the accepted feedback."),
                .choice("format", ["csv", "jsonl"], summary: "How it is written."),
                .optional("offset", .offset, default: 0, summary: "The page's first byte: next of the one before."),
            ]
        case .connectionRestrict: [.needed("role", .choice(["user"]), summary: "The role that is left.")]
        case .requestCancel: [.needed("request", .any, summary: "The id of the request to stop.")]
        case .modelsList, .intentsList, .verify, .status, .reload, .discover: []
        }
    }
}

extension Schema {
    static let feedbackState = Schema.choice([
        "pending", "accepted", "rejected", "withdrawn", "duplicate", "evaluation_only",
    ])
    fileprivate static let name = Schema.string(1...64)
    fileprivate static let text = Schema.string(Method.textLength)
    fileprivate static let version = Schema.integer(1...999_999)
    fileprivate static let offset = Schema.integer(0...Int.max)
    fileprivate static let uid = Schema.integer(0...4_294_967_295)
    fileprivate static let window = Schema.choice(["5m", "1h", "24h", "7d", "all"])
}

extension Method.Parameter {
    fileprivate static let item = needed("feedback_id", .name, summary: "The item.")
    fileprivate static let reason = needed("reason", .string(1...1_024), summary: "Why; it stands in the history.")
    fileprivate static let expected = optional("expected", .version, summary: "The champion the caller believes in.")
    fileprivate static let intent = needed("intent", .pattern(.intentName), summary: "The intent.")
    fileprivate static let uid = optional("uid", .uid, summary: "The user; only an admin may name another one.")

    fileprivate static func limit(_ value: Int) -> Self {
        optional("limit", .integer(1...1_000), default: .integer(value), summary: "How many at most.")
    }

    fileprivate static func flag(_ name: String, summary: String) -> Self {
        optional(name, .boolean, default: false, summary: summary)
    }

    /// One of several words, the first of which is the default.
    fileprivate static func choice(_ name: String, _ choices: [String], summary: String) -> Self {
        optional(name, .choice(choices), default: choices.first.map { .string($0) }, summary: summary)
    }

    fileprivate static func needed(_ name: String, _ schema: Schema, summary: String) -> Self {
        Self(name: name, schema: schema, required: true, summary: summary)
    }

    fileprivate static func optional(_ name: String, _ schema: Schema, default value: JSON? = nil, summary: String)
        -> Self
    {
        Self(name: name, schema: schema, required: false, defaultValue: value, summary: summary)
    }
}
