/// What a version says it was made with, and `status` that it runs.
package enum Software {
    package static let version = "0.1.0"
    package static let protocolVersion = 1
}
