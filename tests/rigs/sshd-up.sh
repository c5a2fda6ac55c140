#!/usr/bin/env bash
# sshd-up.sh DIR [--port P] [--set NAME=VALUE]... - a private OpenSSH server on loopback, for the user who runs this.
# Its keys, the client's key and the client's settings are in DIR; ~/.ssh is neither read nor written.
# --set: a variable that commands find in their environment. Safe to run again.
# Afterwards: ssh -F DIR/config login COMMAND
# Stop:       sshd-down.sh DIR [--wipe]
set -euo pipefail
. "$(dirname "$0")/processes.sh"
die() { echo "sshd-up: $*" >&2; exit 1; }
[ $# -ge 1 ] || { sed -n '2,6p' "$0"; exit 2; }
DIR=$1; shift; PORT=26022 SET=()
while [ $# -gt 0 ]; do case $1 in --port) PORT=$2; shift 2;; --set) SET+=("$2"); shift 2;;
  *) die "unknown option $1";; esac; done
SSHD=/usr/sbin/sshd
[ -x $SSHD ] && command -v ssh-keygen >/dev/null || die "missing Debian packages: openssh-server openssh-client"
# 0700: as root sshd takes no keys from a directory that others may write
mkdir -p "$DIR/home"; DIR=$(cd "$DIR" && pwd -P); chmod 700 "$DIR"
# as root sshd wants the directory to which its unprivileged half is confined
[ "$(id -u)" != 0 ] || mkdir -p -m 755 /run/sshd
for key in host_key client_key; do
  [ -s "$DIR/$key" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$DIR/$key"
done
cp "$DIR/client_key.pub" "$DIR/authorized_keys"
echo "[127.0.0.1]:$PORT $(cat "$DIR/host_key.pub")" > "$DIR/known_hosts"
cat > "$DIR/sshd_config" <<CONF
ListenAddress 127.0.0.1
Port $PORT
HostKey $DIR/host_key
PidFile $DIR/sshd.pid
AuthorizedKeysFile $DIR/authorized_keys
AuthenticationMethods publickey
PermitRootLogin prohibit-password
# DIR lies below a directory that everyone may write
StrictModes no
UsePAM no
PrintMotd no
PermitUserEnvironment no
MaxStartups 200
MaxSessions 200
Subsystem sftp internal-sftp
# the mark by which sshd-down.sh knows what sessions have left behind; and a home without a ~/.bashrc, which bash does before each
# command that comes by ssh: that of whoever runs the tests may take its time
SetEnv HEADWAY_TEST_SSHD=$DIR${SET[@]+$(printf ' "%s"' "${SET[@]}")} HOME=$DIR/home
CONF
# Since 9.8 a client whose session dies is kept out for a while. Older ones do not know the word.
! $SSHD -t -f "$DIR/sshd_config" -o PerSourcePenalties=no 2>/dev/null || echo "PerSourcePenalties no" >> "$DIR/sshd_config"
cat > "$DIR/config" <<CONF
Host login
  HostName 127.0.0.1
  Port $PORT
  User $(id -un)
  IdentityFile $DIR/client_key
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile $DIR/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
CONF
if ! alive "$DIR/sshd.pid" sshd; then
  rm -f "$DIR/sshd.pid"
  $SSHD -f "$DIR/sshd_config" -E "$DIR/log" || die "sshd: $(tail -n 3 "$DIR/log")"
fi
n=3000; until [ -s "$DIR/sshd.pid" ] || [ $n = 0 ]; do sleep 0.02; n=$((n-1)); done
[ -s "$DIR/sshd.pid" ] || die "sshd: $(tail -n 3 "$DIR/log")"
echo "sshd up: ssh -F $DIR/config login"
