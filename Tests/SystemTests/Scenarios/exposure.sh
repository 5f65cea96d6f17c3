#!/bin/bash
# What systemd itself thinks of the units' sandboxes, and of the units.
. /scenario/common.bash
units=/usr/lib/systemd/system
security() { systemd-analyze security --offline=true --no-pager --threshold="$1" "$units/$2" >report 2>&1 || { tail -n 3 report && return 1; }; }
score() { systemd-analyze security --offline=true --no-pager "$units/$1" | sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p'; }

check "the units are well-formed" systemd-analyze verify "$units/intentd.service" "$units/intentd.socket" \
    "$units/intentd-llm.service" "$units/intentd-llm.socket" "$units/intentd-retrain.service" "$units/intentd-retrain.timer"
check "with TCP to the LLM" security 11 intentd.service
check "the relay" security 11 intentd-llm.service
check "the timer's service" security 11 intentd-retrain.service
# The threshold is a test only if it can fail.
refuse "an open unit" security 11 systemd-journald.service
echo "intentd.service $(score intentd.service), intentd-llm.service $(score intentd-llm.service)"
drop_in llm-proxy </usr/share/intentd/intentd.service.d/llm-proxy.conf
check "without a network" security 4 intentd.service
echo "with llm-proxy.conf: intentd.service $(score intentd.service)"
