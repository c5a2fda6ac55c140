#!/usr/bin/env bash
# sshd-down.sh DIR [--wipe] - kills the server that sshd-up.sh started in DIR, its sessions, and all that they have
# left running. Ends nothing else. Safe to run again. --wipe also removes DIR.
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,3p' "$0"; exit 2; }
. "$(dirname "$0")/processes.sh"
DIR=$1 WIPE=${2:-}
[ -d "$DIR" ] || exit 0
DIR=$(cd "$DIR" && pwd -P)

sessions=""; ! alive "$DIR/sshd.pid" sshd || sessions=$(children "$(cat "$DIR/sshd.pid")")
stop KILL sshd "$DIR/sshd.pid"
[ -z "$sessions" ] || kill -KILL $sessions 2>/dev/null
kill_all marked "HEADWAY_TEST_SSHD=$DIR"
[ "$WIPE" != --wipe ] || rm -rf "$DIR"
exit 0
