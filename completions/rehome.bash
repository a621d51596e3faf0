# SPDX-License-Identifier: Apache-2.0
# bash completion for rehome: asks the tool, and completes names of files where it has nothing to say.
_rehome() {
	local IFS=$'\n'
	# shellcheck disable=SC2207 # one candidate a line, none has blanks
	COMPREPLY=($("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -o bashdefault -F _rehome rehome
