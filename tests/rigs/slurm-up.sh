#!/usr/bin/env bash
# slurm-up.sh DIR [options] - a real, private Slurm cluster under one directory.
#
# Made for tests: no systemd, no cgroups, any number of virtual nodes on one
# host, everything (keys, config, state, spool, logs, pids, sockets) under DIR,
# all daemons on the loopback address. Safe to run again: what already runs is
# left alone, what died is started again.
#
#   --nodes N        virtual compute nodes (default 3)
#   --cpus C         CPUs each node claims, whatever the host has (default 4)
#   --mem MB         memory each node claims (default 4000)
#   --port P         first of the ports used: P slurmctld, P+1 slurmdbd, P+2
#                    MariaDB, P+3 slurmrestd, P+10.. one per slurmd (default 16817)
#   --dbd            also MariaDB + slurmdbd, so that sacct works
#   --restd          also slurmrestd on 127.0.0.1 (JWT) and on DIR/run/restd.sock
#   --name NAME      cluster name (default "test")
#   --min-job-age S  how long ended jobs stay known (default 600; 5 to see a scheduler forget)
#   --cred-expire S  how long a job's credential lasts (default 120, 5 at least); a job that is
#                    put back into the queue waits there for a second longer
#   --timeout S      give up waiting for the nodes after S seconds (default 120)
#
# Afterwards:  . DIR/env.sh   (sets SLURM_CONF; sbatch, squeue, ... just work)
# Stop:        slurm-down.sh DIR [--wipe]
set -euo pipefail
. "$(dirname "$0")/processes.sh"

die()  { echo "slurm-up: $*" >&2; exit 1; }
[ $# -ge 1 ] || { sed -n '2,24p' "$0"; exit 2; }
DIR=$1; shift
NODES=3 CPUS=4 MEM=4000 PORT=16817 AGE=600 CRED=120 DBD=0 RESTD=0 NAME=test TIMEOUT=120
while [ $# -gt 0 ]; do
  case $1 in
    --nodes) NODES=$2; shift 2;;   --cpus) CPUS=$2; shift 2;;
    --mem) MEM=$2; shift 2;;       --port) PORT=$2; shift 2;;
    --name) NAME=$2; shift 2;;     --min-job-age) AGE=$2; shift 2;;
    --cred-expire) CRED=$2; shift 2;;
    --timeout) TIMEOUT=$2; shift 2;;
    --dbd) DBD=1; shift;;          --restd) RESTD=1; shift;;
    *) die "unknown option $1";;
  esac
done

# ---- packages -----------------------------------------------------------
pkgs="slurmctld slurmd slurm-client munge libjson-c5"
[ $DBD = 1 ]   && pkgs="$pkgs slurmdbd slurm-wlm-mysql-plugin mariadb-server"
[ $RESTD = 1 ] && pkgs="$pkgs slurmrestd slurm-wlm-jwt-plugin"
missing=$(for p in $pkgs; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok' || echo "$p"; done)
[ -z "$missing" ] || die "missing Debian packages:" $missing

# ---- layout -------------------------------------------------------------
mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd -P)
[ ${#DIR} -le 80 ] || die "path too long for a unix socket: $DIR"
case $DIR in *[!A-Za-z0-9/._-]*) die "Slurm takes no such path: $DIR";; esac
mkdir -p "$DIR"/{etc,run,log,state,spool,tmp}
# munged and other users' clients must be able to walk down to the socket
chmod 755 "$DIR" "$DIR"/{etc,run,log,state,spool}
ME=$(id -un); HOST=$(hostname -s 2>/dev/null || hostname)
# the daemons can be held to loopback only where this host's own name stands for
# 127.0.0.1 (else slurmctld does not start, or with 127.0.1.1 srun hangs)
ADDR=$(getent ahostsv4 "$HOST" 2>/dev/null | awk 'NR==1{print $1}') || true
case $ADDR in
  127.0.0.1) COMM="CommunicationParameters=NoInAddrAny,NoCtldInAddrAny";;
  *) ADDR=127.0.0.1; COMM=""
     echo "slurm-up: '$HOST' is not 127.0.0.1; Slurm will listen on every address ('127.0.0.1 $HOST' in /etc/hosts mends it)" >&2;;
esac

# ---- munge (own key, own socket: the system's munge is not touched) -------
[ -s "$DIR/etc/munge.key" ] || (umask 077; head -c 1024 /dev/urandom > "$DIR/etc/munge.key")
chmod 400 "$DIR/etc/munge.key"
if ! alive "$DIR/run/munged.pid" munged; then
  rm -f "$DIR"/run/munge.sock*
  /usr/sbin/munged --force --key-file="$DIR/etc/munge.key" --socket="$DIR/run/munge.sock" \
    --pid-file="$DIR/run/munged.pid" --log-file="$DIR/log/munged.log" \
    --seed-file="$DIR/run/munged.seed" --num-threads=10 2>"$DIR/log/munged.err" ||
    die "munged: $(cat "$DIR/log/munged.err")"
fi

# ---- configuration ------------------------------------------------------
if [ $DBD = 1 ]; then
  ACCT="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=$ADDR
AccountingStoragePort=$((PORT+1))
# with slurmdbd this "password" is the path of the munge socket
AccountingStoragePass=$DIR/run/munge.sock
AccountingStoreFlags=job_comment,job_script,job_env"
else
  ACCT="AccountingStorageType=accounting_storage/none"
fi
ALT=""
if [ $RESTD = 1 ]; then
  [ -s "$DIR/etc/jwt.key" ] || (umask 077; head -c 32 /dev/urandom > "$DIR/etc/jwt.key")
  ALT="AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=$DIR/etc/jwt.key"
fi
# slurmctld wants the mail program to exist; /bin/true sends nothing
cat > "$DIR/etc/slurm.conf.new" <<CONF
ClusterName=$NAME
SlurmctldHost=$HOST($ADDR)
SlurmctldPort=$PORT
SlurmUser=$ME
SlurmdUser=$ME
AuthType=auth/munge
AuthInfo=socket=$DIR/run/munge.sock,cred_expire=$CRED
CredType=cred/munge
$ALT
$COMM
StateSaveLocation=$DIR/state
SlurmdSpoolDir=$DIR/spool/%n
SlurmctldPidFile=$DIR/run/slurmctld.pid
SlurmdPidFile=$DIR/run/slurmd.%n.pid
SlurmctldLogFile=$DIR/log/slurmctld.log
SlurmdLogFile=$DIR/log/slurmd.%n.log
SlurmctldDebug=info
SlurmdDebug=info
MailProg=/bin/true
MpiDefault=none
# no cgroups, no pinning: works in any container
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
# no cgroups here: the poll above ends a job that outgrows its memory
JobAcctGatherParams=OverMemoryKill
SwitchType=switch/none
PropagateResourceLimits=NONE
# let a node claim more than the host has
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
# batch_sched_delay is 3 s by default: it rules the time from sbatch to RUNNING
SchedulerParameters=batch_sched_delay=0,bf_interval=1,sched_interval=1,default_queue_depth=1000
MaxArraySize=20001
MaxJobCount=50000
# short timers, for tests
MinJobAge=$AGE
KillWait=2
SlurmdTimeout=10
SlurmctldTimeout=10
MessageTimeout=10
InactiveLimit=0
Waittime=0
ReturnToService=2
TreeWidth=64
JobCompType=jobcomp/filetxt
JobCompLoc=$DIR/log/jobcomp.txt
$ACCT
GresTypes=gpu
NodeName=DEFAULT CPUs=$CPUS RealMemory=$MEM Gres=gpu:2 State=UNKNOWN
$(for i in $(seq 1 "$NODES"); do echo "NodeName=n$i NodeHostname=$HOST NodeAddr=$ADDR Port=$((PORT+9+i)) Feature=$([ $i = 1 ] && echo first || echo rest)"; done)
PartitionName=DEFAULT Nodes=ALL DefMemPerCPU=64 State=UP
PartitionName=batch Default=YES MaxTime=INFINITE DefaultTime=60
PartitionName=short MaxTime=5 DefaultTime=1 PriorityTier=10
CONF
if ! cmp -s "$DIR/etc/slurm.conf.new" "$DIR/etc/slurm.conf" 2>/dev/null; then
  ! alive "$DIR/run/slurmctld.pid" slurmctld ||
    { rm "$DIR/etc/slurm.conf.new"; die "already running with other options: slurm-down.sh $DIR first"; }
  mv "$DIR/etc/slurm.conf.new" "$DIR/etc/slurm.conf"
else rm "$DIR/etc/slurm.conf.new"; fi
# two GPUs that are none: Slurm counts them, and touches nothing
printf 'AutoDetect=off\nName=gpu File=/dev/null\nName=gpu File=/dev/zero\n' > "$DIR/etc/gres.conf"
printf 'CgroupPlugin=cgroup/v1\nConstrainCores=no\nConstrainRAMSpace=no\n' > "$DIR/etc/cgroup.conf"
cat > "$DIR/env.sh" <<ENV
export SLURM_CONF=$DIR/etc/slurm.conf
export SLURMTEST_DIR=$DIR
export SLURMTEST_REST_URL=http://127.0.0.1:$((PORT+3))
export SLURMTEST_REST_SOCK=$DIR/run/restd.sock
ENV
export SLURM_CONF=$DIR/etc/slurm.conf

# ---- accounting ---------------------------------------------------------
# a mariadbd that starts removes every temporary table from its TMPDIR, also those of others that run
if [ $DBD = 1 ]; then
  if [ ! -d "$DIR/mysql/mysql" ]; then
    mkdir -p "$DIR/mysql"
    TMPDIR=$DIR/tmp mariadb-install-db --no-defaults --user="$ME" --datadir="$DIR/mysql" \
      --auth-root-authentication-method=normal --skip-test-db >"$DIR/log/mysql-install.log" 2>&1 ||
      die "mariadb-install-db: $(grep ERROR "$DIR/log/mysql-install.log")"
  fi
  if ! alive "$DIR/run/mariadbd.pid" mariadbd; then
    TMPDIR=$DIR/tmp setsid /usr/sbin/mariadbd --no-defaults --user="$ME" --datadir="$DIR/mysql" \
      --socket="$DIR/run/mysql.sock" --pid-file="$DIR/run/mariadbd.pid" \
      --bind-address=127.0.0.1 --port=$((PORT+2)) --innodb-buffer-pool-size=64M \
      --innodb-lock-wait-timeout=900 --innodb-flush-log-at-trx-commit=2 \
      >>"$DIR/log/mariadb.log" 2>&1 </dev/null &
    for _ in $(seq 600); do
      mariadb --no-defaults -S "$DIR/run/mysql.sock" -u root -e 'select 1' >/dev/null 2>&1 && break; sleep 0.1
    done
    mariadb --no-defaults -S "$DIR/run/mysql.sock" -u root -e "
      create database if not exists slurm_acct;
      create user if not exists slurm@localhost identified by 'slurm';
      create user if not exists slurm@'127.0.0.1' identified by 'slurm';
      grant all on slurm_acct.* to slurm@localhost; grant all on slurm_acct.* to slurm@'127.0.0.1';" ||
      die "mariadb: see $DIR/log/mariadb.log"
  fi
  (umask 077; cat > "$DIR/etc/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=$DIR/run/munge.sock
DbdHost=$HOST
DbdAddr=$ADDR
DbdPort=$((PORT+1))
SlurmUser=$ME
DebugLevel=info
LogFile=$DIR/log/slurmdbd.log
PidFile=$DIR/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((PORT+2))
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct
$ALT
$COMM
CONF
  )
  if ! alive "$DIR/run/slurmdbd.pid" slurmdbd; then
    slurmdbd 2>>"$DIR/log/slurmdbd.err" || die "slurmdbd: $(tail -n 3 "$DIR/log/slurmdbd.err")"
    for _ in $(seq 600); do timeout 20 sacctmgr -n list cluster >/dev/null 2>&1 && break; sleep 0.1; done
  fi
  timeout 60 sacctmgr -n -P list cluster format=cluster | grep -qx "$NAME" || timeout 60 sacctmgr -i -Q add cluster "$NAME" >/dev/null
fi

# ---- slurmctld, slurmd --------------------------------------------------
if ! alive "$DIR/run/slurmctld.pid" slurmctld; then
  slurmctld 2>>"$DIR/log/slurmctld.err" || die "slurmctld: $(tail -n 3 "$DIR/log/slurmctld.err" "$DIR/log/slurmctld.log")"
fi
for i in $(seq 1 "$NODES"); do
  mkdir -p "$DIR/spool/n$i"
  alive "$DIR/run/slurmd.n$i.pid" slurmd || slurmd -N "n$i" 2>>"$DIR/log/slurmd.n$i.err" ||
    die "slurmd n$i: $(tail -n 3 "$DIR/log/slurmd.n$i.err" "$DIR/log/slurmd.n$i.log")"
done

# ---- slurmrestd ---------------------------------------------------------
if [ $RESTD = 1 ] && ! alive "$DIR/run/slurmrestd.pid" slurmrestd; then
  rm -f "$DIR/run/restd.sock"
  SLURM_JWT=daemon SLURMRESTD_SECURITY=disable_user_check setsid slurmrestd -f "$SLURM_CONF" \
    "127.0.0.1:$((PORT+3))" "unix:$DIR/run/restd.sock" >>"$DIR/log/slurmrestd.log" 2>&1 </dev/null &
  echo $! > "$DIR/run/slurmrestd.pid"
fi

# ---- wait until every node answers ----------------------------------------
end=$((SECONDS+TIMEOUT))
while :; do
  up=$(timeout 15 sinfo -h -N -p batch -t idle,mixed,allocated -o %N 2>/dev/null | sort -u | wc -l) || true
  [ "$up" -ge "$NODES" ] && break
  alive "$DIR/run/slurmctld.pid" slurmctld || [ $SECONDS -lt $((end-TIMEOUT+15)) ] || die "slurmctld died: $(tail -n 3 "$DIR/log/slurmctld.log")"
  [ $SECONDS -lt $end ] || { sinfo -N -l >&2 || true; die "only $up of $NODES nodes up; see $DIR/log"; }
  sleep 0.1
done
echo "slurm up: $up nodes; . $DIR/env.sh"
