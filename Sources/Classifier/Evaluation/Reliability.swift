/// Measures how far confidences can be trusted.
enum Reliability {
    /// How often rows of about the same confidence are right, in 15 bins of equal width; those without rows are left out.
    static func bins(_ predictions: [RowPrediction]) -> [Evaluation.Bin] {
        let bins = 15
        var count = [Int](repeating: 0, count: bins)
        var right = [Int](repeating: 0, count: bins)
        var confidence = [Double](repeating: 0, count: bins)
        for row in predictions {
            let bin = min(bins - 1, max(0, Int(row.prediction.confidence * Float(bins))))
            count[bin] += 1
            right[bin] += row.isRight ? 1 : 0
            confidence[bin] += Double(row.prediction.confidence)
        }
        return (0..<bins).filter { count[$0] > 0 }.map { bin in
            .init(
                confidence: confidence[bin] / Double(count[bin]),
                accuracy: Double(right[bin]) / Double(count[bin]),
                rows: count[bin]
            )
        }
    }

    /// The expected calibration error: Σ over bins of (rows in bin / rows) · |accuracy − mean confidence| (Naeini et al.,
    /// 2015).
    static func expectedError(_ bins: [Evaluation.Bin]) -> Double {
        let rows = bins.reduce(0) { $0 + $1.rows }
        guard rows > 0 else { return 0 }
        return bins.reduce(0) { $0 + Double($1.rows) * abs($1.accuracy - $1.confidence) } / Double(rows)
    }

    /// The share of wrong answers among the most confident 5 %, 10 %, … 100 % of the rows. Rows that are as confident as
    /// the last one of a step belong to that step.
    static func riskCoverage(_ predictions: [RowPrediction]) -> [Evaluation.RiskPoint] {
        guard !predictions.isEmpty else { return [] }
        let rows = predictions.sorted { $0.prediction.confidence > $1.prediction.confidence }
        var points: [Evaluation.RiskPoint] = []
        var taken = 0
        var wrong = 0
        for step in 1...20 {
            let count = (rows.count * step + 19) / 20
            let last = rows[count - 1].prediction.confidence
            while taken < rows.count, taken < count || rows[taken].prediction.confidence >= last {
                wrong += rows[taken].isRight ? 0 : 1
                taken += 1
            }
            points.append(.init(coverage: Double(taken) / Double(rows.count), risk: Double(wrong) / Double(taken)))
        }
        return points
    }
}
