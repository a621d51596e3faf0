#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# rehome logs: our own and those that another tool left (C-29, C-32 of the acceptance list for Clerk), the list to choose from, and
# the recipes of docs/logs.md.  Rules are those of src/cli/log_files.h.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

mkdir bin logs
ln -s "$REHOME" bin/rehome
PATH=$PWD/bin:$PATH

# ---- logs that were there before us, without a workspace ----
peer=logs/migration-2026-01-31T09-15-00.log
cat >$peer <<'LOG'
{"userId":"u1","status":"success","clerkUserId":"user_1"}
{"userId":"u2","status":"error","error":"That email address is taken. Please try another.","code":"422"}
{"userId":"u3","status":"fail","error":"Invalid email","path":["email"],"row":5}
{"type":"User Creation Error","userId":"u4","status":"429_retry","error":"Rate limit hit (429), retrying in 10s (attempt 1/5)"}
{"userId":"u5","status":"succ

[1, 2]
{"userId":"u6","note":"no status"}
LOG
printf '{"userId":"u7","status":"success","clerkUserId":"user_7"}' >>$peer
echo '{"userId":"u1","status":"success"}' >logs/user-deletion-2026-02-01T10:00:00.log
echo 'mine' >logs/notes.log
echo 'mine' >logs/migration-notes.txt
echo '{"status":"success"}' >elsewhere.log

exits 0 "logs of another tool are listed without a workspace" logs --json
holds "both by their names, and nothing else; their outcomes counted" \
	'[.logs[].name] == ["logs/migration-2026-01-31T09-15-00.log", "logs/user-deletion-2026-02-01T10:00:00.log"] and
	.logs[0].success == 2 and .logs[0].error == 1 and .logs[0].fail == 1'
exits 0 "convert" logs convert
jq -e 'map(.userId) == ["u1","u2","u3","u4","u7"] and .[0].clerkUserId == "user_1"' logs/migration-2026-01-31T09-15-00.json >/dev/null
verdict "C-32: whole lines are converted, the last without a line end among them"
[ "$(grep -c 'line [0-9]* is broken' err)" -eq 2 ] && grep -q "$peer: line 5 is broken" err && grep -q "$peer: line 7 is broken" err
verdict "C-32: broken ones are told by their numbers"
run logs convert $peer --json
holds "again: it is replaced; numbers in the document" '.converted == [{"broken":[5,7],"path":"logs/migration-2026-01-31T09-15-00.json","lines":5}]'
run logs convert elsewhere.log --all --json
holds "any file, by its path" '.converted[0] | .path == "elsewhere.json" and .lines == 1'
echo precious >elsewhere.json
refuses "is there already" logs convert elsewhere.log
exits 0 "rule 2: what may be anybody's is replaced with consent" logs convert elsewhere.log --yes
refuses 'there is no log "nowhere.log"' logs convert nowhere.log
refuses 'does not have the name of a log; nothing is removed' logs clean $peer logs/notes.log --yes
[ -s $peer ] && [ -s logs/notes.log ]
verdict "C-32: clean removes none when one is no log"
refuses 'does not have the name of a log' logs clean ./logs/migration-notes.txt --yes
run logs clean --yes --json
holds "rule 3: without names nothing of another tool is removed" '.removed == 0'
exits 2 "clean asks for consent" logs clean $peer
has "and has the command" "to do it: rehome logs clean $peer --yes"
run logs clean ./$peer $peer --yes
[ "$code" -eq 0 ] && [ ! -e $peer ] && [ ! -e logs/migration-2026-01-31T09-15-00.json ] && [ -e logs/user-deletion-2026-02-01T10:00:00.log ] &&
	[ -e logs/notes.log ] && [ -e logs/migration-notes.txt ]
verdict "with it that log is gone, with its array, once, and nothing else"

# ---- our own, and the recipes ----
run sample --count 30 --seed 4 --trouble all --out users.json
start_server --limits off
run apply --from clerk -f users.json --to workos --yes --quiet
run apply --from clerk -f users.json --to workos --yes --quiet --on-duplicate first
stop_server
workspace=$(ls -d .rehome/*)
run logs --json
holds "our own are listed before those of others" '.logs | length == 3 and (.[0].name | endswith(".ndjson")) and .[2].name[:5] == "logs/"'
printf 'Logs to convert\t9\nLogs to convert\t1, 3\n' >script
"$TERMINAL" script "$REHOME" logs convert >out 2>err
code=$?
[ "$code" -eq 0 ] && [ "$(ls "$workspace"/events/*.json | wc -l)" -eq 1 ] && [ -e logs/user-deletion-2026-02-01T10:00:00.json ] &&
	grep -q 'numbers from 1 to 3' out
verdict "on a terminal one chooses by numbers; what is none is asked for again"
rm logs/*.json
printf 'Logs to remove\t2\n' >script
"$TERMINAL" script "$REHOME" logs clean >out 2>err
code=$?
[ "$code" -eq 2 ] && grep -q 'to do it: rehome logs clean 20[0-9T.Z-]*ndjson --workspace .* --yes' out
verdict "what was chosen stands in the command to remove it"
printf 'Logs to remove\t^C\n' >script
"$TERMINAL" script "$REHOME" logs clean >out 2>err
code=$?
[ "$code" -eq 130 ] && [ "$(ls "$workspace"/events/20*.ndjson | wc -l)" -eq 2 ]
verdict "an interrupt leaves all"

for program in grep jq node python3; do
	if ! command -v "$program" >/dev/null; then
		count=$((count + 1))
		echo "ok $count - the recipes # SKIP $program is not installed"
		finish
		exit 0
	fi
done
rm -f "$workspace"/events/*.json logs/*.json
awk '/^```sh$/ { inside = 1; print "# " ++n; next } /^```$/ { inside = 0 } inside' "$REHOME_SOURCE/docs/logs.md" >recipes
bash -e -o pipefail recipes >out 2>err
code=$?
[ "$code" -eq 0 ]
verdict "the recipes of docs/logs.md run"
whole=$(cat "$workspace"/events/20*.ndjson | jq -s 'map(select(.status == "success")) | length')
[ "$whole" -gt 20 ] && [ "$(grep -c "^$whole\$" out)" -eq 1 ] && [ "$(grep -c "^successful: $whole\$" out)" -eq 2 ]
verdict "grep, Node and Python count the same"
[ "$(wc -l <outcomes.csv)" -eq "$(cat "$workspace"/events/20*.ndjson | jq -s 'map(select(.status)) | length')" ]
verdict "and jq has a line for each outcome"
grep -q '"error":"several records share an identifier that is unique at the target"' out
verdict "causes are counted"
echo mine >"$workspace/events/mine.ndjson"
run logs clean --yes
[ "$code" -eq 0 ] && ! ls "$workspace"/events/20* >/dev/null 2>&1 && [ -s "$workspace/events/mine.ndjson" ]
verdict "clean --yes: all of the workspace, but not what is no log of ours (rule 1)"

finish
