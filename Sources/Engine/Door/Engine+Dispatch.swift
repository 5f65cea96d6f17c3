import Classifier
import Learning
import Wire

// One case per method; the roles stand in the method table.
extension Engine {
    func dispatch(_ call: inout Call, _ lane: Lane) throws -> Given {
        switch call.method {
        case .chat: return try chat(call, lane)
        case .predict: return try predict(call, lane)
        case .explain: return try explain(call, lane)
        case .feedbackSubmit: return try submitFeedback(call)
        case .feedbackList: return try listFeedback(call)
        case .feedbackReview: return try reviewFeedback(call)
        case .feedbackRevise: return try reviseFeedback(call)
        case .feedbackWithdraw: return try withdrawFeedback(call)
        case .forget: return try forget(call)
        case .retrain: return try retrain(call)
        case .jobsList: return try listJobs(call)
        case .jobsGet: return try getJob(call)
        case .jobsCancel: return try cancelJob(call)
        case .modelsList: return listModels()
        case .modelsShow: return try showModel(call)
        case .modelsPromote: return try promote(call)
        case .modelsRollback: return try rollback(call)
        case .modelsReject: return try reject(call)
        case .modelsHistory: return try history(call)
        case .modelsDiff: return try diffModels(call)
        case .verify: return verify()
        case .metrics: return try metrics(call)
        case .experimentReport: return try experimentReport(call)
        case .status: return status(call)
        case .reload: return .later { [self] in try await reload() }
        case .sessionsList: return try listSessions(call)
        case .sessionsShow: return try showSession(call)
        case .sessionsForget: return try forgetSessions(call)
        case .dataCheck: return try checkData(call)
        case .dataShow: return try showData(call)
        case .dataDiff: return try diffData(call)
        case .dataImport: return try importData(call)
        case .export: return try export(call)
        case .connectionRestrict:
            _ = try call.params.requiredChoice("role", of: ["user"])
            // Only ever downwards: a user stays one.
            call.caller.role = call.caller.role == .none ? .none : .user
            return .value(["uid": .integer(Int(call.caller.uid)), "role": .string(call.caller.role.rawValue)])
        case .discover: return .value(OpenRPC.document(version: Software.version))
        case .requestCancel: throw RPCError.invalidRequest("request.cancel is a notification; send it without an id.")
        }
    }

    /// The snapshot that this request is answered from, whatever is promoted meanwhile.
    func snapshot(_ lane: Lane) throws(RPCError) -> Snapshot {
        switch lane.serving {
        case .ready(let snapshot): return snapshot
        case .noModel(let why): throw .noModel(why)
        }
    }
}
