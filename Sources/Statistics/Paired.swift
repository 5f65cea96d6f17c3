/// Two classifiers on the same rows (McNemar's table): only rows where exactly one of them is right tell them apart.
///
///     let comparison = PairedComparison(gained: 12, lost: 3, rows: 500)
///     comparison.difference  // 0.018: the new classifier's accuracy is 1.8 points higher
package struct PairedComparison: Sendable, Equatable {
    /// Rows that only the new one gets right.
    package let gained: Int
    /// Rows that only the old one gets right.
    package let lost: Int
    /// The number of all rows, the equal ones included.
    package let rows: Int

    package init(gained: Int, lost: Int, rows: Int) {
        (self.gained, self.lost, self.rows) = (gained, lost, rows)
    }

    /// The new classifier's accuracy minus the old one's, −1…1; 0 without rows.
    package var difference: Double { rows == 0 ? 0 : Double(gained - lost) / Double(rows) }

    /// The ends of two one-sided intervals, each at 95 % by default: the difference is above `low` with that probability,
    /// and below `high` with that probability. This is Wald's interval with Agresti and Min's (2005) adjustment, half a
    /// row added to each cell, which keeps its level for few rows.
    ///
    /// - Parameter z: the normal quantile of the one-sided level.
    package func interval(z: Double = 1.644_853_626_951_472_2) -> (low: Double, high: Double) {
        guard rows > 0 else { return (-1, 1) }
        let n = Double(rows) + 2
        let b = Double(gained) + 0.5
        let c = Double(lost) + 0.5
        let centre = (b - c) / n
        let reach = z * ((b + c) - (b - c) * (b - c) / n).squareRoot() / n
        return (max(-1, centre - reach), min(1, centre + reach))
    }
}
