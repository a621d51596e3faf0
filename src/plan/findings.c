/* SPDX-License-Identifier: Apache-2.0 */
/* The table of findings, from the one list in <rehome/findings.h>. */
#include <rehome/findings.h>

#define INFO(number, called, how_bad, is_so, happens, to_do) \
	{                                                    \
		.code = RH_FINDING_##called,                 \
		.id = "RH0" #number,                         \
		.name = #called,                             \
		.severity = RH_SEVERITY_##how_bad,           \
		.what = (is_so),                             \
		.then = (happens),                           \
		.todo = (to_do),                             \
	},

static const struct rh_finding_info table[] = {RH_FINDING_MAP(INFO)};

#define TABLE_LEN (sizeof(table) / sizeof(table[0]))

const struct rh_finding_info *rh_finding_at(size_t index)
{
	return index < TABLE_LEN ? &table[index] : NULL;
}

const struct rh_finding_info *rh_finding_info(enum rh_finding_code code)
{
	for (size_t i = 0; i < TABLE_LEN; i++) {
		if (table[i].code == code) {
			return &table[i];
		}
	}
	return NULL;
}
