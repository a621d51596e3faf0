/* SPDX-License-Identifier: Apache-2.0 */
/* The index of identifiers, by their hashes (plan.h, P5). */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "account/normalise.h"
#include "crypto/digest.h"
#include "plan/plan_internal.h"

/* A run of the index: with what reading, parser and process take, well below the 96 MiB of the whole. */
#define INDEX_BYTES ((size_t)24 << 20)

/* Entries between two looks at the clock. */
#define TICK 65536

int rh_plan_tick(struct rh_plan_builder *builder, struct rh_err *err)
{
	builder->steps++;
	if (builder->steps % TICK != 0 || builder->tick == NULL ||
	    builder->tick(builder->tick_context, builder->counts.total)) {
		return RH_OK;
	}
	return rh_err_set(err, RH_EINTERRUPTED, "interrupted while comparing identifiers");
}

int rh_plan_sorter(const struct rh_plan_builder *builder, const char *name, size_t bytes_max,
		   struct rh_sorter **out, struct rh_err *err)
{
	const size_t asked = builder->inputs.index_bytes;
	char *path = NULL;
	int code = rh_workspace_file(builder->inputs.workspace, "plans", name, &path, err);

	bytes_max = asked > 0 && asked < bytes_max ? asked : bytes_max;
	return code == RH_OK ? rh_sorter_new(out, path, bytes_max, err) : code;
}

int rh_plan_index_begin(struct rh_plan_builder *builder, struct rh_err *err)
{
	int code = rh_roster_init(&builder->roster, builder->inputs.workspace, err);

	builder->candidates = rh_candidates_new();
	if (code == RH_OK && builder->candidates == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return code == RH_OK
		       ? rh_plan_sorter(builder, "index.tmp", INDEX_BYTES, &builder->index, err)
		       : code;
}

int rh_plan_index_add(const struct rh_plan_builder *builder, struct rh_sorter *index,
		      struct rh_str text, unsigned kinds, uint64_t number, struct rh_err *err)
{
	struct rh_entry entry = {.info = number << MATCH_BITS | kinds};
	uint64_t hash[2];

	if (text.ptr == NULL) {
		return RH_OK;
	}
	rh_digest_key128(builder->inputs.workspace->match_key, text, hash);
	entry.high = hash[0];
	entry.low = hash[1];
	return rh_sorter_add(index, &entry, err);
}

static bool is_carried(const struct rh_caps *caps, const struct rh_assessed *assessed,
		       enum rh_identifier_kind kind)
{
	switch (kind) {
	case RH_IDENTIFIER_EMAIL:
		return caps->emails_max > 1 && (assessed->parts & RH_PART_EMAILS) != 0;
	case RH_IDENTIFIER_PHONE:
		return caps->phones_max > 0 && (assessed->parts & RH_PART_PHONES) != 0;
	case RH_IDENTIFIER_USERNAME:
		return caps->holds_username && (assessed->parts & RH_PART_USERNAME) != 0;
	}
	return false;
}

static unsigned match_of(enum rh_identifier_kind kind, bool is_carried)
{
	switch (kind) {
	case RH_IDENTIFIER_EMAIL:
		return is_carried ? MATCH_EMAIL : MATCH_EMAIL_SPARE;
	case RH_IDENTIFIER_PHONE:
		return is_carried ? MATCH_PHONE : MATCH_PHONE_SPARE;
	case RH_IDENTIFIER_USERNAME:
		return is_carried ? MATCH_USERNAME : MATCH_USERNAME_SPARE;
	}
	return 0;
}

static int add_identifier(struct rh_plan_builder *builder, uint64_t ordinal,
			  const struct rh_assessed *assessed,
			  const struct rh_identifier *identifier, struct rh_arena *arena,
			  struct rh_err *err)
{
	bool carried = is_carried(&builder->inputs.target->caps, assessed, identifier->kind);
	struct rh_str key;

	/* What has no folded form is compared as it is. */
	if (!rh_normalise_key(arena, identifier->value, &key)) {
		key = identifier->value;
	}
	if (identifier->kind == RH_IDENTIFIER_EMAIL && rh_str_eq(key, assessed->email)) {
		return RH_OK; /* it is in already, as the one that is carried */
	}
	return rh_plan_index_add(builder, builder->index, key, match_of(identifier->kind, carried),
				 ordinal, err);
}

int rh_plan_index_account(struct rh_plan_builder *builder, uint64_t ordinal,
			  const struct rh_assessed *assessed, struct rh_arena *arena,
			  struct rh_err *err)
{
	const struct rh_account *account = &assessed->account;
	bool is_one_id = rh_str_eq(account->source_id, assessed->external_id);
	int code = rh_plan_index_add(builder, builder->index, account->source_id,
				     MATCH_SOURCE_ID | (is_one_id ? MATCH_EXTERNAL_ID : 0), ordinal,
				     err);

	if (code == RH_OK && !is_one_id) {
		code = rh_plan_index_add(builder, builder->index, assessed->external_id,
					 MATCH_EXTERNAL_ID, ordinal, err);
	}
	if (code == RH_OK) {
		code = rh_plan_index_add(builder, builder->index, assessed->email, MATCH_EMAIL,
					 ordinal, err);
	}
	for (size_t i = 0; i < account->identifier_count && code == RH_OK; i++) {
		code = add_identifier(builder, ordinal, assessed, &account->identifiers[i], arena,
				      err);
	}
	return code;
}
