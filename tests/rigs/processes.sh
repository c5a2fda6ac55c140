# Which processes are a rig's own. Sourced by the scripts beside it.

# alive PIDFILE NAME: does it name a running process of this name? (A zombie is not running: in a container nothing may reap it.)
alive() {
  local p c st; p=$(cat "$1" 2>/dev/null) || return 1; [ -n "$p" ] || return 1
  read -r _ c st _ 2>/dev/null < "/proc/$p/stat" || return 1
  [ "$c" = "($2)" ] && [ "$st" != Z ]
}

# stop SIGNAL NAME PIDFILE...: signal all of this daemon, then wait for each
stop() {
  local signal=$1 name=$2 f n; shift 2
  for f in "$@"; do ! alive "$f" "$name" || kill "-$signal" "$(cat "$f")" 2>/dev/null; done
  for f in "$@"; do
    n=600; while alive "$f" "$name" && [ $n -gt 0 ]; do sleep 0.05; n=$((n-1)); done
    ! alive "$f" "$name" || { echo "$f: $name did not end in 30 s" >&2; kill -KILL "$(cat "$f")"; }
    rm -f "$f"
  done
}

# children PID...: theirs, and the children's
children() {
  local f line pid state parent found=""
  for f in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null < "$f" || continue
    pid=${line%% *}; read -r state parent _ <<< "${line##*) }"
    case " $* " in *" $parent "*) [ "$state" = Z ] || found="$found $pid";; esac
  done
  [ -z "$found" ] || echo "$found" "$(children $found)"
}

# marked LINE [NAME]: those whose environment has this line, and one that begins with NAME=, an extended regular expression;
# never this script
marked() {
  local f
  for f in $(grep -lzxF -e "$1" /proc/[0-9]*/environ 2>/dev/null); do
    [ -z "${2-}" ] || grep -qzE "^$2=" "$f" 2>/dev/null || continue
    f=${f#/proc/}; f=${f%/environ}; [ "$f" = $$ ] || echo "$f"
  done
}

# started NAME LINE: those of this name whose environment has this line
started() {
  local p
  for p in $(marked "$2"); do [ "$(cat "/proc/$p/comm" 2>/dev/null)" != "$1" ] || echo "$p"; done
}

# holding NAME DIR: those of this name that have a file below the directory open
holding() {
  local f
  for f in $(find /proc/[0-9]*/fd -maxdepth 1 -lname "$2/*" -printf '%h\n' 2>/dev/null | sort -u); do
    f=${f%/fd}; [ "$(cat "$f/comm" 2>/dev/null)" != "$1" ] || echo "${f#/proc/}"
  done
}

# kill_all COMMAND...: KILL what the command names, with its children, until it names none: what is killed may have
# started more meanwhile
kill_all() {
  local left
  for _ in 1 2 3 4 5 6 7 8 9; do
    left=$("$@"); [ -n "$left" ] || return 0
    kill -KILL $left $(children $left) 2>/dev/null
  done
}
