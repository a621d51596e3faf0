#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job on made-up people, with the release build, before your eyes: run-demo.sh [--undo]
# Everything happens in build/demo and on 127.0.0.1.  Each command is shown before it runs; the first
# surprise ends the show with exit 1.  --undo removes the accounts again at the end (another 21 s).
set -u
cd "$(dirname "$0")/.." || exit 1
PATH=$PWD/build/release:$PATH
people=1000
server=
undo=${1:-}

bold=
plain=
if [ -t 1 ]; then
	bold=$(printf '\033[1m')
	plain=$(printf '\033[0m')
fi

# say TEXT: a remark between the commands.
say() {
	printf '\n%s# %s%s\n' "$bold" "$1" "$plain"
}

surprise() {
	printf '\ndemo: %s\n' "$1" >&2
	exit 1
}

end_server() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
		server=
	fi
}
trap end_server EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# run EXIT COMMAND...: shows a command, runs it, and insists on its exit code.
run() {
	local expected=$1 code
	shift
	printf '%s$ %s%s\n' "$bold" "$*" "$plain"
	"$@"
	code=$?
	[ $code -eq "$expected" ] || surprise "\"$*\" ended with exit code $code, not $expected"
}

# ask METHOD PATH HEADER BODY: one request to the rehearsal, by bash alone; the answer in $answer, its
# status in $status.
ask() {
	local address=${WORKOS_API_URL#http://}
	exec 3<>"/dev/tcp/${address%:*}/${address#*:}" || surprise "the rehearsal does not answer"
	printf '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n' "$1" "$2" "$address" "$3" >&3
	printf 'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "${#4}" "$4" >&3
	answer=$(timeout 20 cat <&3)
	exec 3>&-
	status=${answer#* }
	status=${status%% *}
	answer=${answer#*$'\r\n\r\n'}
}

# sign_in EMAIL PASSWORD STATUS: shows the request and what came of it, and insists on the status.
sign_in() {
	local body
	body=$(printf '{"grant_type":"password","client_id":"%s","client_secret":"%s","email":"%s","password":"%s"}' \
		"$WORKOS_CLIENT_ID" "$WORKOS_API_KEY" "$1" "$2")
	printf '%sPOST /user_management/authenticate%s\n%s\n' "$bold" "$plain" "$body"
	ask POST /user_management/authenticate "Accept: application/json" "$body"
	printf -- '-> %s %.150s...\n' "$status" "$answer"
	[ "$status" = "$3" ] || surprise "the sign-in was answered with $status, not $3"
}

# count_of NAME TEXT: a number of a JSON document.
count_of() {
	printf '%s' "$2" | grep -o "\"$1\": *[0-9]*" | head -n 1 | grep -o '[0-9]*$'
}

# Whatever the calling shell has set belongs to real tenants.
for name in $(compgen -e | grep -E '^(WORKOS|CLERK|FROM|TO)_'); do
	unset "$name"
done
rm -rf build/demo
mkdir -p build/demo && cd build/demo || surprise "no folder build/demo"
export XDG_STATE_HOME=$PWD/state

say "${people%???},${people: -3} made-up people, as Clerk gives them out: the API's objects, and the Dashboard's CSV with the hashes."
run 0 rehome sample --provider clerk --count $people --format json --out users.json
run 0 rehome sample --provider clerk --count $people --format csv --out users.csv
password=$(rehome sample --provider clerk --count 1 --out one.json 2>&1 | sed -n 's/.*sign in with "\(.*\)".*/\1/p')
email=$(awk -F, '$13 == "bcrypt" && !/"/ { print $5; exit }' users.csv)
[ -n "$password" ] && [ -n "$email" ] || surprise "the sample has nobody with a password"

say "WorkOS, played on this machine with its documented limits. It knows nobody yet."
printf '%s$ rehome rehearse workos --port 0 >rehearsal.env &%s\n' "$bold" "$plain"
rehome rehearse workos --port 0 >rehearsal.env 2>rehearsal.log &
server=$!
for _ in $(seq 100); do
	grep -q '^# stop' rehearsal.env && break
	kill -0 $server 2>/dev/null || break
	sleep 0.1
done
grep -q '^# stop' rehearsal.env || surprise "the rehearsal did not start: $(cat rehearsal.log)"
run 0 cat rehearsal.env
run 0 . ./rehearsal.env

say "What would happen? Nothing is written. Exit code 1: some people would not move; it says how many, why, and names examples."
run 1 rehome plan --from clerk --file users.json --file users.csv --to workos

say "Now do it, at 0.99 of the documented limit of 500 writes in 10 s."
run 1 rehome apply --plan 1 --yes

say "Is everybody there, with everything that was sent?"
run 1 rehome verify
document=$(rehome status --json)
created=$(count_of created "$document")
refused=$(count_of refused "$document")
[ $((created + refused)) -eq $people ] || surprise "$created created and $refused refused are not $people"
[ "$(count_of verified "$document")" -eq "$created" ] || surprise "not everybody who was created is verified"

say "$email signs in at the target. First with a wrong password,"
sign_in "$email" "not the password" 400
say "then with the password of the source, of which only the hash moved."
sign_in "$email" "$password" 200

say "Again: whoever is there is not written twice."
run 1 rehome apply --plan 1 --yes

say "What the rehearsal counted, all in all."
token=$(sed -n "s/.*X-Rehearsal-Token: \([0-9a-f]*\).*/\1/p" rehearsal.env)
ask GET /_rehearsal/counters "X-Rehearsal-Token: $token" ""
writes=$(count_of writes_done "$answer")
too_many=$(count_of too_many_requests "$answer")
mails=$(count_of mails "$answer")
printf 'writes %s, requests refused as too fast %s, mails that would have been sent %s\n' \
	"$writes" "$too_many" "$mails"
[ "$writes $too_many $mails" = "$created 0 0" ] || surprise "expected: $created, 0, 0"

say "The whole story, to keep."
run 0 rehome report

say "It can be undone: only what this migration created, and only with consent. Without, it says what it would do."
if [ "$undo" = --undo ]; then
	run 0 rehome undo --yes
	[ "$(count_of undone "$(rehome status --json)")" -eq "$created" ] || surprise "not everybody was removed again"
else
	run 2 rehome undo
fi

end_server
say "Done. The program is build/release/rehome, the files are in build/demo."
