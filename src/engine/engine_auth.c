/* SPDX-License-Identifier: Apache-2.0 */
/* The access token: got when it is needed, renewed before it ends, got anew after a 401 (engine.c, E5). */
#include "base/clock.h"
#include "base/str.h"
#include "engine/engine_internal.h"

/* A token is renewed this long before it ends, or after half of its life if that is shorter. */
#define TOKEN_MARGIN_US (60 * RH_SECOND)

static rh_time wall_now(const struct rh_engine *engine)
{
	return engine->options.clock->now(engine->options.clock);
}

static bool token_is_good(const struct rh_engine *engine)
{
	return engine->token_set &&
	       (engine->token_renew_at == 0 || engine->token_renew_at > wall_now(engine));
}

void rh_engine_start_auth(struct rh_engine *engine)
{
	rh_step_fn *const *ops = engine->options.connector->ops[RH_KIND_AUTH];
	bool renews = engine->token.ptr != NULL && ops[RH_VERB_UPDATE] != NULL;
	struct rh_job *job = rh_engine_take_job(engine);

	if (job == NULL) {
		rh_engine_fail(engine, RH_ENOMEM, "out of memory", NULL);
		return;
	}
	job->is_auth = true; /* order 0: before everything that needs the token */
	job->op = (struct rh_operation){
		.kind = RH_KIND_AUTH,
		.verb = renews ? RH_VERB_UPDATE : RH_VERB_CREATE,
		.arena = &job->arena,
		.json = &job->json,
	};
	if (!rh_engine_make_state(engine, job) ||
	    (renews && !rh_arena_copy(&job->arena, engine->token, &job->op.token))) {
		rh_engine_give_job(engine, job);
		rh_engine_fail(engine, RH_ENOMEM, "out of memory", NULL);
		return;
	}
	engine->auth_running = true;
	engine->token_set = false;
	rh_job_list_push_front(&engine->fresh, job);
}

/* When a token that has just come is to be renewed.  One that has ended already by our clock is used until
 * the target refuses it: the clocks differ. */
static rh_time renew_at(rh_time expires_at, rh_time now)
{
	int64_t life = expires_at - now;

	if (expires_at == 0 || life <= 0) {
		return 0;
	}
	return expires_at - (life / 2 < TOKEN_MARGIN_US ? life / 2 : TOKEN_MARGIN_US);
}

void rh_engine_auth_ended(struct rh_engine *engine, struct rh_job *job)
{
	engine->auth_running = false;
	if (job->answer.kind != RH_ANSWER_DONE || job->op.token.ptr == NULL) {
		bool is_away = job->answer.kind == RH_ANSWER_FAIL &&
			       (job->answer.outcome == RH_OUTCOME_AWAY ||
				job->answer.outcome == RH_OUTCOME_THROTTLED);
		if (!engine->is_given_up) {
			rh_engine_fail(engine, is_away ? RH_ENET : RH_EDENIED,
				       "no access token was given", job->answer.cause);
		}
		return;
	}
	rh_arena_reset(&engine->token_arena);
	if (!rh_arena_copy(&engine->token_arena, job->op.token, &engine->token)) {
		engine->token = RH_STR_ABSENT;
		rh_engine_fail(engine, RH_ENOMEM, "out of memory", NULL);
		return;
	}
	engine->token_renew_at = renew_at(job->op.token_expires_at, wall_now(engine));
	engine->token_number++;
	engine->token_set = true;
}

bool rh_engine_has_token(struct rh_engine *engine, const struct rh_job *job)
{
	if (!engine->has_auth_operation || job->is_auth ||
	    job->answer.request.auth != RH_AUTH_INSTANCE) {
		return true;
	}
	if (!engine->auth_running && !token_is_good(engine)) {
		rh_engine_start_auth(engine);
	}
	return !engine->auth_running && engine->token_set;
}
