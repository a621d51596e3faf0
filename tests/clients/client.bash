# SPDX-License-Identifier: Apache-2.0
# For the scripts beside: the official client of a provider, in Node.js, talks to the rehearsal server.  The packages
# of all clients are installed once, below $REHOME_BUILD.
set -u
here=$REHOME_SOURCE/tests/clients
packages=$REHOME_BUILD/client-packages

skip() {
	echo "1..0 # SKIP $*"
	exit 0
}

# run_client PROVIDER: PROVIDER.mjs against a rehearsal of its own; ends the script.
run_client() {
	command -v node >/dev/null || skip "there is no Node.js here"
	command -v npm >/dev/null || skip "there is no npm here"
	node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 15) ? 0 : 1)' ||
		skip "the client needs Node.js 20.15 or newer, this is $(node --version)"

	if ! cmp -s "$here/package-lock.json" "$packages/installed"; then
		mkdir -p "$packages"
		cp "$here/package.json" "$here/package-lock.json" "$packages"
		(cd "$packages" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
			--fetch-retries=1 --fetch-retry-mintimeout=1000) >"$packages/npm.log" 2>&1 ||
			skip "the npm packages could not be installed"
		cp "$here/package-lock.json" "$packages/installed"
	fi

	coproc server { exec "$REHEARSE_MAIN" "$1"; }
	# shellcheck disable=SC2154 # coproc sets it
	local server_pid=$server_PID line status
	local api=${1^^}_API_URL
	while IFS= read -r -u "${server[0]}" line && [ -n "$line" ]; do
		export "${line?}"
	done
	if [ -z "${!api:-}" ]; then
		echo "Bail out! the rehearsal server did not start"
		exit 1
	fi
	CLIENT_PACKAGES=$packages node "$here/$1.mjs"
	status=$?
	# The server ends with its standard input.
	eval "exec ${server[1]}>&-"
	wait "$server_pid" || status=1
	exit "$status"
}
