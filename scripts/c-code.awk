# SPDX-License-Identifier: Apache-2.0
# c_code(line): the line without comments and without what stands inside quotes; call it for every line
# of a file in order, c_code_reset() before the first.

function c_code_reset()
{
	c_in_comment = 0
}

function c_code(line,    out, i, n, two, one, quote)
{
	out = ""
	n = length(line)
	quote = ""
	for (i = 1; i <= n; i++) {
		one = substr(line, i, 1)
		two = substr(line, i, 2)
		if (c_in_comment) {
			if (two == "*/") {
				c_in_comment = 0
				i++
			}
		} else if (quote != "") {
			if (one == "\\") {
				i++
			} else if (one == quote) {
				quote = ""
				out = out one
			}
		} else if (two == "/*") {
			c_in_comment = 1
			out = out " "
			i++
		} else if (two == "//") {
			break
		} else {
			if (one == "\"" || one == "'") {
				quote = one
			}
			out = out one
		}
	}
	return out
}
