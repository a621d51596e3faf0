/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verify: the target is read back and compared, field by field and as keyed digests, with what was written.
 *
 *  1. One walk over the target; rows are found by target id (expected.c).  Memory grows only with the differences.
 *  2. A row that the walk did not show is asked for singly before it counts as missing: a list may lag.
 *     An update has no fate of its own here: the account's row has what it wrote (ledger.h, L12).
 *  3. An account that the plan asks for and the ledger does not have is `open`: verify says so, too.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "engine/expected.h"
#include "engine/run.h"
#include "events/events.h"

#define PAGE 256

struct verify {
	struct rh_run *run;
	struct rh_arena arena;
	struct rh_expected *expected;
	struct rh_map *differing; /* row ids that the walk showed with other content */
	rh_time started_at;       /* wall */
	uint64_t differs;
	uint64_t missing;
	int code; /* first error of a callback */
	struct rh_err err;
};

static struct rh_str id_key(const int64_t *id)
{
	return (struct rh_str){.ptr = (const char *)id, .len = sizeof(*id)};
}

static int say(struct verify *verify, const struct rh_ledger_row *row, const char *what,
	       const char *error, const char *field, struct rh_err *err)
{
	struct rh_account_event event = {
		.status = RH_EVENT_ERROR,
		.source_id = row->source_id,
		.target_id = row->target_id,
		.what = what,
		.error = error,
		.path = rh_str_from(field),
		.row = row->record,
	};

	return verify->run->events != NULL ? rh_events_account(verify->run->events, &event, err)
					   : RH_OK;
}

/* Name of the first of these fields; NULL: there is none. */
static const char *first_field(const struct rh_connector *target, uint32_t fields)
{
	for (unsigned i = 0; target->wire_fields[i] != NULL; i++) {
		if ((fields & UINT32_C(1) << i) != 0) {
			return target->wire_fields[i];
		}
	}
	return NULL;
}

/* Of an account that was linked and not changed nothing is ours to compare: that it is there was promised. */
static bool is_same(const struct verify *verify, enum rh_origin origin, uint32_t present,
		    struct rh_str wire, const struct rh_observed *observed)
{
	return (origin == RH_ORIGIN_LINKED && present == 0) ||
	       rh_wire_is(verify->run->workspace, &observed->wire, present, wire);
}

/* Counts and tells a row with other content, once: a list that moves may show one account twice. */
static int take_difference(struct verify *verify, const struct rh_ledger_row *row,
			   const struct rh_observed *observed, struct rh_err *err)
{
	struct rh_run *run = verify->run;
	uint32_t fields =
		rh_wire_differs(run->workspace, &observed->wire, row->wire_present, row->wire) &
		row->wire_present;
	uint64_t unused;
	int code;

	if (rh_map_find(verify->differing, id_key(&row->id), &unused)) {
		return RH_OK;
	}
	verify->differs++;
	if ((code = rh_ledger_note_drift(run->ledger, row->id, fields, err)) != RH_OK) {
		return code;
	}
	if (rh_map_put(verify->differing, id_key(&row->id), 1) != RH_OK) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return say(verify, row, "differs",
		   "the account at the target differs from what was written",
		   first_field(run->target, fields), err);
}

static int take_observed(void *context, const struct rh_observed *observed, struct rh_err *err)
{
	struct verify *verify = context;
	const struct rh_ledger_expected *expected;
	struct rh_ledger_row row = {0};
	int code = rh_expected_find(verify->expected, observed->target_id, &expected, err);

	if (code != 1) {
		return code;
	}
	if (is_same(verify, expected->origin, expected->wire_present, expected->wire, observed)) {
		return rh_expected_same(verify->expected, err);
	}
	code = rh_expected_differs(verify->expected, err);
	if (code == RH_OK) {
		rh_arena_reset(&verify->arena);
		code = rh_ledger_get(verify->run->ledger, expected->id, &verify->arena, &row, err);
	}
	return code == 1 ? take_difference(verify, &row, observed, err) : code;
}

/* ---- those that the walk did not show -------------------------------------------------------- */

struct asked {
	struct verify *verify;
	struct rh_ledger_row row;
};

static int take_missing(struct verify *verify, const struct rh_ledger_row *row, struct rh_err *err)
{
	int code = rh_ledger_verify(verify->run->ledger, row->id, RH_DRIFT_MISSING,
				    verify->started_at, err);

	verify->missing++;
	return code == RH_OK ? say(verify, row, "missing",
				   "the account is not at the target any more", NULL, err)
			     : code;
}

/* One that was asked for and is there. */
static int take_asked(struct verify *verify, const struct rh_ledger_row *row,
		      const struct rh_observed *observed, struct rh_err *err)
{
	bool same = is_same(verify, row->origin, row->wire_present, row->wire, observed);
	int code =
		rh_ledger_verify(verify->run->ledger, row->id,
				 same ? RH_DRIFT_NONE : RH_DRIFT_DIFFERS, verify->started_at, err);

	return code == RH_OK && !same ? take_difference(verify, row, observed, err) : code;
}

static void take_single(void *context, struct rh_operation *operation,
			const struct rh_answer *answer)
{
	const struct asked *asked = context;
	struct verify *verify = asked->verify;
	const struct rh_row *row = &operation->rows[0];

	(void)answer;
	if (verify->code != RH_OK) {
		return;
	}
	rh_arena_reset(&verify->arena);
	if (row->outcome == RH_OUTCOME_DONE && row->has_observed) {
		verify->code = take_asked(verify, &asked->row, &row->observed, &verify->err);
	} else if (row->outcome == RH_OUTCOME_ABSENT) {
		verify->code = take_missing(verify, &asked->row, &verify->err);
	} else {
		verify->code =
			rh_err_set(&verify->err, RH_ENET, "an account could not be read back: %s",
				   row->cause != NULL ? row->cause : "no cause given");
	}
}

static bool was_seen(const struct verify *verify, const struct rh_ledger_row *row)
{
	uint64_t unused;

	return rh_map_find(verify->differing, id_key(&row->id), &unused);
}

/* Asks for the rows of one page of those not verified that were not seen either; *after moves on, *count_out < PAGE at the end. */
static int ask_page(struct verify *verify, struct rh_arena *arena, int64_t *after,
		    size_t *count_out, struct rh_err *err)
{
	struct rh_run *run = verify->run;
	struct rh_ledger_row *rows = rh_arena_calloc(arena, PAGE, sizeof(*rows));
	struct asked *asked = rh_arena_calloc(arena, PAGE, sizeof(*asked));
	int code;

	if (rows == NULL || asked == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_ledger_unverified(run->ledger, verify->started_at, *after, PAGE, arena, rows,
				    count_out, err);
	for (size_t i = 0; code == RH_OK && i < *count_out; i++) {
		const struct rh_ledger_row *row = &rows[i];
		struct rh_job_spec spec = {
			.kind = RH_KIND_USER,
			.verb = RH_VERB_GET,
			.has_row = true,
			.row = {.source_id = row->source_id,
				.external_id = row->external_id,
				.target_id = row->target_id},
			.done = take_single,
			.context = &asked[i],
		};
		*after = row->id;
		if (row->verb != RH_VERB_UPDATE && !was_seen(verify, row)) {
			asked[i] = (struct asked){.verify = verify, .row = *row};
			code = rh_engine_submit(run->engine, &spec, err);
		}
	}
	return code == RH_OK ? rh_run_finish(run, err) : code;
}

static int ask_for_unseen(struct verify *verify, struct rh_err *err)
{
	struct rh_arena arena;
	int64_t after = 0;
	size_t count = PAGE;
	int code = RH_OK;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	while (code == RH_OK && count == PAGE) {
		rh_arena_reset(&arena);
		code = ask_page(verify, &arena, &after, &count, err);
		if (code == RH_OK && verify->code != RH_OK) {
			*err = verify->err;
			code = verify->code;
		}
		if (code == RH_OK && rh_run_stop_level(verify->run) > 0) {
			code = rh_err_set(err, RH_EINTERRUPTED,
					  "interrupted while reading the target");
		}
	}
	rh_arena_done(&arena);
	return code;
}

static int verify_all(struct verify *verify, uint64_t total, struct rh_err *err)
{
	struct rh_run *run = verify->run;
	int code = rh_ledger_index(run->ledger, err);

	if (code == RH_OK) {
		code = rh_run_check_target(run, true, err);
	}
	if (code == RH_OK) {
		code = rh_run_walk(run, RH_PHASE_VERIFY, total, take_observed, verify, err);
	}
	if (code == RH_OK) {
		code = rh_expected_flush(verify->expected, err);
	}
	if (code == RH_OK) {
		code = rh_ledger_commit(run->ledger, err);
	}
	return code == RH_OK ? ask_for_unseen(verify, err) : code;
}

int rh_verify(struct rh_run *run, const struct rh_plan *plan, struct rh_run_counts *out,
	      struct rh_err *err)
{
	struct verify verify = {.run = run, .started_at = rh_run_now(run)};
	rh_time verified_at = 0;
	struct rh_err own = {0};
	struct rh_err later = {0};
	uint64_t total = 0;
	uint64_t seed;
	int code;
	int concluded;

	rh_random_bytes(&seed, sizeof(seed));
	verify.differing = rh_map_new(seed);
	if (verify.differing == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_arena_init(&verify.arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	code = rh_ledger_count_expected(run->ledger, &total, &verified_at, &own);
	if (verify.started_at <= verified_at) {
		verify.started_at = verified_at + 1;
	}
	if (code == RH_OK) {
		code = rh_expected_new(&verify.expected, run->ledger, verify.started_at, &own);
	}
	if (code == RH_OK) {
		code = verify_all(&verify, total, &own);
	}
	if (code == RH_OK) {
		rh_run_show(run, RH_PHASE_VERIFY, total, total, true);
	}
	concluded = rh_run_conclude(run, plan, out, &later);
	out->differs = verify.differs;
	out->missing = verify.missing;
	rh_expected_free(verify.expected);
	rh_map_free(verify.differing);
	rh_arena_done(&verify.arena);
	return rh_run_result(run, code, &own, concluded, &later, err);
}
