#!/usr/bin/env bash
# sge-down.sh DIR [--wipe] - stops the Grid Engine that sge-up.sh started in DIR, and every job of its.
# Ends nothing else. Safe to run again. Without --wipe the daemons save what they know first, so that
# sge-up.sh DIR goes on from there; with it all is killed at once and DIR removed.
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,4p' "$0"; exit 2; }
. "$(dirname "$0")/processes.sh"
DIR=$1 WIPE=${2:-}
[ -d "$DIR" ] || exit 0
DIR=$(cd "$DIR" && pwd -P)
SIGNAL=TERM; [ "$WIPE" != --wipe ] || SIGNAL=KILL

stop $SIGNAL sge_execd "$DIR/run/execd.pid"
kill_all marked "SGE_ROOT=$DIR/root" SGE_TASK_ID
kill_all holding sge_shepherd "$DIR"
stop $SIGNAL sge_qmaster "$DIR/run/qmaster.pid"
# where they had not yet written their pids
kill_all started sge_execd "SGE_ROOT=$DIR/root"
kill_all started sge_qmaster "SGE_ROOT=$DIR/root"
[ "$WIPE" != --wipe ] || rm -rf "$DIR"
exit 0
