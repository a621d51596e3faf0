/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of entities at the target, page by page; the survey. */
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/tenant.h"

struct walking {
	struct rh_run *run;
	struct rh_tenant_walk *walk;
	struct rh_links links; /* the organization within which */
	struct rh_arena arena; /* of one record */
	struct rh_arena cursors[2];
	unsigned cursor_at;
	struct rh_str cursor; /* of the next page; absent: there is none */
	int code;
	struct rh_err err;
};

static int refused(struct walking *walking, const struct rh_answer *answer)
{
	if (answer->outcome == RH_OUTCOME_DENIED && answer->scope == RH_SCOPE_KIND) {
		walking->walk->is_denied = true;
		return RH_OK;
	}
	return rh_err_set(&walking->err, RH_ENET, "the target's %ss could not be listed: %s",
			  rh_kind_name(walking->walk->kind),
			  answer->cause != NULL ? answer->cause : "no cause given");
}

static int keep_cursor(struct walking *walking, struct rh_str next)
{
	if (next.ptr != NULL && rh_str_eq(walking->cursor, next)) {
		return rh_err_set(&walking->err, RH_ENET,
				  "the target's list gives the same page again");
	}
	walking->cursor_at = 1 - walking->cursor_at;
	rh_arena_reset(&walking->cursors[walking->cursor_at]);
	return rh_arena_copy(&walking->cursors[walking->cursor_at], next, &walking->cursor)
		       ? RH_OK
		       : rh_err_set(&walking->err, RH_ENOMEM, "out of memory");
}

static void take_page(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct walking *walking = context;
	const struct rh_connector *target = walking->run->target;
	struct rh_tenant_walk *walk = walking->walk;

	if (answer->kind != RH_ANSWER_DONE) {
		walking->code = refused(walking, answer);
		walking->cursor = RH_STR_ABSENT;
		return;
	}
	walking->code = keep_cursor(walking, operation->next_cursor);
	for (size_t i = 0; i < operation->record_count && walking->code == RH_OK; i++) {
		struct rh_observed observed = {0};

		rh_arena_reset(&walking->arena);
		walking->code = target->entities->observe(walking->run->target_instance, walk->kind,
							  &operation->records[i], &walking->arena,
							  &observed, &walking->err);
		if (walking->code == RH_OK) {
			walking->code = walk->each(walk->context, &observed, &walking->err);
		}
	}
}

static int read_page(struct walking *walking, struct rh_err *err)
{
	struct rh_job_spec spec = {
		.kind = walking->walk->kind,
		.verb = RH_VERB_LIST,
		.has_row = walking->links.organization.ptr != NULL,
		.row = {.links = &walking->links},
		.cursor = walking->cursor,
		.done = take_page,
		.context = walking,
	};
	int code = rh_engine_submit(walking->run->engine, &spec, err);

	if (code == RH_OK) {
		code = rh_run_finish(walking->run, err);
	}
	if (code == RH_OK && walking->code != RH_OK) {
		*err = walking->err;
		code = walking->code;
	}
	if (code == RH_OK && rh_run_stop_level(walking->run) > 0) {
		code = rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading the target");
	}
	return code;
}

int rh_tenant_walk(struct rh_run *run, struct rh_tenant_walk *walk, struct rh_err *err)
{
	struct walking walking = {.run = run,
				  .walk = walk,
				  .links = {.organization = walk->organization}};
	int code = RH_OK;

	walk->is_denied = false;
	rh_arena_init(&walking.arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	rh_arena_init(&walking.cursors[0], RH_REQUEST_MAX, RH_ARENA_PLAIN);
	rh_arena_init(&walking.cursors[1], RH_REQUEST_MAX, RH_ARENA_PLAIN);
	do {
		code = read_page(&walking, err);
	} while (code == RH_OK && walking.cursor.ptr != NULL);
	rh_arena_done(&walking.arena);
	rh_arena_done(&walking.cursors[0]);
	rh_arena_done(&walking.cursors[1]);
	return code;
}

/* ---- the survey -------------------------------------------------------------------------------------- */

static int take_present(void *context, const struct rh_observed *observed, struct rh_err *err)
{
	return rh_plan_tenant_present(context, observed, err);
}

int rh_tenant_survey(struct rh_run *run, struct rh_plan_tenant *plan, struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < RH_TENANT_KINDS && code == RH_OK; i++) {
		struct rh_tenant_walk walk = {.kind = rh_tenant_kinds[i],
					      .each = take_present,
					      .context = plan};

		if (rh_plan_tenant_asks(plan, rh_tenant_kinds[i])) {
			code = rh_tenant_walk(run, &walk, err);
		}
	}
	return code;
}
