/// All methods of the protocol. This table is the only place that grants rights, names parameters and describes results:
/// what a client may ask, what the manual and `rpc.discover` say and what the daemon enforces cannot differ, and a method
/// without a row does not compile.
package enum Method: String, Sendable, CaseIterable {
    case chat
    case predict
    case explain
    case feedbackSubmit = "feedback.submit"
    case feedbackList = "feedback.list"
    case feedbackReview = "feedback.review"
    case feedbackRevise = "feedback.revise"
    case feedbackWithdraw = "feedback.withdraw"
    case forget
    case retrain
    case jobsList = "jobs.list"
    case jobsGet = "jobs.get"
    case jobsCancel = "jobs.cancel"
    case modelsList = "models.list"
    case modelsShow = "models.show"
    case modelsPromote = "models.promote"
    case modelsRollback = "models.rollback"
    case modelsReject = "models.reject"
    case modelsHistory = "models.history"
    case modelsDiff = "models.diff"
    case verify
    case metrics
    case experimentReport = "experiment.report"
    case status
    case reload
    case sessionsList = "sessions.list"
    case sessionsShow = "sessions.show"
    case sessionsForget = "sessions.forget"
    case intentsList = "intents.list"
    case intentsRename = "intents.rename"
    case intentsMerge = "intents.merge"
    case intentsRemove = "intents.remove"
    case intentsUndo = "intents.undo"
    case dataCheck = "data.check"
    case dataShow = "data.show"
    case dataDiff = "data.diff"
    case dataImport = "data.import"
    case export
    case connectionRestrict = "connection.restrict"
    case discover = "rpc.discover"
    /// The only notification.
    case requestCancel = "request.cancel"

    /// The least role that a caller must have.
    package var role: Role {
        switch self {
        case .chat, .predict, .explain, .feedbackSubmit, .feedbackList, .jobsList, .jobsGet, .modelsList, .modelsShow,
            .modelsHistory, .modelsDiff, .verify, .metrics, .experimentReport, .status, .sessionsList, .sessionsShow,
            .sessionsForget, .feedbackRevise, .feedbackWithdraw, .forget, .intentsList, .connectionRestrict,
            .discover, .requestCancel:
            .user
        case .feedbackReview, .retrain, .jobsCancel, .modelsPromote, .modelsRollback, .modelsReject, .reload,
            .intentsRename, .intentsMerge, .intentsRemove, .intentsUndo, .dataCheck, .dataShow, .dataDiff, .dataImport,
            .export:
            .admin
        }
    }

    package func isAllowed(for role: Role) -> Bool { role.covers(self.role) }

    /// Whether every call is noted in the journal, which holds for all that only an admin may do.
    package var isAudited: Bool { role == .admin }

    /// A one-line description for people.
    package var summary: String {
        switch self {
        case .chat: "Answers a message."
        case .predict: "Classifies a text, or up to a thousand of them."
        case .explain: "Says why a text gets its intent."
        case .feedbackSubmit: "Rates an answer, or gives a new example."
        case .feedbackList: "Lists feedback, newest first; a user sees their own."
        case .feedbackReview: "Accepts or rejects somebody's feedback."
        case .feedbackRevise: "Changes what was said in feedback of one's own."
        case .feedbackWithdraw: "Takes feedback of one's own back."
        case .forget: "Takes a person's words out of everything that is kept, and trains without them."
        case .retrain: "Starts a training with what was learned since."
        case .jobsList: "Lists jobs, newest first."
        case .jobsGet: "Shows one job."
        case .jobsCancel: "Stops a job."
        case .modelsList: "Lists the versions of the model."
        case .modelsShow: "Shows one version with its evaluation and verdict."
        case .modelsPromote: "Makes a version the champion; without one, the candidate."
        case .modelsRollback: "Goes back to the last good champion."
        case .modelsReject: "Turns down a version that waits; without one, the candidate."
        case .modelsHistory: "Shows who moved which alias, when and why."
        case .modelsDiff: "Compares two versions on the locked test rows."
        case .verify: "Checks the audit trail, the tables made from it, every version's files, and the aliases."
        case .metrics: "Counts requests, routes, intents, latencies and feedback."
        case .experimentReport: "Compares the arms of the experiment."
        case .status: "Shows what serves, what is degraded, and who is asking."
        case .reload: "Reads the configuration again."
        case .sessionsList: "Lists conversations, the one used last first; a user sees their own."
        case .sessionsShow: "Shows what is remembered of a conversation."
        case .sessionsForget: "Forgets a conversation, or all of one's own."
        case .intentsList: "Lists the intents with their rows, recall, policy and whether they have responses."
        case .intentsRename: "Gives an intent another name in data, responses, cases and feedback."
        case .intentsMerge: "Makes several intents one."
        case .intentsRemove: "Takes an intent out of data, responses, cases and feedback."
        case .intentsUndo: "Takes back a renaming, a merging or a removal of intents."
        case .dataCheck: "Looks for what is wrong with the training data."
        case .dataShow: "Shows a snapshot of the training data, or the data as it is now."
        case .dataDiff: "Compares two snapshots of the training data."
        case .dataImport: "Checks a data file and makes it the one that is trained on."
        case .export: "Gives out the data file or the accepted feedback, page by page."
        case .connectionRestrict: "Gives up rights on this connection for good."
        case .discover: "Describes the methods as OpenRPC."
        case .requestCancel: "Stops a request of this connection; a notification."
        }
    }

    package struct Parameter: Sendable {
        package var name: String
        package var schema: Schema
        package var required: Bool
        package var defaultValue: JSON?
        package var summary: String
    }
}
