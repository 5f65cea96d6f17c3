package import Learning

extension TrainingData.Rules {
    package init(_ configuration: Configuration.Training) {
        self.init(
            feedbackWeight: configuration.feedbackWeight,
            maxSharePerUID: configuration.maxSharePerUID,
            maxShareUnreviewed: configuration.maxShareUnreviewed
        )
    }
}
