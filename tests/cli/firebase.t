#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files of Firebase: each defect of the samples shows its finding, the parameters are asked for, passwords work after the move.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
unset "${!FIREBASE_@}"

samples=$REHOME_SOURCE/samples
parameters=(--firebase-hash-config "@$samples/firebase-hash-config.txt")
key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==
plan() {
	rm -rf w
	run plan --from firebase "$@" --to workos --workos-api-key sk_test_x --offline --workspace w
}
# says CODE NUMBER NAME: the finding of this user
says() {
	holds "$3: $1" "[.findings[] | select(.code == \"$1\").examples[]] | index(\"firebase0000000000000000$2\") != null"
}

# ---- the parameters ----
plan -f "$samples/firebase.json"
[ "$code" -eq 2 ] && grep -q 'missing: --firebase-signer-key, --firebase-salt-separator, --firebase-rounds, --firebase-mem-cost$' err
verdict "no parameters: all four are named"
plan -f "$samples/firebase.json" --firebase-signer-key "$key" --firebase-rounds 8 --firebase-mem-cost 14
[ "$code" -eq 2 ] && grep -q 'missing: --firebase-salt-separator$' err
verdict "one is missing: it is named"
plan -f "$samples/firebase.json" --firebase-signer-key 'not*base64' --firebase-salt-separator Bw== --firebase-rounds 8 --firebase-mem-cost 14
[ "$code" -eq 2 ] && grep -q -- '--firebase-signer-key must be base64' err && ! grep -q 'not\*base64' err
verdict "a key that is not base64 is named, and not shown"
plan -f "$samples/firebase.json" --firebase-signer-key "$key" --firebase-salt-separator '?' --firebase-rounds 8 --firebase-mem-cost 14
[ "$code" -eq 2 ] && grep -q -- '--firebase-salt-separator must be base64' err
verdict "nor is a separator"
plan -f "$samples/firebase.json" --firebase-signer-key "$key" --firebase-salt-separator Bw== --firebase-rounds many --firebase-mem-cost 14
[ "$code" -eq 2 ] && grep -q -- '--firebase-rounds must be' err
verdict "rounds that are no number"
echo '{"users":[{"localId":"a","email":"a@example.com","emailVerified":true,"disabled":false}]}' >plain.json
plan -f plain.json
[ "$code" -eq 0 ]
verdict "where nobody has a hash no parameter is needed"

# ---- beside the users ----
beside() { # ROUNDS KEY
	jq -c --arg key "${2:-$key}" --argjson rounds "$1" '{hash_config: {algorithm: "SCRYPT", base64_signer_key: $key,
		base64_salt_separator: "Bw==", rounds: $rounds, mem_cost: 14}} + .' "$samples/firebase.json" >beside.json
}
beside 8
plan -f beside.json --json
holds "hash_config before the users has them all" '.plan.total == 16 and ([.findings[] | select(.code == "RH0307").count] | add == 7)'
plan -f beside.json "${parameters[@]}" --json
holds "options that say the same" '.plan.total == 16'
plan -f beside.json --firebase-rounds 7
[ "$code" -eq 2 ] && grep -q -- '--firebase-rounds is not what hash_config in the file says' err
verdict "an option that says something else: it is named"
plan -f beside.json --firebase-signer-key AAAA
[ "$code" -eq 2 ] && grep -q -- '--firebase-signer-key is not what' err && ! grep -qF -e "$key" -e AAAA err
verdict "of the key, too, and it is not shown"
beside 8 'not*base64'
plan -f beside.json
[ "$code" -eq 2 ] && grep -q 'base64_signer_key of hash_config in the file must be base64' err && ! grep -qF 'not\*base64' err
verdict "what is no key there is named, and not shown"
jq -c '{hash_config: {rounds: 8, mem_cost: 14}} + .' "$samples/firebase.json" >beside.json
plan -f beside.json
[ "$code" -eq 2 ] && grep -q 'missing: --firebase-signer-key, --firebase-salt-separator$' err
verdict "what it lacks is named"
beside 8
jq -c '{users, hash_config}' beside.json >behind.json
plan -f behind.json
[ "$code" -eq 2 ] && grep -q 'hash_config before the users' err
verdict "behind the users it is not looked at, and that is said"
beside 8
run plan --from firebase -f beside.json --to workos --workos-client-id client_x --offline -w beside --json
run accounts -w beside --finding RH0306
[ "$code" -eq 0 ] && grep -q RH0306 out
verdict "accounts: reads them there again"
! grep -rqF "$key" beside
verdict "and keeps them nowhere"

# ---- one test a defect ----
plan -f "$samples/firebase.json" "${parameters[@]}" --json
holds "everybody is accounted for" '.plan.total == 16 and .plan.refuse == 3'
says RH0701 03 disabled
says RH0301 04 "a hash without salt"
says RH0705 05 "an anonymous visitor"
says RH0306 06 "a placeholder"
says RH0301 07 "a placeholder of another length"
says RH0506 08 "a social sign-in"
says RH0507 09 "a social sign-in with another address"
says RH0205 10 "a number and no address"
says RH0206 11 "an address that is not verified"
says RH0404 12 "custom claims"
says RH0407 13 "custom claims that are no JSON"
says RH0503 14 "text messages"
says RH0301 15 "another algorithm"
holds "the hashes that can be put together" '[.findings[] | select(.code == "RH0307").count] | add == 7'

plan -f "$samples/firebase.csv" "${parameters[@]}" --json
holds "CSV of 29 fields without header: everybody" '.plan.total == 8'
says RH0701 04 "CSV: disabled"
says RH0506 05 "CSV: a social sign-in"
says RH0404 06 "CSV: custom claims"
says RH0301 07 "CSV: a hash without salt"
says RH0705 08 "CSV: an anonymous visitor"
holds "CSV: a shifted row is refused" '[.findings[] | select(.code == "RH0104").count] | add == 1'
export FIREBASE_HASH_CONFIG=${parameters[1]}
run accounts --workspace w --finding RH0104
grep -q '^row 3 of .*line 3' out
verdict "CSV: with its row"
run rejects --workspace w --out rejects.csv
unset FIREBASE_HASH_CONFIG
sed -i 's/,true,,,RH0701/,false,,,RH0701/' rejects.csv
plan -f rejects.csv "${parameters[@]}" --json
holds "a file of rejects is read again" '.plan.total == 2 and .plan.create == 1'
plan -f "$samples/firebase-53.csv" "${parameters[@]}" --json
holds "CSV of 53 fields: both, a quoted comma in a name" '.plan.total == 2 and .plan.create == 2'
sed 's/,$//' "$samples/firebase-53.csv" >52.csv
plan -f 52.csv "${parameters[@]}" --json
holds "CSV of 52 fields" '.plan.total == 2 and .plan.create == 2'
head -n 2 "$samples/firebase.csv" | sed 's/,$//' >28.csv
plan -f 28.csv "${parameters[@]}" --json
holds "CSV of 28 fields" '.plan.total == 2 and .plan.create == 2'

# ---- what reads the source again takes the parameters, too ----
run plan --from firebase -f "$samples/firebase.json" --to workos --workos-client-id client_x --offline "${parameters[@]}" -w again
run accounts -w again --finding RH0306 "${parameters[@]}"
[ "$code" -eq 0 ] && grep -q RH0306 out
verdict "accounts: with the parameters as options"
run rejects -w again --out again.json "${parameters[@]}"
[ "$code" -eq 0 ] && [ -s again.json ]
verdict "rejects: with the parameters as options"
run accounts -w again --finding RH0306
[ "$code" -eq 2 ] && grep -q -- "--firebase-signer-key" err
verdict "accounts: without them it names what is missing"

# ---- a wrong key, and the right one ----
start_server --limits off
sides=(--from firebase -f "$samples/firebase-53.csv" --to workos)
echo '{"id":"firebase000000000000000001","password":"correct horse"}' >known.ndjson
run plan "${sides[@]}" --firebase-signer-key "$(echo "$key" | tr A B)" --firebase-salt-separator Bw== --firebase-rounds 8 \
	--firebase-mem-cost 14 --prove known.ndjson
[ "$code" -eq 1 ] && grep -q RH0310 out
verdict "a wrong key is found out by a known password"
run apply "${sides[@]}" --firebase-signer-key "$key" --firebase-salt-separator Bw== --firebase-rounds 8 --firebase-mem-cost 14 \
	--prove known.ndjson --yes --json
holds "apply: with the right one everybody is there" '.run.created == 2'
run verify --prove known.ndjson
grep -q 'known passwords that sign in at the target' out
verdict "verify: the password works at the target"
! grep -rqF -e "$key" -e 'correct horse' "$work/.rehome" out err
verdict "no key and no password is left anywhere"

finish
