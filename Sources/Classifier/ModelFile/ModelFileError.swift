/// Why bytes are not a model. None of these can leave a half-read model behind.
package enum ModelFileError: Error, Sendable, Equatable {
    /// Shorter than its header says, or than a header is.
    case truncated
    /// The header is not the JSON that the format allows; `position` counts bytes from the start of the file.
    case malformedHeader(position: Int)
    /// Tensors leave holes, overlap, or do not end where the file ends.
    case badLayout(tensor: String)
    case missing(String)
    /// A tensor of the wrong type or shape.
    case badTensor(String)
    /// A setting that is no number, or out of range.
    case badSetting(String)
    /// NaN or infinity.
    case notFinite(tensor: String)
    /// Made by a version that this one does not know.
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
