#!/bin/bash
# Runs the daemon in the foreground, below the checkout.
set -eu
bin=$1
cat <<TEXT
The daemon starts in this folder; Ctrl-C ends it. In another terminal, try:

    "$bin/intentctl" chat "where is my parcel"
    "$bin/intentctl" chat
    "$bin/intentctl" status

TEXT
exec "$bin/intentd" serve
