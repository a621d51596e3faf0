#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the pages of plan, status and undo count and say: the plan's number of writes is what the target then counts, who
# does not move loses nothing, and the numbers add up.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
start_server clerk --limits off
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

finish
