/// The program's own version, for `status`, for `--version` of both tools, and for the metadata of what it made.
package enum Software {
    package static let version = "0.1.0"
    package static let protocolVersion = 1
}
