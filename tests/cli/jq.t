#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Mapping documents with a jq program: what it makes of records, what it cannot do, and what becomes of it when it is ended.
# shellcheck disable=SC2154,SC2016 # some variables are set by what is sourced; programs have variables of their own
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

to=(--to workos --offline --workos-client-id client_x)
document() { # document PROGRAM: on standard output
	jq -n --arg jq "$1" '{mapping: 1, name: "acme", jq: $jq, fields: {source_id: "id", emails: {from: "mail", verified: true}}}'
}

# ---- what a table cannot say ----
document '. as $all | if .kind == "robot" then empty else {id: .nr, mail: ([.mails[] | select(.main)][0].at), two: 1}
	+ (if .twice then {id: ($all.nr, "other")} else {} end) end' >mapping.json
jq -nc 'range(1; 41) | {nr: "u\(.)", mails: [{at: "x\(.)@old.example"}, {at: "x\(.)@acme.example", main: true}]}
	+ (if . == 7 then {kind: "robot"} elif . == 9 then {twice: true} elif . == 11 then {mails: "none"} else {} end)' >users.ndjson
run mapping test mapping.json -f users.ndjson --record 3 --show-values
[ "$code" -eq 0 ] && grep -q '"before\|x3@old.example' out && sed -n '/^after/,$p' out | grep -q '"source_id":"u3".*x3@acme.example'
verdict "mapping test shows a record before the program and behind the table"
run mapping test mapping.json -f users.ndjson --record 11
[ "$code" -eq 1 ] && grep -q 'RH0112.*an error: Cannot iterate over string; it is left out' out && ! grep -q none out
verdict "what the program fails on is told without what the record holds"
jq -nc 'range(5) | {id: ., email: "x\(.)@acme.example"}' >plain.ndjson
run mapping draft plain.ndjson
[ "$code" -eq 0 ] && ! grep -q '"jq"' out
verdict "a draft has no program"
run plan --from ./mapping.json -f users.ndjson "${to[@]}" -w w1
[ "$code" -eq 1 ] && grep -q '37  to be created' out && grep -q 'RH0705 *1 .*(jq-empty)' out && grep -q 'RH0112 *2 ' out
verdict "a plan counts who is left out by the program, and who is refused"
run accounts -w w1 --finding RH0112
grep -q 'row 9 of users.ndjson .*several values' out && grep -q 'row 11 of users.ndjson .*Cannot iterate' out
verdict "they are named by their rows"

# ---- worker processes: the same plan ----
for workers in 1 3; do
	REHOME_TEST_WORKERS=$workers REHOME_TEST_STRETCH_BYTES=1000 run plan --from ./mapping.json -f users.ndjson "${to[@]}" -w "ww$workers"
	sed -E 's/ww[13]/ws/; s/, about .*//; s/^begun now.*//' out >"page.$workers"
	"$REHOME" accounts -w "ww$workers" --json 2>/dev/null | jq -S 'del(.at, .created_at)' >>"page.$workers"
done
cmp -s page.1 page.3 && grep -q '37  to be created' page.1
verdict "with worker processes the plan is the same"

# ---- all the way ----
start_server --limits off
run apply --from ./mapping.json -f users.ndjson --to workos -w w2 --yes --json
holds "apply moves whom the program made a record of" '.run.created == 37'
run verify -w w2
[ "$code" -eq 1 ] && grep -q '37  verified' out
verdict "verify finds them as they were sent"
run rejects -w w2 --out rejects.ndjson
[ "$code" -eq 0 ] && [ "$(wc -l <rejects.ndjson)" -eq 3 ] && grep -q '"twice":true' rejects.ndjson
verdict "rejects writes the records as they were before the program"
stop_server

# ---- a program that is ended ----
document 'if .loop then (def f: f; f) elif .eat then reduce range(1e9) as $i ("x"; . + .) else . end' >bad.json
printf '{"id":"u%s","mail":"u%s@acme.example"%s}\n' 1 1 '' 2 2 ',"loop":true' 3 3 ',"eat":true' 4 4 '' >bad.ndjson
run plan --from ./bad.json -f bad.ndjson "${to[@]}" -w w3
[ "$code" -eq 1 ] && grep -q '2  to be created' out && grep -q 'RH0112 *2 ' out
verdict "a record that takes too long or too much memory is refused, the rest goes on"
run accounts -w w3 --finding RH0112
grep -q 'row 2 of bad.ndjson .*ended: too long' out && grep -q 'row 3 of bad.ndjson .*memory' out
verdict "which one it was is told"
document 'def f: f; f' >loop.json
run plan --from ./loop.json -f users.ndjson "${to[@]}" -w w4
[ "$code" -gt 1 ] && grep -q 'took too long at 5 records in a row' err && grep -q 'rehome mapping test' err
verdict "a program that is ended each time ends the plan"

# ---- what it cannot do ----
export WORKOS_API_KEY=sk_test_sesame
document '{id: "u1", mail: "a@acme.example", a: ([env, $ENV, input_filename] | tostring)}' >look.json
echo '{}' >one.ndjson
run mapping test look.json -f one.ndjson --show-values --json
[ "$code" -eq 0 ] && ! grep -q sesame out err
verdict "a program sees no environment"
unset WORKOS_API_KEY
for program in 'import "/etc/passwd" as $x; .' 'include "a"; .' '.a |'; do
	document "$program" >wrong.json
	echo '{"x":1}' >a.json && echo 'def x: 1;' >a.jq
	refuses 'jq does not take the program' plan --from ./wrong.json -f one.ndjson "${to[@]}" -w w5
done
# The child is there as long as the plan reads what comes slowly.
mkfifo slow
document . >same.json
"$REHOME" plan --from ./same.json -f slow "${to[@]}" -w w6 >slow.out 2>slow.err &
plan=$!
exec 7>slow
printf '{"id":"u1","mail":"a@acme.example"}\n' >&7
child=
for _ in $(seq 200); do
	child=$(cat "/proc/$plan/task/$plan/children" 2>/dev/null)
	[ -z "$child" ] || break
	sleep 0.02
done
child=${child%% *}
grep -q '^Seccomp:.*2' "/proc/$child/status" && grep -q '^NoNewPrivs:.*1' "/proc/$child/status" &&
	grep -Eq '^Max open files +0 ' "/proc/$child/limits" && grep -Eq '^Max processes +0 ' "/proc/$child/limits" &&
	grep -Eq '^Max core file size +0 ' "/proc/$child/limits"
verdict "the child has a filter of calls (its unit test tries each), and limits"
kill -9 "$child"
printf '{"id":"u2","mail":"b@acme.example"}\n' >&7
exec 7>&-
wait "$plan"
code=$?
[ "$code" -eq 0 ] && grep -q '2  to be created' slow.out
verdict "a child that is killed is started again, and nobody is lost"

# ---- whoever stops the tool does not wait for all records ----
# A tenth of a second each by the clock: 40 are 4 s, 300 half a minute.
document 'now as $began | def wait: if now - $began < 0.1 then wait else . end; wait' >late.json
jq -nc 'range(300) | {id: "u\(.)", mail: "x\(.)@acme.example"}' >many.ndjson
head -n 40 many.ndjson >some.ndjson
started=$SECONDS
REHOME_TEST_WORKERS=1 "$REHOME" plan --from ./late.json -f many.ndjson "${to[@]}" -w w7 >out 2>err </dev/null &
plan=$!
sleep 1
kill -TERM "$plan"
wait "$plan"
code=$?
[ "$code" -eq 130 ] && [ $((SECONDS - started)) -lt 15 ] && grep -q 'interrupted while reading' err
verdict "a plan with slow records stops when it is asked to"

start_server workos --limits off
run plan --from ./late.json -f some.ndjson --to workos -w w8
"$REHOME" apply --plan 1 -w w8 --yes >out 2>err </dev/null &
apply=$!
sleep 1.5
kill -TERM "$apply"
wait "$apply"
code=$?
rows=$(sqlite3 w8/ledger.db 'SELECT count(*) FROM ledger_rows')
[ "$code" -eq 130 ] && [ "$rows" -ge 1 ] && [ "$rows" -lt 40 ]
verdict "an apply with slow records writes those it has read, and stops before it has read all ($rows of 40)"
run apply --plan 1 -w w8 --yes
[ "$code" -eq 0 ] && [ "$(sqlite3 w8/ledger.db 'SELECT count(*) FROM ledger_rows WHERE state = 4')" -eq 40 ]
verdict "and the next one brings the rest"

finish
