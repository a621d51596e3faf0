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
 *
 *  E1. `done` is called exactly once for every operation that was accepted, whatever happens, unless the
 *      engine is freed first; callers count on it.
 *  E2. A request that certainly was not processed (429, not reachable, "later") is sent again as it is, by
 *      the engine, and never reaches the caller, until the lane gives up.
 *  E3. A write that may have been processed is never sent again by the engine: it goes to the caller as
 *      UNKNOWN, who looks it up.
 *  E4. No request leaves before the lane is ready; the order of leaving is the order of becoming ready, except
 *      that one whose buckets are stopped does not hold up others.
 *  E5. The first 401 runs the auth operation, if there is one; the second ends the run (DENIED).
 *  E6. After a fatal error nothing leaves any more: what had not left is delivered as AWAY (certainly not
 *      accepted), what flies as UNKNOWN if it writes.
 *  E7. `stop` = 1: a writing request that has not left does not leave; what flies is awaited.  2: what flies
 *      is given up.  Either way E1 holds.
 *
 * Weak points: (a) an operation of several requests that is stopped between two of them is delivered as AWAY;
 * that is true because only its last request may write (connector.h, C2).  (b) Operations whose buckets are
 * stopped are looked over in each turn, LOOK_AHEAD of them at most: with more, a free bucket may idle for a
 * turn.
 */
#include "engine/engine.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/classify.h"
#include "engine/lane.h"
#include "engine/transport.h"

#define MAX_WAIT_DEFAULT_US (900 * RH_SECOND)
#define ATTEMPTS_DEFAULT 5
#define LOOK_AHEAD 64
/* A token is renewed this long before it ends. */
#define TOKEN_MARGIN_US (60 * RH_SECOND)

enum job_phase {
	JOB_FRESH, /* step is to be called without a response */
	JOB_READY, /* has a request that may leave */
	JOB_FLYING,
	JOB_WAITING, /* until `at`, then FRESH or READY */
};

struct job {
	struct job *next;
	struct job *previous;
	enum job_phase phase;
	enum job_phase resume; /* WAITING: what it becomes */
	rh_time at;            /* WAITING: steady */
	struct rh_operation op;
	struct rh_row row;
	struct rh_arena arena;
	struct rh_json json;
	struct rh_answer answer; /* its request is the one to send */
	struct rh_str idempotency;
	unsigned attempts; /* AWAY in a row */
	bool is_auth;
	bool reauthed;
	void (*done)(void *context, struct rh_operation *operation, const struct rh_answer *answer);
	void *context;
};

struct job_list {
	struct job *first;
	struct job *last;
	unsigned count;
};

struct rh_engine {
	struct rh_engine_options options;
	struct rh_endpoint endpoint;
	struct rh_lane lane;
	struct job_list pending; /* FRESH and READY, oldest first */
	struct job_list waiting; /* by `at` */
	struct job_list flying;
	struct job *idle; /* free list */
	struct rh_engine_counts counts;
	/* auth */
	bool has_auth_operation;
	bool auth_running;
	bool token_set;
	struct rh_arena token_arena;
	struct rh_str token;
	rh_time token_expires_at; /* wall; 0: does not */
	/* the target's clock */
	rh_time date;
	rh_time date_steady;
	struct rh_err fatal;
	bool is_fatal;
};

static void list_push(struct job_list *list, struct job *job)
{
	job->next = NULL;
	job->previous = list->last;
	if (list->last != NULL) {
		list->last->next = job;
	} else {
		list->first = job;
	}
	list->last = job;
	list->count++;
}

static void list_push_front(struct job_list *list, struct job *job)
{
	job->previous = NULL;
	job->next = list->first;
	if (list->first != NULL) {
		list->first->previous = job;
	} else {
		list->last = job;
	}
	list->first = job;
	list->count++;
}

static void list_insert_by_time(struct job_list *list, struct job *job)
{
	struct job *after = list->last;

	while (after != NULL && after->at > job->at) {
		after = after->previous;
	}
	if (after == NULL) {
		list_push_front(list, job);
		return;
	}
	if (after == list->last) {
		list_push(list, job);
		return;
	}
	job->previous = after;
	job->next = after->next;
	after->next->previous = job;
	after->next = job;
	list->count++;
}

static void list_remove(struct job_list *list, struct job *job)
{
	if (job->previous != NULL) {
		job->previous->next = job->next;
	} else {
		list->first = job->next;
	}
	if (job->next != NULL) {
		job->next->previous = job->previous;
	} else {
		list->last = job->previous;
	}
	job->next = NULL;
	job->previous = NULL;
	list->count--;
}

static rh_time steady_now(const struct rh_engine *engine)
{
	return engine->options.clock->steady(engine->options.clock);
}

static rh_time wall_now(const struct rh_engine *engine)
{
	return engine->options.clock->now(engine->options.clock);
}

static uint64_t draw(const struct rh_engine *engine)
{
	return engine->options.clock->random(engine->options.clock);
}

static int stop_level(const struct rh_engine *engine)
{
	return engine->options.stop != NULL ? *engine->options.stop : 0;
}

/* ---- jobs ---------------------------------------------------------------------------------------------- */

static struct job *take_job(struct rh_engine *engine)
{
	struct job *job = engine->idle;

	if (job != NULL) {
		engine->idle = job->next;
		return job;
	}
	job = rh_calloc(1, sizeof(*job));
	if (job != NULL) {
		rh_arena_init(&job->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	}
	return job;
}

static void give_job(struct rh_engine *engine, struct job *job)
{
	struct rh_arena arena = job->arena;
	struct rh_json json = job->json;

	rh_arena_reset(&arena);
	*job = (struct job){.arena = arena, .json = json, .next = engine->idle};
	engine->idle = job;
}

static void free_job(struct job *job)
{
	rh_arena_done(&job->arena);
	rh_json_done(&job->json);
	rh_free(job);
}

static void free_list(struct job_list *list)
{
	while (list->first != NULL) {
		struct job *job = list->first;
		list_remove(list, job);
		free_job(job);
	}
}

static void set_fatal(struct rh_engine *engine, int code, const char *message, const char *detail)
{
	if (!engine->is_fatal) {
		engine->is_fatal = true;
		(void)rh_err_set(&engine->fatal, code, "%s%s%s", message,
				 detail != NULL ? ": " : "", detail != NULL ? detail : "");
	}
}

static void auth_ended(struct rh_engine *engine, struct job *job);

/* Copies a FAIL into the rows, tells the owner, and takes the job back (E1). */
static void deliver(struct rh_engine *engine, struct job *job)
{
	if (job->answer.kind == RH_ANSWER_FAIL) {
		for (size_t i = 0; i < job->op.row_count; i++) {
			job->op.rows[i].outcome = job->answer.outcome;
			job->op.rows[i].code = job->answer.code;
			job->op.rows[i].cause = job->answer.cause;
		}
	}
	if (job->is_auth) {
		auth_ended(engine, job);
	} else {
		job->done(job->context, &job->op, &job->answer);
	}
	give_job(engine, job);
}

static void deliver_failure(struct rh_engine *engine, struct job *job, enum rh_outcome outcome,
			    enum rh_scope scope, const char *cause)
{
	job->answer = (struct rh_answer){
		.kind = RH_ANSWER_FAIL,
		.outcome = outcome,
		.scope = scope,
		.cause = cause,
	};
	deliver(engine, job);
}

/* ---- auth (E5) ------------------------------------------------------------------------------------------ */

static bool token_is_good(const struct rh_engine *engine)
{
	return engine->token_set && (engine->token_expires_at == 0 ||
				     engine->token_expires_at - TOKEN_MARGIN_US > wall_now(engine));
}

static void start_auth(struct rh_engine *engine)
{
	struct job *job = take_job(engine);

	if (job == NULL) {
		set_fatal(engine, RH_ENOMEM, "out of memory", NULL);
		return;
	}
	job->is_auth = true;
	job->phase = JOB_FRESH;
	job->op = (struct rh_operation){
		.kind = RH_KIND_AUTH,
		.verb = engine->token_set && engine->options.connector->ops[RH_KIND_AUTH]
									   [RH_VERB_UPDATE] != NULL
				? RH_VERB_UPDATE
				: RH_VERB_CREATE,
		.arena = &job->arena,
		.json = &job->json,
		.token = engine->token,
	};
	engine->auth_running = true;
	engine->token_set = false;
	list_push_front(&engine->pending, job);
}

static void auth_ended(struct rh_engine *engine, struct job *job)
{
	engine->auth_running = false;
	if (job->answer.kind != RH_ANSWER_DONE || job->op.token.ptr == NULL) {
		set_fatal(engine, RH_EDENIED, "no access token was given", job->answer.cause);
		return;
	}
	rh_arena_reset(&engine->token_arena);
	if (!rh_arena_copy(&engine->token_arena, job->op.token, &engine->token)) {
		set_fatal(engine, RH_ENOMEM, "out of memory", NULL);
		return;
	}
	engine->token_expires_at = job->op.token_expires_at;
	engine->token_set = true;
}

/* ---- stepping ------------------------------------------------------------------------------------------- */

static void wait_job(struct rh_engine *engine, struct job *job, rh_time at, enum job_phase resume)
{
	job->phase = JOB_WAITING;
	job->resume = resume;
	job->at = at;
	list_insert_by_time(&engine->waiting, job);
}

/* Asks the connector; the job is in no list before and in the right one (or delivered) after. */
static void step_job(struct rh_engine *engine, struct job *job, const struct rh_response *response)
{
	rh_step_fn *step = engine->options.connector->ops[job->op.kind][job->op.verb];
	int code;

	job->answer = (struct rh_answer){.kind = RH_ANSWER_FAIL};
	code = step(engine->options.instance, &job->op, response, wall_now(engine), draw(engine),
		    &job->answer);
	if (code != RH_OK) {
		set_fatal(engine, code, "the connector could not go on", rh_error_text(code));
		deliver_failure(engine, job,
				response != NULL ? RH_OUTCOME_UNKNOWN : RH_OUTCOME_AWAY,
				RH_SCOPE_RUN, "internal error");
		return;
	}
	switch (job->answer.kind) {
	case RH_ANSWER_SEND:
		if (job->answer.request.is_writing &&
		    job->answer.request.idempotency_key.ptr == NULL) {
			job->answer.request.idempotency_key = job->idempotency;
		}
		job->phase = JOB_READY;
		job->attempts = 0;
		list_push(&engine->pending, job);
		break;
	case RH_ANSWER_WAIT:
		wait_job(engine, job, steady_now(engine) + job->answer.wait_us, JOB_FRESH);
		break;
	case RH_ANSWER_DONE:
		deliver(engine, job);
		break;
	case RH_ANSWER_FAIL:
		if (job->answer.outcome == RH_OUTCOME_DENIED && job->answer.scope == RH_SCOPE_RUN) {
			set_fatal(engine, RH_EDENIED, "the target denies access",
				  job->answer.cause);
		}
		deliver(engine, job);
		break;
	}
}

/* ---- answers -------------------------------------------------------------------------------------------- */

static void job_throttled(struct rh_engine *engine, struct job *job, int64_t wait_us)
{
	rh_time now = steady_now(engine);

	engine->counts.throttled++;
	if (!rh_lane_throttled(&engine->lane, job->answer.request.buckets, now, wait_us,
			       draw(engine))) {
		set_fatal(engine, RH_ENET,
			  "the target asks for pauses and nothing else for longer than --max-wait",
			  NULL);
	}
	job->phase = JOB_READY;
	list_push_front(&engine->pending, job);
}

static void job_away(struct rh_engine *engine, struct job *job, int64_t wait_us, const char *cause)
{
	rh_time now = steady_now(engine);

	engine->counts.away++;
	if (!rh_lane_away(&engine->lane, now, wait_us, draw(engine))) {
		set_fatal(engine, RH_ENET, "the target was away for longer than --max-wait", cause);
	}
	if (++job->attempts >= engine->options.attempts_max) {
		/* Others get answers (the lane would be fatal otherwise): this one alone does not. */
		deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_ROW, cause);
		return;
	}
	job->phase = JOB_READY;
	list_push_front(&engine->pending, job);
}

static void job_denied(struct rh_engine *engine, struct job *job, const char *cause)
{
	if (engine->has_auth_operation && !job->is_auth && !job->reauthed) {
		job->reauthed = true;
		job->phase = JOB_READY;
		list_push_front(&engine->pending, job);
		if (!engine->auth_running) {
			start_auth(engine);
		}
		return;
	}
	set_fatal(engine, RH_EDENIED, "the target denies access", cause);
	deliver_failure(engine, job, RH_OUTCOME_DENIED, RH_SCOPE_RUN, cause);
}

static void job_answered(struct rh_engine *engine, struct job *job, struct rh_response *response,
			 const char *reason)
{
	const struct rh_connector *connector = engine->options.connector;
	const struct rh_request *request = &job->answer.request;
	enum rh_outcome outcome = RH_OUTCOME_NONE;
	const char *cause = NULL;

	if (response->date != 0) {
		engine->date = response->date;
		engine->date_steady = steady_now(engine);
	}
	if (connector->classify != NULL && response->delivery == RH_DELIVERY_ANSWERED) {
		outcome =
			connector->classify(engine->options.instance, &job->op, request, response);
	}
	if (outcome == RH_OUTCOME_NONE) {
		outcome = rh_classify(request, response, reason, &cause);
	}
	if (outcome != RH_OUTCOME_THROTTLED && outcome != RH_OUTCOME_AWAY &&
	    response->delivery == RH_DELIVERY_ANSWERED) {
		rh_lane_answered(&engine->lane, request->buckets, steady_now(engine));
	}
	switch (outcome) {
	case RH_OUTCOME_THROTTLED:
		job_throttled(engine, job, response->retry_after_us);
		break;
	case RH_OUTCOME_AWAY:
		job_away(engine, job, response->retry_after_us, cause);
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
		struct job *job = delivered.tag;
		list_remove(&engine->flying, job);
		engine->counts.in_flight--;
		job_answered(engine, job, &delivered.response, delivered.reason);
	}
}

/* ---- sending -------------------------------------------------------------------------------------------- */

/* Starts the request of a READY job that is in no list. */
static void send_job(struct rh_engine *engine, struct job *job, rh_time now)
{
	const struct rh_request *request = &job->answer.request;
	struct rh_transport *transport = engine->options.transport;
	struct rh_str key = engine->has_auth_operation ? engine->token : engine->endpoint.key;
	struct rh_err err = {0};
	int code = transport->start(transport, request, engine->endpoint.origin, key, job, &err);

	if (code != RH_OK) {
		if (!engine->is_fatal) {
			engine->is_fatal = true;
			engine->fatal = err;
		}
		deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_RUN, "could not be sent");
		return;
	}
	rh_lane_take(&engine->lane, request->buckets, now);
	job->phase = JOB_FLYING;
	list_push(&engine->flying, job);
	if (request->is_writing) {
		engine->counts.writes++;
	} else {
		engine->counts.reads++;
	}
	if (++engine->counts.in_flight > engine->counts.peak) {
		engine->counts.peak = engine->counts.in_flight;
	}
}

/* May the request leave now?  Else *at is when to look again (INT64_MAX: when something else happens). */
static bool may_leave(struct rh_engine *engine, const struct job *job, rh_time now, rh_time *at)
{
	*at = INT64_MAX;
	if (engine->counts.in_flight >= engine->lane.concurrency) {
		return false;
	}
	if (engine->has_auth_operation && !job->is_auth &&
	    job->answer.request.auth == RH_AUTH_INSTANCE) {
		if (engine->auth_running) {
			return false;
		}
		if (!token_is_good(engine)) {
			start_auth(engine);
			*at = now;
			return false;
		}
	}
	*at = rh_lane_ready_at(&engine->lane, job->answer.request.buckets, now);
	return *at <= now;
}

/* Lets leave what may; returns the steady time of the next moment of interest among the pending. */
static rh_time send_pending(struct rh_engine *engine)
{
	rh_time next = INT64_MAX;
	unsigned looked = 0;
	struct job *job = engine->pending.first;

	while (job != NULL && looked < LOOK_AHEAD && !engine->is_fatal) {
		struct job *after = job->next;
		rh_time now = steady_now(engine);
		rh_time at;
		if (job->phase == JOB_FRESH) {
			list_remove(&engine->pending, job);
			step_job(engine, job, NULL);
			job = engine->pending.first; /* the step may have changed the list */
			looked = 0;
			continue;
		}
		if (stop_level(engine) > 0 && job->answer.request.is_writing) {
			list_remove(&engine->pending, job);
			deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_ROW,
					"stopped before it was sent");
		} else if (may_leave(engine, job, now, &at)) {
			list_remove(&engine->pending, job);
			send_job(engine, job, now);
		} else {
			if (at == now) { /* an auth job was put in front */
				job = engine->pending.first;
				continue;
			}
			next = at < next ? at : next;
			looked++;
		}
		job = after;
	}
	return next;
}

static void wake_waiting(struct rh_engine *engine)
{
	rh_time now = steady_now(engine);

	while (engine->waiting.first != NULL &&
	       (engine->waiting.first->at <= now || stop_level(engine) > 0)) {
		struct job *job = engine->waiting.first;
		list_remove(&engine->waiting, job);
		job->phase = job->resume;
		if (stop_level(engine) > 0 && job->phase == JOB_FRESH) {
			deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_ROW,
					"stopped before it was sent");
		} else {
			list_push(&engine->pending, job);
		}
	}
}

/* E6 and E7: nothing more leaves; tells every owner what is certain. */
static void abandon(struct rh_engine *engine)
{
	struct job *job;

	while ((job = engine->pending.first) != NULL) {
		list_remove(&engine->pending, job);
		deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_RUN,
				"stopped before it was sent");
	}
	while ((job = engine->waiting.first) != NULL) {
		list_remove(&engine->waiting, job);
		deliver_failure(engine, job, RH_OUTCOME_AWAY, RH_SCOPE_RUN,
				"stopped before it was sent");
	}
	while ((job = engine->flying.first) != NULL) {
		list_remove(&engine->flying, job);
		engine->counts.in_flight--;
		deliver_failure(engine, job,
				job->answer.request.is_writing ? RH_OUTCOME_UNKNOWN
							       : RH_OUTCOME_AWAY,
				RH_SCOPE_RUN, "stopped before the answer came");
	}
}

static int wait_ms(const struct rh_engine *engine, rh_time next, int max_wait_ms)
{
	rh_time now = steady_now(engine);

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

int rh_engine_turn(struct rh_engine *engine, int max_wait_ms, struct rh_err *err)
{
	struct rh_transport *transport = engine->options.transport;
	rh_time next;
	int code;

	wake_waiting(engine);
	next = send_pending(engine);
	if (!engine->is_fatal && stop_level(engine) < 2 && rh_engine_open(engine) > 0) {
		code = transport->wait(transport, wait_ms(engine, next, max_wait_ms),
				       engine->options.wake_fd, err);
		if (code != RH_OK) {
			set_fatal(engine, code, err != NULL ? err->message : "the network failed",
				  NULL);
		}
		take_answers(engine);
	}
	if (engine->is_fatal || stop_level(engine) >= 2) {
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

int rh_engine_submit(struct rh_engine *engine, const struct rh_job_spec *spec, struct rh_err *err)
{
	struct job *job;

	if (engine->options.connector->ops[spec->kind][spec->verb] == NULL) {
		return rh_err_set(err, RH_EUNSUPPORTED, "connector \"%s\" cannot %s %s",
				  engine->options.connector->name, rh_verb_name(spec->verb),
				  rh_kind_name(spec->kind));
	}
	job = take_job(engine);
	if (job == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	job->row = spec->row;
	job->op = (struct rh_operation){
		.kind = spec->kind,
		.verb = spec->verb,
		.rows = &job->row,
		.row_count = spec->has_row ? 1 : 0,
		.arena = &job->arena,
		.json = &job->json,
		.cursor = spec->cursor,
	};
	if (engine->options.connector->operation_size > 0) {
		job->op.state =
			rh_arena_calloc(&job->arena, 1, engine->options.connector->operation_size);
		if (job->op.state == NULL) {
			give_job(engine, job);
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	}
	job->idempotency = spec->idempotency;
	job->done = spec->done;
	job->context = spec->context;
	if (spec->delay_us > 0) {
		wait_job(engine, job, steady_now(engine) + spec->delay_us, JOB_FRESH);
	} else {
		job->phase = JOB_FRESH;
		list_push(&engine->pending, job);
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

size_t rh_engine_open(const struct rh_engine *engine)
{
	return (size_t)engine->pending.count + engine->waiting.count + engine->flying.count;
}

void rh_engine_count(const struct rh_engine *engine, struct rh_engine_counts *out)
{
	*out = engine->counts;
	out->queued = engine->pending.count + engine->waiting.count;
}

rh_time rh_engine_target_now(const struct rh_engine *engine)
{
	return engine->date == 0 ? 0 : engine->date + (steady_now(engine) - engine->date_steady);
}

const char *rh_engine_notice(const struct rh_engine *engine)
{
	return engine->lane.notice;
}

int64_t rh_engine_predict_us(const struct rh_engine *engine, unsigned buckets, uint64_t count)
{
	return rh_lane_predict_us(&engine->lane, buckets, count);
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
	engine->has_auth_operation = options->connector->ops[RH_KIND_AUTH][RH_VERB_CREATE] != NULL;
	rh_lane_init(&engine->lane, &engine->endpoint, options->rate, options->concurrency,
		     engine->options.max_wait_us);
	*out = engine;
	return RH_OK;
}

void rh_engine_free(struct rh_engine *engine)
{
	if (engine == NULL) {
		return;
	}
	engine->options.transport->free(engine->options.transport);
	free_list(&engine->pending);
	free_list(&engine->waiting);
	free_list(&engine->flying);
	while (engine->idle != NULL) {
		struct job *job = engine->idle;
		engine->idle = job->next;
		free_job(job);
	}
	rh_arena_done(&engine->token_arena);
	rh_free(engine);
}
