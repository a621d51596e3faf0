#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The checks of the tree really find what they are for: each is shown one file at a time that is wrong in
# one way, and one that is right.
set -u

scripts=$REHOME_SOURCE/scripts
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
count=0

# tree PATH: an otherwise clean tree whose file PATH is standard input.
tree() {
	rm -rf "${work:?}/tree"
	mkdir -p "$work/tree/src/base" "$work/tree/include/rehome"
	echo '/* SPDX-License-Identifier: Apache-2.0 */' >"$work/tree/src/base/clean.c"
	echo '/* Nothing. */' >>"$work/tree/src/base/clean.c"
	mkdir -p "$work/tree/$(dirname "$1")"
	cat >"$work/tree/$1"
}

verdict() {
	count=$((count + 1))
	if [ "$1" = yes ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$work/said"
	fi
}

# finds CHECK NAME PATTERN: the check refuses the tree, and its message has PATTERN (a plain text).
finds() {
	if "$scripts/check-$1.sh" "$work/tree" >"$work/said" 2>&1; then
		verdict no "$2"
	elif grep -qF -- "$3" "$work/said"; then
		verdict yes "$2"
	else
		verdict no "$2"
	fi
}

# passes CHECK NAME: the check has nothing to say.
passes() {
	if "$scripts/check-$1.sh" "$work/tree" >"$work/said" 2>&1 && [ ! -s "$work/said" ]; then
		verdict yes "$2"
	else
		verdict no "$2"
	fi
}

tree src/base/a.c <<<'#include "account/credential.h"'
finds floors "floors: base may not include account" 'src/base/a.c:1: includes "account/credential.h"'
tree src/account/a.c <<<'#include "config/config.h"'
finds floors "floors: no neighbour on the same floor" 'src/account/a.c:1:'
tree src/engine/a.c <<<'#include "ledger/ledger.h"'
passes floors "floors: engine may include ledger"
tree src/engine/a.c <<<'#include "lane.h"'
finds floors "floors: own headers with their folder" 'src/engine/a.c:1:'
tree src/engine/a.c <<<'#include "base/buf.c"'
finds floors "floors: no .c is included" 'never included'
tree src/novelty/a.c <<<'#include "base/buf.h"'
finds floors "floors: a folder without a floor" 'is on no floor'
tree include/rehome/a.h <<<'#include "base/buf.h"'
finds floors "floors: public headers stand alone" 'include/rehome/a.h:1:'
tree src/base/a.c <<<'#include <rehome/account.h>'
finds floors "floors: base uses types.h alone" 'src/base/a.c:1:'
tree src/connectors/acme/acme_rehearse.c <<<'#include "rehearsal/server.h"'
passes floors "floors: a rehearsal stands on floor 7"
tree src/connectors/acme/acme_rehearse.c <<<'#include "connectors/acme/acme_map.h"'
finds floors "floors: a rehearsal shares no mapping" 'shares no mapping'
tree src/connectors/acme/acme.c <<<'#include "rehearsal/server.h"'
finds floors "floors: a connector knows no rehearsal" 'src/connectors/acme/acme.c:1:'
tree src/connectors/acme/acme.c <<<'#include "connectors/other/other.h"'
finds floors "floors: one provider knows no other" 'one provider'

tree src/plan/a.c <<<'/* as WorkOS does */'
finds names "names: in a comment" 'src/plan/a.c:1: names the provider "workos"'
tree src/plan/a.c <<<'static int clerk_users;'
finds names "names: in an identifier" '"clerk"'
tree src/plan/a.c <<<'puts("--auth0-domain");'
finds names "names: in a text" '"auth0"'
tree src/plan/clerk.c <<<'/* Nothing. */'
finds names "names: in the name of a file" 'src/plan/clerk.c:0:'
tree src/connectors/clerk/clerk.c <<<'/* Clerk. */'
passes names "names: below connectors/"
tree src/account/a.c <<<'/* scrypt-firebase */'
passes names "names: an allowed hash scheme"
tree src/account/a.c <<<'/* Firebase */'
finds names "names: the allowed text is not the bare name" '"firebase"'

tree src/plan/a.c <<<'	char *p = malloc(3);'
finds banned "banned: raw malloc" 'src/plan/a.c:1: calls malloc()'
tree src/plan/a.c <<<'	free (p);'
finds banned "banned: raw free, with a blank" 'calls free()'
tree src/base/alloc.c <<<'	char *p = malloc(3);'
passes banned "banned: malloc below base/"
tree src/plan/a.c <<<'	backend->free(p); /* free(p) */ rh_free(p); say("free(p)");'
passes banned "banned: members, comments, texts and longer names are no calls"
tree src/base/a.c <<<'	strcpy(a, b);'
finds banned "banned: strcpy, even in base/" 'calls strcpy()'
tree src/engine/a.c <<<'	(void)usleep(10);'
finds banned "banned: usleep" 'calls usleep()'
tree src/engine/a.c <<<'	fprintf(stderr, "x");'
finds banned "banned: a library that prints" 'stdout or stderr'
tree src/cli/a.c <<<'	printf("x");'
passes banned "banned: the tool may print"
tree src/plan/a.c <<<'	return time(NULL);'
finds banned "banned: asking the time" 'calls time()'
tree src/plan/a.c <<<'#include <sqlite3.h>'
finds banned "banned: SQLite outside db/" 'src/plan/a.c:1: includes <sqlite3.h>'
tree src/db/a.c <<<'#include <sqlite3.h>'
passes banned "banned: SQLite in db/"
tree src/account/a.c <<<'#include <openssl/evp.h>'
finds banned "banned: OpenSSL outside crypto/" 'openssl/evp.h'
tree src/engine/a.c <<<'#include <unistd.h>'
passes banned "banned: unistd.h is no Unicode table"

{
	echo 'int f(void)'
	echo '{'
	yes '	g();' | head -n 99
	echo '}'
} | tree src/plan/a.c
finds sizes "sizes: a function of 101 lines" 'src/plan/a.c:2: a function of 101 lines'
{
	echo 'int f(void)'
	echo '{'
	yes '	g();' | head -n 98
	echo '}'
} | tree src/plan/a.c
passes sizes "sizes: a function of 100 lines"
yes '/* x */' | head -n 901 | tree src/plan/a.c
finds sizes "sizes: a file of 901 lines" 'has 901 lines'

tree src/plan/a.c <<<'int x;'
finds spdx "spdx: a C file without the line" './src/plan/a.c:1: no SPDX line'
tree src/plan/a.c <<<'/* SPDX-License-Identifier: Apache-2.0 */
int x;'
finds spdx "spdx: a C file without its sentence" './src/plan/a.c:2: no sentence'
tree scripts/a.sh <<<'#!/bin/sh'
finds spdx "spdx: a script without the line" './scripts/a.sh:1:'
tree scripts/a.sh <<<'#!/bin/sh
# SPDX-License-Identifier: Apache-2.0'
passes spdx "spdx: a script with the line"

# The counting that make check ends with.
counted() {
	count=$((count + 1))
	if [ "$(awk -f "$scripts/count-tap.awk" | tail -n 1)" = "$2" ]; then
		echo "ok $count - count: $1"
	else
		echo "not ok $count - count: $1"
	fi
}
counted "cases of two programs" "2 passed, 1 failed, 1 skipped" <<'END'
@ FAIL one
1..3
ok 1 - a
not ok 2 - b
ok 3 - c # SKIP no such thing here
@ OK two
ok 1 - a
1..1
END
counted "a program that died half-way is a failure" "1 passed, 1 failed, 0 skipped" <<'END'
@ ERROR one
1..2
ok 1 - a
END
counted "a program that was skipped whole" "0 passed, 0 failed, 1 skipped" <<'END'
@ SKIP one
1..0 # SKIP nothing to test
END
counted "a program without TAP counts as one" "1 passed, 0 failed, 0 skipped" <<'END'
@ OK one
hello
END

# says NAME EXPECTED: standard input is what was said, EXPECTED is what should have been.
says() {
	count=$((count + 1))
	cat >"$work/said"
	if [ "$(cat "$work/said")" = "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# /' "$work/said"
	fi
}
says "text2c: quotes, backslashes and tabs" 'const char rh_sql_x[] =
	"select \"a\\b\"\n"
	"\tfrom t; -- \\\n";' < <(printf 'select "a\\b"\n\tfrom t; -- \\\n' |
	awk -v name=rh_sql_x -f "$scripts/text2c.awk" | tail -n +3)
says "text2c: an empty text" 'const char rh_sql_x[] = "";' \
	< <(awk -v name=rh_sql_x -f "$scripts/text2c.awk" </dev/null | tail -n 1)
says "install-packages: refuses a section that is not there" \
	'install-packages: scripts/packages has no section "nonsense"
2' < <("$scripts/install-packages" nonsense 2>&1; echo $?)

echo "1..$count"
