#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The rehearsal as a command: what it prints, how it stops, what it cannot do.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

# stops NAME SIGNAL: the server ends by the signal, well.
stops() {
	kill "-$2" "$server"
	wait "$server"
	code=$?
	server=
	[ "$code" -eq 0 ]
	verdict "$1"
}

start_server workos workos
cp server out
holds "the document: tenants, keys, token" \
	'.command == "rehearse" and (.token | length) > 10 and (.tenants | length) == 2 and
	.tenants[0].port != .tenants[1].port and
	(.tenants[0].environment | index("WORKOS_API_KEY=sk_test_rehearsal") != null)'
code=0
[ "$(curl -sS -o answer -w '%{http_code}' -H "Authorization: Bearer $WORKOS_API_KEY" \
	"$WORKOS_API_URL/user_management/users")" = 200 ]
verdict "the address answers to the key"
[ "$(curl -sS -o answer -w '%{http_code}' "$WORKOS_API_URL/user_management/users")" = 401 ]
verdict "and to nobody else"
[ "$(curl -sS -o answer -w '%{http_code}' -H "Authorization: Bearer $(jq -r '.tenants[0].productionKey' server)" \
	"$WORKOS_API_URL/user_management/users")" = 200 ]
verdict "the key of production is told, and opens it"
run help rehearse
grep -q sk_test_rehearsal out && grep -q sk_live_rehearsal out && grep -q docs/rehearsal.md out && [ -e "$REHOME_SOURCE/docs/rehearsal.md" ]
verdict "help names the keys, and where switches and faults are described"
# documented ADDRESS: each switch that this tenant has stands, as `name`, in what is said of rehearsals.
documented() {
	curl -sS -H "X-Rehearsal-Token: $token" "$1/_rehearsal/switches" | jq -r 'keys[]' >switches
	[ -s switches ] && while read -r name; do
		cat "$REHOME_SOURCE/docs/rehearsal.md" "$REHOME_SOURCE/docs/providers/clerk.md" | grep -q "\`$name\`" || return 1
	done <switches
}
documented "$WORKOS_API_URL"
verdict "each switch of WorkOS is described"
sed -n 's/^| `\([a-z].*`\) |.*/\1/p' "$REHOME_SOURCE/docs/rehearsal.md" | grep -oE '[a-z-]+' | grep -vE '^(limits|speed|state|port|json|s|off|file|n)$' | sort >told
grep -oE '\[RH_FAULT_[A-Z_]+\] = "[a-z-]+"' "$REHOME_SOURCE/src/rehearsal/fault.c" | grep -oE '"[a-z-]+"' | tr -d '"' | sort >kinds
[ "$(wc -l <kinds)" -ge 9 ] && [ -z "$(comm -23 kinds told)" ]
verdict "each kind of fault is described"
[ "$(counters type)" = '"object"' ]
verdict "the token opens the control routes"
port=$(jq '.tenants[0].port' server)
run rehearse workos --port "$port"
[ "$code" -ne 0 ] && grep -q "$port" err && [ ! -s out ]
verdict "a port that is taken is named"
stops "an interrupt ends it well" INT

"$REHOME" rehearse --port 0 --state state.json --speed 60 --limits 20/500ms >out 2>err &
server=$!
tries=0
until grep -q 'stop with' out || [ "$tries" -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
has "for people: lines to paste" "export WORKOS_API_KEY=sk_test_rehearsal"
has "for people: the other key" "# key of production: sk_live_rehearsal"
has "for people: how to control it" "X-Rehearsal-Token: "
(
	set -e
	# shellcheck disable=SC1091 # what was printed is meant to be pasted
	. ./out
	[ -n "$WORKOS_API_URL" ]
)
verdict "what is printed can be sourced by a shell"
address=$(sed -n 's/^export WORKOS_API_URL=//p' out)
[ "$(curl -sS -o answer -w '%{http_code}' -H 'Authorization: Bearer sk_test_rehearsal' \
	-H 'Content-Type: application/json' -d '{"email":"ada@example.com"}' \
	"$address/user_management/users")" = 201 ]
verdict "somebody is made there"
stops "a polite kill ends it well" TERM
grep -q 'ada@example.com' state.json
verdict "the state is saved"

refuses '"acme"' rehearse acme --port 0

# clerk STATUS PATH [CURL OPTIONS]: asks the rehearsed Clerk; the answer lies in the file `answer`.
clerk() {
	local wanted=$1 path=$2
	shift 2
	code=$(curl -sS -g -o answer -w '%{http_code}' -H "Authorization: Bearer $CLERK_SECRET_KEY" \
		-H 'Clerk-API-Version: 2025-11-10' "$@" "$CLERK_API_URL$path")
	[ "$code" = "$wanted" ]
}
# said NAME FILTER: the last call went as wanted, and jq's filter holds of its answer.
said() {
	[ "$asked" = 0 ] && jq -e "$2" answer >checked
	verdict "$1"
}
json=(-H 'Content-Type: application/json')

start_server clerk --state clerk.json
documented "$CLERK_API_URL"
verdict "each switch of Clerk is described"
holds_of '.tenants[0].environment | index("CLERK_SECRET_KEY=sk_test_rehearsal") != null' <server
verdict "Clerk: the lines to paste"
# shellcheck disable=SC2016 # dollars of a digest
clerk 200 /v1/users "${json[@]}" -d '{"external_id":"auth0|1","email_address":["ada@shop.dev","other@shop.dev"],
	"email_address_identification_status":["verified","reserved"],"password_hasher":"bcrypt","password_digest":
	"$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2","banned":true}'
asked=$?
said "Clerk: one call makes a whole person" \
	'.banned and (.email_addresses | length) == 2 and (has("password_digest") | not)'
id=$(jq -r .id answer)
clerk 415 /v1/users -H 'Content-Type: application/json; charset=utf-8' -d '{}'
asked=$?
said "Clerk: a content type with more behind it is another one" '.errors[0].code == "unsupported_content_type"'
many=$(seq 100 | sed 's/.*/external_id=%2Bauth0%7C&/' | tr '\n' '&')
clerk 200 "/v1/users?${many}limit=100"
asked=$?
said "Clerk: a hundred ids in one question" 'type == "array" and length == 1'
clerk 200 /v1/users/"$id"/verify_password "${json[@]}" -d '{"password":"Kk4aPMeiaRpAs2OeX1NE"}'
asked=$?
said "Clerk: the old password is right" '.verified'
clerk 422 /v1/users/"$id"/verify_password "${json[@]}" -d '{"password":"another"}'
asked=$?
said "Clerk: another is not" '.errors[0].code == "incorrect_password" and (.clerk_trace_id | length) == 32'
curl -sS -o answer -H "X-Rehearsal-Token: $token" -d '{"phone":"off","social":"none"}' \
	"$CLERK_API_URL/_rehearsal/switches"
clerk 422 /v1/users "${json[@]}" -d '{"username":"somebody","phone_number":["+14155550132"]}'
asked=$?
said "Clerk: a feature that is switched off makes its member unknown" \
	'.errors[0].code == "form_param_unknown" and .errors[0].meta.param_name == "phone_number"'
clerk 200 /v1/domains
front=$(jq -r '.data[0].frontend_api_url' answer)
[ "$(curl -sS -o answer -w '%{http_code}' "$front/v1/environment")" = 200 ]
asked=$?
said "Clerk: the Frontend API says so, and asks for no key" \
	'.user_settings.attributes.phone_number.enabled == false'
stops "Clerk: an interrupt ends it well" INT
start_server clerk --state clerk.json
clerk 200 "/v1/users?email_address=other%40shop.dev"
asked=$?
said "Clerk: whoever was there is there again" ".[0].id == \"$id\" and .[0].banned and .[0].password_enabled"
clerk 422 /v1/users "${json[@]}" -d '{"email_address":["OTHER@shop.dev"],"skip_password_requirement":true}'
asked=$?
said "Clerk: and has what was theirs" '.errors[0].code == "form_identifier_exists"'
stops "Clerk: and once more" TERM

finish
