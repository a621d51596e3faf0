#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An apply whose accounts a process beside it reads ahead writes the same as one that reads them itself, and neither the
# end of that process nor its own loses or doubles anybody (src/engine/ahead.h).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/target.bash"
settle 160
export REHOME_TEST_STRETCH_BYTES=9000

# ledger FOLDER: its rows without moments and without what the target names anew each time.
ledger() {
	sqlite3 "$1/ledger.db" "SELECT id, kind, verb, state, origin, source_id, parent, external_id, target_id IS NOT NULL,
		parts_planned, parts_sent, parts_dropped, wire_present, hex(wire), file, record, revision, attempts, code,
		hex(credential) FROM ledger_rows ORDER BY id"
}

# events FOLDER: without moments and what stands on them.
events() {
	cat "$1"/events/* | jq -S -c 'del(.at, .elapsed_us, .run, .seq, .targetId)' | sort
}

# applied WORKERS [OPTION...]: applies a copy of planned.ws, keys and all; leaves what came of it in made.WORKERS.
applied() {
	local workers=$1 made=made.$1
	shift
	rm -rf ws "$made"
	mkdir "$made"
	cp -r planned.ws ws
	reset_target
	REHOME_TEST_WORKERS=$workers run apply --plan 1 "${sides[@]}" -w ws --yes --quiet "$@"
	echo "$code" >"$made/exit"
	users >"$made/users"
	control counters | jq '{writes}' >"$made/writes"
	ledger ws >"$made/ledger"
	events ws >"$made/events"
	"$REHOME" accounts -w ws --json 2>/dev/null | jq -S 'del(.. | .targetId?)' >"$made/accounts"
	sed -E 's/[0-9]+ (ms|s)//g; s/at [0-9:-]+//g' err >"$made/err"
}

# same NAME FILE [OPTION...]: with and without the process beside.
same() {
	local name=$1 file=$2
	shift 2
	rm -rf planned.ws
	sides=(--from clerk -f "$file" --to workos --rate 100000 "$@")
	reset_target
	run plan "${sides[@]}" -w planned.ws
	applied 1
	applied 2
	diff -r made.1 made.2 >differences && [ "$(cat made.1/exit)" -le 1 ] && [ "$(wc -l <made.1/ledger)" -gt 50 ]
	verdict "$name: the same accounts at the target, ledger, events and exit code"
	[ ! -s differences ] || sed 's/^/# /' differences | head -n 20
}

for format in json ndjson; do
	"$REHOME" sample --provider clerk --format $format --count 200 --seed 5 --trouble all --out "all.$format" --quiet
	same "every trouble as $format" "all.$format"
done
"$REHOME" sample --provider clerk --format csv --count 300 --seed 5 --out rows.csv --quiet
same "rows" rows.csv
jq '.[:60] + [.[60] | .unsafe_metadata = {"long": ("x" * 6000000)}] + .[61:]' people.json >long.json
same "a record that has no room" long.json
gzip -k people.json
same "packed" people.json.gz

# ---- processes that end ----

sides=(--from clerk -f people.json --to workos)

# begin [WORKERS]: a slow apply in the background, in a new workspace; sets $apply, and $beside: the process that reads.
begin() {
	rm -rf ws
	reset_target
	REHOME_TEST_WORKERS=${1:-2} "$REHOME" apply "${sides[@]}" -w ws --yes --quiet --rate 100 >out 2>err </dev/null &
	apply=$!
	beside=
	for _ in $(seq 500); do
		if [ "$(control state | jq '.environments.test.users | length')" -gt 5 ]; then
			beside=$(cat "/proc/$apply/task/$apply/children" 2>/dev/null)
			beside=${beside%% *}
			break
		fi
		sleep 0.02
	done
}

# gone PID: it is not alive after a while.
gone() {
	for _ in $(seq 300); do
		[ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null || return 0
		sleep 0.01
	done
	return 1
}

begin
[ -n "$beside" ] && ! find "/proc/$beside/fd" -lname '*ledger*' -o -lname '*.lock' | grep -q .
verdict "there is one, and it holds neither ledger nor lock"
kill -KILL "$beside"
wait "$apply"
code=$?
[ -n "$beside" ] && [ $code -le 1 ] && [ ! -s err ] && everybody
verdict "when it is killed the apply goes on by itself, and nobody is lost or doubled"

begin
kill -KILL "$apply"
wait "$apply" 2>/dev/null
[ -n "$beside" ] && gone "$beside"
verdict "when the apply is killed it ends, too"
REHOME_TEST_WORKERS=2 run apply "${sides[@]}" -w ws --yes --quiet --rate 100000
[ "$code" -le 1 ] && everybody
verdict "and the next apply brings everybody"

begin
kill -TERM "$apply"
wait "$apply"
code=$?
[ $code -eq 130 ] && [ -n "$beside" ] && gone "$beside"
verdict "a signal drains the apply and ends it"
REHOME_TEST_WORKERS=2 run apply "${sides[@]}" -w ws --yes --quiet --rate 100000
[ "$code" -le 1 ] && everybody
verdict "the next apply brings the rest"

"$REHOME" sample --provider clerk --format json --count 900 --seed 6 --out much.json --quiet
cp much.json kept.json
sides=(--from clerk -f much.json --to workos)
# changed WORKERS: the last bytes change while it is applied, before anybody has read them.
changed() {
	begin "$1"
	printf ' ' | dd of=much.json bs=1 seek=$(($(stat -c %s much.json) - 2)) conv=notrunc status=none
	wait "$apply"
	code=$?
	cp kept.json much.json
	grep -v '^stopp' err >"changed.$1"
}
changed 1
[ -z "$beside" ] && [ $code -eq 5 ] && grep -q 'much.json.*changed' err
verdict "an input that changes meanwhile ends the apply with 5"
changed 2
[ -n "$beside" ] && [ $code -eq 5 ] && sed 's/user_[A-Za-z0-9]*/ID/' changed.1 >one && sed 's/user_[A-Za-z0-9]*/ID/' changed.2 >two && cmp -s one two
verdict "and in the same words when it is read ahead"

finish
