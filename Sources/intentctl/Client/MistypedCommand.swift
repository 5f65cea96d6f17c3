import ArgumentParser
import Wire

/// Finds the command that somebody meant and typed otherwise. Options are the parser's: it knows which are near.
enum MistypedCommand {
    /// Says which command there is not, and which was meant; nil where the commands are right and something else is wrong.
    ///
    /// - Parameter words: the arguments after the tool's name.
    static func message(_ words: some Sequence<String>, of root: any ParsableCommand.Type) -> String? {
        var command = root
        var path = root._commandName
        for word in words {
            let below = command.configuration.subcommands
            guard !below.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = below.first(where: { $0._commandName == word }) else {
                let nearest = Spelling.nearest(to: word, in: below.map { $0._commandName })
                let meant = nearest.map { "did you mean \(path) \($0)?" }
                // A word after a command that has a default one may be the default command's.
                if command.configuration.defaultSubcommand != nil, meant == nil { return nil }
                return "There is no command \(path) \(word.prefix(40)); \(meant ?? "\(path) --help lists them.")"
            }
            command = next
            path += " " + word
        }
        return nil
    }
}
