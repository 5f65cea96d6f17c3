/// The reason for which bytes are not a model. No half-read model exists after any of these.
package enum ModelFileError: Error, Sendable, Equatable {
    /// The file is shorter than its header says, or than a header is.
    case truncated
    /// The header is not the JSON that the format allows; `position` counts bytes from the start of the file.
    case malformedHeader(position: Int)
    /// Tensors leave holes, overlap, or do not end where the file ends.
    case badLayout(tensor: String)
    /// The file lacks a tensor or a setting.
    case missing(String)
    /// A tensor has the wrong type, shape or content.
    case badTensor(String)
    /// A setting cannot be read or is out of range.
    case badSetting(String)
    /// A tensor contains NaN, infinity or a number that is too large.
    case notFinite(tensor: String)
    /// The file was made by a version that this one does not know.
    case unknownFormat(String)

    package var message: String {
        switch self {
        case .truncated: "the model file is cut short"
        case .malformedHeader(let position): "the model file's header is damaged at byte \(position)"
        case .badLayout(let tensor): "the model file's tensor '\(tensor)' does not lie where it should"
        case .missing(let name): "the model file has no '\(name)'"
        case .badTensor(let tensor): "the model file's tensor '\(tensor)' has the wrong type, shape or content"
        case .badSetting(let name): "the model file's setting '\(name)' cannot be used"
        case .notFinite(let tensor): "the model file's tensor '\(tensor)' holds a value that is not a number"
        case .unknownFormat(let format): "the model file's format '\(format)' is not known to this version"
        }
    }
}
