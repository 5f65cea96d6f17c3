import Engine

// In a file of its own: GRDB has a Configuration, too.
extension SessionMemory {
    static func settings(maxTurns: Int, maxAge: Double) -> Configuration.Sessions {
        var settings = Configuration().sessions
        (settings.maxTurns, settings.maxAge) = (maxTurns, maxAge)
        return settings
    }
}
