#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job by the command line: sample, rehearse, plan, apply, again, verify, lists, logs, undo.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

run sample --count 40 --seed 3 --out users.json
run sample --count 40 --seed 3 --format csv --out users.csv
start_server --limits off
sides=(--from clerk -f users.json -f users.csv --to workos)
workspace=.rehome/clerk-workos-test-client_rehearsal

# ---- plan ----
exits 2 "plan: a file that is not there" plan --from clerk -f no.json --to workos
grep -q 'no.json' err
verdict "plan: names the file"
run plan "${sides[@]}"
[ "$code" -le 1 ] && grep -q '^ *40  accounts read' out
verdict "plan: counts first"
has "plan: nothing is written yet" "nothing is written yet"
has "plan: the next command" "next: rehome apply --plan 1 --workspace $workspace --yes"
grep -q '^target     WorkOS, environment test, tenant client_rehearsal' err &&
	grep -q 'key from WORKOS_API_KEY' err
verdict "plan: says to whom it speaks and whose key it is"
[ "$(counters .writes)" = 0 ]
verdict "plan: no writing request"
run plan "${sides[@]}" --json
holds "plan: as a document" \
	'.schema == 1 and .command == "plan" and .plan.revision == 1 and .plan.total == 40 and
	.plan.total == .plan.create + .plan.link + .plan.skip + .plan.refuse + .plan.leftOut + .plan.done and
	(.findings | length) > 0 and (.findings[0] | has("code") and has("examples")) and
	.sides.tenant == "client_rehearsal" and (.next | startswith("rehome apply --plan 1 "))'
holds "plan: how it asked, and when all will be done" \
	'.plan.presence == "empty" and .plan.reads > 0 and .plan.targetAccounts == 0 and .plan.sharedGroups == 0 and .shared == [] and
	(.plan.predictedMs == null or (.plan.predictedEnd | test("^20.*Z$")))'
total=$(jq .plan.create out)
run plan "${sides[@]}" --offline --workspace dark --rate 10
grep -q "^the target was not asked: nobody knows who stands there already\$" out
verdict "plan: offline says what it does not know"
grep -qE "^$total writes are needed, about [0-9]+ s at the target's pace\$" out &&
	grep -qE "^begun now, it is done by [A-Z][a-z]{2} [0-9]{2} [A-Z][a-z]{2} [0-9]{2}:[0-9]{2} " out
verdict "plan: what it will take, and until when"
jq '. + [.[0] | .id = "user_again"]' users.json >twins.json
run plan --from clerk -f twins.json --to workos --offline --workspace dark
grep -qx 'records that share an identifier: 1 group' out && grep -qE '^  e-mail address  user_[A-Za-z0-9]+ \((refused|planned)\), user_again \((refused|planned)\)$' out
verdict "plan: groups of duplicates are shown"
run plan --from clerk -f twins.json --to workos --offline --workspace dark --json
holds "plan: and listed in the document" '.plan.sharedGroups == 1 and (.shared | length) == 1 and
	.shared[0].identifier == "e-mail address" and .shared[0].isCarried and
	(.shared[0].members | length == 2 and all(.input == "twins.json" and .row > 0)) and .shared[0].members[1].userId == "user_again"'

run plan "${sides[@]}"
eval "$(sed -n 's/^whom a finding is about: rehome/run/p' out)"
[ "$code" -le 1 ] && grep -q '^user_' out
verdict "plan: the command that names whom a finding is about"

# ---- consent ----
exits 2 "apply: without --yes" apply "${sides[@]}"
has "apply: findings that were shown are pointed to" \
	"findings of plan 1: rehome report --workspace $workspace"
! grep -q '^  RH[0-9]' out
verdict "apply: and not shown again"
has "apply: the command that does it" "to do it: rehome apply --plan 1 --workspace $workspace --yes"
grep -q 'nothing is written without --yes' err
verdict "apply: why it did nothing"
run apply --plan 1 --json
holds "apply: without consent as a document" \
	'.exit == 2 and .error.code == "consent" and (.next | endswith("--yes"))'
run apply --plan 1 --workos-api-key sk_test_rehearsal --rate 300
has "apply: a secret becomes its variable, other options stay" \
	"--workos-api-key \"\$WORKOS_API_KEY\" --rate 300 --yes"
exits 3 "nothing is there yet" status
has "status: nobody was tried" "not tried yet"
run accounts --state planned
grep -q "^not tried yet, .*: $total\$" err && [ ! -s out ]
verdict "accounts: those who were not tried yet"
exits 1 "accounts: one who was not tried yet" accounts user_not_yet
grep -q "nothing happened to this source id yet: it is among the $total " err
verdict "accounts: does not say that there is nobody"

exits 3 "verify: nothing is there yet" verify
has "verify: going on is for apply" "to go on: rehome apply --plan 1 --workspace $workspace --yes"
run verify --json
holds "verify: in the document, too" '.exit == 3 and (.next | startswith("rehome apply --plan 1 "))'
WORKOS_API_KEY=sk_test_wrong run verify --json
holds "verify: and where the key is refused" '.exit == 4 and (.next | startswith("rehome apply --plan 1 "))'
run undo --yes
[ "$code" -eq 0 ] && ! grep -q 'in the plan\|created' out
verdict "undo: of nothing counts no plan"
run plan "${sides[@]}" --workspace=-dash
has "plan: a folder that looks like an option" "next: rehome apply --plan 1 --workspace=-dash --yes"

# ---- apply ----
eval "$(sed -n 's/^to do it: rehome/run/p' <<<"to do it: rehome apply --plan 1 --workspace $workspace --rate 400 --yes --json")"
[ "$code" -le 1 ]
verdict "apply: the printed command works"
holds "apply: everybody once" ".run.created == $total and .run.createdNow == $total and .run.writes == $total"
run apply "${sides[@]}" --yes --json
holds "apply again: no writing request" ".run.created == $total and .run.writes == 0"
run apply --plan 1 --yes --quiet
[ "$code" -le 1 ] && [ ! -s err ]
verdict "apply --quiet: nothing on standard error"
run apply --plan 1 --yes --progress json
grep '^{' err | jq -e -s 'length > 0 and all(.event == "progress")' >/dev/null
verdict "apply --progress json: lines of JSON on standard error"
exits 2 "apply: a revision that there is not" apply --plan 99 --yes
cp users.json kept.json
sed -i '0,/"first_name":"[A-Za-z]*"/s//"first_name":"Other"/' users.json
run apply --plan 1 --yes --json
holds "apply: a revision whose input changed" \
	'.exit != 0 and (.error.message | contains("input changed")) and (.error.hint | contains("Plan again"))'
mv kept.json users.json

# ---- verify, status, lists ----
run verify --json
holds "verify: all are as planned" ".run.verified == $total and .run.differs == 0 and .run.missing == 0"
run status
[ "$code" -le 1 ]
verdict "status: settled"
run ids
[ "$(head -n 1 out)" = $'source_id,target_id,state\r' ] && [ "$(grep -c ',verified' out)" -eq "$total" ] &&
	[ "$(wc -l <out)" -eq $((total + 1)) ]
verdict "ids: CSV"
run ids --format json
holds_of "[.[] | select(.state == \"verified\" and .target_id != null)] | length == $total" <out
verdict "ids: JSON"
refuses "no statement is for them" ids --all --format sql
run ids --json
holds "ids: as a document" "(.ids | length) == $total and all(.ids[]; .targetId)"
run ids --format sql --table app.users --match-column 'old "id"' --set-column new
[ "$(grep -c '^UPDATE "app"."users" SET "new" = CASE "old ""id"""$' out)" -eq 1 ] &&
	[ "$(grep -c "^WHEN 'user_.*' THEN 'user_.*'\$" out)" -eq "$total" ]
verdict "ids: SQL for a table of one's own"
run ids --format sql
if command -v sqlite3 >/dev/null; then
	[ "$(sqlite3 :memory: <<<"$(cat out; echo 'SELECT count(*) FROM rehome_ids;')")" = "$total" ]
	verdict "ids: SQL that a database takes"
else
	[ "$(grep -c "^('user_" out)" -eq "$total" ]
	verdict "ids: SQL with a row each"
fi
# Standard streams that are closed: what is printed goes into no other file.
"$REHOME" accounts >&- 2>err </dev/null
code=$?
[ "$code" -eq 3 ] && grep -q 'could not write standard output: Bad file descriptor' err
verdict "accounts: standard output is closed"
"$REHOME" verify >out 2>&- <&-
code=$?
[ "$code" -le 1 ] && "$REHOME" status --json 2>/dev/null | holds_of ".run.verified == $total"
verdict "verify: standard error and input are closed"
(
	ulimit -f 4
	"$REHOME" apply "${sides[@]}" --yes --workspace small
) >out 2>err </dev/null
code=$?
[ "$code" -eq 3 ] && grep -q '^rehome: ' err
verdict "apply: a file that may not grow is told"
run accounts --state verified
[ "$(wc -l <out)" -eq "$total" ]
verdict "accounts: by state"
id=$(awk 'NR == 1 { print $2 }' out)
[ "$(awk '{ print index($0, $3) }' out | sort -u | wc -l)" = 1 ]
verdict "accounts: in columns"
exits 0 "accounts: one" accounts "$id"
grep -q "^source id *$id" out && grep -q '^state *verified' out
verdict "accounts: what is known of one"
exits 1 "accounts: nobody" accounts user_nobody
run accounts --json
holds "accounts: as a document" '.accounts | length > 0 and all(has("sourceId") and has("state"))'
run report --json
holds "report: as a document" \
	".plan.total == 40 and .run.verified == $total and (.accounts | all(.state != \"verified\" or has(\"code\")))"
run report --format json
holds "report: --format json is the same" '.command == "report" and .run.total == 40'
exits 0 "report: for people" report
has "report: where it stands" "as it stands"
grep -q '^  RH[0-9]' out
verdict "report: shows them"

# ---- logs ----
run logs --json
holds "logs: listed with their outcomes" "[.logs[].success] | add >= $total"
exits 0 "logs: convert" logs convert
converted=$(ls "$workspace"/events/*.json)
# shellcheck disable=SC2086 # names without blanks
jq -s -e "[.[][] | select(.status == \"success\" and .targetId)] | length >= $total" $converted >/dev/null
verdict "logs: arrays of outcomes"
# shellcheck disable=SC2086 # names without blanks
[ "$(cat "$workspace"/events/*.ndjson | grep -c '"status":"success"')" = \
	"$(jq -s '[.[][] | select(.status == "success")] | length' $converted)" ]
verdict "logs: grep counts what jq counts"
exits 2 "logs: clean asks for consent" logs clean
has "logs: and prints the command" "to do it: rehome logs clean --workspace $workspace --yes"
exits 0 "logs: clean with it" logs clean --yes
! ls "$workspace"/events/*.ndjson >/dev/null 2>&1 && ! ls "$workspace"/events/*.json >/dev/null 2>&1
verdict "logs: they are gone"

# ---- undo ----
exits 2 "undo: without --yes" undo
has "undo: the command that does it" "to do it: rehome undo --workspace $workspace --yes"
run undo --yes --rate 400 --json
holds "undo: all that was created" ".run.undone == $total"
run undo --yes --json
holds "undo again: nothing left to do" '.run.writes == 0'
run ids --format sql
! grep -q '^INSERT' out
verdict "ids: nobody who is gone"
run ids
[ "$(wc -l <out)" -eq 1 ]
verdict "ids: nor in a list"
run ids --json
holds "ids: nor in the document" '.ids == []'
run ids --all
[ "$(grep -c ',undone' out)" -eq "$total" ]
verdict "ids --all: everybody with a state"
run ids --all --format json
holds_of "length == $total and all(.state == \"undone\")" <out
verdict "ids --all: in JSON, too"
run undo --yes
! grep -q 'in the plan\|created' out && grep -q "^ *$total  removed again" out
verdict "undo: counts what was removed, and no plan"

# ---- interrupt ----
run plan "${sides[@]}" --json
revision=$(jq .plan.revision out)
"$REHOME" apply --plan "$revision" --yes --rate 10 >out 2>err </dev/null &
applying=$!
tries=0
until grep -q 'applying' err || [ "$tries" -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
kill -INT "$applying"
wait "$applying"
code=$?
[ "$code" -eq 130 ]
verdict "apply: interrupted"
has "apply: says what was removed before" "an undo removed $total of this migration"
has "apply: tells how to go on" \
	"to go on: rehome apply --plan $revision --workspace $workspace --rate 10 --yes"
grep -q 'stopping: nothing new is written' err
verdict "apply: says that it stops"
exits 3 "status: not at the end" status
has "status: tells how to go on" "to go on: rehome apply --plan $revision"
run apply --plan "$revision" --yes --rate 400 --json
holds "apply: goes on to the end" ".run.created == $total and .run.createdNow < $total"

# ---- an interrupted undo ----
"$REHOME" undo --yes --rate 10 >out 2>err </dev/null &
undoing=$!
tries=0
until grep -q 'undoing' err || [ "$tries" -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
kill -INT "$undoing"
wait "$undoing"
code=$?
[ "$code" -eq 130 ] && grep -q 'removed again' out && ! grep -q 'in the plan' out
verdict "undo: interrupted, counts what it removed"
has "undo: tells how to go on" "to go on: rehome undo --workspace $workspace --rate 10 --yes"
exits 3 "status: an undo is not at its end" status
has "status: the undo goes on" "to go on: rehome undo --workspace $workspace --yes"
has "status: who is not certain" "being removed, not certain yet"
run verify
has "verify: the undo goes on" "to go on: rehome undo --workspace $workspace --yes"
run undo --yes --rate 400 --json
holds "undo: goes on to the end" ".run.undone == $total and .run.undoOpen == 0"

# ---- keys that are wrong ----
WORKOS_API_KEY=sk_test_wrong exits 4 "a key that is refused" plan "${sides[@]}"
! grep -q sk_test_wrong out err
verdict "it is not shown"

# ---- a target that goes away, last of all ----
run plan "${sides[@]}" --workspace away
"$REHOME" apply --plan 1 --workspace away --yes --rate 10 --max-wait 3 >out 2>err </dev/null &
applying=$!
tries=0
until grep -q 'applying' err || [ "$tries" -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
stop_server
wait "$applying"
code=$?
[ "$code" -eq 3 ] && [ "$(grep -c '^the target is not reachable$' err)" = 1 ] &&
	grep -q 'away for longer than --max-wait' err
verdict "apply: says once that it waits for the target"
run status --workspace away
has "status: it goes on from there" "to go on: rehome apply --plan 1 --workspace away --yes"

# ---- a plan in the form of an older version ----
sed -i 's/"rehome_plan":2,/"rehome_plan":1,/' away/plans/1.json
run status --workspace away
has "status: a plan of an older version is made again" "to go on: rehome plan --from clerk --to workos --workspace away"
grep -q '^the plan was made by an older version of rehome' err && grep -q '^to go on: rehome plan .* -f ' out
verdict "status: says why, and names the inputs"
exits 5 "apply: not with such a plan" apply --plan 1 --workspace away --yes
grep -q 'Plan again' err
verdict "apply: says what to do"

finish
