/* SPDX-License-Identifier: Apache-2.0 */
/* Building an account piece by piece: lists that grow in the arena, one entry for one thing. */
#ifndef ACCOUNT_BUILDER_H
#define ACCOUNT_BUILDER_H

#include <rehome/account.h>
#include <rehome/connector.h>

struct rh_arena;

/* Entries of each list of one account; a person has a handful, and entries are compared pair by pair. */
#define RH_BUILDER_ENTRIES_MAX 1000U

struct rh_builder {
	struct rh_arena *arena;
	struct rh_account *account;
	size_t identifier_room;
	size_t factor_room;
	size_t identity_room;
};

/* Starts with an account whose lists are empty; both are borrowed. */
void rh_builder_init(struct rh_builder *builder, struct rh_arena *arena,
		     struct rh_account *account);

/*
 * Adds an entry (copied; the texts it points to are not) unless the account has it already:
 * identifiers of one kind and value collapse into one, verified if one of them is, reserved if all are and
 * none is verified, and never make a second primary; identities of one provider collapse by subject, without
 * subject by e-mail.  RH_OK; RH_ENOMEM; RH_ELIMIT beyond RH_BUILDER_ENTRIES_MAX.
 */
RH_NODISCARD int rh_builder_add_identifier(struct rh_builder *builder,
					   const struct rh_identifier *identifier);
RH_NODISCARD int rh_builder_add_factor(struct rh_builder *builder, const struct rh_factor *factor);
RH_NODISCARD int rh_builder_add_identity(struct rh_builder *builder,
					 const struct rh_identity *identity);

/* What became of the question which identifier of a kind is the primary one. */
enum rh_choice {
	RH_CHOICE_NONE,  /* there is none of that kind */
	RH_CHOICE_GIVEN, /* marked by the source, or the only one */
	RH_CHOICE_MADE,  /* chosen among several as the policy says */
	RH_CHOICE_OPEN,  /* several, none marked, and the policy does not choose */
};

/* Marks the primary identifier of a kind where the source did not.  Reserved ones come last. */
enum rh_choice rh_builder_choose_primary(struct rh_builder *builder, enum rh_identifier_kind kind,
					 enum rh_primary_policy policy);

#endif
