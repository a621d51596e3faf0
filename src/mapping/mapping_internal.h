/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a document is compiled to: flat tables, indexed by small numbers.
 *
 *   scope   the paths that start at one place: the record, the entries of one list, what `recognise` looks at
 *   place   one name on the way of a path, in the tree of its scope; its value is found once for each record
 *   rule    one place to read from (or a constant), and how: a setting
 *   rules   alternatives, one behind the other in the table of rules
 *
 * Two things are remembered from record to record, as records of one file resemble each other.  Both are nothing but
 * caches (M12): the names at each position of a record (mapping_seen), and what can come of a set of names
 * (mapping_shape).  All memory for them is there when the document is compiled.
 */
#ifndef MAPPING_MAPPING_INTERNAL_H
#define MAPPING_MAPPING_INTERNAL_H

#include "account/credential.h"
#include "base/arena.h"
#include "base/json.h"
#include "mapping/fields.h"
#include "mapping/mapping.h"

enum {
	MAPPING_ROOT = 0,        /* the place where a scope starts */
	MAPPING_NOWHERE = 65535, /* no place: a constant */
	MAPPING_PLACES_MAX = 512,
	MAPPING_ENTRY_PLACES_MAX = 48, /* of the scope of a list */
	MAPPING_TABLE_MAX = 4096,      /* rules, settings, texts of a document */
	MAPPING_PATH_MAX = 256,        /* bytes */
	MAPPING_LISTS_MAX = 64,
	MAPPING_WORDS = MAPPING_PLACES_MAX / 64, /* of a set of places */
};

/* Names to numbers, open addressing.  Entry 0 is free, else place + 1. */
struct mapping_table {
	uint16_t *entries; /* NULL: empty */
	uint32_t mask;
};

struct mapping_place {
	struct rh_str name;   /* the last one of its path; in a loose scope folded */
	struct rh_str path;   /* the whole, as it is written */
	struct rh_str column; /* what a column of that name is called; in a loose scope folded */
	uint16_t parent;
	bool has_children;
	struct mapping_table children;
};

/*
 * The name that stood at a position of the record before, as it is written there: to compare it takes less than to fold
 * and to hash it.
 */
enum { MAPPING_SEEN_MAX = 64, MAPPING_SEEN_BYTES = 45 };
struct mapping_seen {
	uint16_t place;
	uint8_t len; /* 0: nothing yet */
	char name[MAPPING_SEEN_BYTES];
};

struct mapping_scope {
	struct rh_arena *arena; /* for what is compiled; borrowed */
	struct mapping_place *places;
	size_t count; /* the root included; 0: there is no path yet */
	size_t cap;
	size_t max;
	uint16_t *inner; /* places with children, in order: parents first */
	size_t inner_count;
	struct mapping_table columns;
	bool is_loose;
	uint16_t key; /* "@key", or MAPPING_NOWHERE */
	/* MAPPING_SEEN_MAX of them; NULL: nothing is remembered */
	struct mapping_seen *seen_columns;
	struct mapping_seen *seen_members;
};

/* Alternatives: rules[first .. first + count). */
struct mapping_rules {
	uint16_t first;
	uint16_t count;
};

/* Texts of a list, or of a map two by two: texts[first .. first + count). */
struct mapping_texts {
	uint16_t first;
	uint16_t count;
};

enum mapping_split {
	MAPPING_SPLIT_NONE,
	MAPPING_SPLIT_LAST_BLANK,
	MAPPING_SPLIT_FIRST_BLANK,
};

/* How a value is read. */
struct mapping_setting {
	struct mapping_texts map;
	struct mapping_texts is;
	struct mapping_rules until; /* count 0: none */
	struct rh_str otherwise;    /* absent: text that is not in the map is a finding */
	enum mapping_split split;
	bool has_map;
	bool has_is;
	bool is_inverted;
	bool is_presence; /* `there` */
	bool is_moment;   /* `as` "until" */
};

struct mapping_rule {
	uint16_t place;
	uint16_t setting;
	struct rh_str
		constant; /* place is MAPPING_NOWHERE; JSON text of a string, number, boolean in `raw` */
	struct rh_str raw;
};

/* One rule of emails, phones or identities. */
struct mapping_list {
	enum rh_field field;
	uint16_t scope;
	uint16_t each;              /* place in the record; MAPPING_NOWHERE: the record itself */
	struct mapping_rules value; /* identities: the provider */
	struct mapping_rules subject;
	struct mapping_rules email;
	struct mapping_rules verified;
	struct mapping_rules primary;
	struct mapping_rules reserved;
	struct mapping_rules id;
	struct mapping_rules second_factor;
	struct mapping_rules enterprise;
	struct mapping_rules when;
	struct mapping_rules unless;
	struct rh_str separators;
	struct rh_str country; /* digits; absent: none */
	bool adds_plus;
};

struct mapping_member {
	struct rh_str name;
	struct mapping_rules rules;
};

struct mapping_metadata {
	struct mapping_rules whole;
	size_t member_first;
	size_t member_count;
};

/* A part of the text of `form`. */
struct mapping_part {
	struct rh_str text;
	uint16_t place; /* MAPPING_NOWHERE: the text itself */
};

struct mapping_password {
	struct mapping_rules hash;
	struct mapping_rules salt;
	struct mapping_rules label;
	struct mapping_rules set;
	struct mapping_rules clear;
	size_t part_first;
	size_t part_count; /* of the form */
};

struct mapping_leave_out {
	struct mapping_rules when;
	struct rh_str reason;
};

/* Records whose names are at the same places: there the same rules can give nothing. */
enum { MAPPING_SHAPES = 8 };
struct mapping_shape {
	uint64_t present[MAPPING_WORDS];
	uint16_t *next; /* by rule: itself, or the next one that can give something */
};

enum { MAPPING_SCOPE_RECORD, MAPPING_SCOPE_RECOGNISE, MAPPING_SCOPE_LISTS };

/* Places of `recognise`. */
struct mapping_recognise {
	struct mapping_texts all; /* as numbers of places, in `places` */
	struct mapping_texts any;
	struct mapping_texts none;
	bool is_there;
};

struct rh_mapping {
	struct rh_arena arena; /* all that is not a table that grows */
	char *text;            /* of the document, names and strings undone in place */
	struct rh_json json;
	const char *name;
	const char *title;
	struct mapping_scope scopes[MAPPING_SCOPE_LISTS + MAPPING_LISTS_MAX];
	size_t scope_count;
	struct mapping_rule *rules;
	size_t rule_count;
	size_t rule_cap;
	struct mapping_setting *settings; /* 0: the plain one */
	size_t setting_count;
	size_t setting_cap;
	struct rh_str *texts;
	size_t text_count;
	size_t text_cap;
	struct mapping_list *lists;
	size_t list_count;
	size_t list_cap;
	struct mapping_member *members;
	size_t member_count;
	size_t member_cap;
	struct mapping_part *parts;
	size_t part_count;
	size_t part_cap;
	struct mapping_leave_out *leave_outs;
	size_t leave_out_count;
	size_t leave_out_cap;
	struct mapping_rules fields[RH_FIELDS]; /* of simple types */
	struct mapping_metadata metadata[RH_METADATA_KINDS];
	struct mapping_password password;
	struct mapping_recognise recognise;
	uint16_t *recognise_places;
	size_t recognise_count;
	size_t recognise_cap;
	struct mapping_texts nulls;
	size_t null_len_max; /* of the longest of them */
	struct rh_str separators;
	bool has_rest;
	enum rh_metadata_kind rest;
	struct mapping_shape *shapes; /* MAPPING_SHAPES of them */
	struct rh_jq *program;        /* M13; NULL: none */
};

/* ---- mapping_path.c: paths, and finding their values ----------------------------------------------------- */

/* What stands at a place: a node, or a cell, or neither. */
struct mapping_value {
	const struct rh_json_node *node;
	struct rh_str cell;
};

/* What was collected of a record, or of an entry. */
struct mapping_values {
	struct mapping_value *at; /* by place; 1 .. scope->count */
	uint64_t present
		[MAPPING_WORDS]; /* the places whose names stand there, with or without something */
};

/* Adds a path to a scope.  RH_OK, RH_ENOMEM, RH_ELIMIT, RH_EINPUT: it is no path, *why says why. */
RH_NODISCARD int rh_mapping_path_add(struct mapping_scope *scope, struct rh_str path, uint16_t *out,
				     const char **why);
/* Makes the tables, when all paths are there.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int rh_mapping_scope_finish(struct mapping_scope *scope);
/* What is collected often remembers the names.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int rh_mapping_scope_remember(struct mapping_scope *scope);
void rh_mapping_scope_done(struct mapping_scope *scope);

/* Documents that texts within a record were read as; nodes live until it is done. */
enum { MAPPING_NESTED_MAX = 16 };
struct mapping_nested {
	struct rh_json json[MAPPING_NESTED_MAX];
	size_t count;
	struct rh_arena *arena;
	int status;
};
void rh_mapping_nested_done(struct mapping_nested *nested);
/* The value as an object or list, also where it is the text of one; NULL: it is neither. */
const struct rh_json_node *rh_mapping_container(struct mapping_nested *nested,
						const struct mapping_value *value);
/* Sets the values of all places from the root's value. */
void rh_mapping_collect(const struct mapping_scope *scope, const struct rh_json_node *root,
			struct mapping_nested *nested, struct mapping_values *values);
void rh_mapping_collect_cells(const struct mapping_scope *scope, const struct rh_columns *columns,
			      const struct rh_str *cells, struct mapping_nested *nested,
			      struct mapping_values *values);
/* The place that a column of that name has; MAPPING_NOWHERE: no path names it. */
uint16_t rh_mapping_place(const struct mapping_scope *scope, struct rh_str name);
/* Does a path begin with this name? */
bool rh_mapping_knows(const struct mapping_scope *scope, struct rh_str name, bool is_column);

/* ---- mapping_read.c: values ------------------------------------------------------------------------------ */

enum mapping_reading {
	MAPPING_READING_ABSENT,
	MAPPING_READING_OK,
	MAPPING_READING_WRONG,
};

/* Room for what is remembered of shapes.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int rh_mapping_shapes_init(struct rh_mapping *mapping);
/* `next` for a record with these places; good until the next record. */
const uint16_t *rh_mapping_next(const struct rh_mapping *mapping, const uint64_t *present);

/* Where rules are read: the record, or one entry of a list. */
struct mapping_view {
	const struct rh_mapping *mapping;
	const struct mapping_scope *scope;
	const struct mapping_value *values;
	const uint16_t *next; /* of the record's shape; NULL: not known */
	rh_time now;
	struct rh_str list; /* path of the list; absent: the record */
	size_t index;
};

/* What the rules found. */
struct mapping_found {
	const struct mapping_rule *rule; /* NULL: nothing is there */
	struct mapping_value value;
	struct rh_str
		text; /* of a string, number, boolean or cell, trimmed, behind `map`; else absent */
	bool is_unmapped; /* the text is not in `map` */
};

/* False: none of the rules has anything to read here. */
static inline bool rh_mapping_can_give(const struct mapping_view *view, struct mapping_rules rules)
{
	return rules.count > 0 &&
	       (view->next == NULL || view->next[rules.first] < rules.first + rules.count);
}
void rh_mapping_find(const struct mapping_view *view, struct mapping_rules rules,
		     struct mapping_found *out);
bool rh_mapping_is_there(const struct rh_mapping *mapping, const struct mapping_value *value);
/* Text and numbers; the blanks around stay where `map` did not make it. */
enum mapping_reading rh_mapping_read_text(const struct mapping_found *found, struct rh_str *out);
enum mapping_reading rh_mapping_read_time(const struct mapping_found *found, rh_time *out);
/* Behind `is`, `there`, `as`, `until` and `inverted`.  `is_verified`: a moment means true. */
enum mapping_reading rh_mapping_read_bool(const struct mapping_view *view,
					  struct mapping_rules rules, bool is_verified,
					  struct mapping_found *found, bool *out);
bool rh_mapping_time_of(struct rh_str text, rh_time *out);

/* ---- mapping_account.c, _lists.c, _metadata.c, _password.c: the account ------------------------------------ */

struct mapping_run {
	const struct rh_mapping *mapping;
	const struct rh_mapping_call *call;
	const struct rh_record *record;
	struct rh_account *account;
	struct rh_builder *builder;
	struct mapping_view view; /* the record */
	struct mapping_nested nested;
	bool names_primary_email; /* an address is said to be the primary one, readable or not */
	int status;               /* sticks: after the first failure nothing more is added */
};

void rh_mapping_keep_status(struct mapping_run *run, int code);
/* At what `found` was read from; `why` is the note, or "out of memory", which is none; may be NULL. */
void rh_mapping_report(struct mapping_run *run, const struct mapping_view *view,
		       const struct mapping_found *found, enum rh_finding_code code,
		       const char *why);
struct rh_str rh_mapping_keep(struct mapping_run *run, struct rh_str text);
/* Texts borrowed from the record; what is of the wrong type is told, and absent. */
struct rh_str rh_mapping_borrow(struct mapping_run *run, const struct mapping_view *view,
				struct mapping_rules rules, struct mapping_found *found);
/* Of rules that say nothing, or what cannot be read: fallback. */
bool rh_mapping_bool(struct mapping_run *run, const struct mapping_view *view,
		     struct mapping_rules rules, bool is_verified, bool fallback);
/* A number that a spreadsheet made of an id or a phone number, or text that it guards with an apostrophe. */
bool rh_mapping_is_damaged(const struct mapping_found *found);

/* Addresses, numbers, the username, links; then, when nothing more comes, which are the primary ones. */
void rh_mapping_lists(struct mapping_run *run);
void rh_mapping_settle(struct mapping_run *run);
void rh_mapping_metadata(struct mapping_run *run);
void rh_mapping_password(struct mapping_run *run);
/* The record, once it has passed the program or where there is none. */
RH_NODISCARD int rh_mapping_account_of(const struct rh_mapping *mapping,
				       const struct rh_record *record,
				       const struct rh_mapping_call *call, struct rh_account *out,
				       struct rh_err *err);
/* What a label says; false: nobody knows it. */
bool rh_mapping_dialect(struct rh_str label, enum rh_dialect *out);

#endif
