/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of a mapping, collected for a test. */
#include "found.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static void add_found(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct found *found = (struct found *)sink;
	size_t at = found->count++;

	assert_true(at < FINDINGS_MAX);
	found->at[at].code = finding->code;
	(void)snprintf(found->at[at].path, sizeof(found->at[at].path), "%.*s",
		       RH_STR_ARG(finding->path));
	(void)snprintf(found->at[at].note, sizeof(found->at[at].note), "%.*s",
		       RH_STR_ARG(finding->note));
}

void found_init(struct found *found)
{
	*found = (struct found){.sink = {.add = add_found}};
}

size_t found_count(const struct found *found, enum rh_finding_code code, const char *note)
{
	size_t count = 0;

	for (size_t i = 0; i < found->count; i++) {
		count += found->at[i].code == code &&
			 (note == NULL || strcmp(found->at[i].note, note) == 0);
	}
	return count;
}
