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

/* Where each stands in the table, by its number: findings are looked up for every account. */
#define ROW(number, called, how_bad, is_so, happens, to_do) ROW_##called,
enum row { RH_FINDING_MAP(ROW) ROWS };
#define PLACE(number, called, how_bad, is_so, happens, to_do) \
	[RH_FINDING_##called] = &table[ROW_##called],
static const struct rh_finding_info *const places[] = {RH_FINDING_MAP(PLACE)};

#define PLACES (sizeof(places) / sizeof(places[0]))

const struct rh_finding_info *rh_finding_at(size_t index)
{
	return index < ROWS ? &table[index] : NULL;
}

const struct rh_finding_info *rh_finding_info(enum rh_finding_code code)
{
	return (size_t)code < PLACES ? places[code] : NULL;
}
