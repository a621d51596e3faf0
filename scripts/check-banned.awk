# SPDX-License-Identifier: Apache-2.0
# The rules of check-banned.sh.  A call is a name before "(" that is no member (. or ->) of something.

function call(names, except, why)
{
	calls++
	call_names[calls] = names
	call_except[calls] = except
	call_why[calls] = why
}

function library(headers, except, why)
{
	libraries++
	library_headers[libraries] = headers
	library_except[libraries] = except
	library_why[libraries] = why
}

BEGIN {
	call("malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|vasprintf|free", "^src/base/",
		"memory passes the one gate, base/alloc.h, so that tests can make it fail")
	call("strcpy|strcat|strncpy|strncat|stpcpy|sprintf|vsprintf|gets|alloca", "^$",
		"no bound on what is written; base/buf.h has one")
	call("strtok|strtok_r|strtol|strtoul|strtoll|strtoull|strtod|atoi|atol|atoll|atof|sscanf", "^$",
		"faults cannot be told from results; base/str.h tells them")
	call("gmtime|localtime|ctime|asctime|setlocale", "^$",
		"hidden state shared by the whole process")
	call("sleep|usleep|nanosleep", "^$", "nothing can wake it; compute the next moment and give it to the loop")
	call("system|popen|mktemp|tmpnam|tempnam", "^$", "a shell, or a name that another can take first")
	call("time|gettimeofday|clock_gettime|rand|srand|random|srandom|getrandom|getentropy|arc4random",
		"^src/(base/clock|crypto/)", "time and randomness are parameters: struct rh_clock, crypto/")
	call("getenv|secure_getenv|setenv|putenv", "^src/(config|cli)/", "config/ is the only reader of the environment")
	call("printf|puts|putchar|perror|vprintf|syslog", "^src/cli/", "library code never prints; it returns")
	call("exit|_exit|abort|quick_exit", "^src/(cli/|base/clock\\.c|crypto/password_apart\\.c|jq/jq(_child)?\\.c|plan/workers\\.c)",
		"library code never ends the process; it returns (a worker of ours ends itself)")
	call("signal|sigaction|raise", "^src/(cli/|jq/jq_confine\\.c|plan/workers\\.c)", "signals belong to the program, not to a library (a worker of ours ignores them)")
	call("pthread_create|thrd_create", "^$", "no threads of ours: one loop, or another process")
	call("open|openat|creat|fopen", "^src/base/file\\.c$",
		"every descriptor is close-on-exec and private; base/file.h opens that way")

	library("openssl/|crypt\\.h|argon2\\.h|sodium", "^src/crypto/", "OpenSSL, libxcrypt, libargon2 and libsodium are crypto/'s")
	library("curl/", "^src/net/", "libcurl is net/'s")
	library("sqlite3|libpq|postgresql/", "^src/db/", "databases are db/'s")
	library("jq\\.h|jv\\.h", "^src/jq/", "libjq is jq/'s, which runs it in a process of its own")
	library("microhttpd", "^src/rehearsal/", "libmicrohttpd is rehearsal/'s")
	library("zlib\\.h|zstd", "^src/read/", "packed inputs are read/'s")
	library("uni[a-z0-9]+\\.h|idn2\\.h|stringprep|icu", "^src/account/", "Unicode tables are account/'s")
	library("pthread\\.h|threads\\.h", "^src/rehearsal/", "no threads of ours")
	library("jansson|cmocka", "^$", "for tests alone")
}

function complain(what, why)
{
	printf "%s:%d: %s: %s\n", FILENAME, FNR, what, why
	failed = 1
}

FNR == 1 {
	c_code_reset()
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	header = $0
	sub(/^[^<]*</, "", header)
	sub(/>.*$/, "", header)
	for (i = 1; i <= libraries; i++) {
		if (header ~ ("^(" library_headers[i] ")") && header !~ /^unistd\.h$/ && FILENAME !~ library_except[i]) {
			complain("includes <" header ">", library_why[i])
		}
	}
	next
}

{
	code = c_code($0)
	if (code !~ /\(/ && code !~ /stdout|stderr/) {
		next
	}
	# What is declared, as a member that is a pointer to a function, is no call.
	gsub(/\(\*[a-z_]+\)/, "", code)
	gsub(/(->|\.)[ \t]*[a-zA-Z_0-9]+/, ".member", code)
	for (i = 1; i <= calls; i++) {
		if (FILENAME !~ call_except[i] && match(code, "(^|[^a-zA-Z0-9_])(" call_names[i] ")[ \t]*\\(")) {
			name = substr(code, RSTART, RLENGTH)
			gsub(/[^a-zA-Z0-9_]/, "", name)
			complain("calls " name "()", call_why[i])
		}
	}
	if (FILENAME !~ /^src\/cli\// && match(code, /(^|[^a-zA-Z0-9_])(stdout|stderr)([^a-zA-Z0-9_]|$)/)) {
		complain("uses stdout or stderr", "library code never prints; it returns")
	}
}

END {
	exit failed
}
