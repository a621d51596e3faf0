#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who is at Clerk already: found by external id, address, number or username before anything is written.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

start_server clerk --limits off
# api METHOD PATH [BODY]: the target itself, as its owner asks it.
api() {
	curl -sS -f -X "$1" -H "Authorization: Bearer $CLERK_SECRET_KEY" -H 'Content-Type: application/json' \
		${3:+-d "$3"} "$CLERK_API_URL/v1$2"
}
control() {
	curl -sS -f -o /dev/null -H "X-Rehearsal-Token: $token" -d "$2" "$CLERK_API_URL/_rehearsal/$1"
}
# there JSON: somebody stands there.
there() {
	api POST /users "$1" | jq -r .id
}
# record ID EMAIL PHONE USERNAME: of an export; empty: none.
record() {
	jq -cn --arg id "$1" --arg email "$2" --arg phone "$3" --arg name "$4" '{id: $id,
		email_addresses: (if $email == "" then [] else [{id: "e", email_address: $email, verification: {status: "verified"}}] end),
		primary_email_address_id: (if $email == "" then null else "e" end),
		phone_numbers: (if $phone == "" then [] else [{id: "p", phone_number: $phone, verification: {status: "verified"}}] end),
		primary_phone_number_id: (if $phone == "" then null else "p" end),
		username: (if $name == "" then null else $name end)}'
}
# plan [OPTION]…: of in.ndjson, with nothing known of it before.
plan() {
	rm -rf w
	run plan --from clerk -f in.ndjson --to clerk --json -w w "$@"
}
# found ID CODE: that is said of that account.
found() {
	holds "$3" "[.findings[] | select(.code == \"$2\").examples[]] | index(\"$1\") != null"
}

by_phone=$(there '{"phone_number":["+12015550101"],"skip_password_requirement":true}')
by_name=$(there '{"username":"Zoe_9","phone_number":["+12015550102"],"skip_password_requirement":true}')
there '{"email_address":["bea@example.com"],"phone_number":["+12015550103"],"username":"bea_1","skip_password_requirement":true}' >/dev/null
there '{"email_address":["cleo@example.com"],"username":"cleo_1","external_id":"somebody","skip_password_requirement":true}' >/dev/null

# ---- each key, each policy ----
{
	record user_phone '' +12015550101 ''
	record user_name '' '' ZOE_9
	record user_new new@example.com +12015550199 new_1
} >in.ndjson
plan
holds 'a number and a username each find their account' \
	'.plan.total == 3 and .plan.create == 1 and .plan.skip == 2 and .plan.existByPhone == 1 and .plan.existByUsername == 1'
found user_phone RH0603 'the one with the number is named'
found user_name RH0603 'and the one with the username, whatever its case'
plan --on-existing fail
holds 'fail: both are refused' '.plan.refuse == 2 and .plan.create == 1 and .exit == 1'
plan --on-existing link
holds 'link: both are linked' '.plan.link == 2 and .plan.create == 1'
run apply --from clerk -f in.ndjson --to clerk -w w --on-existing link --yes --json
holds 'and recorded with the ids that they have there' '.exit == 0'
run ids -w w --format json
holds 'ids has them' "[.[].target_id] | contains([\"$by_phone\", \"$by_name\"])"
users=$(api GET /users/count | jq .total_count)
[ "$users" -eq 5 ]
verdict 'one was created, nobody twice'

# ---- whose number it is ----
record user_other dora@example.com +12015550103 '' >in.ndjson
plan
found user_other RH0620 'a number of somebody with another address: the account moves without it'
holds 'and moves' '.plan.create == 1 and .plan.refuse == 0'
{
	record user_split bea@example.com +12015550101 ''
	record user_foreign cleo@example.com '' ''
} >in.ndjson
plan
found user_split RH0619 'address and number of two accounts: nobody knows which it is'
found user_foreign RH0604 'an account with another external id is another account'
{
	record user_both bea@example.com +12015550103 bea_1
} >in.ndjson
plan
holds 'all three of one account are one account' '.plan.skip == 1 and .plan.existByEmail == 1 and .plan.existByPhone == 0'

# ---- what does not go is not looked for ----
{
	jq -cn '{id: "user_loose", email_addresses: [{id: "e", email_address: "eve@example.com", verification: {status: "verified"}}],
		primary_email_address_id: "e", primary_phone_number_id: "p",
		phone_numbers: [{id: "p", phone_number: "+12015550101", verification: {status: "unverified"}}]}'
} >in.ndjson
plan
holds 'a number that nobody has proved, beside an address, finds nobody' '.plan.create == 1 and .plan.existByPhone == 0'
plan --offline
holds 'offline nobody is asked' '.plan.create == 1 and .plan.presence == "unasked"'

# ---- in batches ----
control reset '{}'
control switches '{"user_quota":"off"}'
many() {
	seq "$1" "$2" | while read -r i; do
		printf '{"id":"user_%s","email_addresses":[],"username":"name_%s","phone_numbers":[{"id":"p","phone_number":"+1202555%04d","verification":{"status":"verified"}}],"primary_phone_number_id":"p"}\n' "$i" "$i" "$i"
	done
}
there '{"phone_number":["+12025550777"],"skip_password_requirement":true}' >/dev/null
there '{"username":"name_900","skip_password_requirement":true}' >/dev/null
for i in $(seq 1 2); do
	there "{\"email_address\":[\"x$i@example.com\"],\"skip_password_requirement\":true}" >/dev/null
done
many 1 1000 >in.ndjson
plan
holds 'of a thousand the two that are there are found' \
	'.plan.create == 998 and .plan.existByPhone == 1 and .plan.existByUsername == 1'
holds 'the list is the cheapest way there' '.plan.presence == "listed" and .plan.reads < 10'
run sample --provider clerk --count 1600 --format json --out many.json
run apply --from clerk -f many.json --to clerk -w many --clerk-user-limit 5000 --rate 5000 --yes
[ "$code" -eq 0 ]
verdict 'the instance is full of others'
{
	many 5001 5020
	record user_there '' +12025550777 ''
} >in.ndjson
plan --clerk-user-limit 5000
holds 'a few of many are looked up, a hundred a request' \
	'.plan.presence == "looked-up" and .plan.existByPhone == 1 and .plan.create == 20 and .plan.reads <= 6'

finish
