/* SPDX-License-Identifier: Apache-2.0 */
/* Writing down as a document what was decided. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/draft_internal.h"

enum { CANDIDATES_MAX = 6 }; /* for an id, told */

static void put_text(struct rh_buf *out, const char *text)
{
	rh_buf_add_char(out, '"');
	rh_json_escape(out, rh_str_from(text));
	rh_buf_add_char(out, '"');
}

static const struct draft_column *first_of(const struct rh_draft *draft, enum draft_role role)
{
	for (size_t i = 0; i < draft->count; i++) {
		if (draft->columns[i]->is.role == role) {
			return draft->columns[i];
		}
	}
	return NULL;
}

static void begin_field(struct rh_buf *out, const char *name)
{
	rh_buf_add_cstr(out, out->ptr[out->len - 1] == '{' ? "\n    " : ",\n    ");
	put_text(out, name);
	rh_buf_add_cstr(out, ": ");
}

/* What each word that was seen means; what others mean nobody knows, so they block (M9). */
static void put_states(struct rh_buf *out, const struct draft_column *column)
{
	const char *word;
	const char *before = ", \"map\": { ";
	bool means;

	for (size_t i = 0; rh_draft_state(i, 0, &means) != NULL; i++) {
		for (size_t form = 0; form < DRAFT_FORMS; form++) {
			if ((column->states[i] & (1U << form)) != 0) {
				word = rh_draft_state(i, form, &means);
				rh_buf_add_cstr(out, before);
				put_text(out, word);
				rh_buf_add_cstr(out, means ? ": true" : ": false");
				before = ", ";
			}
		}
	}
	rh_buf_add_cstr(out, " }");
}

static void put_rule(struct rh_buf *out, const struct draft_column *column)
{
	bool has_words = column->look == DRAFT_LOOK_STATE &&
			 (column->is.role == DRAFT_ROLE_EMAIL_VERIFIED ||
			  column->is.role == DRAFT_ROLE_PHONE_VERIFIED ||
			  (column->is.role == DRAFT_ROLE_FIELD &&
			   rh_field_info(column->is.field)->type == RH_TYPE_BOOL));

	if (!column->is.is_inverted && !column->is.is_presence && !has_words) {
		put_text(out, column->path);
		return;
	}
	rh_buf_add_cstr(out, "{ \"from\": ");
	put_text(out, column->path);
	if (has_words) {
		put_states(out, column);
	}
	if (column->is.is_inverted || column->is.is_presence) {
		rh_buf_printf(out, ", \"%s\": true", column->is.is_inverted ? "inverted" : "there");
	}
	rh_buf_add_cstr(out, " }");
}

/* M4: what could be the id, those first that are called like one. */
static void put_candidates(const struct rh_draft *draft, struct rh_buf *out)
{
	static const enum draft_look looks[] = {DRAFT_LOOK_NUMBER, DRAFT_LOOK_OTHER,
						DRAFT_LOOK_EMAIL};
	size_t count = 0;

	begin_field(out, "source_id");
	rh_buf_add_cstr(out, "{ \"decide\": [");
	for (size_t look = 0; look < sizeof(looks) / sizeof(looks[0]); look++) {
		for (size_t i = 0; i < draft->count && count < CANDIDATES_MAX; i++) {
			const struct draft_column *column = draft->columns[i];
			bool is_name = column->is.role == DRAFT_ROLE_FIELD &&
				       column->is.field != RH_FIELD_USERNAME &&
				       column->is.field != RH_FIELD_EXTERNAL_ID;
			if (column->look == looks[look] && !is_name &&
			    rh_draft_is_distinct(draft, column)) {
				rh_buf_add_cstr(out, count > 0 ? ", " : "");
				put_text(out, column->path);
				count++;
			}
		}
	}
	rh_buf_add_cstr(out, "] }");
}

static void put_fields(const struct rh_draft *draft, struct rh_buf *out)
{
	for (size_t field = 0; field < RH_FIELDS; field++) {
		size_t count = 0;
		for (size_t i = 0; i < draft->count; i++) {
			const struct draft_column *column = draft->columns[i];
			count += (column->is.role == DRAFT_ROLE_FIELD ||
				  column->is.role == DRAFT_ROLE_METADATA) &&
				 column->is.field == field;
		}
		if (count == 0) {
			continue;
		}
		begin_field(out, rh_field_info(field)->name);
		rh_buf_add_cstr(out, count > 1 ? "[" : "");
		bool is_first = true;
		for (size_t i = 0; i < draft->count; i++) {
			const struct draft_column *column = draft->columns[i];
			if ((column->is.role == DRAFT_ROLE_FIELD ||
			     column->is.role == DRAFT_ROLE_METADATA) &&
			    column->is.field == field) {
				rh_buf_add_cstr(out, is_first ? "" : ", ");
				put_rule(out, column);
				is_first = false;
			}
		}
		rh_buf_add_cstr(out, count > 1 ? "]" : "");
	}
}

/* The first is the primary one, and the one that is verified. */
static void put_addresses(const struct rh_draft *draft, struct rh_buf *out, const char *name,
			  enum draft_role role, enum draft_role verified_role)
{
	const struct draft_column *verified = first_of(draft, verified_role);
	const struct draft_column *first = NULL;

	for (size_t i = 0; i < draft->count; i++) {
		const struct draft_column *column = draft->columns[i];
		if (column->is.role == role &&
		    (first == NULL || column->is.list < first->is.list ||
		     (column->is.list == first->is.list && column->is.rank < first->is.rank))) {
			first = column;
		}
	}
	if (first == NULL) {
		return;
	}
	begin_field(out, name);
	rh_buf_add_cstr(out, "[\n      { \"from\": ");
	put_text(out, first->path);
	rh_buf_add_cstr(out, ", \"primary\": true");
	if (verified != NULL) {
		rh_buf_add_cstr(out, ", \"verified\": ");
		put_rule(out, verified);
	}
	rh_buf_add_cstr(out, " }");
	for (size_t i = 0; i < draft->count; i++) {
		if (draft->columns[i]->is.role == role && draft->columns[i] != first) {
			rh_buf_add_cstr(out, ",\n      ");
			put_text(out, draft->columns[i]->path);
		}
	}
	rh_buf_add_cstr(out, "\n    ]");
}

static void put_password(const struct rh_draft *draft, struct rh_buf *out)
{
	static const struct {
		enum draft_role role;
		const char *name;
	} parts[] = {
		{DRAFT_ROLE_HASH, "hash"},
		{DRAFT_ROLE_LABEL, "label"},
		{DRAFT_ROLE_SALT, "salt"},
		{DRAFT_ROLE_CLEAR, "clear"},
	};
	const char *before = "{ ";

	if (first_of(draft, DRAFT_ROLE_HASH) == NULL && first_of(draft, DRAFT_ROLE_CLEAR) == NULL) {
		return;
	}
	begin_field(out, "password");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct draft_column *column = first_of(draft, parts[i].role);
		if (column != NULL) {
			rh_buf_printf(out, "%s\"%s\": ", before, parts[i].name);
			put_text(out, column->path);
			before = ", ";
		}
	}
	rh_buf_add_cstr(out, " }");
}

static void put_identities(const struct rh_draft *draft, struct rh_buf *out)
{
	bool is_first = true;

	for (size_t i = 0; i < draft->count; i++) {
		const struct draft_column *subject = draft->columns[i];
		if (subject->is.role != DRAFT_ROLE_SUBJECT) {
			continue;
		}
		const struct mapping_rule *provider =
			&subject->is.known
				 ->rules[subject->is.known->lists[subject->is.list].value.first];
		if (is_first) {
			begin_field(out, "identities");
		}
		rh_buf_printf(out,
			      "%s\n      { \"provider\": { \"value\": \"%.*s\" }, \"subject\": ",
			      is_first ? "[" : ",", RH_STR_ARG(provider->constant));
		put_text(out, subject->path);
		for (size_t k = 0; k < draft->count; k++) {
			if (draft->columns[k]->is.role == DRAFT_ROLE_IDENTITY_EMAIL &&
			    draft->columns[k]->is.known == subject->is.known &&
			    draft->columns[k]->is.list == subject->is.list) {
				rh_buf_add_cstr(out, ", \"email\": ");
				put_text(out, draft->columns[k]->path);
			}
		}
		rh_buf_add_cstr(out, " }");
		is_first = false;
	}
	rh_buf_add_cstr(out, is_first ? "" : "\n    ]");
}

int rh_draft_write(const struct rh_draft *draft, const char *name, struct rh_buf *out,
		   struct rh_err *err)
{
	rh_buf_printf(out, "{\n  \"mapping\": 1,\n  \"name\": \"%s\",\n  \"fields\": {", name);
	if (!rh_draft_has_id(draft)) {
		put_candidates(draft, out);
	}
	put_fields(draft, out);
	put_addresses(draft, out, "emails", DRAFT_ROLE_EMAIL, DRAFT_ROLE_EMAIL_VERIFIED);
	put_addresses(draft, out, "phones", DRAFT_ROLE_PHONE, DRAFT_ROLE_PHONE_VERIFIED);
	put_password(draft, out);
	put_identities(draft, out);
	rh_buf_add_cstr(out, "\n  },\n  \"rest\": \"nowhere\"\n}\n");
	return rh_buf_check(out, "the draft", err);
}
