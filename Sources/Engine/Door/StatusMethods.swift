import Learning
import Wire
import World

/// `status`: the state of the daemon.
struct StatusMethods: Sendable {
    let champion: Champion
    let jobs: Jobs
    let llm: LLMStatus
    let ground: Ground
    /// The time of the daemon's start, in nanoseconds of the monotonic clock.
    let began: UInt64

    func status(_ call: Call) -> Response {
        let limits = ground.settings.current.limits
        return .value([
            "version": .string(Software.version), "protocol": .integer(Software.protocolVersion),
            "uptime_s": .integer(Int((ground.clock.monotonic() - began) / 1_000_000_000)),
            "champion": JSON(champion.version), "candidate": JSON(champion.candidate),
            "job": jobs.current?.json ?? .null,
            "llm": llm.json,
            "degraded": ground.health.json,
            "limits": [
                "connections": .integer(limits.connections),
                "connections_per_uid": .integer(limits.connectionsPerUID),
                "line": .integer(limits.line), "in_flight": .integer(limits.inFlight),
                "output_soft": .integer(limits.outputSoft), "output_hard": .integer(limits.outputHard),
                "unfinished_line_s": .double(limits.unfinishedLine), "memory": .integer(limits.memory),
            ],
            "uid": .integer(Int(call.caller.uid)), "role": .string(call.caller.role.rawValue),
        ])
    }
}
