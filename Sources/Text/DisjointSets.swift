/// A partition of 0..<count that grows coarser (union–find; Tarjan, 1975). Each set is known by its smallest element.
package struct DisjointSets: Sendable {
    private var parents: [Int]

    /// Every element is alone.
    package init(count: Int) { parents = Array(0..<count) }

    /// The smallest element of the set that `element` is in.
    package mutating func root(_ element: Int) -> Int {
        var element = element
        while parents[element] != element {
            parents[element] = parents[parents[element]]
            element = parents[element]
        }
        return element
    }

    package mutating func join(_ one: Int, _ other: Int) {
        let (one, other) = (root(one), root(other))
        parents[max(one, other)] = min(one, other)
    }

    /// For each element the smallest of its set.
    package mutating func roots() -> [Int] { parents.indices.map { root($0) } }
}
