# SPDX-License-Identifier: Apache-2.0
# Turns a text file into a C string: awk -v name=rh_sql_schema -f text2c.awk schema.sql > schema.sql.c
BEGIN {
	print "/* Made by scripts/text2c.awk; do not edit. */"
	printf "extern const char %s[];\n", name
	printf "const char %s[] =", name
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	printf "\n\t\"%s\\n\"", $0
}
END {
	if (NR == 0) {
		printf " \"\""
	}
	print ";"
}
