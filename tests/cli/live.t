#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Living sources: users read from the APIs of two rehearsed providers, both ways, joined with an export, between two
# tenants of one provider; interrupted at each page; with pages that are cut, refused, too few or lead in a circle.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/target.bash"
people=1203

start_server clerk workos clerk --limits off
clerk_url=http://127.0.0.1:$(jq '.tenants[0].port' server)
workos_url=http://127.0.0.1:$(jq '.tenants[1].port' server)
other_url=http://127.0.0.1:$(jq '.tenants[2].port' server)
export CLERK_API_URL=$clerk_url CLERK_SECRET_KEY=sk_live_rehearsal
# at URL PATH [BODY]: asks that server's control.
at() {
	curl -sS -H "X-Rehearsal-Token: $token" ${3:+-d "$3"} "$1/_rehearsal/$2"
}
# fault URL JSON: what goes wrong there from now on, and nothing else does.
fault() {
	at "$1" reset '{"only":"faults"}' >reply
	[ -z "${2:-}" ] || at "$1" faults "$2" >reply
}
# tool ARGUMENT...: the quick build where there is one.
quickly() {
	"$tool" "$@" >out 2>err </dev/null
	code=$?
}

run sample --provider clerk --count $people --seed 7 --out people.json
run sample --provider clerk --format csv --count $people --seed 7 --out people.csv
quickly apply --from clerk -f people.json -f people.csv --to clerk --external-id source-id --rate 100000 -w fill --yes --quiet
[ "$code" -le 1 ] && [ "$(at "$clerk_url" state | jq '[.environments[].users | length] | add')" -ge 1190 ]
verdict "a tenant of $people people"
there=$(at "$clerk_url" state | jq '[.environments[].users | length] | add')

# ---- one way: Clerk to WorkOS ----
run plan --from clerk --to workos -w one --json
holds "everybody is read" ".plan.total == $there and .plan.sourceRecords == $there and .plan.sourceBefore == $there
	and .plan.sourceAfter == $there and .plan.sourceRepeated == 0"
holds "as few requests as there are pages, two counts, and whose it is" ".plan.sourceReads == 6"
holds "both sides are named" '.sides.sourceTenant == "ins_rehearsal_live0" and (.sides.sourceOrigin | startswith("http://127.0.0.1"))'
[ "$(at "$workos_url" state | jq '.environments.test.users | length')" -eq 0 ]
verdict "and nobody is written"
at "$clerk_url" counters >before
CLERK_API_URL=http://127.0.0.1:1 run apply --plan 1 -w one --rate 100000 --yes --quiet --json
holds "apply does not ask the source again, and needs no key of it" '.run.created == .run.everybody.total - .run.refused'
at "$clerk_url" counters >behind
cmp -s before behind
verdict "not even whose it is"
quickly verify -w one --rate 100000 --json
[ "$code" -le 1 ] && jq -e '.run.differs + .run.missing == 0' out >/dev/null
verdict "and all are there as planned"
quickly plan --from clerk --to workos -w one --json
holds "a new plan reads anew, and knows who moved" '.plan.sourceRecords == .plan.total and .plan.done > 1100 and .plan.create == 0'

# ---- joined with the export that alone has the hashes ----
curl -sS -H "Authorization: Bearer $CLERK_SECRET_KEY" "$clerk_url/v1/users?limit=500&offset=0&order_by=%2Bcreated_at" >p1
curl -sS -H "Authorization: Bearer $CLERK_SECRET_KEY" "$clerk_url/v1/users?limit=500&offset=500&order_by=%2Bcreated_at" >p2
curl -sS -H "Authorization: Bearer $CLERK_SECRET_KEY" "$clerk_url/v1/users?limit=500&offset=1000&order_by=%2Bcreated_at" >p3
jq -r '.[] | "s/^\(.external_id),/\(.id),/"' p1 p2 p3 >ids
# The export of that tenant: the same people under its own ids.
sed -f ids people.csv >export.csv
at "$workos_url" reset '{"only":"objects"}' >reply
quickly plan --from clerk -f people.json -f people.csv --to workos -w files --json
hashes=$(jq .plan.withPassword out)
quickly plan --from clerk -f export.csv --live --to workos -w joined --json
[ "$hashes" -gt 100 ] && jq -e ".plan.withPassword == $hashes and .plan.sourceRecords == $there" out >/dev/null
verdict "the API's record is the full one, and the export brings its $hashes hashes"
quickly plan --from clerk -f export.csv --to workos -w alone --json
jq -e '.plan.sourceReads == 0' out >/dev/null
verdict "with -f the files alone are read"

# ---- the other way, and between two tenants of one provider ----
run plan --from clerk --to clerk -w same -y
[ "$code" -eq 2 ] && grep -qF '"--from-secret-key"' err
verdict "between two tenants of one provider a bare key is the target's"
quickly plan --from clerk --from-secret-key sk_live_rehearsal --from-api-url "$clerk_url" --to clerk \
	--to-secret-key sk_live_rehearsal --to-api-url "$other_url" -w same --json
jq -e ".plan.create == $there and .sides.sourceOrigin == \"$clerk_url\" and .sides.origin == \"$other_url\"" out >/dev/null
verdict "each side has its own key"

# ---- what cannot be read ----
refuses "with --offline the source's API is not read" plan --from clerk --to workos --offline
refuses '"api:user" is no file' plan --from clerk -f api:user --to workos
refuses 'provider "auth0" is read from files only' plan --from auth0 -f people.json --live --to workos
CLERK_SECRET_KEY=sk_test_none exits 4 "a key that is not accepted" plan --from clerk --to workos
fault "$clerk_url" '{"kind":"status","status":403,"path":"/v1/users","count":0,"body":{"errors":[{"code":"authorization_invalid","message":"no"}]}}'
exits 4 "a key that may not read users" plan --from clerk --to workos -w denied
fault "$clerk_url"

# ---- faults on the way ----
read_whole() {
	jq -e ".plan.sourceRecords == $there and .plan.sourceRepeated == 0" out >/dev/null
}
fault "$clerk_url" '[{"kind":"status","status":429,"path":"/v1/user*s","after":1,"count":1},
	{"kind":"status","status":500,"path":"/v1/user*s","after":1,"count":2},
	{"kind":"cut","path":"/v1/user*s","after":1,"count":1},
	{"kind":"reset-after","path":"/v1/user*s","count":1}]'
quickly plan --from clerk --to workos -w faults --json
[ "$code" -le 1 ] && read_whole && [ "$(at "$clerk_url" faults | jq '[.[].fired] | add')" -eq 5 ]
verdict "a page that is refused, fails, is cut or lost is asked for again"

# incomplete PATTERN NAME: exit 3, the words, and no plan.
incomplete() {
	[ "$code" -eq 3 ] && grep -q "$1" err && [ ! -e "$workspace/plans/1.json" ] && [ ! -e "$workspace/snapshot/live-user.sealed" ]
	verdict "$2"
}
workspace=few
fault "$clerk_url" '{"kind":"status","status":200,"path":"/v1/users/count","count":0,"body":{"object":"total_count","total_count":5000}}'
run plan --from clerk --to workos -w few
incomplete "were not read to their end: $there of 5000 came" "fewer than both counts: how many of how many, and no plan"
fault "$clerk_url"
quickly plan --from clerk --to workos -w few --json
read_whole
verdict "then it is read anew"
fault "$clerk_url" '{"kind":"status","status":200,"path":"/v1/users/count","after":1,"body":{"object":"total_count","total_count":1100}}'
quickly plan --from clerk --to workos -w shrinks
[ "$code" -le 1 ] && grep -q "it counted ${there%???},${there: -3} before and 1,100 behind" out
verdict "a total that shrinks meanwhile is told"
fault "$clerk_url" "{\"kind\":\"status\",\"status\":200,\"path\":\"/v1/users/count\",\"count\":1,\"body\":{\"object\":\"total_count\",\"total_count\":$((there - 3))}}"
quickly plan --from clerk --to workos -w grows --json
read_whole && jq -e ".plan.sourceBefore == $((there - 3)) and .plan.sourceAfter == $there" out >/dev/null
verdict "one that grows too"
fault "$clerk_url"

# ---- interrupted ----
for page in 1 2 3; do
	REHOME_TEST_KILL_PAGE=$page run plan --from clerk --to workos -w killed$page --json
	killed=$code
	run plan --from clerk --to workos -w killed$page --json
	[ "$killed" -eq 137 ] && read_whole && jq -e ".plan.sourceReads <= $((7 - page))" out >/dev/null
	verdict "killed behind page $page: the next plan goes on there"
done
fault "$clerk_url" '{"kind":"slow","path":"/v1/user*s","after":1,"delay_ms":1500}'
"$tool" plan --from clerk --to workos -w stopped >out 2>err </dev/null &
reader=$!
sleep 1
kill -TERM $reader
wait $reader
code=$?
[ "$code" -eq 130 ] && grep -q '^to go on: rehome plan' out err
verdict "a signal ends it behind the page that is on its way, and says how to go on"
fault "$clerk_url"
quickly plan --from clerk --to workos -w stopped --json
read_whole && jq -e '.plan.sourceReads <= 5' out >/dev/null
verdict "which the next plan does"

# ---- nothing leaks ----
! grep -rqF -e "$CLERK_SECRET_KEY" -e '@example' one joined few killed1 stopped
verdict "neither the key nor an address stands in a workspace"

finish
