#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Living sources, the other way: users of a rehearsed WorkOS, read page by page, to Clerk; lists that lead in a circle, give
# a page again, or are not whole; kills behind pages.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/target.bash"

start_server workos clerk --limits off
export CLERK_SECRET_KEY=sk_live_rehearsal
# fault JSON: what goes wrong at the source from now on, and nothing else does.
fault() {
	control reset '{"only":"faults"}' >reply
	[ -z "${1:-}" ] || control faults "$1" >reply
}
there() {
	control state | jq '.environments.test.users | length'
}
read_whole() {
	jq -e ".plan.sourceRecords == $people and .plan.total == $people and .plan.sourceRepeated == 0" out >/dev/null
}

run sample --provider clerk --count 430 --seed 3 --out people.json
"$tool" apply --from clerk -f people.json --to workos --rate 100000 -w fill --yes --quiet >out 2>err </dev/null
code=$?
people=$(there)
[ "$code" -le 1 ] && [ "$people" -gt 400 ]
verdict "an environment with some hundred people"
pages=$(((people + 99) / 100))

run plan --from workos --to clerk -w back --json
read_whole && jq -e ".plan.sourceReads == $pages + 1 and .plan.create == $people and .plan.withPassword == 0" out >/dev/null
verdict "everybody is read, a page a request"
holds "that no hash is given out is told of each" "[.findings[] | select(.code == \"RH0317\") | .count] == [$people]"
WORKOS_API_KEY='' run apply --plan 1 -w back --rate 100000 --yes --quiet --json
holds "and moves, without the source's key" ".run.created == $people"
run verify -w back --rate 100000 --json
holds "as planned" ".run.verified == $people and .run.differs + .run.missing == 0"
curl -sS -H "Authorization: Bearer $CLERK_SECRET_KEY" "$CLERK_API_URL/v1/users?limit=500" >clerk
control state >workos
jq -n -e --slurpfile a workos --slurpfile b clerk '($a[0].environments.test.users | map({(.external_id): .first_name}) | add) ==
	($b[0] | map({(.external_id): .first_name}) | add)' >out
verdict "each with the external id and the name that it had"
run plan --from workos --to clerk -w back --json
holds "a new plan reads anew, and knows who moved" ".plan.sourceRecords == $people and .plan.done == $people"

# ---- a file of the same objects ----
curl -sS -H "Authorization: Bearer $WORKOS_API_KEY" "$WORKOS_API_URL/user_management/users?limit=100&order=asc" | jq -c '.data[]' >users.ndjson
run plan --from workos -f users.ndjson --to clerk -w file --json
holds "user objects in a file are read as well" '.plan.total == 100 and .plan.sourceReads == 0'

# ---- lists that are not whole ----
# broken PATTERN NAME: exit 3, the words, and neither a plan nor a stream.
broken() {
	[ "$code" -eq 3 ] && grep -q "$1" err && [ ! -e broken/plans/1.json ] && [ ! -e broken/snapshot/live-user.sealed ] &&
		[ ! -e broken/snapshot/live-user.sealed.part ]
	verdict "$2"
}
page() { # CURSOR [USER]
	printf '{"kind":"status","status":200,"path":"/user_management/users","count":1,"after":%s,"body":{"object":"list","data":[%s],
		"list_metadata":{"before":null,"after":"%s"}}}' "$2" "${3:-}" "$1"
}
fault "[$(page user_A 0),$(page user_B 0),$(page user_A 0)]"
run plan --from workos --to clerk -w broken
broken 'a cursor leads back to a page that was read' "a cursor that returns to an old page"
somebody='{"object":"user","id":"user_A","email":"a@example.com","email_verified":true}'
fault "[$(page user_A 0 "$somebody"),$(page user_B 0 "$somebody")]"
run plan --from workos --to clerk -w broken
broken 'a page came that was there before' "a page that is given again under another cursor"
fault '{"kind":"html","path":"/user_management/users","count":0}'
run plan --from workos --to clerk -w broken --max-wait 1
[ "$code" -eq 3 ] && [ ! -e broken/plans/1.json ]
verdict "a proxy's page is no list"
fault

# ---- one person on two pages ----
second=$(sed -n 2p users.ndjson)
last=$(sed -n 99p users.ndjson | jq -r .id)
fault "$(page "$last" 1 "$second")"
run plan --from workos --to clerk -w twice --json
holds "who comes twice is kept once" '.plan.sourceRepeated == 2 and .plan.sourceRecords == .plan.total'
fault

# ---- killed behind each page ----
for n in $(seq 1 "$pages"); do
	REHOME_TEST_KILL_PAGE=$n run plan --from workos --to clerk -w "killed$n" --quiet
	killed=$code
	run plan --from workos --to clerk -w "killed$n" --json
	[ "$killed" -eq 137 ] && read_whole && jq -e ".plan.sourceReads <= $pages - $n + 2" out >/dev/null
	verdict "killed behind page $n: the next plan goes on there"
done

finish
