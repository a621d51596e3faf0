/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: many operations, one thread, one loop.
 *
 *            submit                step: SEND          lane ready           transport
 *   (caller) ------> FRESH ---------------> READY ---------------> FLYING ----------+
 *                      ^  \                   ^ ^                                    |
 *                      |   \ step: WAIT       | +---- certainly not processed -------+
 *                      |    v                 +------ step: SEND --------------------+
 *                      +-- WAITING <----------------- step: WAIT --------------------+
 *                         (timer)                                                    |
 *   (caller) <------ done(outcome) <------ step: DONE, FAIL; UNKNOWN; DENIED --------+
 *   (caller) <------ observed <--- HELD <- step: OBSERVED ----------------------------+
 *            let go: FRESH; end: done
 *
 *  E1. `done` is called exactly once for every operation that was accepted, whatever happens, unless the
 *      engine is freed first; callers count on it.
 *  E2. A request that certainly was not processed (429, not reachable, "later") is sent again as it is, by
 *      the engine, and never reaches the caller, until the lane gives up.
 *  E3. A write that may have been processed is never sent again by the engine: it goes to the caller as
 *      UNKNOWN, who looks it up.
 *  E4. No request leaves before the lane is ready; operations leave in the order of their submission, except
 *      that one whose buckets are stopped does not hold up others.  An operation keeps its place when it goes
 *      on or is sent again: what has begun is finished before more is begun.
 *  E5. A 401 runs the auth operation, if there is one, unless a newer token is there already; the second 401
 *      for one request ends the run (DENIED).
 *  E6. After a fatal error nothing leaves any more: what had not left is delivered as AWAY (certainly not
 *      accepted), what flies as UNKNOWN if it writes; nothing new is accepted.
 *  E7. `stop` = 1: a writing request that has not left does not leave; what flies is awaited.  2: what flies
 *      is given up, and the engine is of no use after that.  Either way E1 holds.  A reading that has not left
 *      leaves still, unless the target is away: nobody who stops waits for one that is not there.
 *  E8. Once a writing request of an operation may have been processed, nothing but the connector's own answer
 *      is delivered as less than UNKNOWN: a job that was submitted and is polled is not "not accepted".
 *  E9. A request that fails again and again while others are answered is given up alone (attempts_max); while
 *      nobody is answered, only max_wait counts.  At the first contact, when nobody ever was, attempts_max
 *      counts too: an address may simply be wrong.
 * E10. An update is HELD when it has read what stands there (connector.h, C13), and goes on when its owner says
 *      so, who has made durable by then what must be.  An update without such an owner is not accepted.
 *
 * Weak point: while a bucket is not ready, all that is READY is looked over in each turn; callers keep that to
 * some hundreds.
 */
#include "engine/engine_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/classify.h"
#include "engine/job.h"
#include "engine/lane.h"
#include "engine/transport.h"

#define MAX_WAIT_DEFAULT_US (900 * RH_SECOND)
#define ATTEMPTS_DEFAULT 5
/* Operations that make their request in one turn: those that fly are not kept waiting by a whole batch. */
#define STEPS_MAX 64U

static rh_time steady_now(const struct rh_engine *engine)
{
	return engine->options.clock->steady(engine->options.clock);
}

static rh_time wall_now(const struct rh_engine *engine)
{
	return engine->options.clock->now(engine->options.clock);
}

static uint64_t draw(struct rh_engine *engine)
{
	return rh_random_next(&engine->chance);
}

static int stop_level(const struct rh_engine *engine)
{
	int level = engine->options.stop != NULL ? *engine->options.stop : 0;

	return level == 0 && engine->is_draining ? 1 : level;
}

/* ---- jobs ---------------------------------------------------------------------------------------------- */

struct rh_job *rh_engine_take_job(struct rh_engine *engine)
{
	struct rh_job *job = engine->idle;

	if (job != NULL) {
		engine->idle = job->next;
		return job;
	}
	return rh_job_new();
}

void rh_engine_give_job(struct rh_engine *engine, struct rh_job *job)
{
	rh_job_clear(job);
	job->next = engine->idle;
	engine->idle = job;
}

/* The connector's own memory for an operation. */
bool rh_engine_make_state(struct rh_engine *engine, struct rh_job *job)
{
	size_t size = engine->options.connector->operation_size;

	if (size > 0) {
		job->op.state = rh_arena_calloc(&job->arena, 1, size);
	}
	return size == 0 || job->op.state != NULL;
}

void rh_engine_fail(struct rh_engine *engine, int code, const char *message, const char *detail)
{
	if (!engine->is_fatal) {
		engine->is_fatal = true;
		(void)rh_err_set(&engine->fatal, code, "%s%s%s", message,
				 detail != NULL ? ": " : "", detail != NULL ? detail : "");
		if (code == RH_EDENIED) {
			rh_err_hint(&engine->fatal,
				    "Give a key that is valid and may read%s users there, or "
				    "grant this one that right; then go on where it stands.",
				    engine->options.is_source ? "" : " and write");
		}
	}
}

/* The same, of what the other side did. */
static void peer_failed(struct rh_engine *engine, int code, const char *what, const char *detail)
{
	char message[128];

	(void)snprintf(message, sizeof(message), "the %s %s",
		       engine->options.is_source ? "source" : "target", what);
	rh_engine_fail(engine, code, message, detail);
}

/* What is certain of the rows when the engine itself ends an operation (E8). */
static enum rh_outcome certain(const struct rh_job *job, enum rh_outcome outcome)
{
	return job->has_written ? RH_OUTCOME_UNKNOWN : outcome;
}

/* Tells the owner and takes the job back (E1). */
static void deliver(struct rh_engine *engine, struct rh_job *job)
{
	if (job->answer.kind == RH_ANSWER_FAIL) {
		for (size_t i = 0; i < job->op.row_count; i++) {
			job->op.rows[i].outcome = job->answer.outcome;
			job->op.rows[i].code = job->answer.code;
			job->op.rows[i].cause = job->answer.cause;
		}
	}
	if (job->is_auth) {
		rh_engine_auth_ended(engine, job);
	} else {
		job->done(job->context, &job->op, &job->answer);
	}
	rh_engine_give_job(engine, job);
}

static void deliver_failure(struct rh_engine *engine, struct rh_job *job, enum rh_outcome outcome,
			    enum rh_scope scope, const char *cause)
{
	job->answer = (struct rh_answer){
		.kind = RH_ANSWER_FAIL,
		.outcome = certain(job, outcome),
		.scope = scope,
		.cause = cause,
	};
	deliver(engine, job);
}

/* ---- stepping ------------------------------------------------------------------------------------------- */

/* Puts a job whose request was not processed back where it stood (E4). */
static void ready_again(struct rh_engine *engine, struct rh_job *job)
{
	job->has_written = job->has_written && !job->answer.request.is_writing;
	rh_job_list_insert_by_order(&engine->ready, job);
}

/* DONE: has every row its outcome (connector.h, C4)? */
static bool is_complete(const struct rh_operation *op)
{
	for (size_t i = 0; i < op->row_count; i++) {
		if (op->rows[i].outcome == RH_OUTCOME_NONE) {
			return false;
		}
	}
	return true;
}

static void step_failed(struct rh_engine *engine, struct rh_job *job, int code)
{
	rh_engine_fail(engine, code, "the connector could not go on", rh_error_text(code));
	deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_RUN, "internal error");
}

/* C13: once, before the write, by an update that has read. */
static bool may_be_held(const struct rh_job *job)
{
	bool is_fine = job->observed != NULL && !job->has_written && !job->was_held;

	for (size_t i = 0; i < job->op.row_count; i++) {
		is_fine = is_fine && job->op.rows[i].has_observed;
	}
	return is_fine;
}

/* E10. */
static void hold_job(struct rh_engine *engine, struct rh_job *job)
{
	if (!may_be_held(job)) {
		step_failed(engine, job, RH_EINTERNAL);
		return;
	}
	job->was_held = true;
	rh_job_list_push(&engine->held, job);
	job->observed(job->context, job, &job->op);
}

/* Asks the connector; the job is in no list before and in the right one (or delivered) after. */
static void step_job(struct rh_engine *engine, struct rh_job *job,
		     const struct rh_response *response)
{
	rh_step_fn *step = engine->options.connector->ops[job->op.kind][job->op.verb];
	struct rh_request *request = &job->answer.request;
	int code;

	job->answer = (struct rh_answer){.kind = RH_ANSWER_FAIL};
	code = step(engine->options.instance, &job->op, response, wall_now(engine), draw(engine),
		    &job->answer);
	if (code != RH_OK) {
		step_failed(engine, job, code);
		return;
	}
	switch (job->answer.kind) {
	case RH_ANSWER_SEND:
		if (request->is_writing && request->idempotency_key.ptr == NULL) {
			request->idempotency_key = job->idempotency;
		}
		job->attempts = 0;
		job->reauthed = false;
		rh_job_list_insert_by_order(&engine->ready, job);
		break;
	case RH_ANSWER_WAIT:
		job->at = steady_now(engine) + job->answer.wait_us;
		rh_job_list_insert_by_time(&engine->waiting, job);
		break;
	case RH_ANSWER_OBSERVED:
		hold_job(engine, job);
		break;
	case RH_ANSWER_DONE:
		if (is_complete(&job->op)) {
			deliver(engine, job);
		} else {
			step_failed(engine, job, RH_EINTERNAL);
		}
		break;
	case RH_ANSWER_FAIL:
		if (job->answer.outcome == RH_OUTCOME_DENIED && job->answer.scope == RH_SCOPE_RUN) {
			peer_failed(engine, RH_EDENIED, "denies access", job->answer.cause);
		}
		if (job->answer.outcome == RH_OUTCOME_AWAY && job->answer.scope == RH_SCOPE_RUN) {
			peer_failed(engine, RH_ENET, "takes nothing more", job->answer.cause);
			rh_err_hint(&engine->fatal,
				    "Whom it has taken stays, and is not sent again: make room "
				    "there and run the same command, or take them back with "
				    "`rehome undo`.");
		}
		deliver(engine, job);
		break;
	}
}

/* ---- answers -------------------------------------------------------------------------------------------- */

static void job_throttled(struct rh_engine *engine, struct rh_job *job, int64_t wait_us)
{
	rh_time now = steady_now(engine);

	engine->counts.throttled++;
	if (!rh_lane_throttled(&engine->lane, job->answer.request.buckets, now, wait_us,
			       draw(engine))) {
		peer_failed(engine, RH_ENET,
			    "asks for pauses and nothing else for longer than --max-wait", NULL);
	}
	ready_again(engine, job);
}

/* E9.  An answer below 500 that is not the API's (a proxy's, a redirect) is about this request too. */
static bool counts_alone(const struct rh_engine *engine, const struct rh_job *job,
			 const struct rh_response *response)
{
	return job->attempts == 0 || engine->answers == 0 || engine->answers != job->answers_seen ||
	       (response->delivery == RH_DELIVERY_ANSWERED && response->status < 500);
}

static void job_away(struct rh_engine *engine, struct rh_job *job,
		     const struct rh_response *response, const char *cause)
{
	rh_time now = steady_now(engine);

	engine->counts.away++;
	if (!rh_lane_away(&engine->lane, now, response->retry_after_us, draw(engine))) {
		peer_failed(engine, RH_ENET, "was away for longer than --max-wait", cause);
	}
	if (counts_alone(engine, job, response)) {
		job->attempts++;
		job->answers_seen = engine->answers;
	}
	if (job->attempts >= engine->options.attempts_max) {
		job->has_written = job->has_written && !job->answer.request.is_writing;
		deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_ROW, cause);
		return;
	}
	ready_again(engine, job);
}

static void job_denied(struct rh_engine *engine, struct rh_job *job, const char *cause)
{
	job->has_written = job->has_written && !job->answer.request.is_writing;
	if (engine->has_auth_operation && !job->is_auth && !job->reauthed &&
	    job->answer.request.auth == RH_AUTH_INSTANCE) {
		job->reauthed = true;
		if (!engine->auth_running && job->token_number == engine->token_number) {
			rh_engine_start_auth(engine);
		}
		rh_job_list_insert_by_order(&engine->ready, job);
		return;
	}
	peer_failed(engine, RH_EDENIED, "denies access", cause);
	deliver_failure(engine, job, RH_OUTCOME_DENIED, RH_SCOPE_RUN, cause);
}

/* What an answer, or its absence, says for certain; NONE: the connector reads it. */
static enum rh_outcome judge(const struct rh_engine *engine, const struct rh_job *job,
			     const struct rh_response *response, const char *reason,
			     const char **cause)
{
	const struct rh_connector *connector = engine->options.connector;
	const struct rh_request *request = &job->answer.request;
	enum rh_outcome standard = rh_classify(request, response, reason, cause);
	enum rh_outcome own = RH_OUTCOME_NONE;

	if (connector->classify != NULL && response->delivery == RH_DELIVERY_ANSWERED) {
		own = connector->classify(engine->options.instance, &job->op, request, response);
	}
	if (own == RH_OUTCOME_NONE) {
		return standard;
	}
	if (own != standard || *cause == NULL) {
		*cause = "it says so";
	}
	/* A reading that may have been processed can simply be asked again. */
	return own == RH_OUTCOME_UNKNOWN && !request->is_writing ? RH_OUTCOME_AWAY : own;
}

static void job_answered(struct rh_engine *engine, struct rh_job *job, struct rh_response *response,
			 const char *reason)
{
	const char *cause = NULL;
	enum rh_outcome outcome = judge(engine, job, response, reason, &cause);

	if (response->date != 0) {
		engine->date = response->date;
		engine->date_steady = steady_now(engine);
	}
	if (outcome != RH_OUTCOME_THROTTLED && outcome != RH_OUTCOME_AWAY &&
	    response->delivery == RH_DELIVERY_ANSWERED) {
		engine->answers++;
		rh_lane_answered(&engine->lane, job->answer.request.buckets, steady_now(engine));
	}
	switch (outcome) {
	case RH_OUTCOME_THROTTLED:
		job_throttled(engine, job, response->retry_after_us);
		break;
	case RH_OUTCOME_AWAY:
		job_away(engine, job, response, cause);
		break;
	case RH_OUTCOME_DENIED:
		job_denied(engine, job, cause);
		break;
	case RH_OUTCOME_UNKNOWN:
		deliver_failure(engine, job, RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW, cause);
		break;
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_DONE:
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_ABSENT:
	case RH_OUTCOME_CONFLICT:
	case RH_OUTCOME_REJECTED:
		step_job(engine, job, response);
		break;
	}
}

static void take_answers(struct rh_engine *engine)
{
	struct rh_delivered delivered;

	while (engine->options.transport->next(engine->options.transport, &delivered)) {
		struct rh_job *job = delivered.tag;
		rh_job_list_remove(&engine->flying, job);
		engine->counts.in_flight--;
		job_answered(engine, job, &delivered.response, delivered.reason);
	}
}

/* ---- sending -------------------------------------------------------------------------------------------- */

/* Starts the request of a job that is in no list; false: the transport is full, or failed. */
static bool send_job(struct rh_engine *engine, struct rh_job *job, rh_time now)
{
	const struct rh_request *request = &job->answer.request;
	struct rh_transport *transport = engine->options.transport;
	struct rh_str key = engine->has_auth_operation ? engine->token : engine->endpoint.key;
	struct rh_err err = {0};
	int code = transport->start(transport, request, engine->endpoint.origin, key, job, &err);

	if (code == RH_ESTATE && engine->flying.count > 0) {
		rh_job_list_insert_by_order(&engine->ready, job);
		return false;
	}
	if (code != RH_OK) {
		rh_engine_fail(engine, code,
			       err.message[0] != '\0' ? err.message : "could not be sent", NULL);
		deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_RUN, "could not be sent");
		return false;
	}
	rh_lane_take(&engine->lane, request->buckets, now);
	job->token_number = engine->token_number;
	rh_job_list_push(&engine->flying, job);
	if (request->is_writing) {
		job->has_written = true;
		engine->counts.writes++;
	} else {
		engine->counts.reads++;
	}
	if (++engine->counts.in_flight > engine->counts.peak) {
		engine->counts.peak = engine->counts.in_flight;
	}
	return true;
}

/* Steps what is FRESH now, up to STEPS_MAX; what comes while it does so waits for the next turn. */
static void step_fresh(struct rh_engine *engine)
{
	unsigned left = engine->fresh.count < STEPS_MAX ? engine->fresh.count : STEPS_MAX;

	for (; left > 0 && !engine->is_fatal; left--) {
		struct rh_job *job = engine->fresh.first;
		rh_job_list_remove(&engine->fresh, job);
		step_job(engine, job, NULL);
	}
}

/* E7: what writes and has not left. */
static void stop_ready(struct rh_engine *engine)
{
	struct rh_job *after;

	for (struct rh_job *job = engine->ready.first; job != NULL; job = after) {
		after = job->next;
		if (job->answer.request.is_writing || rh_lane_is_away(&engine->lane)) {
			rh_job_list_remove(&engine->ready, job);
			deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_ROW,
					"stopped before it was sent");
		}
	}
}

/* Lets leave what may; returns the steady time of the next moment of interest among the READY. */
static rh_time send_ready(struct rh_engine *engine)
{
	rh_time now = steady_now(engine);
	rh_time next = INT64_MAX;
	unsigned refused =
		0; /* buckets of the last one that had to wait; most draw from the same */
	bool has_refused = false;
	struct rh_job *after;

	for (struct rh_job *job = engine->ready.first;
	     job != NULL && !engine->is_fatal &&
	     engine->counts.in_flight < engine->lane.concurrency;
	     job = after) {
		unsigned buckets = job->answer.request.buckets;
		rh_time at;
		after = job->next;
		if ((has_refused && buckets == refused) || !rh_engine_has_token(engine, job)) {
			continue;
		}
		at = rh_lane_ready_at(&engine->lane, buckets, now);
		if (at > now) {
			next = at < next ? at : next;
			refused = buckets;
			has_refused = true;
			continue;
		}
		rh_job_list_remove(&engine->ready, job);
		if (!send_job(engine, job, now)) {
			break;
		}
	}
	return next;
}

/* What waits for its time; a stop ends the waits, but for a token. */
static void wake_waiting(struct rh_engine *engine)
{
	rh_time now = steady_now(engine);
	struct rh_job *after;

	for (struct rh_job *job = engine->waiting.first; job != NULL; job = after) {
		after = job->next;
		if (job->at <= now) {
			rh_job_list_remove(&engine->waiting, job);
			rh_job_list_push(&engine->fresh, job);
		} else if (stop_level(engine) == 0) {
			break;
		} else if (!job->is_auth) {
			rh_job_list_remove(&engine->waiting, job);
			deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_ROW,
					"stopped before it was sent");
		}
	}
}

static void abandon_list(struct rh_engine *engine, struct rh_job_list *list, const char *cause)
{
	/* What a `done` submits meanwhile is not of this list. */
	struct rh_job_list all = *list;

	*list = (struct rh_job_list){0};
	while (all.first != NULL) {
		struct rh_job *job = all.first;
		rh_job_list_remove(&all, job);
		deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_RUN, cause);
	}
}

/* E6 and E7: nothing more leaves; tells every owner what is certain. */
static void abandon(struct rh_engine *engine)
{
	engine->is_given_up = true;
	abandon_list(engine, &engine->fresh, "stopped before it was sent");
	abandon_list(engine, &engine->ready, "stopped before it was sent");
	abandon_list(engine, &engine->waiting, "stopped before it was sent");
	abandon_list(engine, &engine->held, "stopped before it was sent");
	engine->counts.in_flight = 0;
	abandon_list(engine, &engine->flying, "stopped before the answer came");
}

static int wait_ms(const struct rh_engine *engine, rh_time next, int max_wait_ms)
{
	rh_time now = steady_now(engine);

	if (engine->fresh.first != NULL || engine->held.first != NULL) {
		return 0;
	}
	if (engine->waiting.first != NULL && engine->waiting.first->at < next) {
		next = engine->waiting.first->at;
	}
	if (next == INT64_MAX) {
		return max_wait_ms;
	}
	if (next <= now) {
		return 0;
	}
	/* Rounded up: waking a moment early would spin until the time has come. */
	next = (next - now + RH_MILLISECOND - 1) / RH_MILLISECOND;
	return next < max_wait_ms ? (int)next : max_wait_ms;
}

/* ---- the face -------------------------------------------------------------------------------------------- */

/* One look at everything: steps, sends, waits, takes answers. */
static void turn(struct rh_engine *engine, int max_wait_ms)
{
	struct rh_transport *transport = engine->options.transport;
	struct rh_err err = {0};
	rh_time next;
	int code;

	wake_waiting(engine);
	step_fresh(engine);
	if (stop_level(engine) > 0) {
		stop_ready(engine);
	}
	next = send_ready(engine);
	if (engine->is_fatal || stop_level(engine) >= 2 || rh_engine_open(engine) == 0) {
		return;
	}
	code = transport->wait(transport, wait_ms(engine, next, max_wait_ms),
			       engine->options.wake_fd, &err);
	take_answers(engine);
	if (code != RH_OK) {
		rh_engine_fail(engine, code,
			       err.message[0] != '\0' ? err.message : "the network failed", NULL);
	}
}

void rh_engine_drain(struct rh_engine *engine)
{
	engine->is_draining = true;
}

int rh_engine_turn(struct rh_engine *engine, int max_wait_ms, struct rh_err *err)
{
	if (!engine->is_fatal && !engine->is_given_up && stop_level(engine) < 2) {
		turn(engine, max_wait_ms);
	}
	if (engine->is_fatal || engine->is_given_up || stop_level(engine) >= 2) {
		abandon(engine);
	}
	if (engine->is_fatal) {
		if (err != NULL) {
			*err = engine->fatal;
		}
		return engine->fatal.code;
	}
	return RH_OK;
}

void rh_engine_push(struct rh_engine *engine)
{
	struct rh_transport *transport = engine->options.transport;
	struct rh_err err = {0};
	int code;

	if (engine->is_fatal || engine->is_given_up || stop_level(engine) > 0) {
		return;
	}
	step_fresh(engine);
	(void)send_ready(engine); /* what is due when: the next turn looks again */
	code = transport->wait(transport, 0, -1, &err);
	if (code != RH_OK) {
		rh_engine_fail(engine, code,
			       err.message[0] != '\0' ? err.message : "the network failed", NULL);
	}
}

static int check_spec(const struct rh_engine *engine, const struct rh_job_spec *spec,
		      struct rh_err *err)
{
	const struct rh_connector *connector = engine->options.connector;
	unsigned rows_max = connector->caps.rows_max[spec->kind][spec->verb];

	if (connector->ops[spec->kind][spec->verb] == NULL) {
		return rh_err_set(err, RH_EUNSUPPORTED, "connector \"%s\" cannot %s %s",
				  connector->name, rh_verb_name(spec->verb),
				  rh_kind_name(spec->kind));
	}
	if (spec->verb == RH_VERB_UPDATE && spec->observed == NULL && !spec->row.completes) {
		return rh_err_set(err, RH_EINVAL, "an update that nobody looks at");
	}
	if (spec->rows != NULL && spec->row_count > (rows_max == 0 ? 1 : rows_max)) {
		return rh_err_set(err, RH_EINVAL, "%zu rows in one operation", spec->row_count);
	}
	return RH_OK;
}

int rh_engine_submit(struct rh_engine *engine, const struct rh_job_spec *spec, struct rh_err *err)
{
	int code = check_spec(engine, spec, err);
	struct rh_job *job;

	if (code != RH_OK) {
		return code;
	}
	if (engine->is_fatal) {
		if (err != NULL) {
			*err = engine->fatal;
		}
		return engine->fatal.code;
	}
	job = rh_engine_take_job(engine);
	if (job == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	job->row = spec->row;
	job->op = (struct rh_operation){
		.kind = spec->kind,
		.verb = spec->verb,
		.rows = spec->rows != NULL ? spec->rows : &job->row,
		.row_count = spec->rows != NULL ? spec->row_count
			     : spec->has_row    ? 1
						: 0,
		.arena = &job->arena,
		.json = &job->json,
		.cursor = spec->cursor,
	};
	if (!rh_engine_make_state(engine, job)) {
		rh_engine_give_job(engine, job);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	job->order = ++engine->order;
	job->idempotency = spec->idempotency;
	job->observed = spec->observed;
	job->done = spec->done;
	job->context = spec->context;
	if (spec->delay_us > 0) {
		job->at = steady_now(engine) + spec->delay_us;
		rh_job_list_insert_by_time(&engine->waiting, job);
	} else {
		rh_job_list_push(&engine->fresh, job);
	}
	return RH_OK;
}

int rh_engine_run(struct rh_engine *engine, const struct rh_job_spec *spec, struct rh_err *err)
{
	int code = rh_engine_submit(engine, spec, err);

	while (code == RH_OK && rh_engine_open(engine) > 0) {
		code = rh_engine_turn(engine, 1000, err);
	}
	return code;
}

void rh_engine_let_go(struct rh_engine *engine, struct rh_job *job)
{
	rh_job_list_remove(&engine->held, job);
	rh_job_list_push(&engine->fresh, job);
}

void rh_engine_end(struct rh_engine *engine, struct rh_job *job)
{
	rh_job_list_remove(&engine->held, job);
	deliver(engine, job);
}

size_t rh_engine_open(const struct rh_engine *engine)
{
	return (size_t)engine->fresh.count + engine->ready.count + engine->waiting.count +
	       engine->flying.count + engine->held.count;
}

void rh_engine_count(const struct rh_engine *engine, struct rh_engine_counts *out)
{
	*out = engine->counts;
	out->queued = engine->fresh.count + engine->ready.count + engine->waiting.count +
		      engine->held.count;
}

rh_time rh_engine_target_now(const struct rh_engine *engine)
{
	return engine->date == 0 ? 0 : engine->date + (steady_now(engine) - engine->date_steady);
}

const char *rh_engine_notice(const struct rh_engine *engine)
{
	return rh_lane_notice(&engine->lane, steady_now(engine));
}

int64_t rh_engine_predict_us(const struct rh_engine *engine, const struct rh_load *load)
{
	return rh_lane_predict_us(&engine->lane, load);
}

int rh_engine_new(struct rh_engine **out, const struct rh_engine_options *options,
		  struct rh_err *err)
{
	struct rh_engine *engine = rh_calloc(1, sizeof(*engine));
	int code;

	if (engine == NULL) {
		options->transport->free(options->transport);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	engine->options = *options;
	if (engine->options.attempts_max == 0) {
		engine->options.attempts_max = ATTEMPTS_DEFAULT;
	}
	if (engine->options.max_wait_us == 0) {
		engine->options.max_wait_us = MAX_WAIT_DEFAULT_US;
	}
	rh_arena_init(&engine->token_arena, 64U * 1024, RH_ARENA_WIPE);
	code = options->connector->describe(options->instance, &engine->endpoint, err);
	if (code != RH_OK) {
		rh_engine_free(engine);
		return code;
	}
	engine->chance = options->clock->random(options->clock);
	engine->has_auth_operation = options->connector->ops[RH_KIND_AUTH][RH_VERB_CREATE] != NULL;
	rh_lane_init(&engine->lane, &engine->endpoint, options->rate, options->concurrency,
		     engine->options.max_wait_us);
	engine->lane.is_source = options->is_source;
	*out = engine;
	return RH_OK;
}

void rh_engine_free(struct rh_engine *engine)
{
	if (engine == NULL) {
		return;
	}
	engine->options.transport->free(engine->options.transport);
	rh_job_list_done(&engine->fresh);
	rh_job_list_done(&engine->ready);
	rh_job_list_done(&engine->waiting);
	rh_job_list_done(&engine->flying);
	rh_job_list_done(&engine->held);
	while (engine->idle != NULL) {
		struct rh_job *job = engine->idle;
		engine->idle = job->next;
		rh_job_free(job);
	}
	rh_arena_done(&engine->token_arena);
	rh_free(engine);
}
