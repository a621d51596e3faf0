#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two at once in one workspace: the second is refused with exit code 5 and told who is the first, be it on this
# machine or in a container with the same process id; and the lock goes with its holder, however that goes.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/target.bash"
settle 40
slowly=(apply --from clerk -f people.json --to workos --rate 8 -w ws --yes --quiet)

# until_begun: the first one has begun to create people.
until_begun() {
	local tries=0
	until [ "$(control state | jq '.environments.test.users | length')" -gt 2 ] || [ "$tries" -gt 400 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
}

# refused NAME WAY: exit 5, and the message says which process on which host since when.
refused() {
	[ "$code" -eq 5 ] && grep -q "^rehome: .*\"[^\"]*apply.lock\" is held by process $2 on host \"$3\" since [0-9]" err &&
		grep -q '^hint: Wait for it to end' err
	verdict "$1"
}

"$REHOME" "${slowly[@]}" >first.out 2>first.err </dev/null &
first=$!
until_begun
run "${slowly[@]}"
refused "a second apply" $first "$(uname -n)"
run undo -w ws --yes
refused "an undo beside an apply" $first "$(uname -n)"
run plan --from clerk -f people.json --to workos -w ws
refused "a plan beside an apply" $first "$(uname -n)"
run undo -w ws
[ "$code" -eq 2 ] && grep -q "^at work on it now: process $first on host \"$(uname -n)\" since [0-9]" out && ! grep -q '^to do it' out
verdict "what an undo would do, beside an apply: it names who is at work, and no command that would be refused"
run status -w ws
[ "$code" -eq 3 ] && grep -q created out &&
	grep -q "^at work on it now: process $first on host \"$(uname -n)\" since [0-9]" out && ! grep -q '^to go on' out
verdict "status beside an apply: it names who is at work, and no command that would be refused"
run status -w ws --json
holds "and in the document" ".atWork | test(\"^process $first on host .* since [0-9]\")"
kill -9 $first
wait $first 2>/dev/null
run status -w ws --json
holds "which names nobody after a kill" 'has("atWork") | not'
run status -w ws
[ "$code" -eq 3 ] && grep -q '^to go on: rehome apply' out && ! grep -q 'at work on it' out
verdict "status after a kill: how to go on"
run apply "${sides[@]}" -w ws --yes --quiet
[ "$code" -le 1 ] && everybody
verdict "the lock went with its holder"

# contained HOST [ARGUMENT...]: the tool as process 1 of a container of that name, in the same workspace.
contained() {
	local host=$1
	shift
	# shellcheck disable=SC2016 # expanded by the shell inside
	exec unshare --pid --fork --kill-child --mount-proc --uts bash -c 'hostname "$0" && exec "$@"' "$host" "$REHOME" "$@"
}
if (contained probe help) >out 2>&1 && [ "$(unshare --uts bash -c 'hostname probe && uname -n')" = probe ]; then
	rm -rf ws
	reset_target
	(contained first "${slowly[@]}") >first.out 2>first.err </dev/null &
	first=$!
	until_begun
	(contained second "${slowly[@]}") >out 2>err </dev/null
	code=$?
	refused "a second container with the same process id" 1 first
	(contained first "${slowly[@]}") >out 2>err </dev/null
	code=$?
	refused "one with the same name as well" 1 first
	kill -9 $first
	wait $first 2>/dev/null
	(contained third apply "${sides[@]}" -w ws --yes --quiet) >out 2>err </dev/null
	code=$?
	[ "$code" -le 1 ] && everybody
	verdict "a third goes on when the first is gone"
else
	count=$((count + 1))
	echo "ok $count - a second container # SKIP no process and host namespaces are to be had"
fi

# ---- two migrations into one target ----
# Whom the other one made in the meantime is refused here, however like ours they are: nobody's undo removes them.
reset_target
rm -rf ws other
"$REHOME" "${slowly[@]}" >first.out 2>first.err </dev/null &
first=$!
until_begun
run apply "${sides[@]}" -w other --yes --quiet
wait $first
made=$("$REHOME" status -w other --json | jq .run.created)
run undo -w ws --rate 100000 --yes --quiet
[ "$made" -gt 10 ] && [ "$(control state | jq '.environments.test.users | length')" -eq $((made + 2)) ]
verdict "an undo leaves whom another migration created while this one ran"

finish
