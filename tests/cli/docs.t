#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The documents tell the truth: recorded sessions (```console) are run again and say the same, files that are
# linked are there, commands and options that are named exist.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

documents=$(cd "$REHOME_SOURCE" && find . -name '*.md' ! -path './build/*' ! -path '*/node_modules/*' ! -path './.git/*' | sort)
code=0
: >out
: >err
mkdir bin
ln -s "$REHOME" bin/rehome
PATH=$PWD/bin:$PATH

# Ids made by the target, the port, rates and times differ from run to run.
mask() {
	sed -E -e 's/user_[0-9A-Z]{26}/user_ID/g' -e 's/  [0-9.]+\/s.*//' -e 's/127\.0\.0\.1:[0-9]+/HOST/' -e 's/, [0-9]+ s$/, TIME/'
}

# Links of the form ](path) lead somewhere.
for document in $documents; do
	folder=$(dirname "$REHOME_SOURCE/$document")
	grep -oE '\]\([^)#]+\)' "$REHOME_SOURCE/$document" | sed 's/^](//; s/)$//' | grep -vE '^https?:' | while read -r path; do
		[ -e "$folder/$path" ] || echo "$document: $path"
	done
done >out
[ ! -s out ]
verdict "every linked file is there"

# Files that are named as `path/to/file` below a folder of ours are there, too.
for document in $documents; do
	grep -oE '`(src|include|scripts|tests|docs|man|examples)/[A-Za-z0-9_./-]+`' "$REHOME_SOURCE/$document" | tr -d '`' |
		grep -v acme | while read -r path; do
		[ -e "$REHOME_SOURCE/$path" ] || echo "$document: $path"
	done
done >out
[ ! -s out ]
verdict "every file that is named is there"

# Options that are named exist: those of the tool, and of programs that the documents call.
"$REHOME" help --json | jq -r '.commands[].options[].name' | sort -u >options
printf '%s\n' check from- to- undo json cflags libs set data-urlencode >>options
for document in $documents; do
	case $document in
	./docs/coming-from.md) ;; # names those of others, and has a test of its own
	./changes/* | ./README.md | ./KNOWN_LIMITS.md | ./docs/*)
		grep -oE '(^|[ `(])--[a-z][a-z0-9-]+' "$REHOME_SOURCE/$document" | sed 's/.*--//' | sort -u | while read -r name; do
			# of the side that both providers could be: --from-secret-key is one of somebody's --secret-key
			grep -qx -e "$name" options || { [[ $name =~ ^(from|to)- ]] && grep -q -e "-${name#*-}\$" options; } ||
				echo "$document: --$name"
		done
		;;
	esac
done >out
[ ! -s out ]
verdict "every option that is named exists"

# The README's list of commands is the tool's.
sed -n '/^## The commands/,/^## /s/^| `\([a-z]*\)` .*/\1/p' "$REHOME_SOURCE/README.md" | sort >named
"$REHOME" help --json | jq -r '.commands[].name' | sort >there
diff named there >out
verdict "README has every command, and no other"

# The README's exit codes are the manual's.
sed -n '/^## Exit codes/,/^## /s/^| \([0-9]*\) |.*/\1/p' "$REHOME_SOURCE/README.md" >named
sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]*\)$/\1/p' "$REHOME_SOURCE/man/rehome.1" >there
diff named there >out && [ -s named ]
verdict "README and manual have the same exit codes"

# The finding codes that documents name exist.
for document in $documents; do
	grep -oE 'RH[0-9]{4}' "$REHOME_SOURCE/$document"
done | sort -u >named
sed -n 's/^\.It Li \(RH[0-9]*\) .*/\1/p' "$REHOME_SOURCE/man/rehome.1" | sort >there
comm -23 named there >out
[ ! -s out ]
verdict "findings that are named exist"

# Scripts in the documents are scripts.
for document in $documents; do
	sed -n '/^```\(ba\)\?sh$/,/^```$/{/^```/!p}' "$REHOME_SOURCE/$document" >script
	bash -n script >>out 2>&1 || echo "$document" >>out
done
[ ! -s out ]
verdict "scripts in the documents can be read by a shell"

# The first block marked as a session: its commands, as one script that marks where each begins, at full speed.
awk '/^```console$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$REHOME_SOURCE/README.md" >session
awk '
	/^\$ / { n++; sub(/^\$ /, ""); is_command = 1; print "printf \"%s\\n\" \"@@ " n "\"" }
	is_command { print; if (split($0, quotes, "\047") % 2 == 0) { open = !open } if (!open && !/\\$/) { is_command = 0; print "true" } }' session |
	sed -E -e 's/rehearse workos/rehearse workos --port 0 --limits off/' -e 's/^(rehome apply .*)/\1 --rate 5000 --concurrency 32/' \
		-e 's/^(rehome rehearse .*)/\1\nserver=$!\ntrap "kill $server; wait $server" EXIT\nuntil grep -q "^# stop" rehearsal.env; do sleep 0.1; done/' >commands
[ "$(grep -c '^printf' commands)" -ge 7 ]
verdict "README has a recorded session"
if command -v curl >/dev/null; then
	timeout 120 bash commands >said 2>&1
	# Every recorded line that is not "..." was said, in this order, behind its command; "..." at its end: it begins so.
	awk '
		/^\$ / { n++; print "@@ " n; is_command = 1 }
		is_command { if (split($0, quotes, "\047") % 2 == 0) { open = !open } if (!open && !/\\$/) { is_command = 0 } next }
		{ print }' session | mask >recorded
	mask <said >heard
	awk '
		FNR == NR { heard[++count] = $0; next }
		$0 == "..." || $0 == "" { next }
		{
			wanted = $0
			is_open = sub(/\.\.\.$/, "", wanted)
			for (at++; at <= count; at++) {
				if (heard[at] == wanted || (is_open && index(heard[at], wanted) == 1)) {
					break
				}
			}
			if (at > count) {
				print "not said again: " $0
				exit 1
			}
		}' heard recorded >out 2>err
	code=$?
	[ $code -eq 0 ]
	verdict "the recorded session says the same again"
else
	count=$((count + 1))
	echo "ok $count - the recorded session says the same again # SKIP curl is not installed"
fi

finish
