#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A whole made-up tenant in a rehearsal: counted by kind, kept in the state file, read page by page, gone after a reset;
# and faults meet what stands beside people as they meet people.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

# control PATH [BODY]: asks the rehearsal, or tells it something.
control() {
	curl -sS -H "X-Rehearsal-Token: $token" ${2:+-d "$2"} -H 'Content-Type: application/json' "$CLERK_API_URL/_rehearsal/$1"
}

# ask PATH: the API of the development instance.
ask() {
	curl -sS -o answer -w '%{http_code}' -H "Authorization: Bearer $CLERK_SECRET_KEY" "$CLERK_API_URL/v1/$1"
}

# kinds: how many there are of each, in one line.
kinds() {
	control counters | jq -r '.environments.test | [.users, .organizations, .organization_memberships, .organization_roles,
		.organization_permissions, .organization_domains, .organization_invitations] | map(tostring) | join(" ")'
}

start_server clerk --limits off --state state.json
[ "$(control fill '{"users":400,"organizations":70,"memberships":900,"roles":6,"factors":80,"invitations":20,"domains":30,"seed":3}' |
	jq -c .)" = '{"roles":6,"organizations":70,"users":400,"memberships":900,"domains":30,"invitations":20}' ]
verdict "a tenant is made"
[ "$(kinds)" = "400 70 900 8 14 30 20" ]
verdict "and counted by kind, with the roles and permissions that are there anyway"
[ "$(control state | jq '[.environments.test.users[] | has("totp_secret"), has("password_digest")] | any')" = false ]
verdict "no secret is shown"

at=0
: >pairs
while [ "$(ask "organization_memberships?limit=100&order_by=%2Bcreated_at&offset=$at")" = 200 ] && [ "$(jq '.data | length' answer)" -gt 0 ]; do
	jq -r '.data[] | .public_user_data.user_id + " " + .organization.id' answer >>pairs
	at=$((at + 100))
done
[ "$(wc -l <pairs)" -eq 900 ] && [ "$(sort -u pairs | wc -l)" -eq 900 ]
verdict "every membership is on one page, once"
[ "$(cut -d' ' -f2 pairs | sort -u | wc -l)" -eq 60 ] && [ "$(cut -d' ' -f1 pairs | sort -u | wc -l)" -eq 300 ]
verdict "ten organizations are empty, and a hundred people in none"

kill -INT "$server"
wait "$server"
start_server clerk --limits off --state state.json
[ "$(kinds)" = "400 70 900 8 14 30 20" ] && [ "$(ask 'organization_memberships?limit=1')" = 200 ] && [ "$(jq .total_count answer)" = 900 ]
verdict "the state file keeps all of it"
user=$(head -1 pairs | cut -d' ' -f1)
[ "$(ask "users/$user/organization_memberships")" = 200 ] && [ "$(jq .total_count answer)" = "$(grep -c "^$user " pairs)" ]
verdict "and who is in what"

control faults '{"kind":"status","status":503,"method":"GET","path":"/v1/organizations"}' >told
[ "$(ask organizations)" = 503 ] && [ "$(ask organizations)" = 200 ]
verdict "a fault meets organizations, too"
[ "$(control counters | jq .mails)" = 0 ]
verdict "no mail"
control reset '{}' >told
[ "$(kinds)" = "0 0 0 0 0 0 0" ]
verdict "a reset leaves nothing"
finish
