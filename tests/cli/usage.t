#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a tired person types: every fault is named, with what to do, and exit status 2 (C-28).
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

refuses 'no command is given'
refuses 'hint: The commands are shown by: rehome help'
refuses 'there is no command "pln"' pln
refuses 'Did you mean "plan"?' pln
refuses 'Did you mean "verify"?' Verify
refuses 'Did you mean "providers"?' provider
refuses 'there is no command "frobnicate"' frobnicate
refuses 'there is no option "--form"' plan --form clerk
refuses 'Did you mean "--from"?' plan --form clerk
refuses 'Did you mean "--on-existing"?' plan --on_existing skip
refuses 'Did you mean "--workos-api-key"?' plan --workos-api-kye=x
refuses 'there is no option "-x"' plan -x
refuses 'option "--from" takes a value' plan --from
refuses 'Write --from=PROVIDER.' plan --from --to workos
refuses 'option "--file" takes a value' plan -f
refuses 'option "--from" is given twice' plan --from clerk --from clerk
refuses 'option "--from" is given twice' plan -t clerk --from clerk
refuses '"plan" takes no argument "users.json"' plan users.json
refuses 'A file is given by -f FILE' plan users.json
refuses '"accounts" takes no further argument "b"' accounts a b
refuses '"status" takes no option "--from"' status --from clerk
refuses 'It is an option of: plan, apply' status --from clerk
refuses '"plan" takes no option "--count"' plan --count 3
refuses 'there is no option "--command"' --command plan
refuses 'option "--limit" takes a whole number' plan --limit ten --from clerk -f x --to workos
refuses 'option "--limit" takes a whole number from 1 on' plan --limit 0 --from clerk -f x --to workos
refuses 'option "--rate" takes a whole number from 1 on' plan --rate 0 --from clerk -f x --to workos
refuses 'option "--concurrency" takes a whole number from 1 on' apply --plan 1 --concurrency 0 -w .
refuses 'option "--only" takes a file that is not empty' plan --only @/dev/null --from clerk -f x \
	--to workos
refuses 'option "--count" takes a whole number' sample --count=-1
refuses 'option "--format" takes json, ndjson, csv or csv-old, not "xml"' sample --format xml
refuses 'option "--progress" takes auto, bar, lines or json, not "dots"' plan --progress dots
refuses 'option "--on-existing" takes skip, link, update or fail' plan --on-existing overwrite --from clerk
refuses 'option "--yes" takes true or false' plan --yes=maybe
refuses 'there is no provider "clark"' plan --from clark
refuses 'Did you mean "clerk"?' plan --from clark
refuses 'missing options: "--from-secret-key", "--clerk-secret-key"' plan --from clerk --to clerk -y
refuses 'provider "csv" cannot be the target yet' plan --to csv
refuses 'missing option: "--clerk-secret-key"' plan -t clerk -f users.json -y
refuses 'missing option: "--clerk-secret-key"' plan --transformer clerk -f users.json -y
refuses 'missing options: "--from", "--to", "--file"' plan -y
refuses 'missing options: "--clerk-secret-key", "--workos-api-key"' plan --from clerk --to workos -y
refuses 'read from the environment and from .env: CLERK_SECRET_KEY, WORKOS_API_KEY' plan --from clerk --to workos -y
refuses 'missing options' apply
refuses 'both read standard input' plan -f - --workos-api-key -
refuses '--workos-api-url" takes an https address' plan --from clerk -f x --to workos \
	--workos-api-key sk_test_x --workos-api-url http://api.example.com
refuses 'there is no migration in this folder' status
refuses 'there is no migration in this folder' verify
refuses 'there is no migration in this folder' undo --yes
refuses 'there is no migration in this folder' ids
refuses 'there is no migration in this folder' logs
refuses 'there is no workspace "nowhere"' logs list -w nowhere
refuses '"logs" can list, convert or clean, not "covert"' logs covert
refuses 'Did you mean "convert"?' logs covert
refuses 'belong together' ids --format sql --table users
refuses 'belong together' ids --format sql --set-column x
refuses 'Add --format sql' ids --table users --match-column a --set-column b
refuses 'there are no samples of "workos"' sample --provider workos
refuses 'no trouble has the name nonsense' sample --provider clerk --trouble nonsense
refuses 'there is no provider "acme"' providers acme
refuses 'there is no command "aply"' help aply
refuses 'Did you mean "apply"?' help aply
refuses 'option "--limits" takes' rehearse --limits 10
refuses 'option "--limits" takes' rehearse --limits 0/10s
refuses 'option "--speed" takes' rehearse --speed 0
refuses 'option "--port" takes' rehearse --port 70000

# Two migrations in one folder, and none of them named.
mkdir -p .rehome/one/plans .rehome/two/plans
touch .rehome/one/plans/1.json .rehome/two/plans/1.json
refuses 'there is more than one migration here' status
grep -q '.rehome/one' err && grep -q '.rehome/two' err
verdict "both migrations are listed"
rm -r .rehome

# With --json an error is a document, too; standard error says the same.
exits 2 "--json: a wrong command" --json pln
holds "--json: the document of a wrong command" \
	'.schema == 1 and .command == null and .exit == 2 and .error.code == "usage" and
	(.error.hint | contains("plan"))'
exits 2 "--json: a missing option" plan --json
holds "--json: the document of a missing option" \
	'.command == "plan" and .exit == 2 and (.error.message | contains("--from"))'
grep -q 'missing options' err
verdict "--json: and on standard error"
for command in "status --watch" sample; do
	# shellcheck disable=SC2086 # the words are the arguments
	exits 2 "--json: not with $command" $command --json
	holds "--json: and still a document" '.exit == 2 and .error.code == "usage"'
done
exits 2 "--json: bytes that are no UTF-8" plan --json --from $'cl\xff\e[2Jerk'
holds "--json: stay a document" '.error.message | contains("cl??[2Jerk")'
! grep -q $'\e' err
verdict "nothing that a terminal obeys is printed back"

# A secret is neither printed nor left in the list of processes.
secret=sk_live_do_not_show
for arguments in "plan --from clerk --to workos --workos-api-key $secret" \
	"plan --workos-api-key=$secret" "plan --from-api-key $secret --to-api-key $secret" \
	"plan --workos-api-kye=$secret" "status --workos-api-key $secret" \
	"--workos-api-key $secret plan" "plan --workos-api-key $secret --json"; do
	# shellcheck disable=SC2086 # the words are the arguments
	run $arguments
	[ "$code" -eq 2 ] && ! grep -q "$secret" out err
	verdict "not shown: rehome ${arguments//$secret/KEY}"
done
# This one waits for somebody to write into the pipe; by then its arguments are wiped.
mkfifo pipe
"$REHOME" plan --from clerk --to workos -f pipe --offline --workos-api-key "$secret" \
	--workos-client-id="x" >out 2>err </dev/null &
waiting=$!
code=0
tries=0
until ls -d .rehome/*/ >/dev/null 2>&1 || [ "$tries" -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
tr '\0' ' ' <"/proc/$waiting/cmdline" >shown
grep -q -- '--workos-api-key ' shown && grep -q 'client-id=x' shown && ! grep -q "$secret" shown
verdict "wiped from the list of processes"
kill -INT "$waiting"
sleep 0.2
kill -INT "$waiting" 2>/dev/null
wait "$waiting"
code=$?
[ "$code" -eq 130 ]
verdict "an input that never comes does not hold up an interrupt for ever"

finish
