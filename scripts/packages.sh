#!/bin/bash
# Installs what the build needs beside the Swift toolchain, or the packages that are named, after saying what.
set -eu
needed=(libedit-dev libsqlite3-dev libsystemd-dev netcat-openbsd)
missing=()
[ $# = 0 ] || needed=("$@")
for package in "${needed[@]}"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
echo "Installing with apt-get: ${missing[*]}"
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
