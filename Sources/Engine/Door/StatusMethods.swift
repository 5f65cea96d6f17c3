import Learning
import Wire
import World

/// `status`: the state of the daemon.
struct StatusMethods: Sendable {
    let champion: Champion
    let jobs: Jobs
    let llm: LLMStatus
    let ground: Ground
    let workers: Workers
    /// The time of the daemon's start, in nanoseconds of the monotonic clock.
    let began: UInt64
    let place: Place

    /// Looks at the LLM first if what is known of it is old. The look is limited, and whoever asks meanwhile joins it.
    func status(_ call: Call) -> Response {
        guard llm.isStale else { return .value(report(call.caller)) }
        let caller = call.caller
        return .laterValue {
            await llm.look()
            return report(caller)
        }
    }

    private func report(_ caller: Caller) -> JSON {
        let limits = ground.settings.current.limits
        return [
            "version": .string(Software.version), "protocol": .integer(Software.protocolVersion),
            "uptime_s": .integer(Int((ground.clock.monotonic() - began) / 1_000_000_000)),
            "champion": JSON(champion.version), "candidate": JSON(champion.candidate),
            "job": jobs.current?.json ?? .null,
            "llm": caller.role == .admin ? llm.adminJSON : llm.json,
            "degraded": ground.health.json,
            "limits": [
                "connections": .integer(limits.connections),
                "connections_per_uid": .integer(limits.connectionsPerUID),
                "line": .integer(limits.line), "in_flight": .integer(limits.inFlight),
                "output_soft": .integer(limits.outputSoft), "output_hard": .integer(limits.outputHard),
                "unfinished_line_s": .double(limits.unfinishedLine), "memory": .integer(limits.memory),
                "workers": .integer(workers.threads(limits)), "deferred_per_uid": .integer(limits.deferredPerUID),
                "deferred_queue": .integer(limits.deferredQueue), "turns_per_uid": .integer(limits.turnsPerUID),
                "pending_per_uid": .integer(limits.pendingPerUID), "stored_per_uid": .integer(limits.storedPerUID),
            ],
            "uid": .integer(Int(caller.uid)), "role": .string(caller.role.rawValue), "pid": JSON(place.pid),
            "socket": JSON(place.socket), "root": JSON(place.root), "configuration": JSON(place.configuration),
        ]
    }
}
