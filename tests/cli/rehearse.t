#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The rehearsal as a command: what it prints, how it stops, what it cannot do.
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

finish
