/* SPDX-License-Identifier: Apache-2.0 */
/* Memberships and their accounts, matched by sorted hashes (tenant.h, N4 and N7); a tenant's part of the fingerprint. */
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "plan/tenant_internal.h"

/* An entry of an account comes before those of memberships that name it: best first, then by ordinal. */
enum rank {
	RANK_MOVES,   /* is created, linked, there by us … */
	RANK_SKIPPED, /* is there, and no row of the ledger tells of it */
	RANK_REFUSED,
	RANK_MEMBERSHIP,
};
#define RANK_SHIFT 56

static const char sql_exceptions[] =
	"SELECT n, decision, source_id FROM exception WHERE source_id IS NOT NULL ORDER BY n";
static const char sql_refuse[] = "UPDATE entity SET decision = ?2, code = ?3, writes = 0"
				 " WHERE n = ?1";
static const char sql_there[] =
	"UPDATE entity SET user_target_id = (SELECT target_id FROM exception WHERE n = ?2)"
	" WHERE n = ?1";
static const char sql_of[] = "SELECT source_id, user, record FROM entity WHERE n = ?1";
static const char sql_all[] = "SELECT n, decision, code, target_id, user_target_id FROM entity"
			      " WHERE decision <> 0 OR user_target_id IS NOT NULL ORDER BY n";
static const char sql_streams[] = "SELECT kind, digest FROM stream ORDER BY kind";

static int add_entry(struct rh_plan_tenant *plan, struct rh_str source_id, enum rank rank,
		     uint64_t number, struct rh_err *err)
{
	struct rh_entry entry = {.info = (uint64_t)rank << RANK_SHIFT | number};
	uint64_t hash[2];

	rh_digest_key128(plan->builder->inputs.workspace->match_key, source_id, hash);
	entry.high = hash[0];
	entry.low = hash[1];
	return rh_sorter_add(plan->people, &entry, err);
}

int rh_tenant_want_user(struct rh_plan_tenant *plan, struct rh_str source_id, struct rh_err *err)
{
	plan->wanted++;
	return add_entry(plan, source_id, RANK_MEMBERSHIP, plan->ordinal, err);
}

/* ---- accounts --------------------------------------------------------------------------------------------- */

static enum rank rank_of(enum rh_decision decision)
{
	switch (decision) {
	case RH_DECISION_CREATE:
	case RH_DECISION_LINK:
	case RH_DECISION_UPDATE:
	case RH_DECISION_BLOCKED:
		return RANK_MOVES;
	case RH_DECISION_SKIP:
		return RANK_SKIPPED;
	case RH_DECISION_REFUSE:
	case RH_DECISION_LEFT_OUT:
		break;
	}
	return RANK_REFUSED;
}

/* Records without an exception, up to an ordinal that has one. */
static int add_moving(struct rh_plan_tenant *plan, uint64_t *next, uint64_t before,
		      struct rh_err *err)
{
	const struct rh_roster *roster = &plan->builder->roster;
	uint64_t end = before <= roster->count ? before : roster->count + 1;
	int code = RH_OK;

	for (; *next < end && code == RH_OK; (*next)++) {
		struct rh_roster_item item = {0};

		rh_arena_reset(&plan->arena);
		code = rh_roster_get(roster, *next, &plan->arena, &item, err);
		if (code == RH_OK && item.source_id.ptr != NULL) {
			code = add_entry(plan, item.source_id, RANK_MOVES, *next, err);
		}
		if (code == RH_OK) {
			code = rh_plan_tick(plan->builder, err);
		}
	}
	return code;
}

static int add_people(struct rh_plan_tenant *plan, struct rh_err *err)
{
	struct rh_statement *all;
	uint64_t next = 1;
	int code = rh_db_prepare(plan->builder->exceptions, sql_exceptions, &all, err);

	while (code >= 0 && (code = rh_step(all, err)) == 1) {
		uint64_t ordinal = (uint64_t)rh_column_i64(all, 0);
		enum rank rank = rank_of((enum rh_decision)rh_column_i64(all, 1));

		code = add_moving(plan, &next, ordinal, err);
		next = ordinal + 1;
		if (code == RH_OK) {
			code = add_entry(plan, rh_column_text(all, 2), rank, ordinal, err);
		}
		if (code != RH_OK) {
			rh_reset(all);
			return code;
		}
	}
	return code == RH_OK ? add_moving(plan, &next, UINT64_MAX, err) : code;
}

/* ---- and those who name them --------------------------------------------------------------------------------- */

struct member {
	struct rh_str source_id;
	struct rh_str user;
	uint64_t record;
};

static int read_member(struct rh_plan_tenant *plan, uint64_t ordinal, struct member *out,
		       struct rh_err *err)
{
	struct rh_statement *get;
	int code = rh_db_prepare(plan->builder->exceptions, sql_of, &get, err);

	if (code != RH_OK) {
		return code;
	}
	rh_arena_reset(&plan->arena);
	rh_bind_i64(get, 1, (int64_t)ordinal);
	code = rh_step(get, err);
	if (code == 1) {
		out->record = (uint64_t)rh_column_i64(get, 2);
		if (!rh_arena_copy(&plan->arena, rh_column_text(get, 0), &out->source_id) ||
		    !rh_arena_copy(&plan->arena, rh_column_text(get, 1), &out->user)) {
			code = rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	}
	rh_reset(get);
	return code < 0 ? code : RH_OK;
}

/* Is the account there from an earlier input? */
static int is_there_already(const struct rh_plan_tenant *plan, struct rh_str user,
			    struct rh_arena *arena, bool *out, struct rh_err *err)
{
	const struct rh_plan_builder *builder = plan->builder;
	struct rh_ledger_row row;
	int code = builder->has_ledger_rows ? rh_ledger_find(builder->inputs.ledger, RH_KIND_USER,
							     user, arena, &row, err)
					    : 0;

	*out = code == 1 && (row.state == RH_STATE_DONE || row.state == RH_STATE_VERIFIED ||
			     row.state == RH_STATE_KEPT);
	return code < 0 ? code : RH_OK;
}

static int refuse(struct rh_plan_tenant *plan, uint64_t ordinal, bool is_known, struct rh_err *err)
{
	enum rh_finding_code why =
		is_known ? RH_FINDING_REFERENCE_REFUSED : RH_FINDING_REFERENCE_MISSING;
	struct rh_statement *change;
	struct member member = {0};
	bool is_there = false;
	int code = read_member(plan, ordinal, &member, err);

	if (code == RH_OK) {
		code = is_there_already(plan, member.user, &plan->arena, &is_there, err);
	}
	if (code != RH_OK || is_there) {
		return code;
	}
	if (rh_groups_add_one(plan->builder->groups, why, rh_kind_name(RH_KIND_USER),
			      member.source_id) != RH_OK) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_db_prepare(plan->builder->exceptions, sql_refuse, &change, err);
	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(change, 1, (int64_t)ordinal);
	rh_bind_i64(change, 2, RH_DECISION_REFUSE);
	rh_bind_i64(change, 3, why);
	return rh_run(change, err);
}

static int link_skipped(struct rh_plan_tenant *plan, uint64_t ordinal, uint64_t account,
			struct rh_err *err)
{
	struct rh_statement *change;
	int code = rh_db_prepare(plan->builder->exceptions, sql_there, &change, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(change, 1, (int64_t)ordinal);
	rh_bind_i64(change, 2, (int64_t)account);
	return rh_run(change, err);
}

int rh_tenant_match_users(struct rh_plan_tenant *plan, struct rh_err *err)
{
	const uint64_t numbers = (UINT64_C(1) << RANK_SHIFT) - 1;
	struct rh_entry entry;
	struct rh_entry person = {0}; /* the best account with the hash at hand */
	bool has_person = false;
	int code = plan->wanted > 0 ? add_people(plan, err) : RH_OK;

	if (code != RH_OK || plan->wanted == 0 ||
	    (code = rh_sorter_rewind(plan->people, err)) != RH_OK) {
		return code;
	}
	while ((code = rh_sorter_next(plan->people, &entry, err)) == 1) {
		enum rank rank = (enum rank)(entry.info >> RANK_SHIFT);
		bool is_same = has_person && entry.high == person.high && entry.low == person.low;
		enum rank found = is_same ? (enum rank)(person.info >> RANK_SHIFT) : RANK_REFUSED;

		if (rank != RANK_MEMBERSHIP) {
			person = is_same ? person : entry;
			has_person = true;
		} else if (found == RANK_REFUSED) {
			code = refuse(plan, entry.info & numbers, is_same, err);
		} else if (found == RANK_SKIPPED) {
			code = link_skipped(plan, entry.info & numbers, person.info & numbers, err);
		}
		if (code < 0 || (code = rh_plan_tick(plan->builder, err)) < 0) {
			return code;
		}
	}
	return code;
}

/* ---- the fingerprint ------------------------------------------------------------------------------------------- */

static void sha_text(struct rh_sha256 *sha, struct rh_str text)
{
	uint64_t len = text.len;

	rh_sha256_add(sha, &len, sizeof(len));
	rh_sha256_add(sha, text.ptr, text.len);
}

int rh_tenant_fingerprint(struct rh_plan_builder *builder, struct rh_sha256 *sha,
			  struct rh_err *err)
{
	struct rh_statement *rows;
	int code = RH_OK;

	if (!builder->has_tenant) {
		return RH_OK;
	}
	code = rh_db_prepare(builder->exceptions, sql_streams, &rows, err);
	while (code >= 0 && (code = rh_step(rows, err)) == 1) {
		int64_t kind = rh_column_i64(rows, 0);

		rh_sha256_add(sha, &kind, sizeof(kind));
		sha_text(sha, rh_column_blob(rows, 1));
	}
	if (code == RH_OK) {
		code = rh_db_prepare(builder->exceptions, sql_all, &rows, err);
	}
	while (code >= 0 && (code = rh_step(rows, err)) == 1) {
		int64_t numbers[3] = {rh_column_i64(rows, 0), rh_column_i64(rows, 1),
				      rh_column_i64(rows, 2)};

		rh_sha256_add(sha, numbers, sizeof(numbers));
		sha_text(sha, rh_column_text(rows, 3));
		sha_text(sha, rh_column_text(rows, 4));
	}
	if (code == RH_OK) {
		rh_sha256_add(sha, builder->slugs_digest, sizeof(builder->slugs_digest));
	}
	return code;
}
