/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of a mapping, collected for a test. */
#ifndef TESTS_CONNECTORS_FOUND_H
#define TESTS_CONNECTORS_FOUND_H

#include <rehome/findings.h>

#define FINDINGS_MAX 128

/* Findings in the order in which they came; texts copied. */
struct found {
	struct rh_finding_sink sink;
	size_t count;
	struct {
		enum rh_finding_code code;
		char path[128];
		char note[64];
	} at[FINDINGS_MAX];
};

void found_init(struct found *found);
/* How many findings of a code; `note` NULL: whatever the note. */
size_t found_count(const struct found *found, enum rh_finding_code code, const char *note);

#endif
