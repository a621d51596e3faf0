/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources whose records are mapped by documents: one document a shape, compiled when an instance is opened.
 *
 * A connector has its documents as files beside its code (acme_users.json), in the form that users write, and says in
 * C only what a table cannot: which of two files with the same names is meant, lists whose entries depend on each
 * other.  Names of social providers come out as social.h has them.
 */
#ifndef CONNECTORS_MAPPED_H
#define CONNECTORS_MAPPED_H

#include <rehome/connector.h>

#include "mapping/mapping.h"

enum { MAPPED_SHAPES_MAX = 4 };

struct mapped_shape {
	int id; /* 0 ends the list */
	const char *document;
	struct rh_mapping_hooks hooks;
};

/* First in the instance of such a connector. */
struct mapped_instance {
	const struct mapped_shape *shapes;
	struct rh_mapping *mappings[MAPPED_SHAPES_MAX];
	int split; /* of the option below: 0 is the first of its choices */
};

/* The option that says how a whole name becomes two. */
#define MAPPED_NAME_SPLIT                                                                    \
	{                                                                                    \
		.name = "name-split", .type = RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES,   \
		.offset = offsetof(struct mapped_instance, split), .fallback = "last-blank", \
		.placeholder = "HOW",                                                        \
		.help = "where a whole name is cut into first and last name",                \
		.choices = mapped_split_choices,                                             \
	}
extern const char *const mapped_split_choices[];

/* For `open` and `close`; `name` is the connector's. */
RH_NODISCARD int mapped_open(struct mapped_instance *instance, const struct mapped_shape *shapes,
			     const char *name, bool as_target, struct rh_err *err);
void mapped_close(void *instance);
/* The first shape whose document recognises the file, or 0. */
int mapped_recognise(const struct mapped_shape *shapes, const struct rh_sniff *sniff);
/* Contract: struct rh_connector. */
int mapped_from_record(const void *instance, const struct rh_record *record,
		       const struct rh_mapping_policy *policy, struct rh_arena *arena,
		       struct rh_finding_sink *findings, struct rh_account *out,
		       struct rh_err *err);

/* ---- for hooks -------------------------------------------------------------------------------------------- */

/* A member or cell of that name; both absent: it is not there, or null. */
struct mapped_value {
	const struct rh_json_node *node;
	struct rh_str cell;
};
struct mapped_value mapped_value(const struct rh_record *record, const char *name);
/* Several in one walk over the record: out[i] is that of names[i].  Of those with one name the last counts. */
void mapped_values(const struct rh_record *record, const struct rh_str *names, size_t count,
		   struct mapped_value *out);
/* Its text: of a string, a number or a cell; else absent. */
struct rh_str mapped_text(const struct rh_record *record, const char *name);
struct rh_str mapped_value_text(struct mapped_value value);
/* Of an object: text, or absent. */
struct rh_str mapped_member(const struct rh_json_node *object, const char *name);
/* true, 1, t …; what is not there, or is something else, is not. */
bool mapped_is_true(struct rh_str text);
/* Is a member of the first record true, false, 0 or 1, as a flag is and a moment is not? */
bool mapped_is_flag(const struct rh_json_node *node);

#endif
