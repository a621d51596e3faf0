#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Into a rehearsed Clerk whose settings stand in the way: told before anything is written, setting by setting (C-17), what
# could not be read is not switched off (C-18), switched-off social providers (C-19), fields of switched-off features
# (C-20), head-room; and undo in production, and of people who have signed in since (C-31).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
start_server clerk --limits off

# ask METHOD PATH [BODY]: the API with the development key, or with $key.
ask() {
	curl -sS -X "$1" -H "Authorization: Bearer ${key:-$CLERK_SECRET_KEY}" -H 'Content-Type: application/json' \
		-H 'Clerk-API-Version: 2025-11-10' ${3:+-d "$3"} "$CLERK_API_URL/v1/$2"
}

# control PATH BODY: tells the rehearsal something.
control() {
	curl -sS -o told -H "X-Rehearsal-Token: $token" -d "$2" "$CLERK_API_URL/_rehearsal/$1"
}

# switched JSON: plans with these switches and no others.
switched() {
	control reset '{}'
	control switches '{"email":"on","phone":"on","username":"on","names":"on","password":"required","totp":"on","backup_codes":"on",
		"legal_consent":"off","lockout":"on","social":"many","user_quota":"off"}'
	control switches "$1"
	rm -rf ws
	run plan "${sides[@]}" --json
}

# signs_in HOST ADDRESS: somebody signs in; 127.0.0.1 is the development instance, localhost the production one.
signs_in() {
	curl -sS -f -o told -H "Host: $1:${CLERK_API_URL##*:}" -H 'Content-Type: application/json' \
		-d "{\"identifier\":\"$2\",\"password\":\"Kk4aPMeiaRpAs2OeX1NE\",\"strategy\":\"password\"}" "$CLERK_API_URL/v1/client/sign_ins"
}

# finding CODE NOTE: how many accounts the plan in out says it of.
finding() {
	printf '([.findings[] | select(.code == "%s" and (.note // "") == "%s") | .count] | add // 0)' "$1" "$2"
}

# sha256 of the password of the samples: quick to check.
hash=3ef6a03adecbc4cdb53d7cff60c8f7009a8e26462099fd75fb46aac85fd3c333
cat >people.json <<'END'
[
 {"id":"user_1","email_addresses":[{"id":"e1","email_address":"ada@example.com","verification":{"status":"verified"}}],
  "primary_email_address_id":"e1","phone_numbers":[{"id":"p1","phone_number":"+14155550131","verification":{"status":"verified"}}],
  "username":"ada_1815","first_name":"Ada"},
 {"id":"user_2","email_addresses":[{"id":"e2","email_address":"social@example.com","verification":{"status":"verified"}}],
  "external_accounts":[{"provider":"oauth_google","provider_user_id":"103547991597142817347",
   "email_address":"social@example.com","email_address_verified":true,"verification":{"status":"verified"}},
   {"provider":"oauth_github","provider_user_id":"1","email_address":"other@example.com","email_address_verified":true,
    "verification":{"status":"verified"}}]},
 {"id":"user_3","email_addresses":[],"phone_numbers":[{"id":"p3","phone_number":"+14155550133","verification":{"status":"verified"}}]},
 {"id":"user_4","email_addresses":[{"id":"e4","email_address":"four@example.com","verification":{"status":"verified"}}],
  "locked":true,"legal_accepted_at":1675960462611}
]
END
head='id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses'
head+=',unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher'
{
	echo "$head"
	echo "user_1,Ada,,ada_1815,ada@example.com,,ada@example.com,,,,JBSWY3DPEHPK3PXP,$hash,sha256"
	echo "user_4,,,,four@example.com,,four@example.com,,,,,$hash,sha256"
} >people.csv
sides=(--from clerk -f people.json -f people.csv --to clerk -w ws)
live=(--from clerk -f people.json -f people.csv --to clerk --to-secret-key sk_live_rehearsal -w live)

switched '{}'
[ "$code" -eq 0 ] && holds_of '.settings.state == "read" and ([.settings.list[] | select(.stance == "unknown")] | length) == 0 and
	([.findings[] | select(.code == "RH0706" or .code == "RH0707" or .code == "RH0708" or .code == "RH0711")] | length) == 0 and
	.plan.create == 4' <out
verdict "C-17: an instance with all of it on refuses and drops nothing"
[ "$(ask GET users/count | jq .total_count)" -eq 0 ]
verdict "and nothing is written by a plan"

switched '{"phone":"off"}'
[ "$code" -eq 1 ] && holds_of "$(finding RH0706 phone_number) == 1 and $(finding RH0707 phone_number) == 1 and .plan.refuse == 1 and
	(.settings.list[] | select(.name == \"phone_number\") | .stance == \"dropped\" and .isConcerned and (.fix | contains(\"Phone\")))" <out
verdict "C-20: phones off: one goes without it, whose only identifier it is is refused"
run report -w ws
grep -q 'phone_number .* dropped .* Phone' out
verdict "and the page says where it is switched on"
run accounts -w ws --finding RH0706
grep -q user_1 out && ! grep -q user_3 out
verdict "and accounts lists whom it is about"
run apply "${sides[@]}" --yes --json
[ "$(ask GET 'users?limit=9' | jq -r '.[].external_id' | sort | tr '\n' ' ')" = 'user_1 user_2 user_4 ' ] &&
	holds_of '.run.refused == 1 and .run.rejected == 0' <out
verdict "and so it comes: three are there, nobody was refused by the target"

switched '{"username":"off"}'
[ "$code" -eq 0 ] && holds_of "$(finding RH0706 username) == 1" <out
verdict "usernames off: one goes without it"
switched '{"email":"off"}'
[ "$code" -eq 1 ] && holds_of "$(finding RH0707 email_address) == 3 and .plan.refuse == 3" <out
verdict "addresses off: three would be refused"
switched '{"names":"off"}'
holds_of "$(finding RH0706 first_name) == 1 and $(finding RH0706 last_name) == 0" <out
verdict "names off: one goes without it"
switched '{"names":"required"}'
[ "$code" -eq 1 ] && holds_of "$(finding RH0708 first_name) == 3 and .plan.refuse == 4" <out
verdict "names required: who lacks one would be refused"
switched '{"email":"required","username":"required"}'
[ "$code" -eq 0 ] && holds_of "$(finding RH0709 email_address) == 1 and $(finding RH0709 username) == 3" <out
verdict "identifiers required: an import may do without"
switched '{"phone":"required"}'
run plan "${sides[@]}" --clerk-enforce-requirements --json
[ "$code" -eq 1 ] && holds_of "$(finding RH0708 phone_number) == 2" <out
verdict "and with --clerk-enforce-requirements may not"
switched '{"password":"off"}'
[ "$code" -eq 0 ] && holds_of "$(finding RH0710 password) == 2" <out
verdict "passwords off: they are stored, and of no effect yet"
switched '{"password":"only"}'
[ "$code" -eq 1 ] && holds_of "$(finding RH0708 password) == 2 and .plan.refuse == 2" <out
verdict "the password is the only way to sign in: who has none would be refused"
switched '{"totp":"off"}'
[ "$code" -eq 1 ] && holds_of "$(finding RH0707 authenticator_app) == 1 and .plan.refuse == 1" <out
verdict "authenticator apps off: nobody loses a second factor silently"
run plan "${sides[@]}" --clerk-drop-second-factors --json
[ "$code" -eq 0 ] && holds_of "$(finding RH0706 authenticator_app) == 1" <out
verdict "and does with --clerk-drop-second-factors, and it is told"
switched '{"lockout":"off","legal_consent":"on"}'
[ "$code" -eq 1 ] && holds_of "$(finding RH0707 user_lockout) == 1 and $(finding RH0709 legal_consent) == 3" <out
verdict "lockout off, consent on: who is locked would be refused, who accepted nothing moves"
switched '{"social":"google"}'
[ "$code" -eq 0 ] && holds_of "$(finding RH0506 google) == 1 and $(finding RH0511 github) == 1 and $(finding RH0507 github) == 0" <out
verdict "C-19: a social sign-in through a provider that is off"
holds_of "$(finding RH0512 '') == 0" <out
verdict "who has another one that is on is not among those who have none"
switched '{"social":"none"}'
holds_of "$(finding RH0511 google) == 1 and $(finding RH0506 google) == 0" <out
verdict "and none of them links where all are off"
holds_of "$(finding RH0512 '') == 1" <out
verdict "who signs in with nothing else, and has no password, is counted apart"

# C-18: what cannot be read is not switched off.
control reset '{}'
rm -rf ws
control faults '{"path":"/v1/environment","kind":"status","status":404,"count":99,"body":{"errors":[]}}'
run plan "${sides[@]}" --json
[ "$code" -eq 0 ] && holds_of '.settings.state == "unread" and .settings.list == [] and .plan.refuse == 0' <out
verdict "C-18: settings that cannot be read refuse nobody"
run report -w ws
has "and the page says that nobody knows" "could not be read: nobody knows"
control reset '{}'
rm -rf ws
control faults '{"path":"/v1/environment","kind":"status","status":200,"count":1,"body":{"user_settings":{"attributes":{"phone_number":{"enabled":"no"}}}}}'
run plan "${sides[@]}" --json
[ "$code" -eq 0 ] && holds_of '.settings.state == "read" and ([.settings.list[] | select(.stance != "unknown")] | length) == 0' <out
verdict "nor does one that is not said, or is of another type"
rm -rf ws
run plan "${sides[@]}" --offline --json
holds "--offline: they were not asked" '.settings.state == "unasked" and .settings.accountsThere == null'
run report -w ws
has "and the page says so" "settings were not asked"

# Head-room of a development instance.
control reset '{}'
control switches '{"user_quota":"5"}'
ask POST users '{"email_address":["before@example.org"],"skip_password_requirement":true}' >made
rm -rf ws
run plan "${sides[@]}" --clerk-user-limit 3 --json
holds "head-room: who finds none is counted before anything is written" \
	'.settings.accountsMax == 3 and .settings.accountsThere == 1 and .settings.beyond == 2 and (.settings.todo | contains("--clerk-user-limit")) and
	([.findings[] | select(.code == "RH0711") | .count] == [2])'
run report -w ws
tr '\n' ' ' <out | grep -q 'no room for 2 of those to be created'
verdict "and the page says so"
run plan "${sides[@]}" --json
holds "a development instance is taken to hold 100" '.settings.accountsMax == 100 and .settings.beyond == 0'
run plan "${live[@]}" --json
holds "a production one has no end" '.settings.accountsMax == null and .settings.state == "read"'

# A development instance that is full: said before, stopped at, gone on or gone back.
control reset '{}'
control switches '{"user_quota":"5"}'
{
	echo id,email
	for i in 1 2 3 4 5 6 7 8; do echo "f$i,full$i@example.com"; done
} >full.csv
full=(--from csv -f full.csv --to clerk -w full --clerk-user-limit 5)
run plan "${full[@]}"
[ "$code" -eq 1 ] && tr '\n' ' ' <out | grep -q 'no room for 3 of those to be created: 5 fit' && ! grep -q 'whom a finding is about.*RH0711' out
verdict "full: the plan says how many fit, and ends with 1"
run accounts -w full --finding RH0711
[ "$code" -eq 0 ] && grep -q 'RH0711: the newest plan counts 3, but nobody in particular' err
verdict "full: whom it is about depends on who comes last, and that is said"
run apply -w full --plan 1 --yes
[ "$code" -eq 3 ] && grep -q '^ *5  created' out && grep -q '^ *3  put off' out && grep -q 'holds as many users as it may' err &&
	grep -q 'make room there' err && grep -q 'rehome undo' err && ! grep -q -e '--limit' err
verdict "full: apply stops at the end of the room, and says the ways from there"
control switches '{"user_quota":"500"}'
run apply -w full --plan 1 --yes --json
holds "full: when there is room it goes on, and nobody comes twice" '.run.created == 8'
[ "$(ask GET 'users?limit=99' | jq length)" -eq 8 ]
verdict "full: they are eight"
run undo -w full --yes
[ "$code" -eq 0 ] && [ "$(ask GET 'users?limit=99' | jq length)" -eq 0 ]
verdict "full: or they are taken back"
run plan --from csv -f full.csv --to clerk --clerk-user-limit 5 --limit 5 -w few
[ "$code" -eq 0 ] && ! grep -q RH0711 out
verdict "full: with --limit the plan has room for all"

# Undo: who has signed in since stays.
jq '.[0].email_addresses += [{"id": "e9", "email_address": "ada.late@example.net", "verification": null}]' people.json >late.json
late=(--from clerk -f late.json -f people.csv --to clerk -w ws --unverified attach)
control reset '{}'
rm -rf ws live
run apply "${late[@]}" --yes
signs_in 127.0.0.1 ada@example.com
verdict "somebody signs in, with the password that came along"
run undo -w ws --yes --json
[ "$code" -eq 1 ] && holds_of '.run.undone == 3 and .run.kept == 1' <out &&
	[ "$(ask GET 'users?limit=9' | jq -r '.[].external_id')" = user_1 ]
verdict "C-31: undo keeps them, and ends with 1"
run accounts -w ws --state kept
grep -q 'user_1.*in_use.*signed in since\|user_1.*signed in since' out
verdict "and lists them with the reason"
run undo -w ws --yes
[ "$code" -eq 1 ] && [ "$(ask GET users/count | jq .total_count)" -eq 1 ]
verdict "and once more keeps them"
run undo -w ws --yes --force-signed-in
[ "$code" -eq 0 ] && [ "$(ask GET users/count | jq .total_count)" -eq 0 ]
verdict "--force-signed-in removes them, too"
run apply "${late[@]}" --yes --json
[ "$code" -eq 0 ] && [ "$(ask GET users/count | jq .total_count)" -eq 4 ] &&
	[ "$(ask GET 'users?limit=9' | jq -c '[.[] | select(.external_id == "user_1") | .email_addresses | length]')" = '[2]' ]
verdict "and what went behind their create is undone with them: the same plan is applied again"

# L10: an answer was lost; who came to be while our request was on its way is ours, whenever they are found, and who came
# later is another migration's.
jq '[.[0]]' people.json >one.json
one=(--from clerk -f one.json --to clerk --yes)
control reset '{}'
control faults '{"kind":"reset-before","method":"POST","path":"/v1/users","count":40}'
run apply "${one[@]}" -w lost --max-wait 2
control reset '{}'
sleep 4
run apply "${one[@]}" -w other
[ "$code" -eq 0 ] && run undo -w lost --yes && [ "$code" -eq 1 ] && [ "$(ask GET users/count | jq .total_count)" -eq 1 ]
verdict "L10: undo keeps whom another migration made after our request was lost"
run apply "${one[@]}" -w lost
run undo -w lost --yes
[ "$(ask GET users/count | jq .total_count)" -eq 1 ]
verdict "also when an apply found them before"
run undo -w other --yes
[ "$code" -eq 0 ] && [ "$(ask GET users/count | jq .total_count)" -eq 0 ]
verdict "and the one that made them removes them"

# Production: its id is typed or given.
export CLERK_SECRET_KEY=sk_live_rehearsal
run apply "${live[@]}" --yes
[ "$(ask GET users/count | jq .total_count)" -eq 4 ]
verdict "in production four are there"
instance=$(ask GET instance | jq -r .id)
run undo -w live --yes
[ "$code" -eq 2 ] && grep -qF -- "--confirm $instance --yes" out && [ "$(ask GET users/count | jq .total_count)" -eq 4 ]
verdict "C-31: --yes alone removes nobody in production, and the exact command is told"
run undo -w live --yes --confirm ins_other
[ "$code" -eq 2 ] && grep -q 'another tenant' err && [ "$(ask GET users/count | jq .total_count)" -eq 4 ]
verdict "nor does another instance's id"
run undo -w live
[ "$code" -eq 2 ] && grep -qF -- "--confirm $instance --yes" out
verdict "and without consent the command is told as well"
printf 'typed here\tins_nobody\n' >script
"$TERMINAL" script "$REHOME" undo -w live --yes >out 2>err
code=$?
[ "$code" -eq 2 ] && grep -q "not the tenant's id" out && [ "$(ask GET users/count | jq .total_count)" -eq 4 ]
verdict "on a terminal the id is asked for: another one removes nobody"
run undo -w live --yes --confirm "$instance"
[ "$code" -eq 0 ] && [ "$(ask GET users/count | jq .total_count)" -eq 0 ]
verdict "with the right one it is done"
run apply "${live[@]}" --yes
printf 'typed here\t%s\n' "$instance" >script
"$TERMINAL" script "$REHOME" undo -w live --yes >out 2>err
code=$?
[ "$code" -eq 0 ] && [ "$(ask GET users/count | jq .total_count)" -eq 0 ]
verdict "and typed on a terminal, too"
finish
