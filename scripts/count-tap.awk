# SPDX-License-Identifier: Apache-2.0
# Counts the cases of many TAP streams.  A line `@ RESULT NAME` opens each; RESULT is what meson says of
# the whole program, so that one that died half-way counts as a failure even if no case failed.

function close_program()
{
	if (program == "") {
		return
	}
	if (result == "SKIP" && cases == 0) {
		skipped++
		list_skipped = list_skipped "\n  skipped: " program
	} else if (result != "OK" && result != "SKIP" && failed_here == 0) {
		failed++
		list_failed = list_failed "\n  failed: " program " (" result ")"
	} else if (cases == 0) {
		passed++
	}
}

/^@ [A-Z]+ / {
	close_program()
	result = $2
	program = $0
	sub(/^@ [A-Z]+ (rehome:)?/, "", program)
	cases = failed_here = 0
	next
}
/^not ok / && !/# (SKIP|TODO)/ {
	failed++
	failed_here++
	cases++
	list_failed = list_failed "\n  failed: " program ": " $0
	next
}
/^(not )?ok .*# SKIP/ {
	skipped++
	cases++
	list_skipped = list_skipped "\n  skipped: " program ": " $0
	next
}
/^1\.\.0.*[Ss][Kk][Ii][Pp]/ {
	skipped++
	cases++
	list_skipped = list_skipped "\n  skipped: " program ": " $0
	next
}
/^ok / {
	passed++
	cases++
}
END {
	close_program()
	if (list_skipped != "") {
		print substr(list_skipped, 2)
	}
	if (list_failed != "") {
		print substr(list_failed, 2)
	}
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0
}
