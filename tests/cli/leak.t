#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing of a person and no secret shows anywhere: everything is run, on people of whom every text is unlike any
# other, and all that it left behind is searched for each of these texts; so is the memory of a running apply.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/target.bash"
export LC_ALL=C
unset REHOME_RELEASE

# people COUNT FILLER: records on standard output, random texts in every field.
people() {
	head -c $(($1 * 600)) /dev/urandom | tr -dc A-Za-z0-9 | fold -w 116 | head -n "$1" | jq -R . | jq -c --argjson filler "$2" '
		[., inputs] | to_entries[] | .key as $i | .value as $r | {
			id: "user_\($i)", first_name: "Fi\($r[0:9])", last_name: "La\($r[9:18])",
			username: "us\($r[18:26] | ascii_downcase)", primary_email_address_id: "idn_\($i)", password_enabled: true,
			email_addresses: [
				{id: "idn_\($i)", email_address: "em\($r[26:36] | ascii_downcase)@example.com",
					verification: {status: "verified"}},
				{id: "idm_\($i)", email_address: "sec\($r[26:36] | ascii_downcase)@example.com",
					verification: {status: "verified"}}],
			phone_numbers: [{id: "idp_\($i)", phone_number: "+1201555\(1000000 + $i)", verification: {status: "verified"}}],
			public_metadata: {seat: "pu\($r[36:44])"}, private_metadata: {note: "pr\($r[44:54])"},
			unsafe_metadata: {mine: "un\($r[54:62])", filler: ("x" * $filler)},
			password_digest: "$2a$04$\($r[62:83])u\($r[83:114])", password_hasher: "bcrypt",
			totp_secret: ($r[62:94] | ascii_upcase | gsub("[0189]"; "A"))}'
}

# needles FILE: every text of these records that is of a person or secret, and digests in base64 as well.
needles() {
	jq -r '.first_name, .last_name, .username, .email_addresses[].email_address, (.phone_numbers[].phone_number | ltrimstr("+")),
		.public_metadata.seat, .private_metadata.note, .unsafe_metadata.mine, .totp_secret,
		(.password_digest | ., .[7:29], .[29:], (. | @base64 | rtrimstr("=") | rtrimstr("=")), (.[29:] | @base64 | .[0:40]))' "$1"
}

# ---- people in two files that are joined; some of them are wrong ----
people 60 10 >people.ndjson
needles people.ndjson >needles

# C-13: an input that others may read is told, with the command that changes it; not where a folder keeps them out.
chmod 644 people.ndjson
run plan --from clerk -f people.ndjson --to workos --offline -w others
! grep -q chmod err
verdict "a file that others may read, in a folder of one's own: nothing to tell"
mkdir -p /tmp/"${work##*/}".open && chmod 755 /tmp/"${work##*/}".open
cp people.ndjson "/tmp/${work##*/}.open/some people" && chmod 644 "/tmp/${work##*/}.open/some people"
run plan --from clerk -f "/tmp/${work##*/}.open/some people" --to workos --offline -w others
grep -q "^everybody on this machine may read" err && grep -q "chmod o-r '/tmp/.*some people'\$" err
verdict "a file that others may read: told, with what to do"
rm -r "/tmp/${work##*/}.open" others
jq -c 'del(.password_digest, .password_hasher, .totp_secret)' people.ndjson >users.ndjson
jq -r -n '["id", "first_name", "last_name", "username", "primary_email_address", "primary_phone_number", "verified_email_addresses",
	"unverified_email_addresses", "verified_phone_numbers", "unverified_phone_numbers", "totp_secret", "password_digest",
	"password_hasher"], (inputs | [.id, .first_name, .last_name, .username, .email_addresses[0].email_address, "",
	.email_addresses[0].email_address, "", "", "", .totp_secret, .password_digest, .password_hasher]) | @csv' people.ndjson >users.csv
{
	sed -n 1p users.ndjson | sed 's/"last_name":"/&\xff/'    # no UTF-8
	sed -n 2p users.ndjson | sed 's/,"username"/"username"/' # no JSON
	sed -n 3p users.ndjson                                   # there twice
	sed -n 4p users.ndjson | sed 's/user_3/user_b3/'         # an address there twice
	sed -n 5p users.ndjson | sed 's/user_4/user_b4/; s/@example/ example/g; s/us[a-z0-9]*",/",/; s/"phone_number":"+/&x/'
} >>users.ndjson
sed -i '20s/bcrypt/md5/; 21s/$2a$04/$2z$99/; 22s/,/,,/; 23s/bcrypt/unheard/' users.csv
[ "$(wc -l <needles)" -ge 800 ] && [ "$(sort needles | uniq -d | wc -l)" -eq 0 ]
verdict "needles: every text is there once"
start_server --limits off
echo sk_test_rehearsal >>needles

# said [ARGUMENT...]: the tool; all that it says is kept.
said() {
	"$REHOME" "$@" >out 2>err </dev/null
	code=$?
	{
		echo "# rehome $1 ...: exit $code"
		cat out err
	} >>said.txt
	if [ "$code" -ge 64 ] && [ "$code" -ne 130 ]; then
		echo "# rehome $*: exit $code"
		crashes=$((crashes + 1))
	fi
}
crashes=0
sides=(--from clerk -f users.ndjson -f users.csv --to workos -w ws --rate 100000)
said plan "${sides[@]}" --verbose
grep -q 'RH0101' out && grep -q 'RH0106' out && [ "$(grep -c '^  RH' out)" -ge 8 ]
verdict "a plan with much to say"
said plan "${sides[@]}" --json
said plan "${sides[@]}" --on-duplicate first --from nobody
said plan --from clerk -f users.csv --to workos -w ws.other --offline
said plan --from workos -f users.csv --to workos
head -c 3000 users.ndjson >cut.ndjson
said plan --from clerk -f cut.ndjson --to workos -w ws.cut
said apply "${sides[@]}"
said apply "${sides[@]}" --workos-api-key sk_test_wrong --yes
control faults '[{"kind":"status","status":422,"method":"POST","path":"/user_management/users","count":5},
	{"kind":"html","method":"POST","path":"/user_management/users","count":2},
	{"kind":"cut","method":"POST","path":"/user_management/users","count":2},
	{"kind":"reset-after","method":"POST","path":"/user_management/users","count":2},
	{"kind":"status","status":500,"path":"/user_management/users","count":3,"done":true}]' >faults.set

# look PID: what others see of a process, again and again.
look() {
	while kill -0 "$1" 2>/dev/null; do
		cat "/proc/$1/cmdline" "/proc/$1/environ" 2>/dev/null | tr '\0' '\n' >>seen.txt
		sleep 0.02
	done
}
key=$WORKOS_API_KEY
unset WORKOS_API_KEY CLERK_SECRET_KEY
"$REHOME" apply --from clerk -f users.ndjson -f users.csv --to workos -w ws --rate 40 --yes --verbose --progress json --workos-api-key "$key" >out 2>err </dev/null &
applying=$!
sleep 0.3
look $applying &
looking=$!
until [ "$(control state | jq ".environments.test.users | length")" -ge 20 ] || ! kill -0 $applying 2>/dev/null; do sleep 0.05; done
kill -9 $applying
wait $applying $looking 2>/dev/null
cat out err >>said.txt
export WORKOS_API_KEY=$key
grep -q -- --workos-api-key seen.txt
verdict "the command line of the process was seen"
cp -r ws ws.killed
said apply "${sides[@]}" --yes --verbose
grep -q 'created' out
verdict "applied after a kill, with faults and refusals"
control reset '{"only":"faults"}' >reset
said apply "${sides[@]}" --yes --json
said apply --plan 1 -w ws --yes
for command in status verify accounts "accounts user_1" "accounts user_21" "accounts user_b3" "accounts nobody" ids "ids --format json" \
	"ids --format sql" report "report --json" logs "logs convert" "logs convert --all"; do
	# shellcheck disable=SC2086 # words
	said $command -w ws
	# shellcheck disable=SC2086 # words
	said $command -w ws --json
done
curl -sS -o changed -X PUT -H "Authorization: Bearer $WORKOS_API_KEY" -H 'Content-Type: application/json' -d '{"first_name":"Other"}' \
	"$WORKOS_API_URL/user_management/users/$(control state | jq -r '.environments.test.users[3].id')"
said verify -w ws --verbose
grep -q 'there, but not as planned' out
verdict "one account differs"
said rejects -w ws
said rejects -w ws --out rejects.out # in the input's own form, on purpose
said accounts -w ws --finding RH0305
# What is asked about a hash says what it is, never the hash; convert alone gives it out, on purpose.
jq -r 'select(.id == "user_7").password_digest' people.ndjson >hash.txt
jq -r 'select(.id == "user_8").totp_secret' people.ndjson >password
said password identify --hash @hash.txt
said password identify --hash @hash.txt --json
said password identify "x$(cat hash.txt)"
said password check --hash @hash.txt --password @password
said password check --hash @hash.txt --password @password --json
said password convert --hash @hash.txt --to nothing
said password convert "x$(cat hash.txt)" --to canonical
said undo -w ws
said undo -w ws --yes --verbose
said status -w ws --json
said apply "${sides[@]}" --yes --quiet
[ "$crashes" -eq 0 ]
verdict "no command went down"

# Everything but what went in: the files themselves, and what was asked for in their form.
mkdir inputs
mv needles people.ndjson users.ndjson users.csv cut.ndjson inputs/
for file in rejects.* hash.txt password changed server made; do
	[ ! -e "$file" ] || mv "$file" inputs/
done
find . -path ./inputs -prune -o -type f -print | sort >files
[ "$(wc -l <files)" -ge 15 ] && [ "$(grep -c 'ndjson$' files)" -ge 5 ] && grep -q ledger.db files && grep -q 'plans/1.db' files
verdict "there is a lot to search"
# What a search must find it finds.
grep -qaoF -f inputs/needles inputs/users.csv
verdict "the search finds what is there"
xargs grep -aoF -f inputs/needles <files | sort | uniq -c | sort -rn | head -n 20 >out
[ ! -s out ]
verdict "no file holds anything of anybody"

# ---- memory: what was moved is gone from it ----
people 800 5000 >inputs/many.ndjson
jq -r '.password_digest[29:]' inputs/many.ndjson >inputs/digests
head -n 100 inputs/digests >inputs/first
tail -n 10 inputs/digests >inputs/last
control reset '{}' >reset
"$REHOME" apply --from clerk -f inputs/many.ndjson --to workos -w many --rate 250 --yes --quiet >many.out 2>many.err </dev/null &
applying=$!
until [ "$(control counters | jq '[.. | .writes? // empty] | add // 0')" -ge 620 ] || ! kill -0 $applying; do sleep 0.05; done
kill -STOP $applying
"$MEMORY_MAIN" $applying >memory
kill -9 $applying
wait $applying 2>/dev/null
[ "$(stat -c %s memory)" -gt 1000000 ] && grep -aq 'user_7[0-9][0-9]' memory
verdict "the memory of an apply under way"
grep -aoF -f inputs/first memory | sort | uniq -c | head -n 5 >out
[ ! -s out ]
verdict "no digest of those who moved long ago is in it"
grep -aoF -f inputs/last memory | head -n 3 >out
[ -s out ]
verdict "those under way are"
rm memory

# ---- a jq program's process has the records that it is asked about, and nothing of ours (J1 of jq.h) ----
cat >slow.json <<'END'
{ "mapping": 1, "name": "slow", "fields": { "source_id": "id", "emails": "mail" },
  "jq": "now as $began | def wait: if now - $began < 0.2 then wait else . end; wait" }
END
jq -nc 'range(100) | {id: "u\(.)", mail: "needle\(.)@example.com"}' >inputs/slow.ndjson
control reset '{}' >reset
run plan --from ./slow.json -f inputs/slow.ndjson --to workos --offline -w slow
echo "$WORKOS_API_KEY" >inputs/key
"$REHOME" apply --from ./slow.json -f inputs/slow.ndjson --to workos -w slow --plan 1 --yes --quiet >slow.out 2>slow.err </dev/null &
applying=$!
child=
until [ -n "$child" ] || ! kill -0 $applying 2>/dev/null; do
	sleep 0.5
	read -r child _ <"/proc/$applying/task/$applying/children"
done
sleep 1.5
kill -STOP $applying
"$MEMORY_MAIN" "$child" >memory.child
"$MEMORY_MAIN" $applying >memory
kill -9 $applying
wait $applying 2>/dev/null
grep -aqoF -f inputs/key memory && grep -aq needle99 memory && grep -aq 'needle[0-9]' memory.child
verdict "the memory of an apply with a jq program, and of the program's process"
! grep -aqF -f inputs/key memory.child && ! grep -aq 'needle99@' memory.child
verdict "no key is in the latter, and no record that it was not asked about"
rm memory memory.child

finish
