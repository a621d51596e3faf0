# SPDX-License-Identifier: Apache-2.0
# For scripts that disturb a whole migration: people, a rehearsed target, and what must hold of both in the end.
# Sourced after tap.bash.

# The release build where there is one: what is disturbed is what people run, and it is quick.  A script that needs
# it (memory that runs out, loaded in front of the C library) asks has_release.
has_release() {
	[ -n "${REHOME_RELEASE:-}" ] && [ -x "$REHOME_RELEASE/rehome" ]
}
tool=$REHOME
if has_release; then
	tool=$REHOME_RELEASE/rehome
fi

# control PATH [BODY]: asks the rehearsal's control; with a body it is told something.
control() {
	curl -sS -H "X-Rehearsal-Token: $token" ${2:+-d "$2"} "$WORKOS_API_URL/_rehearsal/$1"
}

# users: what the target holds, one line a person, without what differs from run to run.
users() {
	control state | jq -c '.environments.test.users | map(del(.id, .created_at, .updated_at)) | sort_by(.external_id) | .[]'
}

# settle COUNT: people.json, a target with two strangers, and in the file `wanted` what it must hold once everybody
# moved; in `strangers` what it holds before.  $sides are the options of a migration that is not slowed down.
settle() {
	run sample --count "$1" --seed 11 --out people.json
	start_server --limits off
	sides=(--from clerk -f people.json --to workos --rate 100000)
	strangers
	run apply "${sides[@]}" -w wanted.ws --yes --quiet
	users >wanted
	total=$(($(wc -l <wanted) - 2))
	if [ "$code" -gt 1 ] || [ "$total" -lt 1 ]; then
		echo "Bail out! an undisturbed apply failed"
		cat "$work/err" >&2
		exit 1
	fi
	reset_target
}

strangers() {
	local number
	for number in 1 2; do
		curl -sS -o made -H "Authorization: Bearer $WORKOS_API_KEY" -H 'Content-Type: application/json' \
			-d "{\"email\":\"before$number@example.org\"}" "$WORKOS_API_URL/user_management/users"
	done
	users >strangers
}

# reset_target: nobody there but the strangers, no faults.
reset_target() {
	control reset '{}' >reset
	strangers
}

# everybody: the target holds exactly those of the plan, each once, as planned, beside the strangers.
everybody() {
	users >there
	cmp -s wanted there || {
		diff wanted there | cut -c 1-160 | head -n 6 >>err
		return 1
	}
}

# nobody: the target holds the strangers and nobody else.
nobody() {
	users >there
	cmp -s strangers there || {
		diff strangers there | cut -c 1-160 | head -n 6 >>err
		return 1
	}
}
