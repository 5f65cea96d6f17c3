import Text
import Wire

/// The cost of a request.
struct Load: Sendable {
    enum Kind: Sendable {
        /// It computes, or reads much.
        case long
        /// It asks or changes the database.
        case short
        /// It mostly waits for somebody else, who has a queue and limits of his own.
        case waiting
    }

    var kind: Kind
    /// Whether it changes something; then it runs to its end or not at all.
    var writes: Bool
    /// An estimate of what it holds until it is answered: texts as they are normalised, workspace and result.
    var bytes: Int
}

extension Load {
    init(_ call: Call) {
        let method = call.method
        self.init(kind: method.kind, writes: method.writes, bytes: Self.bytes(of: call))
    }

    /// The bytes that every request holds besides its line: tasks, closures, a result of usual size.
    private static let least = 16 << 10
    /// The bytes that a method without a text holds: it reads a model or a file. Only some such requests run at once.
    private static let reading = 1 << 20
    /// The bytes for each scalar of a normalised text: positions, features and their names.
    private static let classified = 48
    private static let explained = 160

    private static func bytes(of call: Call) -> Int {
        let (params, line) = (call.params, call.caller.lineBytes)
        switch call.method {
        case .explain:
            let text = try? params.string("text")
            return least + 2 * line + explained * (text.map(scalars) ?? Method.textLength.upperBound)
        case .predict:
            let texts = (try? params.strings("texts")) ?? []
            let longest = (texts + [(try? params.string("text")) ?? ""]).map(scalars).max() ?? 0
            let top = (try? params.int("top_k")) ?? 1
            return least + 3 * line + classified * longest + texts.count * (128 + 64 * top)
        case .chat: return least + 4 * line + classified * ((try? params.string("message")).map(scalars) ?? 0)
        case .dataImport: return least + 6 * line
        default: return call.method.kind == .long ? reading + 2 * line : least + 2 * line
        }
    }

    /// The most scalars that a text has when it is normalised. It looks at no more than bytes, since an event loop asks.
    private static func scalars(_ text: String) -> Int {
        let others = text.utf8.reduce(0) { $0 + Int($1 >> 7) }
        return min(text.utf8.count - others + others * Tokenizer.mostScalarsPerByte, Tokenizer.longest)
    }
}

extension Method {
    fileprivate var kind: Load.Kind {
        switch self {
        case .chat, .status: .waiting
        case .predict, .explain, .modelsDiff, .modelsShow, .verify, .experimentReport, .metrics, .dataCheck, .dataShow,
            .dataDiff, .dataImport, .export:
            .long
        default: .short
        }
    }

    fileprivate var writes: Bool {
        switch self {
        case .feedbackSubmit, .feedbackReview, .feedbackRevise, .feedbackWithdraw, .forget, .retrain, .jobsCancel,
            .modelsPromote, .modelsRollback, .modelsReject, .reload, .sessionsForget, .intentsRename, .intentsMerge,
            .intentsRemove, .intentsUndo, .dataImport:
            true
        case .chat, .predict, .explain, .feedbackList, .jobsList, .jobsGet, .modelsList, .modelsShow, .modelsHistory,
            .modelsDiff, .verify, .metrics, .experimentReport, .status, .sessionsList, .sessionsShow, .intentsList,
            .dataCheck, .dataShow, .dataDiff, .export, .connectionRestrict, .discover, .requestCancel:
            false
        }
    }
}
