/* SPDX-License-Identifier: Apache-2.0 */
/* What a draft knows of each column while it is made. */
#ifndef MAPPING_DRAFT_INTERNAL_H
#define MAPPING_DRAFT_INTERNAL_H

#include "base/arena.h"
#include "mapping/draft.h"
#include "mapping/mapping_internal.h"

enum {
	DRAFT_PATHS_MAX = 500,
	DRAFT_KNOWN_MAX = 2,
	DRAFT_STATES_MAX = 40, /* words for a state that are known */
};

enum draft_look {
	DRAFT_LOOK_OTHER,
	DRAFT_LOOK_EMAIL,
	DRAFT_LOOK_PHONE, /* with '+' */
	DRAFT_LOOK_LOCAL, /* as phone numbers are written at home */
	DRAFT_LOOK_HASH,
	DRAFT_LOOK_TIME,
	DRAFT_LOOK_BOOL,
	DRAFT_LOOK_STATE,  /* "active", "Gesperrt", "oui" */
	DRAFT_LOOK_NUMBER, /* digits alone */
	DRAFT_LOOK_OBJECT, /* of JSON */
	DRAFT_LOOKS,
};

/* What a path becomes. */
enum draft_role {
	DRAFT_ROLE_NONE,
	DRAFT_ROLE_FIELD, /* a field of one rule */
	DRAFT_ROLE_EMAIL,
	DRAFT_ROLE_EMAIL_VERIFIED,
	DRAFT_ROLE_PHONE,
	DRAFT_ROLE_PHONE_VERIFIED,
	DRAFT_ROLE_HASH,
	DRAFT_ROLE_LABEL,
	DRAFT_ROLE_SALT,
	DRAFT_ROLE_CLEAR,
	DRAFT_ROLE_SUBJECT,
	DRAFT_ROLE_IDENTITY_EMAIL,
	DRAFT_ROLE_METADATA,
};

/* What a column could become, and how sure that is. */
struct draft_meaning {
	enum draft_role role;
	enum rh_field field; /* DRAFT_ROLE_FIELD, DRAFT_ROLE_METADATA */
	const struct rh_mapping *known;
	size_t list; /* DRAFT_ROLE_SUBJECT, DRAFT_ROLE_IDENTITY_EMAIL: of the known document */
	size_t rank; /* among the names for one thing: the lower, the better */
	bool is_inverted;
	bool is_presence;
	enum rh_draft_confidence confidence;
};

struct draft_column {
	char *path;
	uint64_t count;
	uint64_t looks[DRAFT_LOOKS];
	uint64_t blanks;                   /* values of several words */
	enum draft_look mostly;            /* of more than half */
	enum draft_look look;              /* of nearly all; DRAFT_LOOK_OTHER: they differ */
	uint8_t states[DRAFT_STATES_MAX];  /* a bit for each form in which the word was seen */
	uint64_t digests[RH_DRAFT_VALUES]; /* of different values */
	size_t different;
	struct draft_meaning is;
	const char *within; /* the metadata of which it is a member */
};

struct rh_draft {
	const struct rh_mapping *known[DRAFT_KNOWN_MAX];
	struct draft_column *columns[DRAFT_PATHS_MAX];
	size_t count;
	uint64_t records;
	bool is_out_of_memory;
	struct rh_arena scratch;
};

/* A word for a state, in lower case, as a title, in upper case; NULL behind the last.  *means: active, or yes. */
enum { DRAFT_FORMS = 3 };
const char *rh_draft_state(size_t index, size_t form, bool *means);

bool rh_draft_has(const struct rh_draft *draft, enum draft_role role, enum rh_field field);
/* Could the column identify people: is there another value in each record? */
bool rh_draft_is_distinct(const struct rh_draft *draft, const struct draft_column *column);

#endif
