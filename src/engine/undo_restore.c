/* SPDX-License-Identifier: Apache-2.0 */
/* What updates replaced is put back; the rules stand in undo.c. */
#include "engine/undo_restore.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/before_image.h"
#include "events/events.h"

#define PAGE RH_LEDGER_GROUP
/* Attempts of one write without an answer, before it is left to the next run. */
#define ATTEMPTS_MAX 3

/* Code of an update whose account somebody has removed since. */
#define ABSENT "absent"

#define THERE ((1U << RH_STATE_DONE) | (1U << RH_STATE_VERIFIED) | (1U << RH_STATE_UNDO_INTENDED))

struct restore;

struct putting_back {
	struct restore *restore;
	struct rh_ledger_row row;
	struct rh_wire wire; /* what stood there */
	unsigned attempts;
	bool is_changed; /* somebody else has changed it since */
};

struct restore {
	struct rh_run *run;
	struct rh_arena arena; /* of one page */
	struct putting_back items[PAGE];
	uint64_t *done;
	uint64_t total;
	int code;
	struct rh_err err;
};

static void fail(struct restore *restore, int code, const struct rh_err *err)
{
	if (restore->code == RH_OK) {
		restore->code = code;
		restore->err = *err;
	}
}

int rh_undo_say(struct rh_run *run, const struct rh_ledger_row *row, enum rh_state state,
		const char *error, struct rh_err *err)
{
	bool is_undone = state == RH_STATE_UNDONE;
	struct rh_account_event event = {
		.status = is_undone ? RH_EVENT_SUCCESS : RH_EVENT_ERROR,
		.source_id = row->source_id,
		.target_id = row->target_id,
		.what = !is_undone                     ? "kept"
			: row->verb != RH_VERB_UPDATE  ? "undone"
			: rh_str_is(row->code, ABSENT) ? "gone"
						       : "restored",
		.error = is_undone ? NULL : error,
		.row = row->record,
	};

	return run->events != NULL ? rh_events_account(run->events, &event, err) : RH_OK;
}

static void settle(struct putting_back *item, enum rh_state state, struct rh_str code_text,
		   const char *cause)
{
	struct restore *restore = item->restore;
	struct rh_err err = {0};
	int code = rh_ledger_undo_settle(restore->run->ledger, item->row.id, state, code_text,
					 rh_run_now(restore->run), &err);

	item->row.code = code_text;
	++*restore->done;
	if (code == RH_OK) {
		code = rh_undo_say(restore->run, &item->row, state, cause, &err);
	}
	if (code != RH_OK) {
		fail(restore, code, &err);
	}
}

/* ---- one account ----------------------------------------------------------------------------- */

/* By its last request, or by an earlier one, which is what the last one read. */
static bool is_as_we_left_it(const struct rh_run *run, const struct rh_ledger_row *row,
			     const struct rh_wire *there)
{
	return rh_wire_is(run->workspace, there, row->wire_present, row->wire) ||
	       rh_wire_is(run->workspace, there, row->before_present, row->before);
}

/* What is there as it was needs no write; what somebody else has changed since stays. */
static void observed(void *context, struct rh_job *job, struct rh_operation *operation)
{
	struct putting_back *item = context;
	const struct rh_run *run = item->restore->run;
	const struct rh_row *row = &operation->rows[0];
	bool is_back = rh_row_is_as_expected(row);

	if (!is_back && is_as_we_left_it(run, &item->row, &row->observed.wire)) {
		rh_engine_let_go(run->engine, job);
		return;
	}
	item->is_changed = !is_back;
	rh_engine_end(run->engine, job);
}

static int submit(struct putting_back *item, struct rh_err *err);

static void put_back_unknown(struct putting_back *item)
{
	struct restore *restore = item->restore;
	struct rh_err err = {0};
	int code;

	if (++item->attempts >= ATTEMPTS_MAX || rh_run_stop_level(restore->run) > 0 ||
	    restore->code != RH_OK) {
		return; /* stays UNDO_INTENDED: the next run looks */
	}
	code = submit(item, &err);
	if (code != RH_OK) {
		fail(restore, code, &err);
	}
}

static void put_back(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct putting_back *item = context;
	const struct rh_row *row = &operation->rows[0];

	if (answer->kind == RH_ANSWER_OBSERVED) {
		settle(item, item->is_changed ? RH_STATE_KEPT : RH_STATE_UNDONE, RH_STR_ABSENT,
		       "the account was changed since the update");
		return;
	}
	switch (row->outcome) {
	case RH_OUTCOME_DONE:
		settle(item, RH_STATE_UNDONE, RH_STR_ABSENT, NULL);
		break;
	case RH_OUTCOME_ABSENT: /* nothing is left of what the update did */
		settle(item, RH_STATE_UNDONE, RH_STR(ABSENT), NULL);
		break;
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_CONFLICT:
	case RH_OUTCOME_REJECTED:
		settle(item, RH_STATE_KEPT, row->code, row->cause);
		break;
	case RH_OUTCOME_UNKNOWN:
		put_back_unknown(item);
		break;
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_DENIED:
		break; /* stays UNDO_INTENDED: the next run asks again */
	}
}

static int submit(struct putting_back *item, struct rh_err *err)
{
	const struct rh_ledger_row *row = &item->row;
	struct rh_job_spec spec = {
		.kind = row->kind,
		.verb = RH_VERB_UPDATE,
		.has_row = true,
		.row = {.source_id = row->source_id,
			.external_id = row->external_id,
			.target_id = row->target_id,
			.wire = &item->wire,
			.clears = row->wire_present,
			.is_foreign = true},
		.observed = observed,
		.done = put_back,
		.context = item,
	};

	return rh_engine_submit(item->restore->run->engine, &spec, err);
}

/* Only what the update was about is put back. */
static int open_image(const struct rh_run *run, const struct rh_ledger_row *row,
		      struct rh_arena *arena, struct rh_wire *out, struct rh_err *err)
{
	struct rh_str sealed = RH_STR_ABSENT;
	int code = rh_ledger_image(run->ledger, row->id, arena, &sealed, err);

	if (code == 0) {
		return rh_err_set(err, RH_EMISMATCH, "the ledger is damaged: an image is missing");
	}
	if (code == 1) {
		code = rh_image_open(run, row->id, sealed, arena, out, err);
	}
	out->present &= row->wire_present;
	return code;
}

int rh_undo_was_written(const struct rh_run *run, const struct rh_ledger_row *update,
			const struct rh_wire *there, struct rh_arena *arena, bool *out,
			struct rh_err *err)
{
	struct rh_str digests = RH_STR_ABSENT;
	struct rh_wire image = {0};
	uint32_t changed;
	uint32_t others;
	int code = RH_OK;

	*out = false;
	if (rh_ledger_row_may_be_sent(update)) {
		code = open_image(run, update, arena, &image, err);
	}
	if (code == RH_OK) {
		code = rh_plan_digest(run->workspace, &image, update->wire_present, arena, &digests,
				      err);
	}
	if (code != RH_OK || !rh_ledger_row_may_be_sent(update)) {
		return code;
	}
	changed = rh_wire_differs(run->workspace, there, update->wire_present, digests) &
		  update->wire_present;
	/* `before` is the first image, or what an earlier request of ours left. */
	others = rh_wire_differs(run->workspace, there, update->wire_present, update->wire) &
		 rh_wire_differs(run->workspace, there, update->before_present, update->before);
	*out = (changed & ~others) != 0;
	return RH_OK;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static int finish_page(struct restore *restore, struct rh_err *err)
{
	struct rh_run *run = restore->run;
	int code = RH_OK;

	while (code == RH_OK && restore->code == RH_OK && rh_engine_open(run->engine) > 0) {
		code = rh_run_turn(run, err);
		rh_run_show(run, RH_PHASE_UNDO, *restore->done, restore->total, false);
	}
	if (code == RH_OK && restore->code != RH_OK) {
		code = restore->code;
		*err = restore->err;
	}
	return code;
}

/* Two updates of one account are put back one after the other, the newer one first. */
static bool has_account(const struct restore *restore, size_t count, int64_t account)
{
	for (size_t i = 0; i < count; i++) {
		if (restore->items[i].row.parent == account) {
			return true;
		}
	}
	return false;
}

/* L1: committed before anything is written. */
static int begin_items(struct restore *restore, size_t count, struct rh_err *err)
{
	int64_t ids[PAGE];
	int code = RH_OK;

	for (size_t i = 0; i < count && code == RH_OK; i++) {
		ids[i] = restore->items[i].row.id;
		if (rh_ledger_row_may_be_sent(&restore->items[i].row)) {
			code = open_image(restore->run, &restore->items[i].row, &restore->arena,
					  &restore->items[i].wire, err);
		}
	}
	if (code == RH_OK && count > 0) {
		code = rh_ledger_undo_intend(restore->run->ledger, ids, count, err);
	}
	for (size_t i = 0; i < count && code == RH_OK; i++) {
		struct putting_back *item = &restore->items[i];
		if (rh_ledger_row_may_be_sent(&item->row)) {
			code = submit(item, err);
		} else { /* it had nothing to change */
			settle(item, RH_STATE_UNDONE, RH_STR_ABSENT, NULL);
		}
	}
	return code == RH_OK ? finish_page(restore, err) : code;
}

/* 6: does this one have its turn?  Not before the newer one of its account is certain; where that one is kept, so
 * is this. */
static int is_due(struct restore *restore, const struct rh_ledger_row *row, bool *out,
		  struct rh_err *err)
{
	const struct rh_run *run = restore->run;
	enum rh_state newer = RH_STATES;
	int code = rh_ledger_newer_update(run->ledger, row, &newer, err);

	*out = code == RH_OK && newer != RH_STATE_UNDO_INTENDED && newer != RH_STATE_UNKNOWN &&
	       newer != RH_STATE_INTENDED && newer != RH_STATE_KEPT;
	if (code == RH_OK && newer == RH_STATE_KEPT) {
		++*restore->done;
		code = rh_ledger_undo_follow(run->ledger, row->id, RH_STATE_KEPT, rh_run_now(run),
					     err);
	}
	return code;
}

/* One page of updates from `before` downwards; *before moves on; *more: there is another page. */
static int page_of(struct restore *restore, int64_t *before, bool *more, struct rh_err *err)
{
	struct rh_ledger_row *rows;
	size_t wanted = 0;
	size_t count = 0;
	bool is_wanted = false;
	int code;

	rh_arena_reset(&restore->arena);
	rows = rh_arena_calloc(&restore->arena, PAGE, sizeof(*rows));
	if (rows == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_ledger_page_updates(restore->run->ledger, THERE, *before, PAGE, &restore->arena,
				      rows, &count, err);
	*more = count == PAGE;
	for (size_t i = 0; i < count && code == RH_OK; i++) {
		if (has_account(restore, wanted, rows[i].parent)) {
			*more = true;
			break;
		}
		*before = rows[i].id;
		if (rows[i].origin == RH_ORIGIN_CREATED) {
			continue; /* it goes with its account */
		}
		code = is_due(restore, &rows[i], &is_wanted, err);
		if (code == RH_OK && is_wanted) {
			restore->items[wanted++] =
				(struct putting_back){.restore = restore, .row = rows[i]};
		}
	}
	return code == RH_OK ? begin_items(restore, wanted, err) : code;
}

int rh_undo_restore(struct rh_run *run, uint64_t *done, uint64_t total, struct rh_err *err)
{
	struct restore *restore = rh_calloc(1, sizeof(*restore));
	int64_t before = INT64_MAX;
	bool more = true;
	int code;

	if (restore == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_ledger_index(run->ledger, err);
	restore->run = run;
	restore->done = done;
	restore->total = total;
	rh_arena_init(&restore->arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	while (code == RH_OK && more) {
		code = page_of(restore, &before, &more, err);
		if (code == RH_OK) { /* an older update of the account judges by this one's end */
			code = rh_ledger_commit(run->ledger, err);
		}
		if (code == RH_OK && rh_run_stop_level(run) > 0) {
			code = rh_err_set(err, RH_EINTERRUPTED, "interrupted");
		}
	}
	rh_arena_done(&restore->arena);
	rh_free(restore);
	return code;
}

/* ---- updates of accounts that are removed ---------------------------------------------------------- */

/* What did not come to its aim goes along, too: it would be told of an account that is no more.  So does what an
 * earlier undo kept, once its account is removed after all. */
#define SETTLED                                                          \
	(THERE | (1U << RH_STATE_DEFERRED) | (1U << RH_STATE_REJECTED) | \
	 (1U << RH_STATE_CONFLICT) | (1U << RH_STATE_KEPT))

static int follow_one(struct rh_run *run, const struct rh_ledger_row *row, struct rh_arena *arena,
		      struct rh_err *err)
{
	bool was_done = (THERE >> row->state & 1U) != 0;
	struct rh_ledger_row account;
	int code = rh_ledger_get(run->ledger, row->parent, arena, &account, err);

	if (code != 1 || account.origin != RH_ORIGIN_CREATED) {
		return code < 0 ? code : RH_OK;
	}
	if (account.state == RH_STATE_UNDONE || (account.state == RH_STATE_KEPT && was_done)) {
		return rh_ledger_undo_follow(run->ledger, row->id, account.state, rh_run_now(run),
					     err);
	}
	return RH_OK; /* the account's fate is open, and so is this */
}

int rh_undo_follow(struct rh_run *run, struct rh_err *err)
{
	struct rh_ledger_row *rows = rh_calloc(PAGE, sizeof(*rows));
	struct rh_arena arena;
	int64_t before = INT64_MAX;
	size_t count = PAGE;
	int code = RH_OK;

	if (rows == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	while (code == RH_OK && count == PAGE) {
		rh_arena_reset(&arena);
		code = rh_ledger_page_updates(run->ledger, SETTLED, before, PAGE, &arena, rows,
					      &count, err);
		for (size_t i = 0; i < count && code == RH_OK; i++) {
			before = rows[i].id;
			code = follow_one(run, &rows[i], &arena, err);
		}
	}
	rh_arena_done(&arena);
	rh_free(rows);
	return code == RH_OK ? rh_ledger_commit(run->ledger, err) : code;
}
