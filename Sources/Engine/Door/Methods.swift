/// All methods of the protocol, in a struct for each room.
struct Methods: Sendable {
    let chat: ChatMethods
    let predict: PredictMethods
    let explain: ExplainMethods
    let feedback: FeedbackMethods
    let forget: ForgetMethods
    let jobs: JobMethods
    let models: ModelMethods
    let metrics: MetricsMethods
    let experiment: ExperimentMethods
    let status: StatusMethods
    let reload: Reload
    let sessions: SessionMethods
    let data: DataMethods
    let intents: IntentMethods
}
