/* SPDX-License-Identifier: Apache-2.0 */
/* What apply, verify, undo and the survey share. */
#include "engine/run.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "engine/tenant.h"
#include "engine/transport.h"
#include "events/events.h"
#include "net/client.h"

/* A settlement waits this long for company before it is committed (ledger.h, L9); on a slow disk so much longer that
 * a twentieth of the time at most goes by while it is waited for, but not for ever. */
#define COMMIT_AFTER_US (50 * RH_MILLISECOND)
#define COMMIT_LATEST_US RH_SECOND
#define COMMIT_SHARE 20
#define SHOW_EVERY_US (100 * RH_MILLISECOND)
#define RATE_SLOTS (sizeof(((struct rh_run *)0)->rate_at) / sizeof(rh_time))
/* Accounts read back before the first write of a later run: one may have been deleted by somebody. */
#define READ_BACK 3
/* L10.  A request that was given up may arrive this much later, of which the Date header's rounding is a second. */
#define STRAGGLES_US (2 * RH_SECOND)
/* From an intent to the end of its request, when nobody saw that: a minute in the queue, and a request's time-out. */
#define ON_ITS_WAY_US (120 * RH_SECOND)

/* Name of the fact that counts the undos. */
#define UNDO_RUNS "undo_runs"

/* ---- the lane -------------------------------------------------------------------------------- */

static int load_undo_runs(struct rh_run *run, struct rh_err *err)
{
	struct rh_str text = RH_STR_ABSENT;
	struct rh_arena arena;
	int code;

	rh_arena_init(&arena, RH_TEXT_MAX, RH_ARENA_PLAIN);
	code = rh_ledger_fact(run->ledger, UNDO_RUNS, &arena, &text, err);
	run->undo_runs = 0;
	if (code == RH_OK && text.ptr != NULL && !rh_str_to_u64(text, &run->undo_runs)) {
		code = rh_err_set(err, RH_EMISMATCH, "the ledger is damaged");
	}
	rh_arena_done(&arena);
	return code;
}

int rh_run_note_undo(struct rh_run *run, struct rh_err *err)
{
	rh_autobuf text = {0};
	int code;

	rh_buf_init(&text, 32);
	rh_buf_add_u64(&text, run->undo_runs + 1);
	code = rh_buf_check(&text, "the number of undos", err);
	if (code == RH_OK) {
		code = rh_ledger_set_fact(run->ledger, UNDO_RUNS, rh_buf_str(&text), err);
	}
	run->undo_runs += code == RH_OK ? 1 : 0;
	return code;
}

int rh_run_open(struct rh_run *run, bool read_only, struct rh_err *err)
{
	struct rh_client_options client = {
		.connections_max = RH_CONCURRENCY_MAX,
		.ca_file = run->settings->ca_file,
		.proxy = run->settings->proxy,
		.user_agent = "rehome",
		/* HTTP/2: when a connection ends, every write on it is lost from sight at once, and libcurl
		 * does not tell which ones the server never saw. */
		.http1_only = true,
	};
	struct rh_engine_options options = {
		.connector = run->target,
		.instance = run->target_instance,
		.clock = run->clock,
		.is_source = run->is_source,
		.rate = run->is_source ? run->settings->source_rate : run->settings->rate,
		.concurrency = run->is_source ? 0 : (unsigned)run->settings->concurrency,
		.max_wait_us = (int64_t)run->settings->max_wait_s * RH_SECOND,
		.stop = run->stop,
		.wake_fd = run->wake_fd,
	};
	int code = rh_transport_http(&options.transport, &client, err);

	if (code == RH_OK && read_only) {
		struct rh_transport *inner = options.transport;
		code = rh_transport_readonly(&options.transport, inner, err);
		if (code != RH_OK) {
			inner->free(inner);
		}
	}
	if (code != RH_OK) {
		return code;
	}
	run->started_at = run->clock->steady(run->clock);
	run->committed_at = run->started_at;
	run->commit_after_us = COMMIT_AFTER_US;
	run->pending = 0;
	code = rh_engine_new(&run->engine, &options, err);
	return code == RH_OK && !run->is_source ? load_undo_runs(run, err) : code;
}

void rh_run_close(struct rh_run *run)
{
	rh_engine_free(run->engine);
	run->engine = NULL;
}

int rh_run_stop_level(const struct rh_run *run)
{
	int level = run->stop != NULL ? *run->stop : 0;

	return level == 0 && run->is_draining ? 1 : level;
}

void rh_run_drain(struct rh_run *run)
{
	run->is_draining = true;
	rh_engine_drain(run->engine);
}

rh_time rh_run_now(const struct rh_run *run)
{
	return run->clock->now(run->clock);
}

/* How long the next settlements wait, when the last commit took so long. */
static rh_time commit_patience(rh_time took)
{
	rh_time wait = COMMIT_SHARE * took;

	wait = wait > COMMIT_LATEST_US ? COMMIT_LATEST_US : wait;
	return wait < COMMIT_AFTER_US ? COMMIT_AFTER_US : wait;
}

/* Makes durable what has waited long enough; intents take along what is queued, and the wait begins anew. */
static int commit_due(struct rh_run *run, bool is_last, struct rh_err *err)
{
	struct rh_clock *clock = run->clock;
	size_t pending = rh_ledger_pending(run->ledger);
	rh_time now = clock->steady(clock);
	int code;

	if (pending == 0 || pending < run->pending) {
		run->committed_at = now;
	}
	run->pending = pending;
	if (pending == 0 || (!is_last && now - run->committed_at < run->commit_after_us)) {
		return RH_OK;
	}
	code = rh_ledger_commit(run->ledger, err);
	run->pending = 0;
	run->committed_at = clock->steady(clock);
	run->commit_after_us = commit_patience(run->committed_at - now);
	return code;
}

int rh_run_turn(struct rh_run *run, struct rh_err *err)
{
	int turned = rh_engine_turn(run->engine, RH_TURN_MS, err);
	int code = RH_OK;

	if (run->lock != NULL) {
		rh_lock_beat(run->lock, rh_run_now(run));
	}
	if (run->ledger != NULL) {
		code = commit_due(run, turned != RH_OK, turned == RH_OK ? err : NULL);
	}
	return turned != RH_OK ? turned : code;
}

int rh_run_finish(struct rh_run *run, struct rh_err *err)
{
	int code = RH_OK;

	while (code == RH_OK && rh_engine_open(run->engine) > 0) {
		code = rh_run_turn(run, err);
	}
	return code;
}

/* ---- progress -------------------------------------------------------------------------------- */

/* Rate over the seconds that the ring remembers. */
static double recent_rate(struct rh_run *run, uint64_t done, rh_time now)
{
	unsigned newest = (run->rate_next + (unsigned)RATE_SLOTS - 1) % (unsigned)RATE_SLOTS;
	unsigned oldest = run->rate_next;

	if (run->rate_at[newest] == 0 || now - run->rate_at[newest] >= RH_SECOND) {
		run->rate_at[run->rate_next] = now;
		run->rate_done[run->rate_next] = done;
		run->rate_next = (run->rate_next + 1) % (unsigned)RATE_SLOTS;
		oldest = run->rate_next;
	}
	while (run->rate_at[oldest] == 0) {
		oldest = (oldest + 1) % (unsigned)RATE_SLOTS;
	}
	if (now - run->rate_at[oldest] < RH_SECOND || done < run->rate_done[oldest]) {
		return 0;
	}
	return (double)(done - run->rate_done[oldest]) * (double)RH_SECOND /
	       (double)(now - run->rate_at[oldest]);
}

void rh_run_show(struct rh_run *run, enum rh_phase phase, uint64_t done, uint64_t total, bool force)
{
	rh_time now = run->clock->steady(run->clock);
	struct rh_progress progress = {.phase = phase, .done = done, .total = total, .left_us = -1};

	if (run->progress == NULL || (!force && now - run->shown_at < SHOW_EVERY_US)) {
		return;
	}
	run->shown_at = now;
	progress.rate = recent_rate(run, done, now);
	progress.notice = run->engine != NULL ? rh_engine_notice(run->engine) : NULL;
	if (progress.rate > 0 && total >= done) {
		progress.left_us =
			(int64_t)((double)(total - done) / progress.rate * (double)RH_SECOND);
	}
	run->progress(run->progress_context, &progress);
}

/* ---- digests --------------------------------------------------------------------------------- */

int rh_run_idempotency(const struct rh_run *run, const struct rh_ledger_row *row, unsigned parts,
		       struct rh_arena *arena, struct rh_str *out, struct rh_err *err)
{
	const int64_t numbers[] = {row->id, row->verb, row->revision, parts,
				   (int64_t)run->undo_runs};
	struct rh_str name = rh_str_from(rh_ledger_name(run->ledger));
	uint64_t digest[2];
	rh_autobuf input = {0};
	rh_autobuf text = {0};

	/* One input for each content: what stands before the digests has the same length in all. */
	rh_buf_init(&input, sizeof(numbers) + name.len + RH_WIRE_BYTES_MAX);
	rh_buf_add(&input, numbers, sizeof(numbers));
	rh_buf_add_str(&input, name);
	rh_buf_add_str(&input, row->wire);
	rh_digest_key128(run->workspace->request_key, rh_buf_str(&input), digest);
	rh_buf_init(&text, 64);
	rh_base64_encode(&text, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)},
			 RH_BASE64_URL_NOPAD);
	return input.failed == 0 && text.failed == 0 && rh_arena_copy(arena, rh_buf_str(&text), out)
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

/* The last moment, by the target's clock, at which the row's last request can have made an account; 0: nobody can tell.
 * That of a first intent is known by both clocks; of a later one the target's is that of the first. */
static rh_time made_until(const struct rh_run *run, const struct rh_ledger_row *row)
{
	rh_time until = row->settled_at != 0 ? row->settled_at + STRAGGLES_US
					     : row->intended_at + ON_ITS_WAY_US;
	rh_time target_now;

	if (row->attempts <= 1) {
		return until + (row->target_at - row->intended_at);
	}
	target_now = rh_engine_target_now(run->engine);
	return target_now != 0 ? until + (target_now - rh_run_now(run)) : 0;
}

enum rh_origin rh_run_origin(const struct rh_run *run, const struct rh_ledger_row *row,
			     const struct rh_observed *observed, bool was_absent)
{
	/* The Date header counts whole seconds, rounded down: what was created later can never be before it,
	 * but what was created up to a second earlier is not before it either. */
	if (!was_absent || row->target_at == 0 || observed->created_at < row->target_at ||
	    observed->created_at > made_until(run, row)) {
		return RH_ORIGIN_UNSURE;
	}
	return rh_wire_is(run->workspace, &observed->wire, row->wire_present, row->wire)
		       ? RH_ORIGIN_CREATED
		       : RH_ORIGIN_UNSURE;
}

/* ---- asking the target ----------------------------------------------------------------------- */

struct answer_box {
	struct rh_answer answer;
	enum rh_outcome outcome;
	struct rh_arena *arena; /* NULL: whose key it is, nobody asks */
	struct rh_str tenant;
	bool is_out_of_memory;
};

static void keep_answer(void *context, struct rh_operation *operation,
			const struct rh_answer *answer)
{
	struct answer_box *box = context;

	box->answer = *answer;
	box->outcome = operation->row_count > 0 ? operation->rows[0].outcome : RH_OUTCOME_NONE;
	if (box->arena != NULL && rh_str_is_set(operation->tenant)) {
		box->is_out_of_memory = !rh_arena_copy(box->arena, operation->tenant, &box->tenant);
	}
}

int rh_run_probe(struct rh_run *run, struct rh_err *err)
{
	return rh_run_ask_tenant(run, NULL, NULL, err);
}

int rh_run_ask_tenant(struct rh_run *run, struct rh_arena *arena, struct rh_str *out,
		      struct rh_err *err)
{
	struct answer_box box = {.arena = arena};
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_PROBE,
		.done = keep_answer,
		.context = &box,
	};
	int code;

	if (out != NULL) {
		*out = RH_STR_ABSENT;
	}
	if (run->target->ops[RH_KIND_USER][RH_VERB_PROBE] == NULL) {
		return RH_OK;
	}
	code = rh_engine_run(run->engine, &spec, err);
	if (code == RH_OK && box.answer.kind != RH_ANSWER_DONE) {
		return rh_err_set(err, RH_ENET, "the %s did not answer: %s",
				  run->is_source ? "source" : "target",
				  box.answer.cause != NULL ? box.answer.cause : "no cause given");
	}
	if (code == RH_OK && box.is_out_of_memory) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (out != NULL) {
		*out = box.tenant;
	}
	return code;
}

/* Is this row's account there?  RH_OUTCOME_DONE, ABSENT, or what else came of asking. */
static int read_back(struct rh_run *run, const struct rh_ledger_row *row, enum rh_outcome *out,
		     struct rh_err *err)
{
	struct answer_box box = {0};
	struct rh_job_spec spec = {
		.kind = row->kind,
		.verb = RH_VERB_GET,
		.has_row = true,
		.row = {.target_id = row->target_id,
			.external_id = row->external_id,
			.source_id = row->source_id},
		.done = keep_answer,
		.context = &box,
	};
	int code = rh_engine_run(run->engine, &spec, err);

	*out = box.outcome;
	return code;
}

static void say_what_to_do(struct rh_err *err)
{
	rh_err_hint(err,
		    "Use the key that the migration was made with. For another target, or one that "
		    "somebody emptied, take another workspace with -w.");
}

/* Of those that the ledger has there one is read back. */
static int read_some_back(struct rh_run *run, const struct rh_ledger_row *rows, size_t count,
			  struct rh_err *err)
{
	for (size_t i = 0; i < count; i++) {
		enum rh_outcome outcome = RH_OUTCOME_NONE;
		int code = read_back(run, &rows[i], &outcome, err);
		if (code != RH_OK || outcome == RH_OUTCOME_DONE) {
			return code;
		}
		if (outcome != RH_OUTCOME_ABSENT) {
			return rh_err_set(err, RH_ENET, "an account could not be read back");
		}
	}
	if (count > 0) {
		(void)rh_err_set(err, RH_EMISMATCH,
				 "the ledger's accounts are not at this target: a key of "
				 "another environment?");
		say_what_to_do(err);
	}
	return count > 0 ? RH_EMISMATCH : RH_OK;
}

/* Two names of tenants; either may be absent. */
static int compare_tenants(struct rh_str known, struct rh_str told, struct rh_err *err)
{
	if (known.ptr == NULL || told.ptr == NULL || rh_str_eq(known, told)) {
		return RH_OK;
	}
	(void)rh_err_set(
		err, RH_EMISMATCH,
		"the ledger's accounts are at another target: tenant \"%.*s\", and this key "
		"is of \"%.*s\"",
		RH_STR_ARG(known), RH_STR_ARG(told));
	say_what_to_do(err);
	return RH_EMISMATCH;
}

int rh_run_check_target(struct rh_run *run, bool notes, struct rh_err *err)
{
	const unsigned there = (1U << RH_STATE_DONE) | (1U << RH_STATE_VERIFIED);
	struct rh_ledger_row rows[READ_BACK];
	struct rh_str known = RH_STR_ABSENT;
	struct rh_str told = RH_STR_ABSENT;
	struct rh_arena arena;
	size_t count = 0;
	int code;

	rh_arena_init(&arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	code = rh_ledger_page(run->ledger, there, 0, READ_BACK, &arena, rows, &count, err);
	if (code == RH_OK && (count > 0 || notes)) {
		code = rh_run_ask_tenant(run, &arena, &told, err);
	}
	if (code == RH_OK) {
		code = rh_ledger_fact(run->ledger, RH_FACT_TENANT, &arena, &known, err);
	}
	if (code == RH_OK && count > 0) {
		code = compare_tenants(known, told, err);
	}
	if (code == RH_OK) {
		code = read_some_back(run, rows, count, err);
	}
	if (code == RH_OK && notes && told.ptr != NULL && !rh_str_eq(known, told)) {
		code = rh_ledger_set_fact(run->ledger, RH_FACT_TENANT, told, err);
	}
	rh_arena_done(&arena);
	return code;
}

/* ---- walking all accounts -------------------------------------------------------------------- */

struct walk {
	struct rh_run *run;
	int (*each)(void *context, const struct rh_observed *observed, struct rh_err *err);
	void *context;
	struct rh_arena arena; /* of one record */
	struct rh_arena cursor_arena[2];
	unsigned cursor_at;
	struct rh_str cursor; /* of the next page; absent: the last one was read */
	uint64_t seen;
	struct rh_err *err;
	int code;
};

static void take_page(void *context, struct rh_operation *operation,
		      const struct rh_answer *answer);

static int ask_for_page(struct walk *walk, struct rh_err *err)
{
	struct rh_job_spec spec = {.kind = RH_KIND_USER,
				   .verb = RH_VERB_LIST,
				   .cursor = walk->cursor,
				   .done = take_page,
				   .context = walk};

	return rh_engine_submit(walk->run->engine, &spec, err);
}

/* The next page is asked for before this one is looked at: the target works meanwhile. */
static int go_on(struct walk *walk, struct rh_str next_cursor)
{
	bool is_again = walk->cursor.ptr != NULL && rh_str_eq(walk->cursor, next_cursor);
	int code;

	if (is_again) {
		return rh_err_set(walk->err, RH_ENET,
				  "the target's list gives the same page again");
	}
	/* The cursor before last is borrowed by nobody: its page has come. */
	walk->cursor_at = 1 - walk->cursor_at;
	rh_arena_reset(&walk->cursor_arena[walk->cursor_at]);
	if (!rh_arena_copy(&walk->cursor_arena[walk->cursor_at], next_cursor, &walk->cursor)) {
		return rh_err_set(walk->err, RH_ENOMEM, "out of memory");
	}
	if (walk->cursor.ptr == NULL || rh_run_stop_level(walk->run) > 0) {
		return RH_OK;
	}
	code = ask_for_page(walk, walk->err);
	rh_engine_push(walk->run->engine);
	return code;
}

static void take_page(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct walk *walk = context;
	const struct rh_connector *target = walk->run->target;

	if (walk->code != RH_OK) {
		return;
	}
	if (answer->kind != RH_ANSWER_DONE) {
		walk->code = rh_err_set(walk->err, RH_ENET,
					"the target's accounts could not be listed: %s",
					answer->cause != NULL ? answer->cause : "no cause given");
		return;
	}
	walk->code = go_on(walk, operation->next_cursor);
	for (size_t i = 0; i < operation->record_count && walk->code == RH_OK; i++) {
		struct rh_observed observed = {0};
		rh_arena_reset(&walk->arena);
		walk->code = target->observe(walk->run->target_instance, &operation->records[i],
					     &walk->arena, &observed, walk->err);
		if (walk->code == RH_OK) {
			walk->code = walk->each(walk->context, &observed, walk->err);
		}
		walk->seen++;
	}
}

int rh_run_walk(struct rh_run *run, enum rh_phase phase, uint64_t total,
		int (*each)(void *context, const struct rh_observed *observed, struct rh_err *err),
		void *context, struct rh_err *err)
{
	struct walk walk = {.run = run, .each = each, .context = context, .err = err};
	int code;

	rh_arena_init(&walk.arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	rh_arena_init(&walk.cursor_arena[0], RH_REQUEST_MAX, RH_ARENA_PLAIN);
	rh_arena_init(&walk.cursor_arena[1], RH_REQUEST_MAX, RH_ARENA_PLAIN);
	code = ask_for_page(&walk, err);
	while (code == RH_OK && rh_engine_open(run->engine) > 0) {
		code = rh_run_turn(run, err);
		/* More than were counted: how many there are is not known. */
		rh_run_show(run, phase, walk.seen, walk.seen <= total ? total : 0, false);
	}
	if (code == RH_OK) {
		code = walk.code;
	}
	if (code == RH_OK && rh_run_stop_level(run) > 0) {
		code = rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading the target");
	}
	rh_arena_done(&walk.arena);
	rh_arena_done(&walk.cursor_arena[0]);
	rh_arena_done(&walk.cursor_arena[1]);
	return code;
}

/* ---- counts ---------------------------------------------------------------------------------- */

/* The revision whose accounts were all looked at by an apply that came to its end; 0: none. */
static int walked_revision(struct rh_ledger *ledger, int64_t *out, struct rh_err *err)
{
	struct rh_arena arena;
	struct rh_str text;
	int code;

	rh_arena_init(&arena, 4096, RH_ARENA_PLAIN);
	code = rh_ledger_fact(ledger, RH_FACT_WALKED, &arena, &text, err);
	if (code == RH_OK && !rh_str_to_i64(text, out)) {
		*out = 0;
	}
	rh_arena_done(&arena);
	return code;
}

/* What the plan wants at the target and no apply since has looked at; and, of what certainly was not accepted, what
 * this plan still wants: rows of accounts that an earlier plan wanted and this one leaves out stay as they are. */
static int count_open(struct rh_ledger *ledger, const struct rh_plan *plan,
		      struct rh_run_counts *counts, struct rh_err *err)
{
	const unsigned all = (1U << RH_STATES) - 1;
	uint64_t wanted = plan->counts.create + plan->counts.link + plan->counts.update;
	uint64_t tried = 0;
	int64_t walked = 0;
	int code = walked_revision(ledger, &walked, err);

	if (code != RH_OK) {
		return code;
	}
	if (walked == plan->revision) {
		return counts->deferred == 0
			       ? RH_OK
			       : rh_ledger_count_since(ledger, 1U << RH_STATE_DEFERRED,
						       plan->created_at, &counts->deferred, err);
	}
	code = rh_ledger_count_since(ledger, all, plan->created_at, &tried, err);
	counts->open = wanted > tried ? wanted - tried : 0;
	return code;
}

/* Those of whom the plan said it: no more than may stand at the target still. */
static uint64_t count_blocked(const struct rh_plan *plan, const struct rh_run_counts *counts)
{
	uint64_t there = counts->created + counts->linked + counts->unknown + counts->kept +
			 counts->undo_open;

	uint64_t blocked = plan->counts.blocked + plan->counts.earlier_blocked;

	return blocked < there ? blocked : there;
}

static uint64_t less(uint64_t whole, uint64_t part)
{
	return whole > part ? whole - part : 0;
}

/* Each account in one place: whom the ledger has a row of by that, the others as the plan says. */
static void count_everybody(const struct rh_ledger_counts *rows, const struct rh_plan *plan,
			    const struct rh_run_counts *counts, struct rh_everybody *out)
{
	static const struct rh_plan_counts none;
	const struct rh_plan_counts *planned = plan != NULL ? &plan->counts : &none;
	const uint64_t *states = rows->by_state;
	const uint64_t *updates = rows->updates;
	uint64_t undone = states[RH_STATE_UNDONE] - updates[RH_STATE_UNDONE];
	uint64_t tried = rows->accounts - undone;
	/* Those that an apply has tried since have got a row. */
	uint64_t open =
		less(less(planned->create + planned->link + planned->update, planned->known_again) +
			     planned->rows,
		     tried);

	*out = (struct rh_everybody){
		.created = counts->created,
		.linked = counts->linked,
		.skipped = less(planned->skip, planned->known_skip) + planned->earlier_skip,
		.left_out = less(planned->left_out, planned->known_left_out) +
			    planned->earlier_left_out,
		.refused = less(planned->refuse, planned->known_refuse) + planned->earlier_refuse,
		.rejected = states[RH_STATE_REJECTED] - updates[RH_STATE_REJECTED],
		.conflicts = states[RH_STATE_CONFLICT] - updates[RH_STATE_CONFLICT],
		.unknown = states[RH_STATE_UNKNOWN] + states[RH_STATE_INTENDED] -
			   updates[RH_STATE_UNKNOWN] - updates[RH_STATE_INTENDED],
		.deferred = states[RH_STATE_DEFERRED] - updates[RH_STATE_DEFERRED],
		.undo_open = states[RH_STATE_UNDO_INTENDED] - updates[RH_STATE_UNDO_INTENDED],
		.kept = states[RH_STATE_KEPT] - updates[RH_STATE_KEPT],
		/* Of those removed again some may have been created anew since, by another plan. */
		.undone = plan == NULL || undone < open ? undone : open,
	};
	out->open = less(open, out->undone);
	out->waiting = planned->earlier_open;
	out->total = plan == NULL ? rows->accounts
				  : less(planned->total + planned->rows, planned->known) +
					    planned->earlier_skip + planned->earlier_left_out +
					    planned->earlier_refuse + planned->earlier_open;
}

int rh_run_counts(struct rh_ledger *ledger, const struct rh_plan *plan, struct rh_run_counts *out,
		  struct rh_err *err)
{
	struct rh_ledger_counts rows;
	struct rh_run_counts counts = {0};
	int code = rh_ledger_count(ledger, &rows, err);

	if (code != RH_OK) {
		return code;
	}
	counts.created = rows.created + rows.unsure + rows.adopted;
	counts.unproven = rows.unsure + rows.adopted;
	counts.to_put_back = rows.updates_to_undo;
	counts.linked = rows.linked;
	counts.updated = rows.updated;
	counts.restored = rows.restored;
	counts.gone = rows.gone;
	counts.rejected = rows.by_state[RH_STATE_REJECTED];
	counts.conflicts = rows.by_state[RH_STATE_CONFLICT];
	counts.unknown = rows.by_state[RH_STATE_UNKNOWN] + rows.by_state[RH_STATE_INTENDED];
	counts.deferred = rows.by_state[RH_STATE_DEFERRED];
	counts.partial = rows.parts_dropped;
	counts.verified = rows.by_state[RH_STATE_VERIFIED];
	counts.undone = rows.by_state[RH_STATE_UNDONE];
	counts.kept = rows.by_state[RH_STATE_KEPT];
	counts.undo_open = rows.by_state[RH_STATE_UNDO_INTENDED];
	counts.differs = rows.differs;
	counts.missing = rows.missing;
	if (plan != NULL) {
		counts.total = plan->counts.total;
		counts.skipped = plan->counts.skip + plan->counts.earlier_skip;
		counts.refused = plan->counts.refuse + plan->counts.earlier_refuse;
		counts.refused_there = plan->counts.known_refuse;
		counts.left_out = plan->counts.left_out + plan->counts.earlier_left_out;
		counts.blocked = count_blocked(plan, &counts);
		if ((code = count_open(ledger, plan, &counts, err)) != RH_OK) {
			return code;
		}
	}
	count_everybody(&rows, plan, &counts, &counts.everybody);
	code = rh_tenant_count(ledger, plan, &counts, err);
	*out = counts;
	return code;
}

int rh_run_conclude(struct rh_run *run, const struct rh_plan *plan, struct rh_run_counts *out,
		    struct rh_err *err)
{
	struct rh_engine_counts requests;
	int code = rh_ledger_commit(run->ledger, err);

	if (code == RH_OK) {
		code = rh_run_counts(run->ledger, plan, out, err);
	}
	if (code == RH_OK && run->events != NULL) {
		code = rh_events_flush(run->events, err);
	}
	rh_engine_count(run->engine, &requests);
	out->writes = requests.writes;
	out->reads = requests.reads;
	out->throttled = requests.throttled;
	out->elapsed_us = run->clock->steady(run->clock) - run->started_at;
	return code;
}

int rh_run_result(const struct rh_run *run, int code, const struct rh_err *own, int concluded,
		  const struct rh_err *later, struct rh_err *err)
{
	if (code == RH_ENET && rh_run_stop_level(run) > 0) {
		return rh_err_set(err, RH_EINTERRUPTED, "interrupted");
	}
	if (err != NULL && code != RH_OK) {
		*err = *own;
	} else if (err != NULL && concluded != RH_OK) {
		*err = *later;
	}
	return code != RH_OK ? code : concluded;
}
