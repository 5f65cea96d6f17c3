package import World

/// Why a version cannot be served.
package enum VersionError: Error, Sendable, Equatable, CustomStringConvertible {
    case missing(String)
    case damaged(String)
    /// Its folder was removed to make room.
    case collected(Int, Timestamp)

    package var description: String {
        switch self {
        case .missing(let file): "\(file) is missing"
        case .damaged(let why): why
        case .collected(let version, let time):
            "version \(version) was collected on \(time.rfc3339.prefix(10)), and its files are gone"
        }
    }
}
