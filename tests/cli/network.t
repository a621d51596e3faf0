#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bad days of the network and of keys: each stops with the exit code that says what to do, a message with what was
# tried, and the command that goes on; nothing was written, and the same on a better day comes to its end.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/target.bash"
settle 12
good_url=$WORKOS_API_URL
fault_of='{"kind":"html","path":"/user_management/users","count":0'

# apply_at [VARIABLE=VALUE]...: the usual apply, with another environment.
apply_at() {
	env "$@" "$REHOME" apply "${sides[@]}" -w ws --yes --max-wait 1 >out 2>err </dev/null
	code=$?
}

# told CODE MESSAGE: and how to go on, and nothing of the key.
told() {
	[ "$code" -eq "$1" ] && grep -q "^rehome: .*$2" err && grep -q '^to go on: rehome apply ' out &&
		! grep -q 'sk_test_\|sk_live_' out err
}

# gone_on NAME: the same command with what was right before.
gone_on() {
	apply_at
	[ "$code" -le 1 ] && everybody
	verdict "$1: going on"
	rm -rf ws
	reset_target
}

# ---- keys ----
apply_at WORKOS_API_KEY=sk_test_wrong
[ "$code" -eq 4 ] && grep -q '^rehome: .*key' err && ! grep -q sk_test_wrong out err && nobody
verdict "a key that the target does not know: exit 4, not shown"
gone_on "a wrong key"
run apply "${sides[@]}" -w ws --yes --quiet
apply_at WORKOS_API_KEY=sk_live_rehearsal
[ "$code" -eq 5 ] && grep -q '^rehome: the ledger belongs to .*test.*, not to .*production' err
verdict "a key of another environment: exit 5, both are named"
users >there
[ "$(control state | jq '.environments.production.users | length')" = 0 ] && everybody
verdict "nothing was written to either"
# The same name and another tenant: no account of the ledger is there.
control reset '{}' >reset
apply_at
[ "$code" -eq 5 ] && grep -q "^rehome: the ledger's accounts are not at this target" err &&
	[ "$(control counters | jq '[.. | .writes? // empty] | add // 0')" = 0 ]
verdict "another target under the same name: exit 5, nothing was written"
rm -rf ws
reset_target

# ---- no way there ----
# A port that nobody listens on: it was given to a server that is gone.
"$REHOME" rehearse workos --port 0 --json >gone 2>/dev/null &
goner=$!
until [ -s gone ] || ! kill -0 $goner 2>/dev/null; do sleep 0.02; done
kill $goner
wait $goner 2>/dev/null
apply_at WORKOS_API_URL="$(jq -r '.tenants[0].environment[0] | ltrimstr("WORKOS_API_URL=")' gone)"
told 3 'not reachable\|could not be reached\|refused' && nobody
verdict "nobody listens: exit 3"
apply_at WORKOS_API_URL=https://api.rehome.invalid
told 3 'name\|resolve' && nobody
verdict "a name that does not exist: exit 3"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost -keyout tls.key -out tls.pem 2>err
openssl s_server -accept 0 -www -cert tls.pem -key tls.key -naccept 100 >tls.out 2>&1 </dev/null &
tls=$!
trap 'kill $tls 2>/dev/null; stop_server; rm -rf "$work"' EXIT
until grep -q '^ACCEPT' tls.out || ! kill -0 $tls 2>/dev/null; do sleep 0.02; done
tls_port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' tls.out | head -n 1)
apply_at WORKOS_API_URL="https://localhost:$tls_port"
told 3 'certificate' && nobody
verdict "a certificate that nobody vouches for: exit 3"
apply_at WORKOS_API_URL="https://localhost:$tls_port" SSL_CERT_FILE="$work/tls.pem" CURL_CA_BUNDLE="$work/tls.pem"
[ "$code" -eq 3 ] && grep -q '^rehome: ' err && nobody
verdict "somebody else's page behind a good certificate: exit 3"
apply_at WORKOS_API_URL="https://127.0.0.1:${good_url##*:}"
told 3 'TLS\|SSL' && nobody
verdict "a server that does not speak TLS: exit 3"
gone_on "no way there"

# ---- a proxy's page ----
for status in 200 502; do
	control faults "[$fault_of,\"status\":$status}]" >setting
	apply_at
	told 3 . && nobody
	verdict "a proxy's page with status $status in place of every answer: exit 3"
	control reset '{"only":"faults"}' >reset
	control faults "[$fault_of,\"status\":$status,\"method\":\"POST\",\"done\":true}]" >setting
	apply_at
	[ "$code" -le 1 ] && everybody
	verdict "a proxy's page with status $status in place of answers to work that was done: each is looked up"
	control reset '{"only":"faults"}' >reset
	run undo -w ws --rate 100000 --yes --quiet
	[ "$code" -le 1 ] && nobody
	verdict "and all of them are known as ours"
	control reset '{"only":"faults"}' >reset
	gone_on "a proxy's page with status $status"
done

finish
