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

static struct rh_key key_of(const struct rh_plan_builder *builder, struct rh_str text,
			    unsigned kinds)
{
	uint64_t hash[2];

	rh_digest_key128(builder->inputs.workspace->match_key, text, hash);
	return (struct rh_key){.high = hash[0], .low = hash[1], .kinds = kinds};
}

static int add_key(struct rh_sorter *index, const struct rh_key *key, uint64_t number,
		   struct rh_err *err)
{
	const struct rh_entry entry = {
		.high = key->high,
		.low = key->low,
		.info = number << MATCH_BITS | key->kinds,
	};

	return rh_sorter_add(index, &entry, err);
}

int rh_plan_index_add(const struct rh_plan_builder *builder, struct rh_sorter *index,
		      struct rh_str text, unsigned kinds, uint64_t number, struct rh_err *err)
{
	struct rh_key key;

	if (text.ptr == NULL) {
		return RH_OK;
	}
	key = key_of(builder, text, kinds);
	return add_key(index, &key, number, err);
}

int rh_plan_index_judged(struct rh_plan_builder *builder, const struct rh_judged *judged,
			 struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < judged->key_count && code == RH_OK; i++) {
		code = add_key(builder->index, &judged->keys[i], judged->ordinal, err);
	}
	return code;
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
		/* both: it is carried, and could be left out */
		return is_carried ? MATCH_EMAIL | MATCH_EMAIL_SPARE : MATCH_EMAIL_SPARE;
	case RH_IDENTIFIER_PHONE: /* the same, but for the one that is looked for */
		return is_carried ? MATCH_PHONE | MATCH_PHONE_SPARE : MATCH_PHONE_SPARE;
	case RH_IDENTIFIER_USERNAME:
		return is_carried ? MATCH_USERNAME : MATCH_USERNAME_SPARE;
	}
	return 0;
}

/*
 * Does it tell who stands at the target?  The primary number, where it is proved or there is no address: a number that
 * nobody has proved goes beside an address, and beside whoever else has it.
 */
static bool is_looked_for(const struct rh_assessed *assessed,
			  const struct rh_identifier *identifier)
{
	return identifier->kind == RH_IDENTIFIER_USERNAME ||
	       (identifier->kind == RH_IDENTIFIER_PHONE && identifier->is_primary &&
		(identifier->is_verified || assessed->email.ptr == NULL));
}

/* Of one identifier; false: it is in already, as the address that is carried. */
static bool key_of_identifier(const struct rh_plan_builder *builder,
			      const struct rh_assessed *assessed,
			      const struct rh_identifier *identifier, struct rh_arena *arena,
			      struct rh_judged *judged, struct rh_key *out)
{
	const struct rh_caps *caps = &builder->inputs.target->caps;
	bool carried = is_carried(caps, assessed, identifier->kind);
	bool is_phone = identifier->kind == RH_IDENTIFIER_PHONE;
	struct rh_str text;

	/* What has no folded form is compared as it is. */
	if (!rh_normalise_key(arena, identifier->value, &text)) {
		text = identifier->value;
	}
	if (text.ptr == NULL ||
	    (identifier->kind == RH_IDENTIFIER_EMAIL && rh_str_eq(text, assessed->email))) {
		return false;
	}
	*out = key_of(builder, text, match_of(identifier->kind, carried));
	if (carried && is_looked_for(assessed, identifier)) {
		out->kinds &= ~(uint64_t)MATCH_PHONE_SPARE;
		judged->flags |= is_phone ? RECORD_WITH_PHONE : 0U;
		if ((caps->flags & (is_phone ? RH_CAP_FIND_BY_PHONE : RH_CAP_FIND_BY_USERNAME)) !=
		    0) {
			judged->candidate.by[is_phone ? RH_LOOKUP_PHONE : RH_LOOKUP_USERNAME] =
				text;
		}
	}
	return true;
}

int rh_plan_index_keys(const struct rh_plan_builder *builder, const struct rh_assessed *assessed,
		       struct rh_arena *arena, struct rh_judged *out, struct rh_err *err)
{
	const struct rh_account *account = &assessed->account;
	bool is_one_id = rh_str_eq(account->source_id, assessed->external_id);
	/* Two ids and one address besides. */
	struct rh_key *keys =
		rh_arena_alloc(arena, (account->identifier_count + 3) * sizeof(*keys));
	size_t count = 0;

	if (keys == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (account->source_id.ptr != NULL) {
		keys[count++] = key_of(builder, account->source_id,
				       MATCH_SOURCE_ID | (is_one_id ? MATCH_EXTERNAL_ID : 0));
	}
	if (!is_one_id && assessed->external_id.ptr != NULL) {
		keys[count++] = key_of(builder, assessed->external_id, MATCH_EXTERNAL_ID);
	}
	if (assessed->email.ptr != NULL) {
		keys[count++] = key_of(builder, assessed->email, MATCH_EMAIL);
		out->flags |= RECORD_WITH_EMAIL;
	}
	for (size_t i = 0; i < account->identifier_count; i++) {
		count += key_of_identifier(builder, assessed, &account->identifiers[i], arena, out,
					   &keys[count]);
	}
	out->keys = keys;
	out->key_count = count;
	return RH_OK;
}
