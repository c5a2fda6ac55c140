#!/usr/bin/env bash
# keep.sh NAME DIR [OPTION]... - runs NAME-up.sh DIR OPTION..., says "up" or "failed" in one line, waits for the end of
# its standard input, and runs NAME-down.sh DIR --wipe. Whoever holds the other end of that pipe may be killed: what
# was started ends all the same. The words of both scripts are in DIR.log, which goes with DIR.
set -u
here=$(cd "$(dirname "$0")" && pwd) name=$1 dir=$2
shift 2
if bash "$here/$name-up.sh" "$dir" "$@" </dev/null >"$dir.log" 2>&1; then echo up; else echo failed; fi
exec >&-
cat >/dev/null
bash "$here/$name-down.sh" "$dir" --wipe </dev/null >>"$dir.log" 2>&1 && rm -f "$dir.log"
