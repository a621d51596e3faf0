/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each address and number of an account goes.
 *
 *  1. What is verified at the source is created verified, and nothing else ever is.
 *  2. What is not verified goes as --unverified says: reserved (nobody else can take it, and it proves nothing),
 *     attached (added after the create, unverified), or not at all.  Where it is all that the account has, "attach"
 *     reserves it: without it nobody could sign in.
 *  3. An address on a domain that nobody can have is left out: one such address costs the whole person.
 *  4. The first address sent becomes the primary one: the source's own primary, if it goes, else the next.
 */
#include "connectors/clerk/clerk_target.h"

#include "base/arena.h"
#include "base/str.h"

struct choosing {
	const struct rh_account *account;
	const struct rh_mapping_policy *policy;
	struct rh_finding_sink *findings;
	struct clerk_places *out;
	bool has_sure; /* something that goes whatever the policy says */
};

static const char *kind_note(const struct rh_identifier *identifier)
{
	return identifier->kind == RH_IDENTIFIER_EMAIL ? "e-mail" : "phone";
}

static void find(const struct choosing *choosing, enum rh_finding_code code, const char *note)
{
	clerk_find(choosing->findings, code, RH_STR_ABSENT, rh_str_from(note));
}

static bool can_go(const struct rh_identifier *identifier)
{
	return rh_str_is_set(identifier->value) && (identifier->kind != RH_IDENTIFIER_EMAIL ||
						    !clerk_email_is_refused(identifier->value));
}

bool clerk_is_second_factor(const struct rh_account *account,
			    const struct rh_identifier *identifier)
{
	bool is_named = identifier->is_second_factor;

	for (size_t i = 0; i < account->factor_count && !is_named; i++) {
		is_named = account->factors[i].kind == RH_FACTOR_SMS &&
			   rh_str_eq(account->factors[i].phone, identifier->value);
	}
	return is_named && identifier->kind == RH_IDENTIFIER_PHONE && identifier->is_verified;
}

static void add(struct choosing *choosing, const struct rh_identifier *identifier, bool is_reserved)
{
	struct clerk_places *out = choosing->out;
	struct clerk_place place = {
		.identifier = identifier,
		.is_reserved = is_reserved,
		.is_second_factor =
			!is_reserved && clerk_is_second_factor(choosing->account, identifier),
	};

	if (identifier->kind == RH_IDENTIFIER_EMAIL) {
		out->emails[out->email_count++] = place;
	} else {
		out->phones[out->phone_count++] = place;
	}
	if (is_reserved) {
		find(choosing, RH_FINDING_IDENTIFIER_RESERVED, kind_note(identifier));
	}
}

/* Rule 2. */
static void place_unverified(struct choosing *choosing, const struct rh_identifier *identifier)
{
	switch (choosing->policy->unverified) {
	case RH_UNVERIFIED_RESERVE:
		add(choosing, identifier, true);
		return;
	case RH_UNVERIFIED_ATTACH:
		if (!choosing->has_sure) {
			add(choosing, identifier, true);
			choosing->has_sure = true;
			return;
		}
		choosing->out->attached[choosing->out->attached_count++] = identifier;
		find(choosing, RH_FINDING_IDENTIFIER_ATTACHED, kind_note(identifier));
		return;
	case RH_UNVERIFIED_DROP:
		break;
	case RH_UNVERIFIED_REJECT:
		find(choosing, RH_FINDING_EMAIL_UNVERIFIED_REJECTED, kind_note(identifier));
		return;
	}
	choosing->out->left_out[choosing->out->left_out_count++] = identifier;
	find(choosing, RH_FINDING_IDENTIFIER_LEFT_OUT, kind_note(identifier));
}

static void place(struct choosing *choosing, const struct rh_identifier *identifier)
{
	if (!can_go(identifier)) {
		find(choosing, RH_FINDING_EMAIL_INVALID, "domain");
	} else if (identifier->is_verified) {
		add(choosing, identifier, false);
	} else if (identifier->is_reserved) {
		add(choosing, identifier, true);
	} else {
		place_unverified(choosing, identifier);
	}
}

/* Of a kind: the primary one, then the others in their order. */
static void place_kind(struct choosing *choosing, enum rh_identifier_kind kind)
{
	const struct rh_account *account = choosing->account;

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < account->identifier_count; i++) {
			const struct rh_identifier *identifier = &account->identifiers[i];

			if (identifier->kind == kind && identifier->is_primary == (round == 0)) {
				place(choosing, identifier);
			}
		}
	}
}

static int place_username(struct choosing *choosing, struct rh_arena *arena)
{
	const struct rh_identifier *username =
		rh_account_primary(choosing->account, RH_IDENTIFIER_USERNAME);

	if (username == NULL || !rh_str_is_set(username->value)) {
		return RH_OK;
	}
	if (!clerk_username_is_possible(username->value)) {
		find(choosing, RH_FINDING_USERNAME_INVALID, "characters");
		return RH_OK;
	}
	choosing->has_sure = true;
	choosing->out->username = rh_str_lower(arena, username->value);
	return choosing->out->username.ptr != NULL ? RH_OK : RH_ENOMEM;
}

int clerk_places_choose(const struct rh_account *account, const struct rh_mapping_policy *policy,
			struct rh_arena *arena, struct rh_finding_sink *findings,
			struct clerk_places *out)
{
	size_t most = account->identifier_count > 0 ? account->identifier_count : 1;
	struct choosing choosing = {
		.account = account,
		.policy = policy,
		.findings = findings,
		.out = out,
	};
	int code;

	*out = (struct clerk_places){
		.emails = rh_arena_calloc(arena, most, sizeof(*out->emails)),
		.phones = rh_arena_calloc(arena, most, sizeof(*out->phones)),
		.attached = rh_arena_calloc(arena, most, sizeof(const struct rh_identifier *)),
		.left_out = rh_arena_calloc(arena, most, sizeof(const struct rh_identifier *)),
	};
	if (out->emails == NULL || out->phones == NULL || out->attached == NULL ||
	    out->left_out == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *identifier = &account->identifiers[i];

		choosing.has_sure =
			choosing.has_sure ||
			(identifier->kind != RH_IDENTIFIER_USERNAME && can_go(identifier) &&
			 (identifier->is_verified || identifier->is_reserved));
	}
	code = place_username(&choosing, arena);
	place_kind(&choosing, RH_IDENTIFIER_EMAIL);
	place_kind(&choosing, RH_IDENTIFIER_PHONE);
	if (out->email_count == 0 && out->phone_count == 0 && out->username.ptr == NULL) {
		find(&choosing, RH_FINDING_IDENTIFIER_MISSING, NULL);
	}
	return code;
}
