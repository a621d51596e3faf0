#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Those who do not move: their records, mended and applied over the same ledger, and lists of who loses what (C-33).
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

start_server --limits off
posts='"method":"POST","path":"/user_management/users"'

# control ROUTE JSON: a control route of the server.
control() {
	curl -sS -f -o /dev/null -H "X-Rehearsal-Token: $token" -d "$2" "$WORKOS_API_URL/_rehearsal/$1"
}
# api METHOD PATH [BODY]: the target itself, as its owner asks it.
api() {
	curl -sS -f -X "$1" -H "Authorization: Bearer $WORKOS_API_KEY" -H 'Content-Type: application/json' \
		${3:+-d "$3"} "$WORKOS_API_URL$2"
}
# everybody_once COUNT: the target has so many accounts of ours, each source id once.
everybody_once() {
	api GET '/user_management/users?limit=100' >users.there
	jq -e --argjson n "$1" \
		'[.data[].external_id | select(. != null and startswith("user_"))] | length == $n and (unique | length) == $n' \
		users.there >/dev/null
}
# next_of FILE: the command that the last run of rejects printed, without its first word.
next_command() {
	sed -n 's/^to plan them again when they are mended: rehome //p' out
}
# anew: nothing at the target, nothing here.
anew() {
	control reset '{}'
	rm -rf .rehome rejects*
}
# person ID ADDRESS: a record as the API has it.
person() {
	jq -cn --arg id "$1" --arg email "$2" '{id: $id, first_name: "Ada", big: "BIG",
		email_addresses: (if $email == "" then [] else [{id: "e", email_address: $email, verification: {status: "verified"}}] end),
		primary_email_address_id: (if $email == "" then null else "e" end),
		phone_numbers: (if $email == "" then [{id: "p", phone_number: "+12015550101", verification: {status: "verified"}}] else [] end)}' |
		sed 's/"BIG"/12345678901234567890123/'
}
people() {
	local i
	for i in $(seq 1 12); do
		person "user_$i" "p$i@example.com"
	done
	person user_bare ''                   # no address: RH0205
	person user_twin1 twin@example.com    # one address, two people: RH0601
	person user_twin2 Twin@Example.com
	person user_taken taken@example.com   # taken since the plan: conflict
	person user_shy shy@example.com       # refused by the target
}
# The first person's create meets the fault: the target refuses it.
refused_by_target() {
	control faults "{\"kind\":\"status\",\"status\":422,$posts}"
}

# ---- usage ----
refuses 'missing option: "--out FILE"' rejects
refuses 'missing option: "--out FILE"' rejects --out -
refuses 'there is no state "lost"' rejects --out x --state refused,lost
refuses 'there is no migration in this folder' rejects --out x
refuses 'there is no finding "RH9999"' accounts --finding RH0205,RH9999
refuses '--format goes with --finding' accounts --format csv
refuses '--finding goes without an id' accounts user_1 --finding all

# ---- the whole loop, in each form ----
# loop NAME FILE MEND: plan, apply, rejects, mend with MEND (a function of the file), plan, apply, verify.
loop() {
	local name=$1 file=$2 mend=$3
	anew
	run plan --from clerk -f "$file" --to workos --external-id source-id
	[ "$code" -eq 1 ] && grep -q '^ *3  refused' out
	verdict "$name: three are refused by the plan"
	api POST /user_management/users '{"email":"taken@example.com"}' >/dev/null
	refused_by_target
	run apply --plan 1 --yes --json
	holds "$name: one is refused by the target, one in conflict" \
		'.exit == 1 and .run.rejected == 1 and .run.conflicts == 1 and .run.created == 12'
	exits 0 "$name: rejects" rejects --out "rejects.$4"
	grep -q '^5 accounts$' out && [ "$(stat -c %a "rejects.$4")" = 600 ] && ! grep -q '@' out err
	verdict "$name: five records in a file of one's own"
	has "$name: a hint whose data it is" "They hold people's data"
	next=$(next_command)
	exits 2 "$name: a file that is there is not replaced" rejects --out "rejects.$4"
	grep -q 'is there already' err && [ ! -e "rejects.$4.part" ]
	verdict "$name: says so"
	exits 0 "$name: with consent it is" rejects --out "rejects.$4" --yes
	"$mend" "rejects.$4"
	# shellcheck disable=SC2086 # words of a printed command
	run $next --json
	holds "$name: the printed command plans the mended file as a new revision" \
		'.exit == 0 and .plan.revision == 2 and .plan.total == 5 and .plan.create == 5'
	run apply --plan 2 --yes --json
	holds "$name: everybody moves" '.exit == 0 and .run.createdNow == 5 and .run.created == 17 and .run.rejected == 0'
	run verify --json
	holds "$name: as planned" '.run.verified == 17 and .run.differs == 0 and .run.missing == 0'
	everybody_once 17
	verdict "$name: each of them once"
	exits 0 "$name: nobody is left" rejects --out none
	grep -q '^0 accounts$' out && [ ! -e none ]
	verdict "$name: and no file is made of nobody"
}
with_address='(select(.id == "user_bare") | .email_addresses) = [{id: "e", email_address: "bare@example.com", verification: {status: "verified"}}] |
	(select(.id == "user_twin2") | .email_addresses[0].email_address) = "twin2@example.com" |
	(select(.id == "user_taken") | .email_addresses[0].email_address) = "taken2@example.com"'
mend_array() {
	jq -e 'all(.[]; .rehome_code and .rehome_reason) and ([.[].rehome_code] | index("RH0205") != null)' "$1" >/dev/null &&
		grep -q '"big":12345678901234567890123' "$1"
	verdict "array: the reasons stand beside the records, and no digit is lost"
	sed -i 's/"big":12345678901234567890123/"big":1/' "$1" # jq rounds it
	jq "map($with_address)" "$1" >mended && mv mended "$1"
}
mend_wrapped() {
	jq -e '.users | length == 5' "$1" >/dev/null
	verdict "wrapped: the records stand in their member"
	jq ".users |= map($with_address)" "$1" >mended && mv mended "$1"
}
mend_lines() {
	[ "$(wc -l <"$1")" = 5 ] && jq -c "$with_address" "$1" >mended && mv mended "$1"
	verdict "lines: a record a line"
}
people >people.ndjson
{ echo '['; paste -s -d , people.ndjson; echo ']'; } >people.json
jq '{users: ., total_count: length}' people.json >wrapped.json
loop array people.json mend_array json
loop wrapped wrapped.json mend_wrapped json
loop lines people.ndjson mend_lines ndjson

# Rows under another separator, one cell with it, one with a line end, one row broken.
{
	printf '\xef\xbb\xbfid;first_name;last_name;username;primary_email_address;primary_phone_number;verified_email_addresses;password_digest;password_hasher\r\n'
	for i in $(seq 1 12); do
		printf 'user_%s;Ada;"Exam;ple";;p%s@example.com;;p%s@example.com;;\r\n' "$i" "$i" "$i"
	done
	printf 'user_bare;Ada;"two\nlines";;;+12015550101;;$2b$04$5j129C2aV8j1NlbdYSLj2uCgxrXtnUyhqk5Ksys17v/kVGBwgBS7W;bcrypt\r\n'
	for who in twin1 twin2; do
		printf 'user_%s;Ada;Example;;twin@example.com;;twin@example.com;;\r\n' "$who"
	done
	printf 'user_taken;Ada;Example;;taken@example.com;;taken@example.com;;\r\n'
	printf 'user_shy;Ada;Example;;shy@example.com;;shy@example.com;;\r\n'
} >people.csv
mend_rows() {
	head -n 1 "$1" | grep -q '^id;.*;password_hasher;rehome_code;rehome_reason' && grep -q ';RH0205;the target needs' "$1"
	verdict "rows: the header has two columns more"
	sed -i 's/^user_twin2;\(.*\)twin@example.com;;twin@example.com/user_twin2;\1twin2@example.com;;twin2@example.com/
		s/^user_taken;\(.*\)taken@example.com;;taken@example.com/user_taken;\1taken2@example.com;;taken2@example.com/
		s/^lines";;;+12015550101;;/lines";;bare@example.com;;bare@example.com;/' "$1"
}
loop rows people.csv mend_rows csv
api GET '/user_management/users?limit=100' | jq -e '.data[] | select(.external_id == "user_bare") | .last_name == "two\nlines" and .email == "bare@example.com"' >/dev/null
verdict "rows: a quoted line end went both ways"

# ---- rejects of rejects: the reasons are replaced, not heaped up ----
anew
run plan --from clerk -f people.csv --to workos
run rejects --out rejects.csv
run plan --from clerk -f rejects.csv --to workos
run rejects --out rejects2.csv
[ "$(head -n 1 rejects2.csv | grep -o rehome_code | wc -l)" = 1 ] && [ "$(grep -o 'RH0205' rejects2.csv | wc -l)" = 1 ]
verdict "rejects of rejects: rows"
anew
run plan --from clerk -f people.json --to workos
run rejects --out rejects.json
run plan --from clerk -f rejects.json --to workos
run rejects --out rejects2.json
[ "$(grep -o '"rehome_code"' rejects2.json | wc -l)" = 3 ]
verdict "rejects of rejects: values"

# ---- two files that are joined: both parts of a person, each in its form ----
anew
header=id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher
{
	echo "$header"
	for who in 1 bare; do
		printf 'user_%s,,,,,,,,,,,$2b$04$5j129C2aV8j1NlbdYSLj2uCgxrXtnUyhqk5Ksys17v/kVGBwgBS7W,bcrypt\n' "$who"
	done
	echo 'user_2,broken'
} >hashes.csv
run apply --from clerk -f people.json -f hashes.csv --to workos --on-duplicate first --yes
run rejects --out rejects.json
jq -e '[.[].id] == ["user_bare", "user_twin2"]' rejects.json >/dev/null &&
	[ "$(grep -c '^user_bare,.*,RH0205,' rejects.2.csv)" = 1 ] && [ "$(wc -l <rejects.2.csv)" = 2 ]
verdict "joined: the hash comes along, in the form that it had"
[ "$(cat rejects.broken.csv)" = "$(printf '%s\nuser_2,broken' "$header")" ]
verdict "joined: a broken row stands as it was"
next=$(next_command)
! grep -q '\$2b\|@' out err
verdict "joined: neither hash nor address on the terminal"
jq "map($with_address)" rejects.json >mended && mv mended rejects.json
# shellcheck disable=SC2086 # words of a printed command
run $next --json
holds "joined: planned again" '.plan.create == 2 and .plan.withPassword == 1'
run apply --plan 2 --yes
everybody_once 17 && api GET '/user_management/users?limit=100' >/dev/null
verdict "joined: everybody once"

# ---- standard input: from its sealed copy ----
anew
"$REHOME" plan --from clerk -f - --to workos <people.json >out 2>err
exits 0 "standard input: its refused records can be had" rejects --out rejects.json
jq -e 'length == 3' rejects.json >/dev/null
verdict "standard input: all of them"
run accounts --finding RH0601 --format csv
[ "$(wc -l <out)" = 3 ]
verdict "standard input: lists, too"

# ---- options of the plan: in the printed command, also where the target is; nobody is asked ----
anew
rm -rf elsewhere
env -u WORKOS_API_URL -u WORKOS_CLIENT_ID -u WORKOS_API_KEY "$REHOME" plan --from clerk -f people.json --to workos --offline --workspace elsewhere \
	--workos-api-url https://workos.example.com --workos-client-id client_x --external-id source-id --limit 16 >out 2>err
code=$?
[ "$code" -eq 1 ]
verdict "options: a plan for another address"
env -u WORKOS_API_URL -u WORKOS_CLIENT_ID -u WORKOS_API_KEY "$REHOME" rejects --out rejects.json --workspace elsewhere >out 2>err
code=$?
[ "$code" -eq 0 ] && grep -q -- ' --external-id=source-id .*--workos-api-url=https://workos.example.com' out &&
	grep -q -- '--workos-client-id=client_x' out && ! grep -q -- '--limit' out
verdict "options: stand in the printed command, but for those that choose accounts"

# ---- broken values ----
anew
printf '[\n%s,\n{"id":"user_cut","email_addresses":[{"email_address":"x@example.com"},\n%s\n]\n' "$(person user_a a@example.com)" "$(person user_b b@example.com)" >cut.json
run plan --from clerk -f cut.json --to workos
run rejects --out rejects.json
grep -q 'user_cut' rejects.broken.json && [ ! -e rejects.json ] && grep -q '1  as they stand, for they are no records' out
verdict "broken: as it stands, in a file of its own"
has "broken: the printed command names its file, and what it is" '-f rejects.broken.json --mended'

# ---- a record whose id is another person's: never a newer word about that person ----
anew
{
	person user_x alice@example.com | jq -c '.first_name = "Alice"'
	person user_x mallory@example.com | jq -c '.first_name = "Mallory"'
	person user_y y@example.com
} >twice.ndjson
run apply --from clerk -f twice.ndjson --to workos --external-id source-id --yes
[ "$code" -eq 1 ]
verdict "one id twice: the second one is refused"
exits 0 "one id twice: its record can be had" rejects --out rejects.ndjson
[ "$(jq -r '.id' rejects.ndjson)" = "" ] && grep -q '1  without their id' out && jq -e '.rehome_reason | contains("user_x")' rejects.ndjson >/dev/null &&
	! grep -q 'user_x\|@' out
verdict "one id twice: without the id, which stands in the reason"
# shellcheck disable=SC2046 # words of a printed command
run $(next_command)
run apply --plan 2 --yes
[ "$code" -eq 1 ]
verdict "one id twice: unmended it is refused again"
api GET '/user_management/users?limit=100' | jq -e '[.data[] | select(.external_id == "user_x") | .first_name, .email] == ["Alice", "alice@example.com"]' >/dev/null
verdict "one id twice: and nobody else is changed"
jq -c '.id = "user_z"' rejects.ndjson >mended && mv mended rejects.ndjson
run apply --from clerk -f rejects.ndjson --to workos --external-id source-id --yes --json
holds "one id twice: with an id of its own it moves" '.exit == 0 and .run.createdNow == 1'

# ---- what the migration lives on is not written over ----
anew
cp people.json kept.json
run plan --from clerk -f people.json --to workos --workspace w
for out in people.json w/ledger.db w/rejects.json ./w/plans/1.json; do
	exits 2 "rejects: $out is not replaced" rejects --workspace w --out "$out" --yes
done
grep -q 'inside the workspace' err
verdict "rejects: and says why"
cmp -s people.json kept.json && [ ! -e w/rejects.json ]
verdict "rejects: the input is as it was"
ln -s people.json link.json
ln people.json twin.json
exits 2 "rejects: nor by a second name" rejects --workspace w --out twin.json --yes
exits 2 "rejects: nor by a link" rejects --workspace w --out link.json --yes
! grep -q 'replace it with' err && grep -q 'is an input of this migration' err
verdict "rejects: what would not be done is not offered"
run plan --from clerk -f people.ndjson --to workos --workspace w
exits 2 "rejects: nor what an earlier plan read" rejects --workspace w --out people.json --yes
# A companion: the second form would have this name.
cp hashes.csv r.2.csv && mv people.ndjson people.part
run plan --from clerk -f people.json -f r.2.csv --to workos --workspace w
exits 2 "rejects: nor as a companion" rejects --workspace w --out r.json --yes
cmp -s hashes.csv r.2.csv && [ ! -e r.json ] && [ ! -e r.json.part ]
verdict "rejects: nothing was begun"
run plan --from clerk -f people.part --to workos --workspace w
exits 2 "rejects: nor while it is being written" rejects --workspace w --out people --yes
mv people.part people.ndjson
rm -rf w link.json twin.json r.2.csv

# ---- the input must be the plan's ----
anew
run plan --from clerk -f people.json --to workos
cp people.json kept.json
sed -i 's/"user_12"/"user_13"/' people.json
exits 5 "rejects: an input that changed" rejects --out rejects.json
grep -q 'Plan again' err && [ ! -e rejects.json ] && [ ! -e rejects.json.part ]
verdict "rejects: plan again, and no file"
exits 5 "accounts --finding: an input that changed" accounts --finding all
mv kept.json people.json
exits 0 "rejects: the input is back" rejects --out rejects.json

# ---- who loses what: each group of the plan, in full ----
# as_many: list.json has as many of each finding as plan.json counts.
as_many() {
	jq -n -e --slurpfile p plan.json --slurpfile l list.json \
		'([$p[0].findings[] | {code, note: (.note // ""), count}] | sort) ==
		([$l[0].findings[] | {code, note: (.note // "")}] | group_by(.) | map(.[0] + {count: length}) | sort)' >/dev/null
}
anew
run sample --count 80 --seed 4 --trouble all --out all.json
run sample --count 80 --seed 4 --trouble all --format csv --out all.csv
run plan --from clerk -f all.json -f all.csv --to workos --on-duplicate newest --json
cp out plan.json
run accounts --finding all --json
cp out list.json
as_many
verdict "accounts --finding all: as many of each as the plan counts"
jq -e '[.findings[] | select(.sourceId == null)] | all(.code == "RH0101" or .code == "RH0102" or .code == "RH0104")' list.json >/dev/null
verdict "accounts --finding: ids, where there are any"
! grep -q '@' list.json
verdict "accounts --finding: no address"
code1=$(jq -r '[.findings[] | select(.severity == "loss")][0].code' plan.json)
run accounts --finding "$code1" --format csv
[ "$(head -n 1 out)" = $'source_id,code,note,state\r' ] &&
	[ "$(($(wc -l <out) - 1))" = "$(jq --arg c "$code1" '[.findings[] | select(.code == $c) | .count] | add' plan.json)" ]
verdict "accounts --finding: CSV"
run accounts --finding "$code1,RH0101" --format ndjson
jq -s -e --arg c "$code1" 'length > 0 and all(.code == $c or .code == "RH0101")' out >/dev/null
verdict "accounts --finding: several, a value a line"
run accounts --finding "$code1"
[ "$(grep -c " $code1 " out)" -gt 0 ] && grep -q 'planned' out
verdict "accounts --finding: for people"
exits 0 "accounts --finding: nobody" accounts --finding RH0210
grep -q 'says this of nobody' err
verdict "accounts --finding: says so"
run apply --plan 1 --yes
run accounts --finding "$code1" --json
holds "accounts --finding: with what became of them" '.findings | length > 0 and all(.state != "planned")'

# ---- a newer export, changes left alone: what only the ledger tells is listed, too ----
anew
run sample --count 12 --seed 4 --format csv --out was.csv
run apply --from clerk -f was.csv --to workos --yes
awk -F, -v OFS=, 'NR > 1 { if ($12 ~ /^\$2/) $12 = "$2b$04$5j129C2aV8j1NlbdYSLj2uCgxrXtnUyhqk5Ksys17v/kVGBwgBS7W"
	if (NR % 2) $2 = "Other"; else $3 = "" } 1' was.csv >now.csv
run plan --from clerk -f now.csv --to workos --on-changed skip --json
cp out plan.json
run accounts --finding all --json
cp out list.json
jq -e '[.findings[].code] | contains(["RH0607", "RH0611", "RH0618"])' plan.json >/dev/null && as_many
verdict "accounts --finding: as many as the plan counts by the ledger"
run accounts --finding RH0611,RH0607 --format csv
[ "$(wc -l <out)" -gt 4 ] && grep -q ',RH0607,first_name,' out && grep -q ',RH0611,,' out
verdict "accounts --finding: who changed since, and whose password"

# ---- hashes that come later: whom the plan refuses for what stands at the target has a sound record ----
anew
run plan --from clerk -f was.csv --to workos --only-passwords
run accounts --finding RH0616 --format csv
[ "$(wc -l <out)" -gt 6 ]
verdict "only-passwords: people whom this migration did not create"
run rejects --out rejects.csv
[ "$code" -eq 0 ] && [ ! -s rejects.csv ] && grep -q 'nothing in their record needs mending' out && ! grep -q '^to plan them again' out
verdict "rejects: nobody whose record needs no mending"
run rejects --out rejects.csv --yes --json
holds "rejects: in the document they are counted" '.accounts == 0 and .sound > 5'

# ---- a refused part ----
anew
control switches '{"metadata_ascii":"on"}'
people | jq -c 'select(.id == "user_1" or .id == "user_2") | .public_metadata = {town: (if .id == "user_1" then "K\u00f6ln" else "Bonn" end)}' >town.ndjson
run apply --from clerk -f town.ndjson --to workos --yes
[ "$code" -eq 1 ] && grep -q '^ *1  there, but without a part (refused, or not proven ours)' out
verdict "partial: counted, and exit 1"
run accounts --state partial --json
holds "partial: listed" '(.accounts | length) == 1 and .accounts[0].sourceId == "user_1" and .accounts[0].dropped == "metadata"'
run rejects --out rejects.ndjson --state partial
jq -e '.id == "user_1" and (.rehome_reason | endswith(": metadata"))' rejects.ndjson >/dev/null
verdict "partial: its record can be had"

finish
