#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files of Auth0: each defect of the samples shows its finding, hashes are joined, passwords work after the move.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

samples=$REHOME_SOURCE/samples
files=(-f "$samples/auth0.ndjson" -f "$samples/auth0-hashes.ndjson")
id() {
	printf 'auth0|0000000000000000000000%s' "$1"
}
plan() {
	rm -rf w
	run plan --from auth0 "$@" --to workos --workos-api-key sk_test_x --offline --workspace w
}
# says CODE ID NAME: the finding of this user
says() {
	holds "$3: $1" "[.findings[] | select(.code == \"$1\").examples[]] | index(\"$2\") != null"
}

plan "${files[@]}" --json
holds "everybody is accounted for" '.plan.total == 18'
says RH0206 "$(id 02)" "an address that is not verified"
says RH0701 "$(id 03)" "blocked"
says RH0601 "$(id 01)" "one address in two connections"
says RH0601 "$(id 04)" "the other one"
says RH0507 "$(id 06)" "a linked sign-in whose address is not verified"
says RH0202 "$(id 07)" "a phone number that is none"
says RH0205 "sms|000000000000000000000008" "no address"
says RH0105 "$(id 09)" "neither true nor false"
says RH0404 "$(id 0a)" "app_metadata"
says RH0405 "$(id 0a)" "user_metadata"
says RH0502 "$(id 0b)" "an authenticator app"
says RH0508 "samlp|example-sso|person12@example.com" "an enterprise sign-in"
says RH0301 "$(id 0d)" "a hash of an unknown kind"
says RH0305 "$(id 0e)" "no hash"
says RH0107 "$(id 0f)" "only in the support's file"
says RH0506 "google-oauth2|103547991597142817347" "21 digits"
says RH0315 "$(id 11)" "a password that was reset since"
says RH0316 "$(id 12)" "two sign-ins by password"
holds "a hash of a second identity is its user's" '[.findings[] | select(.code == "RH0107" or .code == "RH0305").examples[] | select(endswith("0f") or endswith("0e") or endswith("11") | not)] == []'
plan "${files[@]}" --json --auth0-stale-hashes carry
holds "an older hash moves if that is asked for" '[.findings[] | select(.code == "RH0315")] == []'
# One id in two databases is two people; each gets the hash of their own.
for connection in one two; do
	echo "{\"user_id\":\"auth0|$connection\",\"email\":\"$connection@example.com\",\"email_verified\":true,\"identities\":[{\"provider\":\"auth0\",\"connection\":\"$connection\",\"user_id\":\"same\"}]}" >&3
	echo "{\"_id\":{\"\$oid\":\"same\"},\"tenant\":\"t\",\"connection\":\"$connection\",\"email\":\"$connection@example.com\",\"passwordHash\":\"$(
		[ $connection = one ] && echo rot13 || echo '$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu')\"}" >&4
done 3>two.ndjson 4>two-hashes.ndjson
tac two-hashes.ndjson >other-order.ndjson
plan -f two.ndjson -f other-order.ndjson --json
holds "one id in two databases: each has the hash of their connection" '.plan.total == 2 and ([.findings[] | select(.code == "RH0301").examples[]] == ["auth0|one"])'
plan -f "$samples/auth0.ndjson" --json
holds "without the support's file nobody has a hash" '([.findings[] | select(.code == "RH0305").count] | add == 11) and .plan.total == 17'
plan -f "$samples/auth0-hashes.ndjson" --json
holds "the support's file alone" '.plan.total == 15 and ([.findings[] | select(.code == "RH0107")] | length == 0)'

# ---- the end of the search ----
seq 1000 | sed 's/.*/{"user_id":"email|&","email":"p&@example.com","email_verified":true,"logins_count":1}/' >thousand.ndjson
plan -f thousand.ndjson --json
holds "exactly 1,000 records are told" '[.findings[] | select(.code == "RH0110").examples[]] == ["thousand.ndjson"]'
head -n 999 thousand.ndjson >fewer.ndjson
plan -f fewer.ndjson --json
holds "999 are not" '[.findings[] | select(.code == "RH0110")] == []'

# ---- made-up exports ----
for format in json csv; do
	run sample --provider auth0 --count 20 --seed 3 --format "$format" --trouble all --out "made.$format"
	plan -f "made.$format" --json
	[ "$code" -eq 1 ] && holds_of '.plan.total > 40' <out
	verdict "a made-up export with every trouble plans: $format"
done

# ---- the whole way ----
start_server --limits off
sides=(--from auth0 "${files[@]}" --to workos)
printf '{"id":"%s","password":"correct horse"}\n' "$(id 02)" "$(id 0f)" 'google-oauth2|103547991597142817348' "$(id 12)" >known.ndjson
run plan "${sides[@]}" --prove known.ndjson --json
holds "plan: known passwords fit the joined hashes" '[.findings[] | select(.code == "RH0312").count] | add == 4'
run apply "${sides[@]}" --prove known.ndjson --yes --json
created=$(jq .run.created out)
[ "$created" -gt 5 ]
verdict "apply: they are there"
run verify --prove known.ndjson
grep -q 'known passwords that sign in at the target' out
verdict "verify: the passwords work at the target"

# ---- each kind of trouble, by what it does ----
stop_server
unset "${!WORKOS_@}"
. "$(dirname "$0")/troubles.bash"
# shellcheck disable=SC2034 # what is sourced reads it
provider=auth0
check_troubles
[ ! -s out ] && [ "$(wc -l <effects)" -gt 30 ]
verdict "each kind of trouble shows the findings that are said of it, and nothing more"

finish
