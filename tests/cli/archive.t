#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The neutral archive: written from every source, read as the source is, sealed, and never half believed.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

rehome() {
	"$REHOME" "$@" </dev/null
}
# ok NAME COMMAND…: the command succeeds.
ok() {
	local name=$1
	shift
	"$@" >/dev/null
	verdict "$name"
}
# is NAME WANTED CODE
is() {
	[ "$2" -eq "$3" ]
	verdict "$1"
}
# plan_of NAME OPTIONS: what a plan says, without where it lies.
plan_of() {
	local name=$1
	shift
	rehome plan --offline --to workos --json -w "ws-$name" "$@" >"$name.plan" 2>err
	jq -S '{findings: [.findings[] | {code, count, note, severity, examples}] | sort_by(.code, .note),
		plan: .plan | del(.predictedEnd, .predictedMs, .revision)}' "$name.plan" >"$name.said"
}
# same_plan PROVIDER OPTIONS: the plan of the archive is the plan of the file.
same_plan() {
	local provider=$1
	shift
	rm -rf ws-file ws-archive out.archive
	plan_of file --from "$provider" "$@"
	rehome export --from "$provider" --out out.archive "$@" >out 2>err || return 1
	plan_of archive --from archive -f out.archive
	diff file.said archive.said >out && jq -e '.plan.total > 1 and (.findings | length) > 0' archive.said
}

hash_config=(--firebase-hash-config "@$REHOME_SOURCE/samples/firebase-hash-config.txt")
for provider in clerk auth0 authjs betterauth csv supabase; do
	for format in ndjson csv; do
		if rehome sample --provider "$provider" --count 24 --format "$format" --out "people.$provider.$format" >out 2>err; then
			ok "$provider, $format: the archive gives the plan that the file gives" \
				same_plan "$provider" -f "people.$provider.$format"
		fi
	done
done

ok 'firebase: its hashes, with their parameters' \
	same_plan firebase -f "$REHOME_SOURCE/samples/firebase.json" "${hash_config[@]}"

# ---- the same accounts arrive ----
start_server --limits off
rehome sample --provider clerk --count 40 --format csv --out hashes.csv >out 2>err
rehome sample --provider clerk --count 40 --format json --out users.json >out 2>err
# there FILE: everybody at the target, without what it gives by itself.
there() {
	curl -sS -f -H "Authorization: Bearer $WORKOS_API_KEY" "$WORKOS_API_URL/user_management/users?limit=100" |
		jq -S '[.data[] | del(.id, .created_at, .updated_at)] | sort_by(.external_id)' >"$1"
}
rehome apply --from clerk -f users.json -f hashes.csv --to workos -w w1 --yes >out 2>err
there direct
curl -sS -f -o /dev/null -H "X-Rehearsal-Token: $token" -d '{}' "$WORKOS_API_URL/_rehearsal/reset"
rehome export --from clerk -f users.json -f hashes.csv --out joined >out 2>err
is "two files joined are one archive: exit code" 0 $?
rehome apply --from archive -f joined --to workos -w w2 --yes >out 2>err
is "applied: exit code" 0 $?
there by_archive
ok 'the same accounts stand there as from the files' diff direct by_archive
ok 'and there are some' jq -e 'length > 30' by_archive
rehome verify -w w2 >out 2>err
is "verified: exit code" 0 $?
known=$(sed -n 's/^.*sign in with "\(.*\)"$/\1/p' <(rehome sample --provider clerk --count 1 --out /dev/null 2>&1))
signs_in() {
	local code
	for mail in $(jq -r '.[].email' by_archive); do
		code=$(curl -sS -o signed -w '%{http_code}' -H 'Content-Type: application/json' \
			-d "{\"client_id\":\"client_rehearsal\",\"client_secret\":\"$WORKOS_API_KEY\",\"grant_type\":\"password\",\"email\":\"$mail\",\"password\":\"$known\"}" \
			"$WORKOS_API_URL/user_management/authenticate")
		[ "$code" = 200 ] && return 0
	done
	return 1
}
ok 'a password that came through the archive works' signs_in

# ---- sealed ----
printf 'correct horse battery' >right
printf 'wrong horse battery' >wrong
head -c 64 /dev/urandom >key
rehome export --from clerk -f hashes.csv --out sealed --archive-passphrase @right >out 2>err
is "sealed with a passphrase: exit code" 0 $?
ok 'the next command says that it is' grep -q -- '--archive-passphrase @FILE' out
nothing_open() {
	local line
	while IFS= read -r line; do
		if [ "${#line}" -gt 12 ] && grep -rqaF -- "$line" "$1"; then
			return 1
		fi
	done < <(tail -n +2 hashes.csv | tr ',|' '\n\n' | sort -u)
}
ok 'no id, address or hash stands in the folder' nothing_open sealed
rehome plan --offline --from archive -f sealed --to workos -w w3 >out 2>err
is "without it: exit code" 2 $?
ok 'and says so' grep -q 'the archive is sealed' err
rehome plan --offline --from archive -f sealed --to workos -w w3 --archive-passphrase @wrong >out 2>err
is "with another one: exit code" 2 $?
plan_of open --from archive -f sealed --archive-passphrase @right
plan_of plain --from clerk -f hashes.csv
ok 'with the right one it gives the plan of the file' diff open.said plain.said
rehome export --from clerk -f hashes.csv --out keyed --archive-key-file key >out 2>err
is "sealed with a key file: exit code" 0 $?
plan_of keyed --from archive -f keyed --archive-key-file key
ok 'and read with it' diff keyed.said plain.said
rehome export --from clerk -f hashes.csv --out both --archive-key-file key --archive-passphrase @right >out 2>err
is "both at once: exit code" 2 $?

# ---- never half believed ----
rehome export --from clerk -f hashes.csv --out joined >out 2>err
is "over another archive: exit code" 2 $?
ok 'which stays' jq -e '.files[0].records >= 40' joined/manifest.json
cp -r joined cut && truncate -s -20 cut/users.ndjson.zst
rehome plan --offline --from archive -f cut --to workos -w w4 >out 2>err
is "a file that is cut: exit code" 2 $?
cp -r joined other && rehome export --from clerk -f hashes.csv --out small >out 2>err && cp small/users.ndjson.zst other/
rehome plan --offline --from archive -f other --to workos -w w4 >out 2>err
is "a file of another archive: exit code" 2 $?
ok 'it is named' grep -q 'not the one that the manifest names' err
mkdir empty && rehome plan --offline --from archive -f empty --to workos -w w4 >out 2>err
is "a folder without manifest: exit code" 2 $?
rehome plan --offline --from clerk -f joined --to workos -w w6 >out 2>err
is "a folder for another provider: exit code" 2 $?
rehome plan --offline --from archive -f joined --to workos -w w5 >out 2>err
rm -r joined && rehome export --from clerk -f hashes.csv --out joined >out 2>err
rehome apply --plan 1 -w w5 --workos-api-key "$WORKOS_API_KEY" --yes >out 2>err
is "another archive in the place of the planned one: exit code" 5 $?

# ---- of a living source ----
stop_server
start_server clerk --limits off
curl -sS -f -o /dev/null -H "X-Rehearsal-Token: $token" "$CLERK_API_URL/_rehearsal/fill" \
	-d '{"environment":"live","users":700,"organizations":0,"memberships":0,"roles":0,"invitations":0,"domains":0,"factors":0,"seed":1}'
living=(--from clerk --clerk-api-url "$CLERK_API_URL" --clerk-secret-key sk_live_rehearsal)
rehome export "${living[@]}" --out living --source-rate 500 >out 2>err
is "read through the API: exit code" 0 $?
ok 'everybody is in it, and whose it is' jq -e '.files[0].records == 700 and .tenant == "ins_rehearsal_live0"' living/manifest.json
plan_of living --from archive -f living
ok 'and planned of it' jq -e '.plan.total == 700 and .plan.create > 600' living.plan
(unset CLERK_SECRET_KEY && rehome export --from clerk --clerk-api-url "$CLERK_API_URL" --out nowhere >out 2>err)
is "without a key: exit code" 2 $?
ok 'and says which' grep -q 'missing: clerk-secret-key' err

# ---- what cannot be in it ----
{
	printf '{"id":"user_1","email_addresses":[],"phone_numbers":[],"username":"one"}\n'
	printf '{"id":\n{"email_addresses":[],"username":"nobody"}\n'
	printf '{"id":"user_2","email_addresses":[]}\n'
} >broken.ndjson
rehome export --from clerk -f broken.ndjson --out parts --json >out 2>err
is "broken records: exit code" 1 $?
ok 'they are counted, and those that a plan refuses are in it' \
	jq -e '.accounts == 2 and .refused == 1 and .broken == 2 and .exit == 1' out
ok 'and named by their line' grep -q 'line 2' err
rehome export --from clerk -f hashes.csv >out 2>err
is "without --out: exit code" 2 $?
rehome export --from firebase --out nowhere >out 2>err
is "without a file, where there is no API: exit code" 2 $?

# ---- killed ----
rehome sample --provider clerk --count 1500 --format ndjson --out many.ndjson >out 2>err
"$REHOME" export --from clerk -f many.ndjson --out killed >out 2>err </dev/null &
pid=$!
for _ in $(seq 1 400); do
	[ -s killed/users.ndjson.zst.part ] && break
	sleep 0.01
done
kill -9 "$pid"
wait "$pid" 2>/dev/null
ok 'killed, it leaves no archive' test ! -e killed/manifest.json
rehome export --from clerk -f many.ndjson --out killed >out 2>err
is "again: exit code" 0 $?
ok 'and it is whole' jq -e '.files[0].records == 1500' killed/manifest.json

finish
