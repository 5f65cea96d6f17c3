extension [Projection] {
    /// Those of every room that has tables.
    package static var all: [Projection] {
        [
            FeedbackFact.projection, RegistryFact.projection, JobFact.projection, ForgottenRows.projection,
            IntentMoveFact.projection,
        ]
    }
}
