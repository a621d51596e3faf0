#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The exports in samples/: every defect that its README names shows the finding that it names, and who has a password
# signs in with it at the target.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
samples=$REHOME_SOURCE/samples
password='made-up people sign in with this'

# plan FILES: of samples, once for each set of them; leaves the folder's name in $workspace, the document beside it.
plan() {
	local files=() file
	workspace=${1// /+}
	[ ! -e "$workspace.json" ] || return 0
	for file in $1; do files+=(-f "$samples/$file"); done
	local from=${1%%[-.]*}
	[ "$from" != people ] || from=csv
	run plan --from "$from" "${files[@]}" --to workos --workos-api-key sk_test_x --offline -w "$workspace" --yes --json
	cp out "$workspace.json"
	[ "$code" -eq 1 ]
	verdict "$1: a plan with refusals"
}

# about CODE: whom a finding of the plan is about, one a line.
about() {
	jq -r --arg code "$1" '.findings[] | select(.code == $code) | .examples[]' "$workspace.json"
	"$REHOME" accounts -w "$workspace" --finding "$1" 2>&1
}

while IFS='|' read -r _ files id finding what _; do
	files=$(tr -d '`' <<<"$files" | xargs)
	id=$(xargs <<<"$id")
	finding=$(xargs <<<"$finding")
	plan "$files"
	if [ -n "$finding" ]; then
		about "$finding" >out
		grep -qE -- "$id(\$|[ ,:])" out
	else
		jq -e --arg id "$id" '[.findings[] | select(.severity == "refuse") | .examples[] | select(endswith($id))] == []' \
			"$workspace.json" >out
	fi
	verdict "$files: $id: ${finding:-not refused}:$what"
done < <(grep -E '^\| `(clerk|people|supabase|betterauth|authjs)' "$samples/README.md")
[ "$count" -gt 50 ]
verdict "the README has its rows"

# ---- moved, and signed in ----

start_server --limits off
# moves PROVIDER FILES...
moves() {
	local provider=$1 files=() file
	shift
	for file in "$@"; do files+=(-f "$samples/$file"); done
	run apply --from "$provider" "${files[@]}" --to workos -w "moved.$provider" --yes
	[ "$code" -eq 1 ]
	verdict "$provider: they move"
}

# signs_in ADDRESS [PASSWORD]: the status that the target answers with.
signs_in() {
	jq -n --arg email "$1" --arg password "${2-$password}" '{client_id: "client_rehearsal",
		client_secret: "sk_test_rehearsal", grant_type: "password", email: $email, password: $password}' |
		curl -sS -o answer -w '%{http_code}' -H 'Content-Type: application/json' -d @- \
			"$WORKOS_API_URL/user_management/authenticate"
}

moves clerk clerk.json clerk.csv
[ "$(signs_in clerk15@example.com)" = 200 ] && [ "$(signs_in clerk15@example.com another)" = 400 ]
verdict "clerk: a bcrypt hash, out of the CSV"
[ "$(signs_in clerk3@example.com)" = 400 ]
verdict "clerk: who is banned is not there"
moves supabase supabase.json supabase-identities.ndjson
[ "$(signs_in person1@example.com)" = 200 ] && [ "$(signs_in person1@example.com another)" = 400 ]
verdict "supabase: a bcrypt hash"
[ "$(signs_in person5@example.com)" = 200 ] && [ "$(signs_in person4@example.com)" = 400 ]
verdict "supabase: whose ban is over signs in, who is banned is not there"
moves betterauth betterauth-users.json betterauth-accounts.csv
[ "$(signs_in user1@example.com)" = 200 ] && [ "$(signs_in user1@example.com another)" = 400 ]
verdict "betterauth: a scrypt hash of its own, out of the account table"
[ "$(signs_in user5@example.com)" = 200 ] && [ "$(signs_in user4@example.com)" = 400 ]
verdict "betterauth: whose ban is over signs in, who is banned is not there"
moves authjs authjs.json authjs-accounts.csv
[ "$(signs_in member10@example.com)" = 200 ]
verdict "authjs: a bcrypt hash in a column of the application's own"
run verify -w moved.betterauth
[ "$code" -eq 1 ] && grep -qE '^ +[1-9][0-9]* +verified$' out
verdict "betterauth: what stands there is what was planned"
run apply --from betterauth -f "$samples/betterauth-users.json" -f "$samples/betterauth-accounts.csv" --to workos -w moved.betterauth --yes --json
holds "betterauth: once more writes nothing" '.run.created == 0 or .run.createdNow == 0 or .run.writes == 0'

# ---- the options, and what is no export of the provider ----

printf '[{"id":"a","name":"Ann Mary Poe","email":"ann@example.com","emailVerified":null}]' >ann.json
for how in last-blank:Poe first-blank:Mary\ Poe; do
	run apply --from authjs --authjs-name-split "${how%%:*}" -f ann.json --to workos -w "w.${how%%:*}" --on-existing update --yes
	curl -sS -H "X-Rehearsal-Token: $token" "$WORKOS_API_URL/_rehearsal/state" |
		jq -r '.. | objects | select(.email? == "ann@example.com") | .last_name' >out
	grep -qx "${how#*:}" out
	verdict "authjs: --authjs-name-split ${how%%:*}"
done
refuses 'provider "supabase" cannot be the target yet' plan --from authjs -f ann.json --to supabase -w none
run plan --from supabase -f ann.json --to workos --offline -w none
[ "$code" -eq 2 ] && grep -q 'Auth.js\|not an export that provider "supabase"' err
verdict "a file of another provider"
! grep -rqF -e "$password" -e 'correct horse' "$work/.rehome" "$work/state" moved.* 2>/dev/null
verdict "no password is left anywhere"

finish
