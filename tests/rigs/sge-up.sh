#!/usr/bin/env bash
# sge-up.sh DIR [--port P] [--slots N] - a private one-host Grid Engine
# (Debian's gridengine 8.1.9) with everything under DIR; as root, no systemd.
# Afterwards: . DIR/env.sh ; qsub, qstat -xml, qdel, qacct -j
set -euo pipefail
. "$(dirname "$0")/processes.sh"
die() { echo "sge-up: $*" >&2; exit 1; }
[ $# -ge 1 ] || { sed -n '2,4p' "$0"; exit 2; }
DIR=$1; shift; PORT=26444 SLOTS=4
while [ $# -gt 0 ]; do case $1 in --port) PORT=$2; shift 2;; --slots) SLOTS=$2; shift 2;;
  *) die "unknown option $1";; esac; done
LIB=/usr/lib/gridengine
[ -x $LIB/sge_qmaster ] && [ -x $LIB/sge_execd ] && command -v qsub >/dev/null ||
  die "missing Debian packages: gridengine-master gridengine-exec gridengine-client"
mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd -P); ME=$(id -un); HOST=$(hostname -s)
export SGE_ROOT=$DIR/root SGE_CELL=default SGE_QMASTER_PORT=$PORT SGE_EXECD_PORT=$((PORT+1))
C=$SGE_ROOT/$SGE_CELL/common
mkdir -p "$C" "$DIR"/spool/{qmaster/job_scripts,db,execd} "$DIR/run" "$DIR/log" "$DIR/tmp"
chmod 755 "$DIR"; chmod 1777 "$DIR/tmp" # jobs of other users
for d in bin lib utilbin util; do ln -sfn /var/lib/gridengine/$d "$SGE_ROOT/$d"; done
[ -e /usr/share/gridengine/util ] && ln -sfn /usr/share/gridengine/util "$SGE_ROOT/util"
export SGE_ARCH=$("$SGE_ROOT/util/arch")
cat > "$DIR/env.sh" <<ENV
export SGE_ROOT=$SGE_ROOT SGE_CELL=$SGE_CELL SGE_QMASTER_PORT=$PORT SGE_EXECD_PORT=$((PORT+1)) SGE_ARCH=$SGE_ARCH
ENV
# this host's name, whatever the reverse look-up of its address says
echo "$HOST localhost" > "$C/host_aliases"
echo "$HOST" > "$C/act_qmaster"
touch "$C/accounting" # else it is there from the first job's end on, and qacct fails until then
cat > "$C/bootstrap" <<B
admin_user              none
default_domain          none
ignore_fqdn             true
spooling_method         berkeleydb
spooling_lib            libspoolb
spooling_params         $DIR/spool/db
binary_path             $LIB
qmaster_spool_dir       $DIR/spool/qmaster
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
B
if [ ! -e "$DIR/spool/db/sge" ]; then
  sed -e "s|^execd_spool_dir .*|execd_spool_dir $DIR/spool/execd|" -e 's|^min_[ug]id .*||' \
      -e 's|^load_report_time .*|load_report_time 00:00:02|' -e 's|^mailer .*|mailer /bin/true|' \
      -e 's|flush_time=00:00:15|flush_time=00:00:01|' -e 's|^administrator_mail .*|administrator_mail none|' \
      /usr/share/gridengine/default-configuration | grep . > "$DIR/run/conf"
  printf 'min_uid 0\nmin_gid 0\n' >> "$DIR/run/conf"
  { $LIB/spoolinit berkeleydb libspoolb "$DIR/spool/db" init
    $LIB/spooldefaults configuration "$DIR/run/conf"
    $LIB/spooldefaults complexes /usr/share/gridengine/util/resources/centry
    $LIB/spooldefaults usersets /usr/share/gridengine/util/resources/usersets
    $LIB/spooldefaults managers "$ME"; } > "$DIR/log/init.log" 2>&1 || die "see $DIR/log/init.log"
fi
export SGE_QMASTER_PIDFILE=$DIR/run/qmaster.pid SGE_EXECD_PIDFILE=$DIR/run/execd.pid
if ! alive "$SGE_QMASTER_PIDFILE" sge_qmaster; then
  $LIB/sge_qmaster >>"$DIR/log/qmaster.out" 2>&1 || die "qmaster: $(cat "$DIR/log/qmaster.out")"
  [ -s "$DIR/spool/qmaster/qmaster.pid" ] && cp "$DIR/spool/qmaster/qmaster.pid" "$SGE_QMASTER_PIDFILE"
fi
for _ in $(seq 600); do timeout 20 qconf -sh >/dev/null 2>&1 && break; sleep 0.1; done
qconf -sh 2>/dev/null | grep -qx "$HOST" || qconf -ah "$HOST" >/dev/null
qconf -ss 2>/dev/null | grep -qx "$HOST" || qconf -as "$HOST" >/dev/null
qconf -sel 2>/dev/null | grep -qx "$HOST" || {
  printf 'hostname %s\nload_scaling NONE\ncomplex_values NONE\nuser_lists NONE\nxuser_lists NONE\nprojects NONE\nxprojects NONE\nusage_scaling NONE\nreport_variables NONE\n' "$HOST" > "$DIR/run/eh"
  qconf -Ae "$DIR/run/eh" >/dev/null; }
# schedule at once when a job arrives or ends, and every 2 s
qconf -ssconf | sed -e 's|^schedule_interval .*|schedule_interval 0:0:2|' -e 's|^flush_submit_sec .*|flush_submit_sec 1|' \
  -e 's|^flush_finish_sec .*|flush_finish_sec 1|' > "$DIR/run/sc"; qconf -Msconf "$DIR/run/sc" >/dev/null
qconf -spl 2>/dev/null | grep -qx smp || {
  for pe in 'smp $pe_slots' 'mpi $round_robin'; do
    cat > "$DIR/run/pe" <<P
pe_name            ${pe% *}
slots              999
user_lists         NONE
xuser_lists        NONE
start_proc_args    NONE
stop_proc_args     NONE
allocation_rule    ${pe#* }
control_slaves     TRUE
job_is_first_task  TRUE
urgency_slots      min
accounting_summary TRUE
qsort_args         NONE
P
    qconf -Ap "$DIR/run/pe" >/dev/null
  done; }
qconf -sql 2>/dev/null | grep -qx all.q || {
  cat > "$DIR/run/q" <<Q
qname                 all.q
hostlist              $HOST
seq_no                0
load_thresholds       NONE
suspend_thresholds    NONE
nsuspend              1
suspend_interval      00:05:00
priority              0
min_cpu_interval      00:05:00
processors            UNDEFINED
qtype                 BATCH INTERACTIVE
ckpt_list             NONE
pe_list               smp mpi
rerun                 FALSE
slots                 $SLOTS
tmpdir                $DIR/tmp
shell                 /bin/bash
prolog                NONE
epilog                NONE
shell_start_mode      unix_behavior
starter_method        NONE
suspend_method        NONE
resume_method         NONE
terminate_method      NONE
notify                00:00:60
owner_list            NONE
user_lists            NONE
xuser_lists           NONE
subordinate_list      NONE
complex_values        NONE
projects              NONE
xprojects             NONE
calendar              NONE
initial_state         default
s_rt                  INFINITY
h_rt                  INFINITY
s_cpu                 INFINITY
h_cpu                 INFINITY
s_fsize               INFINITY
h_fsize               INFINITY
s_data                INFINITY
h_data                INFINITY
s_stack               INFINITY
h_stack               INFINITY
s_core                INFINITY
h_core                INFINITY
s_rss                 INFINITY
h_rss                 INFINITY
s_vmem                INFINITY
h_vmem                INFINITY
Q
  qconf -Aq "$DIR/run/q" >/dev/null; }
if ! alive "$SGE_EXECD_PIDFILE" sge_execd; then
  $LIB/sge_execd >>"$DIR/log/execd.out" 2>&1 || die "execd: $(cat "$DIR/log/execd.out")"
fi
for _ in $(seq 400); do
  qstat -f 2>/dev/null | grep -q "all.q@$HOST.* [0-9]*/[0-9]*/$SLOTS  *[0-9.]" && { echo "sge up: . $DIR/env.sh"; exit 0; }; sleep 0.2
done
qstat -f >&2; tail -n 5 "$DIR"/spool/*/messages "$DIR"/spool/execd/*/messages /tmp/execd_messages.* 2>/dev/null >&2; die "queue not up"
