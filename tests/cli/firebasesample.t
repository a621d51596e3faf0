#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Made-up exports of Firebase: the same people in each form, troubles that show what is said of them, and passwords that work.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
. "$(dirname "$0")/troubles.bash"
unset "${!FIREBASE_@}"

# shellcheck disable=SC2034 # what is sourced reads it
provider=firebase
FIREBASE_SIGNER_KEY=$(printf %064d 0 | base64 -w 0)
export FIREBASE_SIGNER_KEY FIREBASE_SALT_SEPARATOR=Bw== FIREBASE_ROUNDS=8 FIREBASE_MEM_COST=14

for format in json ndjson csv csv-old; do
	run sample --provider firebase --format "$format" --count 40 --seed 7 --out "a.$format"
	[ "$code" -eq 0 ] && run sample --provider firebase --format "$format" --count 40 --seed 7 --out "b.$format" && cmp "a.$format" "b.$format"
	verdict "$format: the same seed, the same bytes"
	run plan --from firebase -f "a.$format" --to workos --workos-api-key sk_test_x --offline -w "w.$format" --json
	jq -c '.plan | {total, create, refuse}' out >"counts.$format"
	jq -c '[.findings[] | select(.code == "RH0307").count] | add' out >>"counts.$format"
	holds "$format: it is read" '.plan.total == 40 and .plan.create > 30'
	cmp counts.json "counts.$format"
	verdict "$format: the same people"
done
# fields FILE: how many its rows have, quoted ones apart
fields() {
	sed 's/"[^"]*"//g' "$1" | awk -F, '{ print NF }' | sort -u
}
[ "$(fields a.csv)" = 53 ] && [ "$(fields a.csv-old)" = 29 ]
verdict "rows have 53 fields, and 29 of older tools"
run sample --provider clerk --format csv-old
[ "$code" -eq 2 ] && grep -q 'no older CSV' err
verdict "who has one CSV alone has no older one"

check_troubles json
[ ! -s out ] && [ "$(wc -l <effects)" -gt 40 ]
verdict "each kind of trouble shows the findings that are said of it"
for format in csv csv-old; do
	check_together "$format"
	verdict "$format: all troubles together show what is said of each"
done

# ---- the passwords are what is said, and JSON says its parameters itself ----
unset "${!FIREBASE_@}"
jq -c '.users[0] | {id: .localId, password: "made-up people sign in with this"}' a.json >known.ndjson
run plan --from firebase -f a.json --to workos --workos-api-key sk_test_x --offline -w proven --prove known.ndjson --json
holds "a made-up password fits its hash" '[.findings[] | select(.code == "RH0312").count] | add == 1'

finish
