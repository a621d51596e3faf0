/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A first mapping document from a sample: what columns are called, and what their values look like.
 *
 * What a name means say documents of known names (any mapping whose rules name them); what a value looks like says
 * its shape alone, and of several meanings of a name that one counts which the values bear out.  Values are looked at and forgotten: nothing of a person is in a draft.
 */
#ifndef MAPPING_DRAFT_H
#define MAPPING_DRAFT_H

#include "mapping/mapping.h"

struct rh_buf;
struct rh_draft;

#define RH_DRAFT_VALUES 1000 /* different values of one column that are told apart */

enum rh_draft_confidence {
	RH_DRAFT_NONE,   /* not understood: it stands in no rule */
	RH_DRAFT_LOW,    /* by its values alone, or its values contradict its name */
	RH_DRAFT_MEDIUM, /* by its name */
	RH_DRAFT_HIGH,   /* by both */
};

/* One column, or member with text, number or boolean. */
struct rh_draft_entry {
	struct rh_str path;  /* as a document writes it */
	const char *becomes; /* "emails", "password.hash" …; NULL: nothing */
	const char *looks;   /* "e-mail addresses", "numbers" …; "texts" where nothing is known */
	bool is_mixed;       /* more than half of the values look so, but not nearly all */
	enum rh_draft_confidence confidence;
	uint64_t count;     /* records in which there is something */
	uint64_t different; /* values, up to RH_DRAFT_VALUES; 0: objects and lists */
};

/*
 * `known` says what names mean, `more` (may be NULL) what others mean, which would be too daring for a file that nobody
 * looks at.  Both are borrowed; loose, and names of `more` also without accents, signs and what stands in parentheses.
 */
RH_NODISCARD int rh_draft_new(struct rh_draft **out, const struct rh_mapping *known,
			      const struct rh_mapping *more, struct rh_err *err);
void rh_draft_free(struct rh_draft *draft); /* accepts NULL */
/* Looks at one record; RH_OK, RH_ENOMEM.  Of more than 500 paths the rest is passed over. */
RH_NODISCARD int rh_draft_look(struct rh_draft *draft, const struct rh_record *record);
/* Decides what each path becomes; then the entries can be asked for, and the document. */
void rh_draft_decide(struct rh_draft *draft);
/* In the order of the file; false behind the last. */
bool rh_draft_at(const struct rh_draft *draft, size_t index, struct rh_draft_entry *out);
/* Is a column known as an id?  If not, the document names those that could be one, and does not compile (M4: `decide`). */
bool rh_draft_has_id(const struct rh_draft *draft);
/* The document, indented.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int rh_draft_write(const struct rh_draft *draft, const char *name, struct rh_buf *out,
				struct rh_err *err);

#endif
