package import Engine

extension JournalMessage {
    /// An id never changes and is never used again for something else, because people search for it.
    /// `deploy/intentd.catalog` explains each.
    package var messageID: String {
        switch self {
        case .started: "5605f8fbc1dd46118c44c0981d8b0aa7"
        case .stopping: "9bcb5e61ebc24c8d8c6f4c21880af870"
        case .firstModelTrained: "ddc16340f68a41568736b8755f6f9896"
        case .firstTrainingFailed: "972557699fab4f1ab9c7238b7ca90485"
        case .modelPromoted: "877ebe7eee1043cf8b739ca649daef72"
        case .modelRolledBack: "d977fbbcb7ce4afdb8593b4ac4d164db"
        case .modelWaits: "e27ecea2ba3c4afb99a5ddc9908a0dc4"
        case .modelRejected: "9abc12d4ec2e47a5a86db708ff17acdd"
        case .modelCollected: "247f8e7978dd47d290dc7d9ff135234e"
        case .watchPassed: "f9057a5890494142be624e8c8fa6a4e1"
        case .drift: "033a24e6ed5e48c2b255f487f2904235"
        case .gateRefused: "76c181a045e742f0814738ee440ac177"
        case .trainingFailed: "c4017230cbb8446dbc89aec2b2f5b69f"
        case .modelDamaged: "62b3dc06a5234717abbcc21eaa99b9d4"
        case .modelFellBack: "96f193555dca4c25ae41358e37f96439"
        case .databaseQuarantined: "137879abcc5c49cebfb6b9fb69cde29a"
        case .databaseLost: "e3b64f55fc65419d950ed1e8671cf9cf"
        case .fileDisplaced: "26fb6beb15b6427bb8633722d46fcdf0"
        case .clockJumped: "c24d46b3280d40ecb3d554d63415d948"
        case .storageReadOnly: "ebc54b857aea40d88ce4ac7b1ef66895"
        case .logCut: "6c6916fd549a46669d097ea5701f9cbb"
        case .telemetryLost: "612392734c19487f8a6652baf2719d96"
        case .storageFull: "2c6a5dac5d4048faa5b59ba9cbf8943e"
        case .storageFailed: "694fd43719244603a093ce5331506e3b"
        case .reloaded: "20160083410b4da49929a1b8c8b11b23"
        case .reloadRefused: "5dcaf233c2ee4392899e4657ece4b8c5"
        case .called: "55fbaf1a9ade4539a2104519fae2cf44"
        case .forbidden: "3a0338448efd421497a8a841e6d6148b"
        case .overLimit: "76e2274cc02b4f35bdbefcb0cf6fdf28"
        case .socketRefused: "0bd6c8d9a4d244dfa9f9e7a86f578d7b"
        case .watchdogTrouble: "7d5ec384f3244416a5d9c11a91655296"
        case .watchdogRecovered: "dbf4c2ae43964f868842410a020b3781"
        case .journalLost: "a962aa7b0b724f9389eb8579eb8fc5a0"
        }
    }
}
