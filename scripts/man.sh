#!/bin/bash
# Prints a manual page made of what a tool says of itself: its help and that of all its subcommands.
#
#   scripts/man.sh TOOL SECTION VERSION
set -euo pipefail
tool=$1
name=$(basename "$tool")

# Text as roff shows it as it is.
verbatim() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"; }

# commands [SUBCOMMAND]...: a section for every subcommand below, depth first.
commands() {
    local help below word
    help=$("$tool" help "$@" </dev/null)
    if [ $# -gt 0 ]; then
        printf '.SS "%s"\n.nf\n' "$*"
        sed -e '/^SUBCOMMANDS:/,$d' -e 's/^OVERVIEW: //' -e 's/^USAGE: //' <<<"$help" | verbatim
        printf '.fi\n'
    fi
    below=$(sed -n '/^SUBCOMMANDS:/,$s/^  \([a-z][a-z-]*\)\( .*\)\{0,1\}$/\1/p' <<<"$help")
    for word in $below; do commands "$@" "$word"; done
}

help=$("$tool" --help)
# The first paragraph is the name line's, what follows up to the usage the description.
overview=$(sed '/^$/,$d' <<<"$help" | tr '\n' ' ' | sed -e 's/^OVERVIEW: //' -e 's/\. *$//' | verbatim)
description=$(sed -e '1,/^$/d' -e '/^USAGE:/,$d' <<<"$help" | verbatim)
printf '.TH %s %s "" "intentd %s"\n.SH NAME\n%s \\- %s\n' "${name^^}" "$2" "$3" "$name" "${overview,}"
printf '.SH SYNOPSIS\n.B %s\n.I subcommand\n[...]\n' "$name"
[ -z "$description" ] || printf '.SH DESCRIPTION\n.nf\n%s\n.fi\n' "$description"
printf '.SH SUBCOMMANDS\n'
commands
printf '.SH SEE ALSO\n'
if [ "$name" = intentd ]; then printf '.BR intentctl (1)'; else printf '.BR intentd (8)'; fi
printf '.\n.br\nThe manual lies in /usr/share/doc/intentd.\n'
