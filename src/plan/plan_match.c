/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicates inside the input, and what stands at the target already. */
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "account/normalise.h"
#include "crypto/digest.h"
#include "plan/plan_internal.h"

static const char sql_index[] = "CREATE INDEX match_hash ON match (kind, hash)";
static const char sql_groups[] =
	"SELECT hash FROM match WHERE kind = ? GROUP BY hash HAVING count(*) > 1";
static const char sql_members[] =
	"SELECT record.n, record.source_id, record.file, record.number, record.flags, record.at"
	" FROM match JOIN record ON record.n = match.n"
	" WHERE kind = ? AND hash = ? AND flags & ? = 0 ORDER BY record.n";
static const char sql_flag[] = "UPDATE record SET flags = flags | ? WHERE n = ?";

/* ---- duplicates ------------------------------------------------------------------------------------------- */

/* Records that share a key. */
struct sharing {
	enum match_kind kind;
	int64_t hash;
	unsigned without; /* flags of records that do not count any more */
	size_t count;
	int64_t keep; /* the ordinal that stays; 0: none does */
};

static int open_members(struct rh_plan_builder *builder, const struct sharing *sharing,
			struct rh_statement **out, struct rh_err *err)
{
	int code = rh_db_prepare(builder->scratch, sql_members, out, err);

	if (code == RH_OK) {
		rh_bind_i64(*out, 1, sharing->kind);
		rh_bind_i64(*out, 2, sharing->hash);
		rh_bind_i64(*out, 3, sharing->without);
	}
	return code;
}

/* Counts the members and chooses the one that stays. */
static int choose_member(struct rh_plan_builder *builder, struct sharing *sharing,
			 struct rh_err *err)
{
	enum rh_duplicate_policy policy =
		(enum rh_duplicate_policy)builder->inputs.settings->on_duplicate;
	struct rh_statement *members;
	int64_t newest_at = INT64_MIN;
	int64_t done = 0;
	int code = open_members(builder, sharing, &members, err);

	if (code != RH_OK) {
		return code;
	}
	while ((code = rh_step(members, err)) == 1) {
		int64_t n = rh_column_i64(members, 0);
		int64_t at = rh_column_i64(members, 5);
		/* Two records with one id: the first stands, whatever the policy about people says. */
		bool is_better = sharing->kind == MATCH_SOURCE_ID ? sharing->keep == 0
				 : policy == RH_DUPLICATE_NEWEST  ? at > newest_at
				 : policy == RH_DUPLICATE_FIRST   ? sharing->keep == 0
								  : false;
		if (is_better) {
			sharing->keep = n;
			newest_at = at;
		}
		if (done == 0 && ((unsigned)rh_column_i64(members, 4) & RECORD_DONE) != 0) {
			done = n;
		}
		sharing->count++;
	}
	rh_reset(members);
	if (done != 0) {
		sharing->keep = done; /* it has moved already: the choice was made then */
	}
	return code;
}

static int flag_record(struct rh_plan_builder *builder, uint64_t ordinal, unsigned flag,
		       struct rh_err *err)
{
	struct rh_statement *statement;
	int code = rh_db_prepare(builder->scratch, sql_flag, &statement, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(statement, 1, flag);
	rh_bind_i64(statement, 2, (int64_t)ordinal);
	return rh_run(statement, err);
}

static int refuse_member(struct rh_plan_builder *builder, const struct rh_exception *exception,
			 struct rh_err *err)
{
	unsigned flag = exception->code == RH_FINDING_SOURCE_ID_TWICE ? RECORD_TWICE | RECORD_OUT
								      : RECORD_OUT;
	bool is_new = false;
	int code = rh_plan_except(builder, exception, &is_new, err);

	if (code == RH_OK && is_new &&
	    rh_groups_add_one(builder->groups, exception->code, "", exception->source_id) !=
		    RH_OK) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return code == RH_OK ? flag_record(builder, exception->ordinal, flag, err) : code;
}

static int refuse_members(struct rh_plan_builder *builder, const struct sharing *sharing,
			  struct rh_err *err)
{
	bool all_fail = builder->inputs.settings->on_duplicate == RH_DUPLICATE_FAIL;
	enum rh_finding_code why = sharing->kind == MATCH_SOURCE_ID ? RH_FINDING_SOURCE_ID_TWICE
				   : all_fail                       ? RH_FINDING_DUPLICATE
								    : RH_FINDING_DUPLICATE_LEFT_OUT;
	struct rh_statement *members;
	int code = open_members(builder, sharing, &members, err);

	if (code != RH_OK) {
		return code;
	}
	while ((code = rh_step(members, err)) == 1) {
		struct rh_exception exception = {
			.ordinal = (uint64_t)rh_column_i64(members, 0),
			.decision = RH_DECISION_REFUSE,
			.code = why,
			.source_id = rh_column_text(members, 1),
			.file = (unsigned)rh_column_i64(members, 2),
			.record = (uint64_t)rh_column_i64(members, 3),
		};
		bool is_done = ((unsigned)rh_column_i64(members, 4) & RECORD_DONE) != 0 &&
			       sharing->kind != MATCH_SOURCE_ID;
		if (exception.ordinal == (uint64_t)sharing->keep || is_done) {
			continue;
		}
		code = refuse_member(builder, &exception, err);
		if (code != RH_OK) {
			break;
		}
	}
	rh_reset(members);
	return code;
}

static int duplicates_of(struct rh_plan_builder *builder, enum match_kind kind, struct rh_err *err)
{
	struct rh_statement *groups;
	int code;

	if ((code = rh_db_prepare(builder->scratch, sql_groups, &groups, err)) != RH_OK) {
		return code;
	}
	rh_bind_i64(groups, 1, kind);
	while ((code = rh_step(groups, err)) == 1) {
		/* A second record with one id is nobody of its own.  Who else is out counts where the
		 * whole group fails, so that no order of the keys saves a part of it. */
		bool all_fail = builder->inputs.settings->on_duplicate == RH_DUPLICATE_FAIL;
		struct sharing sharing = {
			.kind = kind,
			.hash = rh_column_i64(groups, 0),
			.without = all_fail ? RECORD_TWICE : RECORD_OUT,
		};
		code = choose_member(builder, &sharing, err);
		if (code == RH_OK && sharing.count > 1) {
			code = refuse_members(builder, &sharing, err);
		}
		if (code != RH_OK) {
			break;
		}
	}
	rh_reset(groups);
	return code;
}

int rh_plan_duplicates(struct rh_plan_builder *builder, struct rh_err *err)
{
	int code = rh_db_exec(builder->scratch, sql_index, err);

	if (code == RH_OK) {
		code = duplicates_of(builder, MATCH_SOURCE_ID, err);
	}
	if (code == RH_OK && (builder->inputs.target->caps.flags & RH_CAP_EMAIL_UNIQUE) != 0) {
		code = duplicates_of(builder, MATCH_EMAIL, err);
	}
	return code == RH_OK ? duplicates_of(builder, MATCH_EXTERNAL_ID, err) : code;
}

/* ---- presence --------------------------------------------------------------------------------------------- */

struct found {
	struct rh_exception exception; /* ordinal 0: nobody */
	unsigned flags;
};

/* The first record with this key; its text is copied into the arena. */
static int find_record(struct rh_plan_builder *builder, enum match_kind kind, struct rh_str key,
		       struct rh_arena *arena, struct found *out, struct rh_err *err)
{
	struct rh_statement *find;
	int code;

	*out = (struct found){0};
	if (key.ptr == NULL) {
		return RH_OK;
	}
	code = open_members(builder,
			    &(struct sharing){.kind = kind,
					      .hash = (int64_t)rh_digest_key64(
						      builder->inputs.workspace->match_key, key),
					      .without = RECORD_OUT},
			    &find, err);
	if (code != RH_OK) {
		return code;
	}
	code = rh_step(find, err);
	if (code == 1) {
		out->exception.ordinal = (uint64_t)rh_column_i64(find, 0);
		out->exception.file = (unsigned)rh_column_i64(find, 2);
		out->exception.record = (uint64_t)rh_column_i64(find, 3);
		out->flags = (unsigned)rh_column_i64(find, 4);
		code = rh_arena_copy(arena, rh_column_text(find, 1), &out->exception.source_id)
			       ? RH_OK
			       : rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_reset(find);
	return code;
}

static int except_present(struct rh_plan_builder *builder, struct found *found,
			  enum rh_decision decision, enum rh_finding_code why,
			  struct rh_str target_id, struct rh_err *err)
{
	bool is_new = false;
	int code;

	found->exception.decision = decision;
	found->exception.code = why;
	found->exception.target_id = target_id;
	code = rh_plan_except(builder, &found->exception, &is_new, err);
	if (code == RH_OK && is_new &&
	    rh_groups_add_one(builder->groups, why, "", found->exception.source_id) != RH_OK) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return code;
}

/* The same person stands there: as --on-existing asks. */
static int except_same(struct rh_plan_builder *builder, struct found *found,
		       struct rh_str target_id, struct rh_err *err)
{
	switch ((enum rh_existing_policy)builder->inputs.settings->on_existing) {
	case RH_EXISTING_SKIP:
		return except_present(builder, found, RH_DECISION_SKIP, RH_FINDING_EXISTS,
				      target_id, err);
	case RH_EXISTING_LINK:
		return except_present(builder, found, RH_DECISION_LINK, RH_FINDING_LINKED,
				      target_id, err);
	case RH_EXISTING_FAIL:
		return except_present(builder, found, RH_DECISION_REFUSE, RH_FINDING_EXISTS_REFUSED,
				      target_id, err);
	}
	return RH_OK;
}

static int present(struct rh_plan_builder *builder, const struct rh_observed *observed,
		   struct rh_arena *arena, struct rh_err *err)
{
	struct rh_str email = RH_STR_ABSENT;
	struct found by_id;
	struct found by_email;
	int code;

	if (observed->email.ptr != NULL && !rh_normalise_key(arena, observed->email, &email)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if ((code = find_record(builder, MATCH_EXTERNAL_ID, observed->external_id, arena, &by_id,
				err)) != RH_OK ||
	    (code = find_record(builder, MATCH_EMAIL, email, arena, &by_email, err)) != RH_OK) {
		return code;
	}
	/* What the ledger has a row for is ours: apply settles it (ledger.h, L10). */
	if (by_id.exception.ordinal != 0 && (by_id.flags & RECORD_OURS) == 0) {
		code = except_same(builder, &by_id, observed->target_id, err);
	}
	if (code != RH_OK || by_email.exception.ordinal == 0 ||
	    by_email.exception.ordinal == by_id.exception.ordinal ||
	    (by_email.flags & RECORD_OURS) != 0) {
		return code;
	}
	if (observed->external_id.ptr == NULL) {
		return except_same(builder, &by_email, observed->target_id, err);
	}
	return except_present(builder, &by_email, RH_DECISION_REFUSE, RH_FINDING_EXISTS_OTHER,
			      observed->target_id, err);
}

int rh_plan_present(struct rh_plan_builder *builder, const struct rh_observed *observed,
		    struct rh_err *err)
{
	struct rh_arena arena;
	int code;

	builder->counts.target_accounts++;
	rh_arena_init(&arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	code = present(builder, observed, &arena, err);
	rh_arena_done(&arena);
	return code;
}
