#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Apply under a bad sky by the command line: the fuse, signals, who is partial, where a stop stands.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

run sample --count 200 --seed 5 --out users.json
start_server --limits off
sides=(--from clerk -f users.json --to workos)

# fault JSON: one fault, or a list of them, on the server.
fault() {
	curl -sS -f -o /dev/null -H "X-Rehearsal-Token: $token" -d "$1" "$WORKOS_API_URL/_rehearsal/faults"
}
# reset ONLY: faults, objects …
reset() {
	curl -sS -f -o /dev/null -H "X-Rehearsal-Token: $token" -d "{\"only\":\"$1\"}" "$WORKOS_API_URL/_rehearsal/reset"
}
# until_seen TEXT FILE: waits until it stands there.
until_seen() {
	local tries=0
	until [ -e "$2" ] && grep -q -- "$1" "$2"; do
		tries=$((tries + 1))
		[ "$tries" -gt 400 ] && return 1
		sleep 0.05
	done
}
posts='"method":"POST","path":"/user_management/users"'

# ---- the fuse ----
for wrong in 101% -1 many 5.5% ''; do
	refuses 'option "--max-failures" takes a number' plan "${sides[@]}" "--max-failures=$wrong"
done
fault "{\"kind\":\"status\",\"status\":422,$posts,\"count\":0}"
exits 3 "fuse: a run that everybody fails in stops" apply "${sides[@]}" --yes --max-failures 20%
grep -q 'too many failures: of [0-9]* accounts tried the target refused [0-9]* .* --max-failures 20% allows ([0-9]* ' err &&
	grep -q '^hint: .*--max-failures 100%' err
verdict "fuse: says how many failed of what, and what to do"
has "fuse: and the exact command to go on" \
	"to go on: rehome apply --plan 1 --workspace .rehome/clerk-workos-test-client_rehearsal --max-failures 20% --yes"
[ "$(grep -c '^nothing is open up to and with user_' out)" = 1 ]
verdict "fuse: and up to whom nothing is open"
settled=$(sed -n 's/^nothing is open up to and with //p' out)
run plan "${sides[@]}" -r "$settled" --workspace other --json
holds "resume-after: takes that id, and leaves out all before" '.plan.leftOut >= 50 and .plan.leftOut + .plan.create <= 200'
run apply --plan 1 --yes --max-failures 5 --json
holds "fuse: in the document" \
	'.exit == 3 and .error.code == "limit" and (.settledId | startswith("user_")) and
	(.next | contains("--max-failures 5"))'
reset faults
run apply --plan 1 --yes --json
holds "fuse: the same command goes on with those not tried" '.exit == 1 and .run.open == 0 and .run.rejected >= 56'
rejected=$(jq .run.rejected out)
run accounts --state rejected --json
holds "fuse: those who failed are listed" "(.accounts | length) == $rejected"

# ---- resume-after ----
writes=$(counters .writes)
for command in plan 'apply --yes'; do
	# shellcheck disable=SC2086 # a command and its option
	exits 2 "$command: an id that does not occur" $command "${sides[@]}" --workspace other -r user_nobody
	grep -q 'id named by --resume-after does not occur' err
	verdict "$command: says so"
done
[ "$(counters .writes)" = "$writes" ]
verdict "resume-after: and nothing was written"
one() { printf '{"id":"user_%s","email_addresses":[{"id":"e","email_address":"%s@example.com","verification":{"status":"verified"}}]}\n' "$1" "$2"; }
{ one a a; one b b; one a again; one c c; } >twice.ndjson
run plan --from clerk -f twice.ndjson --to workos --workspace twice -r user_a --json
holds "resume-after: of an id that occurs twice the first counts" '.plan.leftOut == 1 and .plan.create == 3'
exits 2 "only: somebody whom the resume passes over" plan --from clerk -f twice.ndjson --to workos --workspace twice -r user_b --only user_b
grep -q '1 of the 1 ids named by --only are left out by --resume-after' err
verdict "only: says which option it was"
exits 2 "except: a slip" plan --from clerk -f twice.ndjson --to workos --workspace twice --except user_nobody
grep -q '1 of the 1 ids named by --except do not occur' err
verdict "except: says so"
run plan --from clerk -f twice.ndjson --to workos --workspace twice -r user_c --json
holds "resume-after: the last one leaves nobody" '.plan.leftOut == 4 and .plan.create == 0'
header=id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher
{ one a a; one b b; one c c; } >fuller.ndjson
{
	echo "$header"
	for who in z c b a; do # in another order, and one who stands here only
		echo "user_$who,,,,$who@example.com,,$who@example.com,,,,,,"
	done
} >partial.csv
run plan --from clerk -f fuller.ndjson -f partial.csv --to workos --workspace joined -r user_b --json
holds "resume-after: joined files are in the order of the fuller one" '.plan.leftOut == 2 and .plan.create == 2'
run plan --from clerk -f fuller.ndjson -f partial.csv --to workos --workspace joined -r user_z --json
holds "resume-after: who stands in the other one only comes last" '.plan.leftOut == 4 and .plan.create == 0'
run apply --from clerk -f fuller.ndjson -f partial.csv --to workos --workspace joined --resume-after user_b --yes --json
holds "resume-after: apply takes it, too" '.exit == 0 and .run.created == 2 and .run.leftOut == 2'

# ---- a key that is revoked on the way ----
fault "{\"kind\":\"status\",\"status\":401,\"after\":5,$posts,\"count\":0}"
exits 4 "denied: exit" apply "${sides[@]}" --workspace denied --yes --rate 100
grep -q 'denies access' err && grep -q '^hint: .*read and write users' err
verdict "denied: says what to grant"
has "denied: and how to go on" "to go on: rehome apply --plan 1 --workspace denied --rate 100 --yes"
reset faults
reset objects
reset counters

# ---- signals: the first drains, the second abandons ----
fault "{\"kind\":\"slow\",\"delay_ms\":1500,$posts,\"count\":0}"
"$REHOME" apply "${sides[@]}" --workspace drained --yes --rate 400 --concurrency 20 >out 2>said </dev/null &
applying=$!
until_seen applying said
sleep 0.5 # twenty are in flight
kill -INT "$applying"
wait "$applying"
code=$?
[ "$code" -eq 130 ] && grep -q 'stopping: nothing new is written, what was sent is waited for' said
verdict "first signal: drains"
created=$(counters .writes_done)
[ "$created" -gt 0 ] && [ "$(counters .writes)" = "$created" ] &&
	"$REHOME" status --workspace drained --json | holds_of ".run.created == $created and .run.unknown == 0"
verdict "first signal: what flew is settled, nothing is unknown"
has "first signal: how to go on" "to go on: rehome apply --plan 1 --workspace drained"
reset objects
reset counters
rm said
"$REHOME" apply "${sides[@]}" --workspace given-up --yes --rate 400 --concurrency 20 >out 2>said </dev/null &
applying=$!
until_seen applying said
sleep 0.5
kill -INT "$applying"
kill -TERM "$applying" # at once
wait "$applying"
code=$?
[ "$code" -eq 130 ] && grep -q 'giving up: the next run settles what was sent' said
verdict "second signal: gives up"
"$REHOME" status --workspace given-up --json | holds_of '.run.unknown > 0'
verdict "second signal: what flew is open"
reset faults
sleep 1.6 # they arrive nevertheless
run apply --plan 1 --workspace given-up --yes --json
holds "second signal: the next run settles it" '.exit <= 1 and .run.unknown == 0 and .run.open == 0'
[ "$(counters .writes_done)" = "$(jq .run.created out)" ]
verdict "second signal: nobody twice"

finish
