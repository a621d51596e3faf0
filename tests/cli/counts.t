#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the pages of plan, status and undo count and say: the plan's number of writes is what the target then counts, who
# does not move loses nothing, and the numbers add up.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
start_server clerk clerk --limits off
first=$(jq -r '.tenants[0].environment[]' server | sed -n 's/^CLERK_API_URL=//p')
second=$(jq -r '.tenants[1].environment[]' server | sed -n 's/^CLERK_API_URL=//p')
export CLERK_API_URL=$first
export CLERK_SECRET_KEY=sk_live_rehearsal

# control PATH [BODY]: asks the rehearsal's control; with a body it is told something.
control() {
	curl -sS -H "X-Rehearsal-Token: $token" ${2:+-d "$2"} "$CLERK_API_URL/_rehearsal/$1"
}

# as_planned NAME: what the plan of $sides in ws says that it takes is what the target counts.
as_planned() {
	run plan "${sides[@]}" -w ws --json
	cp out plan.json
	run apply "${sides[@]}" -w ws --yes --json
	[ "$code" -le 1 ] && [ "$(control counters | jq .writes)" = "$(jq .plan.writes plan.json)" ]
	verdict "$1"
}

# ---- writes --------------------------------------------------------------------------------------------------------

run sample --count 60 --seed 3 --trouble all --out people.json --quiet
control switches '{"user_quota":"off"}' >told
sides=(--from clerk -f people.json --to clerk --rate 100000)
as_planned "the plan's number of writes is what the target counts"
holds_of '.plan | .writesBehindCreate > 0 and .writesAgain == 0 and .writes == .create + .update + .writesBehindCreate and
	.total == .create + .link + .update + .skip + .refuse + .leftOut + .blocked + .done' <plan.json
verdict "and its parts add up, with what goes behind a create"
holds_of '([.findings[] | select(.code == "RH0214") | .count] | add) <= .plan.writesBehindCreate' <plan.json
verdict "everybody with something behind the create counts"
behind=$(jq .plan.writesBehindCreate plan.json)
run plan "${sides[@]}" -w dark --offline
grep -q "^[0-9]* writes are needed ($behind behind a create, for what it does not hold), about " out
verdict "the page says so, offline, too"
run plan "${sides[@]}" -w ws --json
holds "a second plan: nothing is to be written, and nothing waits behind a create" '.plan.writes == 0 and .plan.writesBehindCreate == 0'
holds "two records with one id: the second one, refused, changes nobody" '([.findings[] | select(.code == "RH0106") | .count] == [1]) and
	.plan.refuse == '"$(jq .plan.refuse plan.json)"

cat >phones.json <<'END'
[
 {"id":"user_1","email_addresses":[{"id":"e1","email_address":"ada@example.com","verification":{"status":"verified"}}],
  "phone_numbers":[{"id":"p1","phone_number":"+14155550131","verification":{"status":"verified"},"reserved_for_second_factor":true},
   {"id":"p2","phone_number":"+14155550132","verification":{"status":"verified"}},
   {"id":"p3","phone_number":"+14155550133","verification":{"status":"unverified"}}]},
 {"id":"user_2","email_addresses":[{"id":"e2","email_address":"bob@example.com","verification":{"status":"verified"}},
   {"id":"e3","email_address":"late@example.com","verification":{"status":"unverified"}}],
  "phone_numbers":[{"id":"p4","phone_number":"+14155550134","verification":{"status":"unverified"}}]},
 {"id":"user_3","email_addresses":[{"id":"e4","email_address":"eve@example.com","verification":{"status":"verified"}}],"username":"eve_1"}
]
END
sides=(--from clerk -f phones.json --to clerk --rate 100000 --max-failures 100%)
for switched in '{"phone":"off"}' '{"phone":"off","username":"off"}' '{"phone":"on","username":"on"}'; do
	control reset '{}' >told
	control switches "$switched" >told
	rm -rf ws
	as_planned "what the settings refuse is sent twice, and counted: $switched"
	jq -c '.plan | [.writesBehindCreate, .writesAgain]' plan.json >>parts
done
[ "$(tr '\n' ' ' <parts)" = '[5,1] [5,2] [4,0] ' ]
verdict "as many of each as there are"

control reset '{}' >told
control switches '{"user_quota":"100"}' >told
rm -rf ws
run sample --count 110 --seed 3 --out many.json --quiet
sides=(--from clerk -f many.json --to clerk --rate 100000 -w ws)
export CLERK_SECRET_KEY=sk_test_rehearsal
run plan "${sides[@]}"
run apply "${sides[@]}" --yes
[ "$code" -eq 3 ] && grep -q 'the target takes nothing more' err && ! grep -q -e '--limit' err
verdict "a full instance: what to do then"

# What a run before has left behind creates is an update now, and is counted once.
control reset '{}' >told
control switches '{"user_quota":"off"}' >told
control faults '[{"kind":"status","status":503,"method":"POST","path":"/v1/email_addresses","count":999},
	{"kind":"status","status":503,"method":"POST","path":"/v1/phone_numbers","count":999}]' >told
rm -rf ws
run apply "${sides[@]}" --yes --max-wait 1
first_run=$code
control reset '{"only":"faults"}' >told
run plan "${sides[@]}" --json
cp out plan.json
before=$(control counters | jq .writes)
run apply "${sides[@]}" --yes
[ "$first_run" -eq 3 ] &&
	holds_of ".plan | .update > 0 and .writes == $(control counters | jq ".writes - $before")" <plan.json
verdict "what waits behind a create of an earlier run is counted once"
export CLERK_SECRET_KEY=sk_live_rehearsal

# ---- who does not move loses nothing -------------------------------------------------------------------------------

# person N ADDRESS: one with a photograph, and with a passkey, neither of which is carried.
person() {
	printf '{"id":"user_%d","email_addresses":[{"id":"e%d","email_address":"%s","verification":{"status":"verified"}}],
		"passkeys":[{"id":"k%d"}],"has_image":true,"image_url":"https://img.example/%d"}' "$1" "$1" "$2" "$1" "$1"
}
control reset '{}' >told
curl -sS -o made -H "Authorization: Bearer $CLERK_SECRET_KEY" -H 'Content-Type: application/json' -H 'Clerk-API-Version: 2025-11-10' \
	-d '{"email_address":["there@example.com"],"skip_password_requirement":true}' "$CLERK_API_URL/v1/users"
{
	echo "[$(person 1 twin@example.com),"
	echo "$(person 2 twin@example.com),"
	echo "$(person 3 there@example.com),"
	echo "$(person 4 alone@example.com)]"
} >twins.json
sides=(--from clerk -f twins.json --to clerk --rate 100000)
for way in 'fail skip [1,1,0,2]' 'first skip [2,1,0,1]' 'first link [2,0,1,1]' 'first fail [2,0,0,2]' 'newest update [2,0,0,1]'; do
	read -r twins there wanted <<<"$way"
	rm -rf ws
	run plan "${sides[@]}" -w ws --on-duplicate "$twins" --on-existing "$there" --json
	cp out plan.json
	movers=$(jq '.plan.create + .plan.update' plan.json)
	[ "$(jq -c '.plan | [.create, .skip, .link, .refuse]' plan.json)" = "$wanted" ] &&
		holds_of "([.findings[] | select(.code == \"RH0411\" or .code == \"RH0505\") | .count] | unique) == [$movers]" <plan.json
	verdict "what cannot be carried, for those alone who move: duplicates $twins, existing $there"
	run accounts -w ws --finding RH0505 --json
	holds "and whom it is about says the same" "(.findings | length) == $movers"
	jq -r '.findings[] | select(.code == "RH0505") | .examples[]' plan.json | sort >examples
	jq -r '.findings[].sourceId' out | sort | cmp -s - examples
	verdict "with their ids as examples"
done

# ---- one file twice --------------------------------------------------------------------------------------------------

cp phones.json copy.json
ln -s phones.json link.json
for twice in ./phones.json link.json copy.json; do
	rm -rf ws
	run plan --from clerk -f phones.json -f "$twice" --to clerk -w ws --offline
	[ "$code" -eq 2 ] && [ ! -s out ] && [ "$(grep -c '^rehome: ' err)" -eq 1 ] &&
		grep -q "^rehome: \"phones.json\" and \"$twice\" are the same file, or hold the same\$" err && [ ! -e ws/plans/1.json ]
	verdict "a file given twice is refused, once: $twice"
done
run plan --from clerk -f phones.json -f twins.json --to clerk -w ws --offline
[ "$code" -eq 1 ]
verdict "two files are two"

# ---- a plan that was overtaken -----------------------------------------------------------------------------------------

control reset '{}' >told
rm -rf ws
run plan --from clerk -f phones.json --to clerk -w ws
run plan --from clerk -f twins.json --to clerk -w ws
run apply --plan 2 -w ws --yes --rate 100000 --from clerk -f twins.json --to clerk
for consent in --yes --quiet; do
	run apply --plan 1 -w ws "$consent"
	[ "$code" -eq 5 ] && [ ! -s out ] &&
		grep -q '^rehome: plan 1 cannot be applied any more: another plan was applied since it was made; the newest is plan 2$' err &&
		grep -q '^hint: Plan again: ' err
	verdict "a plan that was overtaken is refused, and no command offered: $consent"
done

# ---- another instance ---------------------------------------------------------------------------------------------------

# elsewhere COMMAND [ARGUMENT...]: the same with a key of the second instance.
elsewhere() {
	CLERK_API_URL=$second run "$@"
	[ "$code" -eq 5 ] && [ ! -s out ] && grep -q "^rehome: $told\$" err && grep -q '^hint: Use the key that the migration was made with\. ' err
}
sides=(--from clerk -f twins.json --to clerk -w ws --rate 100000)
told='the ledger.s accounts are at another target: tenant "ins_rehearsal_live0", and this key is of "ins_rehearsal_live1"'
for command in plan apply; do
	elsewhere "$command" "${sides[@]}" --yes
	verdict "another instance is noticed, and named: $command"
done
CLERK_API_URL=$second run undo -w ws --yes --confirm ins_rehearsal_live1
[ "$code" -eq 5 ] && grep -q "^rehome: $told\$" err
verdict "another instance is noticed, and named: undo"
CLERK_API_URL=$second run plan "${sides[@]}" --offline
[ "$code" -le 1 ]
verdict "offline nobody is asked"
sqlite3 ws/ledger.db "DELETE FROM facts WHERE name = 'tenant'" 2>err
told='the ledger.s accounts are not at this target: a key of another environment?'
elsewhere plan "${sides[@]}"
verdict "by reading accounts back, where the ledger does not know its tenant"
run apply "${sides[@]}" --yes
CLERK_API_URL=$second run plan --from clerk -f twins.json --to clerk -w elsewhere
[ "$code" -le 1 ] && grep -q '^ *2  to be created' out
verdict "in a workspace of its own it is planned"

# ---- undo, in production ------------------------------------------------------------------------------------------------

run status -w ws
[ "$code" -le 1 ] && ! grep -q '^to go on' out
verdict "status: nothing waits"
for step in 3 4 5 6 7 8; do
	REHOME_TEST_KILL_AT=$step run undo -w ws --yes --confirm ins_rehearsal_live0
	run status -w ws
	! grep -q 'being removed' out || break
done
[ "$code" -eq 3 ] && grep -q '^to go on: rehome undo --workspace ws --confirm ins_rehearsal_live0 --yes$' out
verdict "status of an undo that was killed: the command has what production asks for"
run undo -w ws --json
cp out undo.json
run status -w ws --json
lines=$(jq '.undo | .remove + .lookUp + .keep + .leave' undo.json)
holds "undo, as it would be now: each account in one line" "(.run.everybody | .created + .linked + .unknown + .undoOpen + .kept) == $lines"
run undo -w ws --yes --confirm ins_rehearsal_live0
[ "$code" -eq 0 ] && [ "$(control state | jq '.environments.live.users | length')" -eq 0 ]
verdict "and it ends"

finish
