#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Into a rehearsed Clerk as a user does it: planned, applied, killed, gone on with, verified, undone; a second address
# that is taken costs itself alone (C-2); from one instance into another (issue: a workflow of its own).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
start_server clerk --limits off

# ask METHOD PATH [BODY]: the API with the development key, or with $key.
ask() {
	curl -sS -X "$1" -H "Authorization: Bearer ${key:-$CLERK_SECRET_KEY}" -H 'Content-Type: application/json' \
		-H 'Clerk-API-Version: 2025-11-10' ${3:+-d "$3"} "$CLERK_API_URL/v1/$2"
}

# people: external ids of all users, sorted.
people() {
	ask GET 'users?limit=500' | jq -r '.[].external_id' | sort
}

ask POST users '{"email_address":["taken@example.org"],"external_id":"stranger","skip_password_requirement":true}' >made
cat >people.json <<'END'
[
 {"id":"user_1","primary_email_address_id":"e1","email_addresses":[
   {"id":"e1","email_address":"ada@example.com","verification":{"status":"verified"}},
   {"id":"e2","email_address":"taken@example.org","verification":{"status":"verified"}}],"first_name":"Ada",
  "public_metadata":{"team":"red"},"created_at":1675960462611},
 {"id":"user_2","email_addresses":[{"id":"e3","email_address":"social@example.com","verification":{"status":"verified"}}],
  "external_accounts":[{"provider":"oauth_google","provider_user_id":"103547991597142817347",
   "email_address":"social@example.com","email_address_verified":true,"verification":{"status":"verified"}}]},
 {"id":"user_3","email_addresses":[{"id":"e4","email_address":"late@example.com","verification":null}]},
 {"id":"user_4","email_addresses":[{"id":"e5","email_address":"banned@example.com","verification":{"status":"verified"}}],
  "banned":true},
 {"id":"user_5","email_addresses":[],"username":"Username_5"},
 {"id":"user_6","email_addresses":[],"phone_numbers":[{"id":"p1","phone_number":"+14155550132",
   "verification":{"status":"verified"}}]},
 {"id":"user_7","email_addresses":[{"id":"e7","email_address":"seven@example.com","verification":{"status":"verified"}}]},
 {"id":"user_8","email_addresses":[{"id":"e8","email_address":"eight@example.com","verification":{"status":"verified"}}]},
 {"id":"user_9","email_addresses":[{"id":"e9","email_address":"nine@example.com","verification":{"status":"verified"}}]},
 {"id":"user_10","email_addresses":[{"id":"e10","email_address":"ten@example.com","verification":{"status":"verified"}}],
  "external_id":"crm-10"}
]
END
sides=(--from clerk -f people.json --to clerk -w ws)
printf 'crm-10\nstranger\nuser_1\nuser_2\nuser_3\nuser_4\nuser_5\nuser_6\nuser_7\nuser_8\nuser_9\n' >wanted

run plan "${sides[@]}" --json
[ "$code" -eq 0 ] && [ "$(people)" = stranger ]
verdict "a plan: all ten will move, nothing is written"

"$REHOME" apply "${sides[@]}" --rate 4 --yes --quiet >first.out 2>first.err </dev/null &
first=$!
tries=0
until [ "$(people | wc -l)" -gt 3 ] || [ "$tries" -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
kill -9 $first
wait $first 2>/dev/null
[ "$(people | wc -l)" -lt 11 ]
verdict "an apply is killed"
run apply "${sides[@]}" --yes
[ "$code" -le 1 ] && people | cmp -s - wanted
verdict "the next one goes on: everybody is there, once"
run apply "${sides[@]}" --yes --json
holds "and once more: the refused address is asked for again, and nothing else is written" '.run.writes == 1'

ask GET 'users?limit=500' >users
jq -e '.[] | select(.external_id == "user_1") | (.email_addresses | map(.email_address)) == ["ada@example.com"] and
	.public_metadata == {"team":"red"} and .created_at == 1675960462611' users >filtered
verdict "a second address that is taken costs itself alone"
jq -e '.[] | select(.external_id == "user_3") | .email_addresses[0] | .reserved and .verification.status != "verified"' users >filtered
verdict "the only address, not verified, is reserved"
jq -e '.[] | select(.external_id == "user_4") | .banned' users >filtered
verdict "who was banned is banned"
jq -e '.[] | select(.external_id == "user_2") | .password_enabled == false and
	.private_metadata.rehome.identities[0].subject == "103547991597142817347"' users >filtered
verdict "a social sign-in is kept to its last digit"
run verify -w ws
[ "$code" -le 1 ] && grep -q '10  verified' out
verdict "all ten stand there as they were written"

run logs convert -w ws
jq -s -e 'flatten | map(select(.status == "success" and .what == "created")) | length > 0 and all(.[]; .clerkUserId == .targetId)' \
	ws/events/*.json >filtered
verdict "a log that is converted has the ids under the name that Clerk's script gives them"

# From one instance into another.
jq 'map(select(.external_id != "stranger"))' users >instance.json
run plan --from clerk -f instance.json --to clerk --to-secret-key sk_live_rehearsal -w other --json
[ "$code" -eq 0 ]
verdict "from one instance to another: all of them will move"
run apply --from clerk -f instance.json --to clerk --to-secret-key sk_live_rehearsal -w other --yes
key=sk_live_rehearsal ask GET 'users?limit=500' >there
[ "$code" -eq 0 ] && [ "$(jq length there)" -eq 10 ] && [ "$(jq -c 'map(.email_addresses | map(.email_address)) | sort' there)" = \
	"$(jq -c 'map(.email_addresses | map(.email_address)) | sort' instance.json)" ]
verdict "and have moved, with all their addresses"

# A password that is known, of people without an address (C-11).
cat >sole.json <<'END'
[{"id":"sole_1","username":"sole_one","password_digest":"$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2",
  "password_hasher":"bcrypt","verified_email_addresses":[],"verified_phone_numbers":[]},
 {"id":"sole_2","primary_phone_number":"+14155550139","verified_phone_numbers":["+14155550139"],
  "password_digest":"$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2","password_hasher":"bcrypt"}]
END
printf '[{"id":"sole_1","password":"Kk4aPMeiaRpAs2OeX1NE"},{"id":"sole_2","password":"Kk4aPMeiaRpAs2OeX1NE"}]\n' >known.json
chmod 600 known.json
run apply --from clerk -f sole.json --to clerk -w sole --yes
run verify -w sole --prove known.json --json
holds "a username or a number alone is proved, too" '.run.proved == 2 and .run.untried == 0'
run undo -w sole --yes

run undo -w ws --yes
[ "$code" -eq 0 ] && [ "$(people)" = stranger ]
verdict "undone: only who was there before is there"
finish
