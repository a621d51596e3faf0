# SPDX-License-Identifier: Apache-2.0
# Turns a text file into a C string: awk -v name=rh_sql_schema -f text2c.awk schema.sql > schema.sql.c

# What replaces a match is given a meaning of its own by each awk, so escape byte by byte.
function escaped(line,    out, i, one)
{
	out = ""
	for (i = 1; i <= length(line); i++) {
		one = substr(line, i, 1)
		if (one == "\\" || one == "\"") {
			out = out "\\" one
		} else if (one == "\t") {
			out = out "\\t"
		} else {
			out = out one
		}
	}
	return out
}

BEGIN {
	print "/* Made by scripts/text2c.awk; do not edit. */"
	printf "extern const char %s[];\n", name
	printf "const char %s[] =", name
}
{
	printf "\n\t\"%s\\n\"", escaped($0)
}
END {
	if (NR == 0) {
		printf " \"\""
	}
	print ";"
}
