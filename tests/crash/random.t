#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole tool is killed (SIGKILL) at random moments of apply and of undo, wherever it is then: no hook, no step.
# Then run again: in the end everybody is at the target once, or nobody of ours any more.
#
# $REHOME_KILLS moments (60), drawn by $REHOME_SEED (printed); $REHOME_SOAK_SECONDS ends it sooner.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR/../cli
. "$(dirname "$0")/../cli/tap.bash"
# shellcheck source-path=SCRIPTDIR/../cli
. "$(dirname "$0")/../cli/target.bash"

kills=${REHOME_KILLS:-60}
seed=${REHOME_SEED:-$(($(od -An -N2 -tu2 /dev/urandom)))}
deadline=$((SECONDS + ${REHOME_SOAK_SECONDS:-240}))
people=${REHOME_SOAK_PEOPLE:-150}
RANDOM=$seed
echo "# $kills moments, drawn with REHOME_SEED=$seed"
settle "$people"

now_us() {
	echo "${EPOCHREALTIME/[.,]/}"
}

# How long the two ways take undisturbed, in microseconds.
measure() {
	local before after
	before=$(now_us)
	"$tool" apply "${sides[@]}" -w measured --yes --quiet >out 2>err </dev/null
	after=$(now_us)
	apply_us=$((after - before))
	before=$after
	"$tool" undo -w measured --rate 100000 --yes --quiet >out 2>err </dev/null
	after=$(now_us)
	undo_us=$((after - before))
	echo "# apply takes $((apply_us / 1000)) ms, undo $((undo_us / 1000)) ms"
}

# kill_within MICROSECONDS [ARGUMENT...]: the tool, killed at a random moment of that time; true when it was.
kill_within() {
	local within=$1 moment started
	shift
	moment=$(((RANDOM * 32768 + RANDOM) % within))
	"$tool" "$@" >out 2>err </dev/null &
	started=$!
	sleep "$((moment / 1000000)).$(printf %06d $((moment % 1000000)))"
	kill -9 $started 2>/dev/null
	wait $started 2>/dev/null
	code=$?
	[ "$code" -eq 137 ]
}

# disturb MICROSECONDS [ARGUMENT...]: killed, often several times in a row, then run until it comes to its end.
disturb() {
	local within=$1 tries=0
	shift
	while [ "$killed" -lt "$kills" ]; do
		if kill_within "$within" "$@"; then
			killed=$((killed + 1))
		fi
		if [ $((RANDOM % 3)) -gt 0 ]; then
			break
		fi
	done
	code=3
	while [ "$code" -eq 3 ] && [ "$tries" -lt 4 ]; do
		tries=$((tries + 1))
		"$tool" "$@" >out 2>err </dev/null
		code=$?
	done
	[ "$code" -le 1 ]
}

# check COMMAND...: one of the many things that hold after a kill; what failed tells its round.
failures=
check() {
	"$@" || {
		failures="$failures $1"
		echo "# round $round, $killed moments: $*, exit $code"
		sed 's/^/# /' err | head -n 20
	}
}

verified() {
	"$tool" verify -w "$workspace" --json >out 2>err </dev/null
	code=$?
	holds_of ".run.verified == $total and .run.differs == 0 and .run.missing == 0 and .run.unknown == 0" <out
}

silent() {
	"$tool" apply "${sides[@]}" -w "$workspace" --yes --json >out 2>err </dev/null
	code=$?
	holds_of ".run.writes == 0 and .run.created == $total" <out
}

killed=0
round=0
workspace=ws.0
measure
reset_target
while [ "$killed" -lt "$kills" ] && [ "$SECONDS" -lt "$deadline" ] && [ -z "$failures" ]; do
	round=$((round + 1))
	if [ $((RANDOM % 2)) -eq 0 ]; then
		rm -rf "$workspace"
		workspace=ws.$round
	fi
	check disturb "$apply_us" apply "${sides[@]}" -w "$workspace" --yes --quiet
	check everybody
	check silent
	check verified
	check disturb "$undo_us" undo -w "$workspace" --rate 100000 --yes --quiet
	check nobody
done
echo "# killed at $killed moments in $round rounds"
: >out
: >err
[ -z "$failures" ]
verdict "after every kill all is as if there had been none"
[ "$killed" -ge "$kills" ]
verdict "killed as often as was asked for"

finish
