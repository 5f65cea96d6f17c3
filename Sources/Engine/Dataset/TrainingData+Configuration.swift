package import Learning

extension TrainingData.Rules {
    package init(_ configuration: Configuration) {
        self.init(
            feedbackWeight: configuration.training.feedbackWeight,
            maxSharePerUID: configuration.training.maxSharePerUID,
            maxShareUnreviewed: configuration.training.maxShareUnreviewed,
            language: configuration.language
        )
    }
}
