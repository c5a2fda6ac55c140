#!/usr/bin/env bash
# slurm-down.sh DIR [--wipe] - stops the cluster that slurm-up.sh started in DIR.
# Ends the daemons by the pids they wrote, and every job of theirs; nothing else.
# Safe to run again. Without --wipe the daemons save what they know first, so that
# slurm-up.sh DIR goes on from there; with it all is killed at once and DIR removed.
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,5p' "$0"; exit 2; }
. "$(dirname "$0")/processes.sh"
DIR=$1 WIPE=${2:-}
[ -d "$DIR" ] || exit 0
DIR=$(cd "$DIR" && pwd -P)
SIGNAL=TERM; [ "$WIPE" != --wipe ] || SIGNAL=KILL
shopt -s nullglob

stop $SIGNAL slurmrestd "$DIR/run/slurmrestd.pid"
stop $SIGNAL slurmctld "$DIR/run/slurmctld.pid"
stop $SIGNAL slurmd "$DIR"/run/slurmd.*.pid # with TERM each takes 2 s to notice
kill_all holding slurmstepd "$DIR"
kill_all marked "SLURM_CONF=$DIR/etc/slurm.conf" '(SLURM_JOB_ID|PBS_JOBID|LSB_JOBID)' # the doubles of other schedulers leave their own only
stop $SIGNAL slurmdbd "$DIR/run/slurmdbd.pid"
stop $SIGNAL mariadbd "$DIR/run/mariadbd.pid"
stop $SIGNAL munged "$DIR/run/munged.pid"
[ "$WIPE" != --wipe ] || rm -rf "$DIR"
exit 0
