# SPDX-License-Identifier: Apache-2.0
# What the scripts that run the tool share: a folder of their own, and cases in TAP.  Sourced, not run.
set -u

unset "${!WORKOS_@}" "${!CLERK_@}" "${!FROM_@}" "${!TO_@}" NO_COLOR COLUMNS
work=$(mktemp -d) || exit 1
: >"$work/out" && : >"$work/err" || exit 1
count=0
code=0
server=
stop_server() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
		server=
	fi
}
trap 'stop_server; rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work
cd "$work" || exit 1

# run [ARGUMENT...]: the tool; leaves $code, $work/out and $work/err.
run() {
	"$REHOME" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
}

# verdict NAME, with the status of the command before it.
verdict() {
	local status=$?
	count=$((count + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# out: /' "$work/out" | head -n 40
		sed 's/^/# err: /' "$work/err" | head -n 40
		echo "# exit: $code"
	fi
}

# exits CODE NAME [ARGUMENT...]
exits() {
	local wanted=$1 name=$2
	shift 2
	run "$@"
	[ "$code" -eq "$wanted" ]
	verdict "$name"
}

# refuses MESSAGE [ARGUMENT...]: exit 2, nothing on standard output, and MESSAGE (a part) on standard error.
refuses() {
	local message=$1
	shift
	run "$@"
	[ "$code" -eq 2 ] && [ ! -s "$work/out" ] && grep -qF -- "$message" "$work/err"
	verdict "rehome $*: $message"
}

# has NAME TEXT: the text stands in what the last run printed.
has() {
	grep -qF -- "$2" "$work/out"
	verdict "$1"
}

# holds NAME FILTER: jq's filter is true of the last run's document, and there is one document only.
holds() {
	holds_of "$2" <"$work/out"
	verdict "$1"
}

# holds_of FILTER: the same of standard input.  jq 1.6 calls every filter true of nothing, so nothing is counted.
holds_of() {
	jq -s -e "length == 1 and (.[0] | $1)" >/dev/null 2>&1
}

# start_server [ARGUMENT...]: a rehearsal on a free port; sets $token and the environment that it asks for.
start_server() {
	: >"$work/server"
	"$REHOME" rehearse --port 0 --json "$@" >"$work/server" 2>"$work/server.err" &
	server=$!
	local tries=0
	until holds_of 'has("exit")' <"$work/server"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 200 ] || ! kill -0 "$server" 2>/dev/null; then
			echo "Bail out! the rehearsal did not start"
			cat "$work/server.err" >&2
			exit 1
		fi
		sleep 0.05
	done
	token=$(jq -r .token "$work/server")
	local line
	while read -r line; do
		export "${line?}"
	done < <(jq -r '.tenants[].environment[]' "$work/server")
}

# counters FILTER: jq's filter over the server's counters.
counters() {
	curl -sS -H "X-Rehearsal-Token: $token" "$WORKOS_API_URL/_rehearsal/counters" | jq "$1"
}

finish() {
	echo "1..$count"
}
