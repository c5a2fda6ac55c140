#!/bin/sh
# What wrapper.py does, for nodes without Python 3.6: the same files in the same words, but no limit shorter than the
# scheduler's. Where there is no Perl either there is no peak memory, and an exit code of 128 + n is told as the signal n, for a
# shell cannot tell them apart.
#
#     sh wrapper.sh PLACE NATIVE_ID RESTARTS ORDERS WARNINGS
home=$1 place=$1 native=$2 run=${3:-0} orders=,$4, warnings=$5
cd / || exit 125
host=$(uname -n)

whole() { # whole NAME TEXT: write a new file, whole and only once; fails when there is one of that name
    draft=$place/.$1.$$.$host
    (umask 077 && printf '%s\n' "$2" >"$draft") || { echo "headway: cannot write in $place" >&2; exit 125; }
    sync "$draft" 2>/dev/null
    ln "$draft" "$place/$1" 2>/dev/null
    made=$?
    rm -f "$draft"
    return $made
}

tell() { # tell TEXT: two seconds at most, in nobody's way
    [ -n "$api_url" ] && command -v curl >/dev/null 2>&1 || return 1
    printf 'header = "Authorization: Bearer %s"\n' "$token" | curl -q -sf -m 2 --noproxy '*' -o /dev/null -X PUT -K - \
        -H 'Content-Type: application/json' --data-raw "$1" "$api_url/jobs/${tag%.*}/attempts/${tag##*.}/record" 2>/dev/null
}

api_url='' token='' elements=''
eval "$(sed -n -e '/^#/!q' -e '/^#: api_url=/s/^#: //p' -e '/^#: token=/s/^#: //p' -e '/^#: elements=/s/^#: //p' "$home/job")"
if [ -n "$elements" ]; then
    line=$(grep "^${native##*.} " "$elements") || { echo "headway: $elements has no element ${native##*.}" >&2; exit 125; }
    eval "set -- $line"
    place=${elements%/*/*}/$2
    shift 2
    for pair; do export "$pair"; done
    token=${HEADWAY_REPORT_TOKEN:-$token}
    (umask 077 && mkdir -p "$place") || exit 125
fi
tag=${place##*/}

if ! whole claim "{\"native_id\": \"$native\"}" && ! grep -qF "\"native_id\": \"$native\"" "$place/claim"; then
    echo "headway: the attempt is run by another job, or was given up; nothing is run" >&2
    exit 0
fi
suffix=''
[ "$run" -gt 0 ] && suffix=.$run
began=$(date +%s)
until whole "started$suffix" "{\"native_id\": \"$native\", \"host\": \"$host\", \"pid\": $$, \"at\": $began, \"run\": $run}"; do
    run=$((run + 1)) suffix=.$run
    [ $run -lt 10000 ] || exit 125
done
tell "{\"native_id\": \"$native\", \"host\": \"$host\", \"at\": $began, \"run\": $run}" &
teller=$!

# A warning that a kill is near becomes TERM for the whole group, if it is ours; ps would itself die of the warning.
group=''
# shellcheck disable=SC2086 # words are wanted
if [ -n "$warnings" ] && read -r stat <"/proc/$$/stat"; then
    set -- ${stat##*) }
    [ "$3" = $$ ] && group=0
fi
heard='' warned='' child=''
for pair in HUP:1 INT:2 USR1:10 USR2:12 TERM:15; do
    act=''
    [ "${pair%:*}" = "${warnings%%,*}" ] && act='; warned=yes; [ -z "$child" ] || kill -TERM "${group:-$child}"'
    # shellcheck disable=SC2064 # the number is meant to be filled in now
    trap "heard=\"\$heard\${heard:+, }${pair#*:}\"$act" "${pair%:*}"
done
(
    umask 077
    : >>"$place/stdout$suffix" && : >>"$place/stderr$suffix"
)
# Who waits for the job in the foreground notes how it ended: bash 5.2 can lose the status of a wait that a signal interrupted.
# Perl does so better than a shell: it tells a signal from an exit code, and is told how much memory the largest process had,
# by getrusage(2), which Perl itself knows by its number only.
noted=$place/.status$suffix
# shellcheck disable=SC2016 # it is Perl's
waiter='
use POSIX ();
my ($noted, $stderr, @job) = @ARGV;
my @heard = grep { ($SIG{$_} || "") ne "IGNORE" } qw(HUP INT USR1 USR2 TERM);
$SIG{$_} = sub { } for @heard;
my $child = fork;
exit 125 unless defined $child;
unless ($child) {
    $SIG{$_} = "DEFAULT" for @heard;
    open STDERR, ">>", $stderr or exit 125;
    exec @job or exit 125;
}
1 until waitpid($child, 0) == $child;
my ($signal, $code, $usage, $kib) = ($? & 127, $? >> 8, "\0" x 144, "");
my %getrusage = (x86_64 => 98, aarch64 => 165, riscv64 => 165, ppc64 => 77, ppc64le => 77, s390x => 77);
my $number = $getrusage{(POSIX::uname())[4]};
$kib = unpack "x32 l!", $usage if $number && length(pack "l!", 0) == 8 && syscall($number, -1, $usage) == 0;
$code = 128 + $signal if $signal;
umask 077;
if (open my $file, ">", $noted) { print $file "$code $signal $kib\n"; close $file }
exit $code;
'
perl=''
perl -e 'use POSIX (); exit 0' 2>/dev/null && perl=yes
(
    trap : HUP INT USR1 USR2 TERM
    for name in $(echo "$warnings" | tr , ' '); do trap '' "$name"; done
    export HEADWAY_PLACE="$place"
    [ -z "$perl" ] || exec perl -e "$waiter" "$noted" "$place/stderr$suffix" /bin/sh "$home/job" 2>/dev/null
    /bin/sh "$home/job" 2>>"$place/stderr$suffix" # not what this shell says of it
    status=$?
    (umask 077 && echo $status >"$noted") 2>/dev/null
    exit $status
) </dev/null >>"$place/stdout$suffix" &
child=$!
[ -z "$warned" ] || kill -TERM "${group:-$child}"
status=''
while :; do # a signal ends a wait too; what has been told once is not told again, but 127
    before=$heard
    wait "$child"
    told=$?
    { [ $told -eq 127 ] || [ $told -lt 0 ]; } && [ -n "$status" ] && break
    status=$told
    [ "$heard" = "$before" ] && break
done
number='' kib=''
[ -r "$noted" ] && read -r status number kib <"$noted"
rm -f "$noted"
now=$(date +%s)
cpu=$(times | awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, "[ms]"); s += t[1] * 60 + t[2] } print s }')
code=$status signal=null memory=null
[ -n "$number" ] || { [ "$status" -gt 128 ] && [ "$status" -lt 193 ] && number=$((status - 128)); }
[ "${number:-0}" -eq 0 ] || code=null signal=$number
[ "${kib:-0}" -eq 0 ] || memory=$((kib * 1024))
why=''
case $status in
126 | 127) [ -r "$place/not_started" ] && why=$(tr -d '\\"\000-\037' <"$place/not_started" | cut -c1-1000) ;;
esac
text="{\"native_id\": \"$native\", \"host\": \"$host\", \"run\": $run, \"started\": $began, \"at\": $now, \"exit_code\": $code, \
\"signal\": $signal, \"signals\": [$heard], \"timed_out\": false, \"cpu_s\": ${cpu:-null}, \"max_memory_bytes\": $memory, \
\"wall_s\": $((now - began)), \"not_started\": \"$why\"}"
whole "ended$suffix" "$text"
wait "$teller" && tell "$text"
case $orders in *,$status,*) exit 1 ;; esac
exit "$status"
