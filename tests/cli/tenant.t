#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A whole tenant from one rehearsed Clerk to another: people, permissions, roles, organizations, domains, memberships and
# invitations read through the API, planned, written, read back, and removed again (engine/tenant.h).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/target.bash"

start_server clerk clerk --limits off
there=http://127.0.0.1:$(jq '.tenants[0].port' server)
here=http://127.0.0.1:$(jq '.tenants[1].port' server)
at() {
	curl -sS -H "X-Rehearsal-Token: $token" ${3:+-d "$3"} "$1/_rehearsal/$2"
}
sides=(--from clerk --to clerk --from-api-url "$there" --from-secret-key sk_live_rehearsal)
to=(--to-api-url "$here" --to-secret-key sk_test_rehearsal -w ws)
at "$there" fill '{"environment":"live","users":60,"organizations":14,"memberships":60,"roles":4,"factors":0,"invitations":3,"domains":4,"seed":1}' >reply
jq -e '.organizations == 14' reply >out
verdict "a made-up tenant"

run plan "${sides[@]}" "${to[@]}" --json
jq -e '.plan.kinds == {}' out >err
verdict "without --whole-tenant people alone"
run plan "${sides[@]}" "${to[@]}" --whole-tenant --json
jq -e '.plan.kinds | .organization.create == 14 and .membership.create == 60 and .role.create == 4 and .role.link == 2
	and .domain.create == 4 and .invitation.create == 3' out >err
verdict "plan: each kind is counted"
run apply "${sides[@]}" "${to[@]}" --whole-tenant --rate 100000 --yes --quiet --json
[ "$code" -eq 0 ] && jq -e '.run.created == 60 and (.run.kinds | .organization.created == 14 and .membership.created == 60
	and .role.created == 4 and .domain.created == 4 and .invitation.created == 3)' out >err
verdict "apply: all of it is there"
[ "$(at "$here" counters | jq .mails)" -eq 0 ]
verdict "and nobody got a letter"
run verify "${to[@]}" --quiet --json
[ "$code" -eq 0 ] && jq -e '.run.kinds | .membership.verified == 60 and .organization.verified == 14 and .role.verified == 6' out >err
verdict "verify: as it was written"
run apply "${sides[@]}" "${to[@]}" --whole-tenant --rate 100000 --yes --quiet --json
jq -e '.run.writes == 0' out >err
verdict "a second apply writes nothing"
run undo "${to[@]}" --rate 100000 --yes --quiet --json
[ "$code" -eq 0 ] && jq -e '.run.kinds | .membership.undone == 60 and .organization.undone == 14 and .role.undone == 4' out >err
verdict "undo: all of it is gone"
stop_server
finish
