#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Known passwords by the command line: tried before, by sign-ins after, and one account first where the form of a hash is
# uncertain.  No password is left anywhere.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

firebase='lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$42xEC+ixf3L2lw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$Bw==$8$14'
# person NUMBER [HASH HASHER]
person() {
	printf '{"id":"user_%s","primary_email_address_id":"idn","email_addresses":[{"id":"idn","email_address":"p%s@example.com","verification":{"status":"verified"}}]' "$1" "$1"
	[ $# -eq 1 ] || printf ',"password_digest":"%s","password_hasher":"%s"' "$2" "$3"
	echo '}'
}
{
	person 1
	for n in 2 3 4; do person $n "$firebase" scrypt_firebase; done
} >users.ndjson
start_server --limits off
sides=(--from clerk -f users.ndjson --to workos)

printf 'id,password\nuser_3,another-password\n' >wrong.csv
run plan "${sides[@]}" --prove wrong.csv
[ "$code" -eq 1 ] && grep -q RH0310 out && grep -q '^this plan is not applied: .* hashes: 1 ' out && ! grep -q '^next: ' out err
verdict "plan: a known password that does not fit is a finding"
run apply "${sides[@]}" --prove wrong.csv --yes
[ "$code" -eq 2 ] && grep -q 'rehome password check' err && [ "$(counters '[.environments[]?.writes // 0] | add // 0' 2>/dev/null || echo 0)" = 0 ]
verdict "apply: nothing is written for such a plan"

printf '{"id":"user_3","password":"user1password"}\n' >known.ndjson
run plan "${sides[@]}" --prove known.ndjson
[ "$code" -eq 0 ] && grep -q RH0312 out
verdict "plan: one that fits is told, too"

# The vendor takes another form than the first one.
curl -sS -o /dev/null -H "X-Rehearsal-Token: $token" -d '{"firebase_form":"b"}' "$WORKOS_API_URL/_rehearsal/switches"
run apply "${sides[@]}" --prove known.ndjson --yes --progress json
grep '^{' err | jq -s -e '[.[].phase] | index("canary") != null and index("canary") < index("apply")' >/dev/null
verdict "apply: who goes first is looked for in a phase of its own, by its name"
[ "$code" -eq 3 ] && grep -q 'canary: scrypt-firebase: the hash of user_3 does not work' out
verdict "apply: one account goes first, and the others of its kind wait"
grep -q '^ *2    held back: the first hash of their kind did not work' out
verdict "apply: how many wait"
grep -q '^to try the other form: rehome apply --from clerk --file users.ndjson --to workos .*--workos-firebase-form B --yes$' out
verdict "apply: the exact command for the other form"
run accounts --state deferred
[ "$(grep -c user_ out)" -eq 2 ] && grep -q 'held back' out
verdict "accounts: lists those who wait, and why"
run apply "${sides[@]}" --prove known.ndjson --workos-firebase-form B --yes --json
holds "apply: in the other form the others follow" '.run.created == 4 and .run.held == 0 and .canaries[0].verdict == "taken"'

printf 'email,password\np4@example.com,user1password\n' >known.csv
run verify --prove known.csv
grep -q 'known passwords that sign in at the target' out
verdict "verify: a sign-in proves it at the target"
printf 'email,password\np4@example.com,another-password\n' >known.csv
run verify --prove known.csv
[ "$code" -eq 1 ] && grep -q 'known passwords that the target refuses' out
verdict "verify: and shows where it does not"
! grep -rqF -e another-password -e user1password "$work/.rehome" "$work/state" out err
verdict "no password is left anywhere"

# ---- undo: a sign-in of our own is nobody's ----
curl -sS -f -o told -H 'Content-Type: application/json' -d "{\"grant_type\":\"password\",\"client_id\":\"$WORKOS_CLIENT_ID\",\"client_secret\":\"$WORKOS_API_KEY\",
	\"email\":\"p2@example.com\",\"password\":\"user1password\"}" "$WORKOS_API_URL/user_management/authenticate"
run undo --yes --json
[ "$code" -eq 1 ] && holds_of '.run.undone == 3 and .run.kept == 1' <out
verdict "undo: who has signed in since stays, whom we signed in to prove a hash goes"
run undo --yes --force-signed-in --json
holds "undo --force-signed-in: they go, too" '.run.undone == 4 and .run.kept == 0 and .exit == 0'

# ---- one standard input ----
"$REHOME" plan --from clerk -f - --prove - --to workos --offline --workos-client-id client_x --workspace both >out 2>err <<<'{"id":"user_1","email_addresses":[]}'
code=$?
[ "$code" -eq 2 ] && grep -q 'file and --prove cannot both read standard input' err
verdict "prove: standard input holds one of both"

echo "1..$count"
