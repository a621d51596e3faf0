#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/coming-from.md: every command and option of the tools that people come from has a line, and what stands beside
# it exists in the tables of the tool that was built.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

page=$REHOME_SOURCE/docs/coming-from.md
: >out && : >err
"$REHOME" help --json | jq -r '.commands[] | .name as $command | .name, (.options[].name | $command + " --" + .)' >tables
"$REHOME" providers --json | jq -r '.providers[].name' >built
[ "$(wc -l <tables)" -gt 100 ] && [ -s built ]
verdict "the tables are there"

# exists COMMAND OPTION: the command takes it; without a command any does.
exists() {
	if [ -n "$1" ]; then
		grep -qxF -e "$1 --$2" tables
	else
		grep -q -e " --$2\$" tables
	fi
}
grep '^| `\|^| a ' "$page" | sed 's/\\|/\//g' >rows
[ "$(wc -l <rows)" -ge 60 ]
verdict "there are rows"
while IFS= read -r row; do
	theirs=$(cut -d '|' -f 2 <<<"$row")
	ours=$(cut -d '|' -f 3 <<<"$row")
	[ -n "${theirs// /}" ] && [ -n "${ours// /}" ] || echo "empty: $row"
	grep -q '`\|not needed: \|not yet' <<<"$ours" || grep -q 'the same variable' <<<"$ours" || echo "says nothing: $row"
	grep -oE '`[^`]*`' <<<"$ours" | tr -d '`' | while read -r code; do
		command=
		case $code in
		"rehome "*)
			command=$(cut -d ' ' -f 2 <<<"$code")
			grep -qx -e "$command" tables || echo "no command: $code"
			;;
		esac
		grep -oE -e '--[a-z][a-z-]*' <<<"$code" | sed 's/^--//' | while read -r option; do
			exists "$command" "$option" || echo "no option --$option: $code"
		done
	done
done <rows >out
[ ! -s out ]
verdict "every row says what does it or why not, and what it names exists"
for name in "-t KEY" "-r ID"; do
	"$REHOME" help apply | grep -qE "^ *${name%% *}[, ]" || echo "$name"
done >out
[ ! -s out ]
verdict "short forms are there"

# names HEADING: what stands in backticks in the first column below it, a word a line.
names() {
	awk -v heading="## $1" 'index($0, heading) == 1 { inside = 1; next } /^## / { inside = 0 } inside' "$page" |
		sed 's/\\|/\//g' | cut -d '|' -f 2 | grep -oE '`[^`]*`' | tr -d '`' | tr ' ' '\n'
}
# lacks HEADING NAME...
lacks() {
	local heading=$1
	shift
	names "$heading" >named
	for name in "$@"; do
		grep -qxF -e "$name" named || echo "$heading: $name"
	done
}
{
	lacks "The Clerk migration script" migrate delete clean-logs convert-logs export export:auth0 export:authjs export:betterauth export:clerk \
		export:firebase export:supabase -t --transformer -f --file -r --resume-after --require-password --skip-password-requirement \
		--skip-unsupported-providers -y --yes --clerk-secret-key --firebase-signer-key --firebase-salt-separator --firebase-rounds \
		--firebase-mem-cost -h --help CLERK_SECRET_KEY CLERK_PUBLISHABLE_KEY NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY RATE_LIMIT \
		CONCURRENCY_LIMIT NEXT_PUBLIC_SUPABASE_URL SUPABASE_URL NEXT_PUBLIC_SUPABASE_ANON_KEY SUPABASE_ANON_KEY \
		SUPABASE_SERVICE_ROLE_KEY SUPABASE_DB_URL AUTHJS_DB_URL BETTER_AUTH_DB_URL AUTH0_DOMAIN AUTH0_CLIENT_ID AUTH0_CLIENT_SECRET \
		GOOGLE_APPLICATION_CREDENTIALS
	lacks "Clerk's own command" import --source --dry-run --allow-partial --new-run --require-password --skip-legal-checks \
		--reserve-unverified --json --secret-key --app --instance --runs-dir export --output --db-url --service-account --domain \
		--client-id --client-secret undo runs sources
	lacks "WorkOS: \`migrate-clerk-users\`" --user-export --process-multi-email --email-verified --quiet --errors-out --password-export \
		--cleanup-temp-db
	lacks "WorkOS: \`workos-migrate\`" export wizard export-auth0 export-cognito transform-clerk transform-firebase export-template \
		generate-package-template merge-passwords validate --auto-fix --output --strict validate-package import --csv --concurrency \
		--rate-limit --workers --chunk-size --job-id --resume --dry-run --plan --org-id --org-external-id --create-org-if-missing \
		--dedupe --endpoint --errors import-package analyze --retry-csv --original-csv --json enroll-totp --totp-issuer \
		process-role-definitions
} >out
[ ! -s out ]
verdict "every command, option and variable of theirs has a line"

finish
