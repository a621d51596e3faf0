/* SPDX-License-Identifier: Apache-2.0 */
/* Growing the lists of an account in its arena, and settling which identifier is the primary one. */
#include "account/builder.h"

#include "base/arena.h"
#include "base/str.h"

void rh_builder_init(struct rh_builder *builder, struct rh_arena *arena, struct rh_account *account)
{
	*builder = (struct rh_builder){.arena = arena, .account = account};
}

/* Makes room for one more entry in *list. */
static int grow(struct rh_arena *arena, void **list, size_t count, size_t *room, size_t size)
{
	if (count >= RH_BUILDER_ENTRIES_MAX) {
		return RH_ELIMIT;
	}
	if (count < *room) {
		return RH_OK;
	}
	size_t wanted = *room > 0 ? *room * 2 : 4;
	void *bigger = rh_arena_calloc(arena, wanted, size);
	if (bigger == NULL) {
		return RH_ENOMEM;
	}
	if (count > 0) {
		memcpy(bigger, *list, count * size);
	}
	*list = bigger;
	*room = wanted;
	return RH_OK;
}

static bool has_primary(const struct rh_account *account, enum rh_identifier_kind kind)
{
	for (size_t i = 0; i < account->identifier_count; i++) {
		if (account->identifiers[i].kind == kind && account->identifiers[i].is_primary) {
			return true;
		}
	}
	return false;
}

static void merge_identifier(struct rh_identifier *into, const struct rh_identifier *other)
{
	into->is_verified = into->is_verified || other->is_verified;
	into->is_reserved = into->is_reserved && other->is_reserved && !into->is_verified;
	into->is_second_factor = into->is_second_factor || other->is_second_factor;
	if (into->source_ref.ptr == NULL) {
		into->source_ref = other->source_ref;
	}
}

int rh_builder_add_identifier(struct rh_builder *builder, const struct rh_identifier *identifier)
{
	struct rh_account *account = builder->account;
	bool becomes_primary = identifier->is_primary && !has_primary(account, identifier->kind);

	for (size_t i = 0; i < account->identifier_count; i++) {
		struct rh_identifier *known = &account->identifiers[i];
		if (known->kind == identifier->kind && rh_str_eq(known->value, identifier->value)) {
			merge_identifier(known, identifier);
			known->is_primary = known->is_primary || becomes_primary;
			return RH_OK;
		}
	}
	void *list = account->identifiers;
	int code = grow(builder->arena, &list, account->identifier_count, &builder->identifier_room,
			sizeof(*account->identifiers));
	if (code != RH_OK) {
		return code;
	}
	account->identifiers = list;
	struct rh_identifier *added = &account->identifiers[account->identifier_count++];
	*added = *identifier;
	added->is_primary = becomes_primary;
	return RH_OK;
}

int rh_builder_add_factor(struct rh_builder *builder, const struct rh_factor *factor)
{
	struct rh_account *account = builder->account;
	void *list = account->factors;
	int code = grow(builder->arena, &list, account->factor_count, &builder->factor_room,
			sizeof(*account->factors));
	if (code != RH_OK) {
		return code;
	}
	account->factors = list;
	account->factors[account->factor_count++] = *factor;
	return RH_OK;
}

static bool is_same_identity(const struct rh_identity *a, const struct rh_identity *b)
{
	if (a->is_enterprise != b->is_enterprise || !rh_str_eq(a->provider, b->provider) ||
	    !rh_str_eq(a->subject, b->subject)) {
		return false;
	}
	return a->subject.ptr != NULL || rh_str_eq(a->email, b->email);
}

int rh_builder_add_identity(struct rh_builder *builder, const struct rh_identity *identity)
{
	struct rh_account *account = builder->account;

	for (size_t i = 0; i < account->identity_count; i++) {
		if (is_same_identity(&account->identities[i], identity)) {
			return RH_OK;
		}
	}
	void *list = account->identities;
	int code = grow(builder->arena, &list, account->identity_count, &builder->identity_room,
			sizeof(*account->identities));
	if (code != RH_OK) {
		return code;
	}
	account->identities = list;
	account->identities[account->identity_count++] = *identity;
	return RH_OK;
}

/* How willingly an identifier is chosen; 0 is never. */
static unsigned rank(const struct rh_identifier *identifier, enum rh_primary_policy policy)
{
	switch (policy) {
	case RH_PRIMARY_FIRST_VERIFIED:
		if (identifier->is_verified) {
			return 3;
		}
		return identifier->is_reserved ? 1 : 2;
	case RH_PRIMARY_FIRST:
		return identifier->is_reserved ? 1 : 2;
	case RH_PRIMARY_API:
	case RH_PRIMARY_SKIP:
		break;
	}
	return 0;
}

enum rh_choice rh_builder_choose_primary(struct rh_builder *builder, enum rh_identifier_kind kind,
					 enum rh_primary_policy policy)
{
	struct rh_account *account = builder->account;
	struct rh_identifier *best = NULL;
	struct rh_identifier *any = NULL;
	unsigned best_rank = 0;
	size_t count = 0;

	if (has_primary(account, kind)) {
		return RH_CHOICE_GIVEN;
	}
	for (size_t i = 0; i < account->identifier_count; i++) {
		struct rh_identifier *identifier = &account->identifiers[i];
		if (identifier->kind != kind) {
			continue;
		}
		count++;
		any = identifier;
		unsigned identifier_rank = rank(identifier, policy);
		if (identifier_rank > best_rank) {
			best_rank = identifier_rank;
			best = identifier;
		}
	}
	if (count == 0) {
		return RH_CHOICE_NONE;
	}
	if (count == 1) {
		any->is_primary = true;
		return RH_CHOICE_GIVEN;
	}
	if (best == NULL) {
		return RH_CHOICE_OPEN;
	}
	best->is_primary = true;
	return RH_CHOICE_MADE;
}
