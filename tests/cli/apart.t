#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Plans that several processes read for: the same as those of one, and nobody is left behind (src/plan/apart.h).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

# plan_of WORKERS FILE [OPTION...]: leaves all that it made in the folder made.WORKERS.
plan_of() {
	local workers=$1 file=$2 made=made.$1
	shift 2
	rm -rf ws "$made"
	mkdir "$made"
	REHOME_TEST_WORKERS=$workers REHOME_TEST_STRETCH_BYTES=60000 run plan --offline --from clerk -f "$file" --to workos -w ws "$@"
	echo "$code" >"$made/exit"
	sed -E 's/, about .*//; s/^begun now.*//' out >"$made/out"
	grep -v '^reading: ' err >"$made/err"
	"$REHOME" accounts -w ws --json 2>/dev/null | jq -S 'del(.at, .created_at)' >"$made/accounts"
	"$REHOME" rejects -w ws --out "$made/rejects" >/dev/null 2>&1
}

# same NAME FILE [OPTION...]
same() {
	local name=$1
	shift
	plan_of 1 "$@"
	plan_of 3 "$@"
	diff -r made.1 made.3 >differences && [ "$(cat made.1/exit)" -le 2 ] && [ -s made.1/err ]
	verdict "$name: the same page, exit code, accounts and rejects"
	[ ! -s differences ] || sed 's/^/# /' differences | head -n 20
}

for format in json ndjson csv; do
	"$REHOME" sample --provider clerk --format $format --count 1200 --trouble all --out "all.$format" --quiet
	same "every trouble as $format" "all.$format"
	[ $format != csv ] || continue
	"$REHOME" sample --provider clerk --format $format --count 500 --out "good.$format" --quiet
	same "good records as $format" "good.$format"
done
same "named ids and a limit" good.json --limit 200 --resume-after "$(jq -r '.[20].id' good.json)" --except "$(jq -r '.[60].id' good.json)"

head -c 700000 good.json >cut.json
same "a text that is cut" cut.json
gzip -k good.json
same "packed" good.json.gz

# ---- processes that end ----

# begin FILE: a plan in the background, whose stretches wait for us long enough; sets $plan and $children.
begin() {
	rm -rf ws
	REHOME_TEST_WORKERS=3 REHOME_TEST_STRETCH_BYTES=20000 "$REHOME" plan --offline --from clerk -f "$1" --to workos -w ws >out 2>err </dev/null &
	plan=$!
	children=
	for _ in $(seq 500); do
		children=$(cat "/proc/$plan/task/$plan/children" 2>/dev/null)
		[ -z "$children" ] || break
		sleep 0.01
	done
}

# gone PID...: none of them is alive after a while.
gone() {
	local pid
	for pid in "$@"; do
		for _ in $(seq 300); do
			[ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null || continue 2
			sleep 0.01
		done
		return 1
	done
}

"$REHOME" sample --provider clerk --format json --count 12000 --out long.json --quiet
begin long.json
kill -KILL "${children%% *}"
wait "$plan"
code=$?
# shellcheck disable=SC2086 # they are several
[ $code -eq 3 ] && grep -q 'a process that reads records for the plan was ended by signal 9' err && [ ! -e ws/plans/1.json ] &&
	gone $children
verdict "a worker that is killed ends the plan with 3"

begin long.json
kill -KILL "$plan"
wait "$plan" 2>/dev/null
# shellcheck disable=SC2086
[ -n "$children" ] && gone $children
verdict "when the plan is killed its workers end"

begin long.json
kill -INT "$plan"
wait "$plan"
code=$?
# shellcheck disable=SC2086
[ $code -eq 130 ] && [ -n "$children" ] && gone $children
verdict "an interrupt ends all of them"

plan_of 3 long.json
[ "$(cat made.3/exit)" -le 1 ] && [ -e ws/plans/1.json ] && [ "$(find ws -name '*.tmp' | wc -l)" -eq 0 ]
verdict "the next plan is made"

finish
