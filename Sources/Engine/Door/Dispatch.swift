import Learning
import Wire

extension Methods {
    /// Hands a call to its room. The compiler checks that no method is missing. The rights stand in the method table.
    func dispatch(_ call: inout Call, _ lane: Lane) throws -> Response {
        switch call.method {
        case .chat: return try chat.chat(call, lane)
        case .predict: return try predict.predict(call, lane)
        case .explain: return try explain.explain(call, lane)
        case .feedbackSubmit: return try feedback.submit(call)
        case .feedbackList: return try feedback.list(call)
        case .feedbackReview: return try feedback.review(call)
        case .feedbackRevise: return try feedback.revise(call)
        case .feedbackWithdraw: return try feedback.withdraw(call)
        case .forget: return try forget.forget(call)
        case .retrain: return try jobs.retrain(call)
        case .jobsList: return try jobs.list(call)
        case .jobsGet: return try jobs.get(call)
        case .jobsCancel: return try jobs.cancel(call)
        case .modelsList: return models.list()
        case .modelsShow: return try models.show(call)
        case .modelsPromote: return try models.promote(call)
        case .modelsRollback: return try models.rollback(call)
        case .modelsReject: return try models.reject(call)
        case .modelsHistory: return try models.history(call)
        case .modelsDiff: return try models.diff(call)
        case .verify: return models.verify()
        case .metrics: return try metrics.metrics(call)
        case .experimentReport: return try experiment.report(call)
        case .status: return status.status(call)
        case .reload: return .laterValue { try await reload.run() }
        case .sessionsList: return try sessions.list(call)
        case .sessionsShow: return try sessions.show(call)
        case .sessionsForget: return try sessions.forget(call)
        case .intentsList: return intents.list()
        case .intentsRename: return try intents.rename(call)
        case .intentsMerge: return try intents.merge(call)
        case .intentsRemove: return try intents.remove(call)
        case .intentsUndo: return try intents.undo(call)
        case .dataCheck: return try data.check(call)
        case .dataShow: return try data.show(call)
        case .dataDiff: return try data.diff(call)
        case .dataImport: return try data.bringIn(call)
        case .export: return try data.export(call)
        case .connectionRestrict: return try restrict(&call)
        case .discover: return .value(OpenRPC.document(version: Software.version))
        case .requestCancel: throw RPCError.invalidRequest("request.cancel is a notification; send it without an id.")
        }
    }

    /// Takes rights away from a connection; it never gives any.
    private func restrict(_ call: inout Call) throws -> Response {
        _ = try call.params.requiredString("role")
        if call.caller.role != .none { call.caller.identity.role = .user }
        return .value(["uid": .integer(Int(call.caller.uid)), "role": .string(call.caller.role.rawValue)])
    }
}
