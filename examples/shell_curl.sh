#!/bin/sh
# A shell script with a bar: three requests of the progress protocol, nothing to install.
# No report may hold the work up or end it: hence --max-time, and `|| true`.
HEADWAY_URL=${HEADWAY_URL:-http://127.0.0.1:9998}
JOBID=${1:-"${LOGNAME:-me}:$(date -Is)"}

tell() {
    curl --silent --max-time 2 --output /dev/null --get "$@" || true
}

tell --data-urlencode "jobid=$JOBID" --data-urlencode "desc=My job" "$HEADWAY_URL/progress/create"
echo "watch it at $HEADWAY_URL/progress/show?jobid=$JOBID" >&2

total=5
for step in $(seq "$total"); do
    sleep 0.1 # the work
    tell --data-urlencode "jobid=$JOBID" --data-urlencode "workid=main" --data-urlencode "desc=step $step" \
        --data "current=$step" --data "total=$total" "$HEADWAY_URL/progress/update"
done
echo done
