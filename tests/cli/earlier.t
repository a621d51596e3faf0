#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A plan of mended records does not forget the rest (plan.h, P7), and the counts of everybody add up at each step.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

start_server --limits off

# adds_up NAME TOTAL: of status: each account in one place, those listed are those counted, and nobody is missing.
adds_up() {
	run accounts -w ws --json
	cp out listed
	run status -w ws --json
	jq -s -e --argjson total "$2" '.[0].run.everybody as $e
		| (.[1].accounts | map(.state)) as $listed
		| ([$e | to_entries[] | select(.key != "total") | .value] | add) == $e.total
		and $e.total == $total
		and ([$listed[] | select(. == "refused")] | length) == $e.refused
		and ([$listed[] | select(. == "skipped")] | length) == $e.skipped
		and ([$listed[] | select(. == "left-out")] | length) == $e.leftOut
		and ([$listed[] | select(. == "done" or . == "verified" or . == "partial" or . == "differs")] | length)
			== $e.created + $e.linked
		and ([$listed[] | select(. == "rejected")] | length) == $e.rejected
		and ([$listed[] | select(. != "updated" and . != "restored")] | length) + $e.open + $e.waiting == $e.total' \
		out listed >jq.out
	verdict "$1: each of $2 stands in one line"
}
# says NAME FILTER: of the last status.
says() {
	run status -w ws --json
	holds "$1" "$2"
}
# row ID ADDRESS: of the export.
row() {
	echo "$1,Ada,Example,,$2,,$2,,,,,,"
}
header='id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses'
header+=',unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher'
{
	echo "$header"
	for i in 1 2 3 4 5 6; do row "user_$i" "p$i@example.com"; done
	row user_bare ''
	row user_twin1 twin@example.com
	row user_twin2 twin@example.com
	row user_1 other@example.com    # the id of another: RH0106
	row '' nobody@example.com       # no id: RH0102
	echo 'user_cut,Ada'             # broken
	echo 'user_cut2,Ada,Ex"ample,,x,,,,,,,,' # broken
} >people.csv

run plan --from clerk -f people.csv --to workos -w ws
[ "$code" -eq 1 ]
verdict "the export is planned"
adds_up "planned" 13
run apply --plan 1 -w ws --yes
adds_up "applied" 13
says "seven are refused" '.exit == 1 and .run.everybody.created == 6 and .run.everybody.refused == 7'

run rejects -w ws --out rejects.csv --json
holds "rejects: the command names every file" '(.next | contains("rejects.csv") and contains("rejects.broken.csv")) and .accounts == 7'

# One is mended, the others are not in the file at all.
grep -E '^id|^user_bare' rejects.csv | sed 's/^user_bare,Ada,Example,,,,,/user_bare,Ada,Example,,bare@example.com,,bare@example.com,/' >one.csv
run plan --from clerk --to workos -w ws -f one.csv
[ "$code" -eq 1 ] && grep -q '^ *6  refused in earlier inputs' out
verdict "a plan of one says that six are refused still"
adds_up "one planned" 13
run plan --from clerk --to workos -w ws -f one.csv --json
holds "the same again is the same revision" '.plan.revision == 2'
run apply --plan 2 -w ws --yes --json
holds "one is mended, exit 1 for the six" '.exit == 1 and .run.everybody.created == 7 and .run.everybody.refused == 6'
adds_up "one mended" 13
run accounts --state refused -w ws
[ "$(wc -l <out)" -eq 6 ] && grep -q 'people.csv' out
verdict "accounts names the six, and their file"

# They are written again, from the first export.
run rejects -w ws --out again.csv --json
holds "rejects: the six, from the first export" '.accounts == 6 and .unwritten == 0'

# All of them mended, the broken in a file of their own.
sed -e 's/^user_twin2,Ada,Example,,twin@example.com,,twin@/user_twin2,Ada,Example,,twin2@example.com,,twin2@/' \
	-e 's/^,Ada,Example,,other/user_other,Ada,Example,,other/' -e 's/^,Ada,Example,,nobody/user_nobody,Ada,Example,,nobody/' \
	again.csv >mended.csv
run plan --from clerk --to workos -w ws -f mended.csv
[ "$code" -eq 1 ] && grep -q '^ *2  refused in earlier inputs' out
verdict "twins and those without id are mended, two broken are left"
adds_up "four planned" 13
run apply --plan 3 -w ws --yes
adds_up "four mended" 13
{
	echo "$header"
	row user_cut cut@example.com
} >cut.csv
run plan --from clerk --to workos -w ws -f cut.csv --mended
adds_up "one broken mended, one left" 13
run apply --plan 4 -w ws --yes
says "one is refused still" '.exit == 1 and .run.everybody.refused == 1 and .run.everybody.created == 12'
row user_cut2 cut2@example.com >>cut.csv
run apply --from clerk --to workos -w ws -f cut.csv --mended --yes
adds_up "all mended" 13
says "everybody moved" '.exit == 0 and .run.everybody.created == 13'

# Without marks and without --mended an input is a newer export, and speaks for itself.
run plan --from clerk --to workos -w ws2 -f people.csv
{
	echo "$header"
	row user_1 p1@example.com
} >newer.csv
run apply --from clerk --to workos -w ws2 -f newer.csv --yes --json
holds "a newer export carries nobody on" '.exit == 0 and .run.everybody.total == 1'

# A plan that was never applied is not forgotten either.
curl -sS -f -o /dev/null -H "X-Rehearsal-Token: $token" -d '{}' "$WORKOS_API_URL/_rehearsal/reset"
run plan --from clerk --to workos -w ws3 -f people.csv
run plan --from clerk --to workos -w ws3 -f one.csv
run status -w ws3 --json
holds "six of the first plan were never tried" '.run.everybody.waiting == 6 and .run.everybody.total == 13'

# An earlier input that is gone: told, and counted.
mv people.csv elsewhere.csv
run rejects -w ws3 --out gone.csv --json
holds "rejects: the input of an earlier plan is gone" '.exit == 1 and .unwritten == 6'

# ---- pages ----
echo '[{"id":"user_2","email_addresses":[{"id":"e","email_address":"bad"}],"primary_email_address_id":"e"}]' >bad.json
run plan --offline --from clerk --to workos -f bad.json -w bad
[ "$code" -eq 1 ] && tr -s ' \n' ' ' <out | grep -q 'RH0103 1 .*is not valid: RH0201'
verdict "plan: an address that is not valid is no missing one"
run accounts -w bad
has "accounts: nor there" 'is not valid: RH0201'
printf '%s\n' "$header" 'user_a,Ada' 'user_b,Ad"a,,,,,,,,,,,' >one.broken.csv
printf '%s\n' "$header" 'user_c,Ad"a,,,,,,,,,,,' 'user_d,Ada' "user_e,Ada,id" 'user_f,,,,f@example.com,,f@example.com,,,,,,' >two.broken.csv
run plan --offline --from clerk --to workos -f one.broken.csv -f two.broken.csv -w broken
[ "$(grep -c '^  RH0101' out)" -eq 1 ] && grep -q 'one.broken.csv, *' out && tr -s ' \n' ' ' <out | grep -q 'one.broken.csv, line 3, column'
verdict "plan: broken records name their file, in one paragraph"
printf '%s\n' "$header" 'user_a,Ad"a,,,,,,,,,,,' 'user_b,Ad"a,,,,,,,,,,,' $'user_c,A\xff,,,,c@example.com,,c@example.com,,,,,,' \
	'user_f,,,,f@example.com,,f@example.com,,,,,,' >kinds.csv
run plan --offline --from clerk --to workos -f kinds.csv -w kinds
tr -s ' \n' ' ' <out | grep -q 'RH0101 3 .*(.*: 2; .*: 1)\|RH0101 3 .*(.*: 1; .*: 2)'
verdict "plan: of several kinds in one paragraph each has its number"
printf '%s\n' '[{"id":"user_1","primary_email_address_id":"e","password_enabled":true,' \
	'"email_addresses":[{"id":"e","email_address":"p1@example.com"}]}]' >full.json
printf '%s\nuser_1,,,,,,,,,,,,bcrypt\n' "$header" >hashes.csv
run plan --offline --from clerk -f full.json -f hashes.csv --to workos -w joined
[ "$code" -le 1 ] && [ "$(grep -c '^  RH0305 *1' out)" -eq 1 ] && grep -q '(bcrypt)' out
verdict "plan: two records of one person tell once that the hash is missing"
run undo -w ws
[ "$code" -eq 2 ] && grep -q '^ *13  to be removed' out
verdict "undo: says before how many it removes"
run undo -w ws --json
holds "undo: in the document, too" '.undo == {remove: 13, putBack: 0, lookUp: 0, keep: 0, leave: 0} and .exit == 2'
run apply --from clerk --to workos -w differs -f newer.csv --yes
id=$(sed -n '1s/.*"targetId":"\([^"]*\)".*/\1/p' <("$REHOME" accounts -w differs --json))
curl -sS -f -o /dev/null -X PUT -H "Authorization: Bearer $WORKOS_API_KEY" -H 'Content-Type: application/json' \
	-d '{"first_name":"Somebody"}' "$WORKOS_API_URL/user_management/users/$id"
run verify -w differs
[ "$code" -eq 1 ] && grep -q '^who differs: rehome accounts --workspace differs --state differs$' out
verdict "verify: the command that lists who differs"
run accounts -w differs --state differs
[ "$code" -eq 0 ] && grep -q 'differs from what was written.* (first_name)$' out && ! grep -q Somebody out
verdict "accounts: and which fields, by name"
run accounts -w differs --json
holds "accounts: in the document, too" '.accounts[0].state == "differs" and .accounts[0].note == "first_name"'

# ---- what is no migration ----
echo "$header" >header.csv
exits 2 "a header without records is no export" plan --offline --from clerk --to workos -f header.csv -w none
grep -q 'there is no record in the input' err
verdict "and says so"
exits 2 "a plan that failed leaves no migration" status -w none
mkdir elsewhere && cd elsewhere || exit 1
WORKOS_API_KEY=sk_test_wrong run plan --from clerk -f ../newer.csv --to workos --workos-client-id client_wrong
[ "$code" -eq 4 ]
verdict "a plan that is denied"
run plan --from clerk -f ../newer.csv --to workos
run status
[ "$code" -ne 2 ]
verdict "leaves none either: there is one migration"

finish
