/* SPDX-License-Identifier: Apache-2.0 */
/* One record through one document, and what came of it. */
#ifndef UNIT_MAPPING_HELPER_H
#define UNIT_MAPPING_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/builder.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "mapping/mapping.h"

#define FINDINGS_MAX 32

struct mapped {
	struct rh_finding_sink sink;
	enum rh_finding_code codes[FINDINGS_MAX];
	char paths[FINDINGS_MAX][64];
	char notes[FINDINGS_MAX][64];
	size_t finding_count;
	struct rh_arena arena;
	struct rh_account account;
};

/* What a test asks for beside the record. */
struct asked {
	const char *document;
	enum rh_primary_policy primary;
	rh_time now;
	bool passes_clear_passwords;
	const struct rh_mapping_hooks *hooks;
	enum rh_mapping_split split;
};

/* A document with these fields. */
#define DOCUMENT(fields) "{\"mapping\":1,\"name\":\"acme\",\"fields\":{" fields "}}"

struct rh_mapping *compiled(const char *document);
/* The record's text is overwritten before it returns: nothing of the account may point into it. */
void map_json(struct mapped *mapped, const struct asked *asked, const char *record);
/* "name=cell" one after the other, ended by NULL; "name=" is an absent cell. */
void map_cells(struct mapped *mapped, const struct asked *asked, const char *const *cells);
void drop(struct mapped *mapped);
bool has_finding(const struct mapped *mapped, enum rh_finding_code code, const char *path);
void assert_text(struct rh_str actual, const char *expected);
/* The identifier of a kind with this value; fails when there is none. */
const struct rh_identifier *identifier(const struct mapped *mapped, enum rh_identifier_kind kind,
				       const char *value);

#endif
