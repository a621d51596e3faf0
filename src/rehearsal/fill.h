/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fill: a whole made-up tenant in a rehearsal at once, for tests: POST /_rehearsal/fill.
 *
 * What is made is the same for every provider and decided by the numbers and the seed alone: who is in which
 * organization with which role, names, addresses, secrets.  A provider's part puts one thing after another into its
 * stores; ids and the times of the provider's own are its.
 *
 *  1. One organization in seven is empty, and only those that are not have memberships, domains and invitations.
 *  2. A quarter of the people is in no organization; of the others each has as many memberships as it takes, all in
 *     different organizations, and the first organizations are larger than the last.
 *  3. Every address ends in a domain that has the seed in it: a second filling with another seed is in nobody's way.
 *  4. Nothing is looked at by the rules for requests, no limit counts, and no mail is counted.
 */
#ifndef REHEARSAL_FILL_H
#define REHEARSAL_FILL_H

#include <rehome/types.h>

struct rh_call;
struct rh_tenant;

#define RH_FILL_NONE UINT64_MAX

/* One thing to make; by kind some of this is set.  Numbers count from 0 within their kind. */
struct rh_fill_item {
	uint64_t number;
	struct rh_str name;   /* of a person the first one; of others a title */
	struct rh_str family; /* the person's last name */
	struct rh_str
		key; /* slug of an organization; "role_07" of a role; "feature_07:read" of a permission */
	struct rh_str address; /* e-mail address, or the domain */
	struct rh_str totp;    /* Base32 of 20 bytes; absent: no factor */
	bool has_password;     /* RH_FILL_PASSWORD */
	uint64_t user;         /* of a membership, by number */
	uint64_t organization; /* of a membership, domain, invitation */
	uint64_t role;         /* RH_FILL_NONE: the provider's usual one for members */
	uint64_t permission;   /* of a role */
	rh_time created_at;
};

/* What everybody with a password signs in with, and bcrypt of it. */
#define RH_FILL_PASSWORD "Kk4aPMeiaRpAs2OeX1NE"
#define RH_FILL_DIGEST "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"

enum rh_fill_kind {
	RH_FILL_PERMISSIONS, /* one for each role */
	RH_FILL_ROLES,
	RH_FILL_ORGANIZATIONS,
	RH_FILL_USERS,
	RH_FILL_MEMBERSHIPS,
	RH_FILL_DOMAINS,
	RH_FILL_INVITATIONS,
	RH_FILL_KINDS,
};

/*
 * Makes one thing of the kind and tells the row in its store; false: a key is taken, or there is no memory.  rows is
 * the first row of each kind that was made before: those of a kind follow on one another.
 */
typedef bool rh_fill_maker(struct rh_call *call, const struct rh_fill_item *item,
			   const size_t rows[RH_FILL_KINDS], size_t *out_row);

/* A provider's part, in struct rh_imitation; a kind without maker is left out. */
struct rh_filling {
	rh_fill_maker *makers[RH_FILL_KINDS];
};

/* Answers POST /_rehearsal/fill. */
void rh_fill_answer(struct rh_tenant *tenant, struct rh_call *call);

#endif
