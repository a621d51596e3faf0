/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Survey: what stands at the target already, handed to the plan the cheapest way; and how long the writes will take.
 *
 *  V1. Nobody is to be created: nothing is asked but whether we may.
 *  V2. An account of the input can be looked up by its external id, its address, its number and its username: so many
 *      requests, fewer where the target takes several at once.  That is a way only where it can be asked by the first
 *      two; by number and username it is asked where the target holds them.
 *  V3. All accounts of the target can be listed: a page a request.  How many pages there are is known where the target
 *      counts.  Where it does not, it is listed until as many pages have come as look-ups would cost; then it is the
 *      larger of the two and the look-ups are made.  So never more than twice the cheapest way is asked, and the two pages
 *      that a list asks for ahead.
 *  V4. An empty target is found by the first page, or by its count.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "engine/lane.h"
#include "engine/run.h"

/* Look-ups that are handed to the engine at once; it sends as many as the lane takes. */
#define BATCH 64

struct survey {
	struct rh_run *run;
	struct rh_plan_builder *builder;
	struct rh_err *err;
	int code;
	uint64_t seen;
	uint64_t seen_max;  /* 0: all */
	bool is_cut;        /* there are more than seen_max */
	uint64_t looked_up; /* accounts of the input, towards the progress */
	uint64_t total;     /* of them; 0: not known */
	uint64_t there;     /* accounts that the target counts */
	bool knows_there;   /* it was asked, and counts */
};

static int hand_over(void *context, const struct rh_observed *observed, struct rh_err *err)
{
	struct survey *survey = context;

	if (survey->seen_max > 0 && survey->seen == survey->seen_max) {
		survey->is_cut = true;
		return rh_err_set(err, RH_ELIMIT, "the target has more accounts than are listed");
	}
	survey->seen++;
	return rh_plan_present(survey->builder, observed, err);
}

/* ---- what each way costs ------------------------------------------------------------------------------------ */

static uint64_t divided(uint64_t count, unsigned by)
{
	return by > 0 ? (count + by - 1) / by : count;
}

static unsigned rows_max(const struct rh_connector *target)
{
	unsigned rows = target->caps.rows_max[RH_KIND_USER][RH_VERB_FIND];

	return rows == 0 ? 1 : rows;
}

/* V2; UINT64_MAX: it is no way. */
static uint64_t cost_of_lookups(const struct survey *survey)
{
	const unsigned both = RH_CAP_FIND_BY_EXTERNAL_ID | RH_CAP_FIND_BY_EMAIL;
	const struct rh_connector *target = survey->run->target;
	uint64_t counts[RH_LOOKUPS];
	uint64_t cost = 0;

	if ((target->caps.flags & both) != both ||
	    target->ops[RH_KIND_USER][RH_VERB_FIND] == NULL ||
	    !rh_plan_candidates(survey->builder, counts)) {
		return UINT64_MAX;
	}
	for (size_t by = 0; by < RH_LOOKUPS; by++) {
		cost += divided(counts[by], rows_max(target));
	}
	return cost;
}

struct count_box {
	uint64_t total;
	bool is_known;
};

static void keep_count(void *context, struct rh_operation *operation,
		       const struct rh_answer *answer)
{
	struct count_box *box = context;

	box->is_known = answer->kind == RH_ANSWER_DONE;
	box->total = operation->total;
}

/* How many accounts the target has, where it says so. */
static int ask_count(struct rh_run *run, struct count_box *box, struct rh_err *err)
{
	struct rh_job_spec spec = {.kind = RH_KIND_USER,
				   .verb = RH_VERB_COUNT,
				   .done = keep_count,
				   .context = box};

	*box = (struct count_box){0};
	return run->target->ops[RH_KIND_USER][RH_VERB_COUNT] != NULL
		       ? rh_engine_run(run->engine, &spec, err)
		       : RH_OK;
}

/* ---- look-ups ------------------------------------------------------------------------------------------------ */

static void take_found(void *context, struct rh_operation *operation,
		       const struct rh_answer *answer)
{
	struct survey *survey = context;

	for (size_t i = 0; i < operation->row_count && survey->code == RH_OK; i++) {
		const struct rh_row *row = &operation->rows[i];
		bool is_answered = row->outcome == RH_OUTCOME_ABSENT ||
				   (row->outcome == RH_OUTCOME_DONE && row->has_observed);
		if (!is_answered) {
			survey->code = rh_err_set(survey->err, RH_ENET,
						  "accounts could not be looked up: %s",
						  answer->cause != NULL ? answer->cause
									: "no cause given");
		} else if (row->outcome == RH_OUTCOME_DONE) {
			survey->code = hand_over(survey, &row->observed, survey->err);
		}
	}
	survey->looked_up += operation->row_count;
}

/* Waits for all that was submitted. */
static int drain(struct survey *survey)
{
	struct rh_run *run = survey->run;
	int code = RH_OK;

	while (code == RH_OK && rh_engine_open(run->engine) > 0) {
		code = rh_run_turn(run, survey->err);
		rh_run_show(run, RH_PHASE_SURVEY, survey->looked_up, survey->total, false);
	}
	if (code == RH_OK && survey->code == RH_OK && rh_run_stop_level(run) > 0) {
		code = rh_err_set(survey->err, RH_EINTERRUPTED,
				  "interrupted while asking the target");
	}
	return code == RH_OK ? survey->code : code;
}

static struct rh_row row_of(enum rh_lookup by, struct rh_str value)
{
	struct rh_row row = {0};

	switch (by) {
	case RH_LOOKUP_EXTERNAL_ID:
		row.external_id = value;
		break;
	case RH_LOOKUP_EMAIL:
		row.email = value;
		break;
	case RH_LOOKUP_PHONE:
		row.phone = value;
		break;
	case RH_LOOKUP_USERNAME:
	case RH_LOOKUPS:
		row.username = value;
		break;
	}
	return row;
}

/* The next rows to look up, by one key; *position is the candidate behind them. */
static size_t fill_rows(struct survey *survey, enum rh_lookup by, size_t *position,
			struct rh_row *rows)
{
	struct rh_candidate candidate;
	size_t count = 0;

	while (count < rows_max(survey->run->target) &&
	       rh_plan_candidate(survey->builder, *position, &candidate)) {
		++*position;
		if (candidate.by[by].ptr != NULL) {
			rows[count++] = row_of(by, candidate.by[by]);
		}
	}
	return count;
}

static int look_up_by(struct survey *survey, enum rh_lookup by)
{
	const size_t most = rows_max(survey->run->target);
	struct rh_row *rows = rh_calloc(BATCH * most, sizeof(*rows));
	size_t position = 0;
	int code = RH_OK;

	if (rows == NULL) {
		return rh_err_set(survey->err, RH_ENOMEM, "out of memory");
	}
	for (bool is_more = true; is_more && code == RH_OK;) {
		for (size_t i = 0; i < BATCH && is_more && code == RH_OK; i++) {
			struct rh_job_spec spec = {.kind = RH_KIND_USER,
						   .verb = RH_VERB_FIND,
						   .rows = rows + i * most,
						   .done = take_found,
						   .context = survey};
			spec.row_count = fill_rows(survey, by, &position, rows + i * most);
			is_more = spec.row_count > 0;
			code = is_more ? rh_engine_submit(survey->run->engine, &spec, survey->err)
				       : RH_OK;
		}
		code = code == RH_OK ? drain(survey) : code;
	}
	rh_free(rows); /* after an error the engine is only freed: it looks at no row any more */
	return code;
}

static int look_up(struct survey *survey)
{
	uint64_t counts[RH_LOOKUPS];
	int code = RH_OK;

	(void)rh_plan_candidates(survey->builder, counts);
	for (size_t by = 0; by < RH_LOOKUPS; by++) {
		survey->total += counts[by];
	}
	for (size_t by = 0; by < RH_LOOKUPS && code == RH_OK; by++) {
		code = counts[by] > 0 ? look_up_by(survey, (enum rh_lookup)by) : RH_OK;
	}
	return code;
}

/* ---- the way ------------------------------------------------------------------------------------------------- */

/* V3: lists all accounts, or as many as cost no more than looking up would. */
static int list_all(struct survey *survey, uint64_t lookups, enum rh_presence *way)
{
	const unsigned page_max = survey->run->target->caps.page_max;
	int code;

	if (lookups != UINT64_MAX && page_max > 0) {
		survey->seen_max = (lookups > 0 ? lookups : 1) * page_max;
	}
	code = rh_run_walk(survey->run, RH_PHASE_SURVEY, 0, hand_over, survey, survey->err);
	if (code == RH_OK) {
		*way = survey->seen > 0 ? RH_PRESENCE_LISTED : RH_PRESENCE_EMPTY;
		return RH_OK;
	}
	if (!survey->is_cut) {
		return code;
	}
	*survey->err = (struct rh_err){0};
	survey->seen_max = 0;
	*way = RH_PRESENCE_LOOKED_UP;
	return look_up(survey);
}

static int ask_presence(struct survey *survey, enum rh_presence *way)
{
	uint64_t lookups = cost_of_lookups(survey);
	struct count_box box;
	int code;

	if (rh_plan_wanted(survey->builder) == 0) {
		*way = RH_PRESENCE_NOBODY; /* V1 */
		return RH_OK;
	}
	code = ask_count(survey->run, &box, survey->err);
	if (code != RH_OK || !box.is_known) {
		return code != RH_OK ? code : list_all(survey, lookups, way);
	}
	survey->there = box.total;
	survey->knows_there = true;
	if (box.total == 0) {
		*way = RH_PRESENCE_EMPTY; /* V4 */
		return RH_OK;
	}
	if (lookups < divided(box.total, survey->run->target->caps.page_max)) {
		*way = RH_PRESENCE_LOOKED_UP;
		return look_up(survey);
	}
	return list_all(survey, UINT64_MAX, way);
}

/* What the plan has apply send: an account that is there is read before it is written to. */
static struct rh_load load_of(const struct rh_endpoint *endpoint,
			      const struct rh_plan_counts *counts)
{
	struct rh_load load = {
		.writes = counts->writes,
		.reads = counts->update + counts->with_extras,
	};

	for (size_t i = 0; i < endpoint->bucket_count; i++) {
		load.write_buckets |= endpoint->buckets[i].for_writes ? 1U << i : 0;
		load.read_buckets |= endpoint->buckets[i].for_reads ? 1U << i : 0;
	}
	return load;
}

static int survey_target(struct survey *survey, const struct rh_plan_counts **counts,
			 struct rh_endpoint *endpoint)
{
	struct rh_run *run = survey->run;
	enum rh_presence way = RH_PRESENCE_UNASKED;
	int code = rh_run_probe(run, survey->err);

	if (code == RH_OK) {
		code = ask_presence(survey, &way);
	}
	if (code == RH_OK) {
		rh_plan_note_presence(survey->builder, way);
		code = rh_plan_count_writes(survey->builder, counts, survey->err);
	}
	return code == RH_OK ? run->target->describe(run->target_instance, endpoint, survey->err)
			     : code;
}

int rh_survey(struct rh_run *run, struct rh_plan_builder *builder, uint64_t *reads,
	      int64_t *predicted_us, struct rh_err *err)
{
	struct rh_err own = {0};
	struct survey survey = {.run = run, .builder = builder, .err = &own};
	struct rh_endpoint endpoint;
	struct rh_engine_counts counts;
	const struct rh_plan_counts *planned = NULL;
	struct rh_load load;
	int code = survey_target(&survey, &planned, &endpoint);

	if (code != RH_OK) {
		return rh_run_result(run, code, &own, RH_OK, NULL, err);
	}
	rh_plan_note_room(builder, survey.knows_there ? &survey.there : NULL,
			  endpoint.accounts_max);
	rh_engine_count(run->engine, &counts);
	*reads = counts.reads;
	load = load_of(&endpoint, planned);
	*predicted_us = rh_engine_predict_us(run->engine, &load);
	return RH_OK;
}

int rh_survey_predict(struct rh_run *run, struct rh_plan_builder *builder, int64_t *predicted_us,
		      struct rh_err *err)
{
	struct rh_endpoint endpoint;
	struct rh_lane lane;
	const struct rh_plan_counts *counts;
	struct rh_load load;
	int code = rh_plan_count_writes(builder, &counts, err);

	if (code == RH_OK) {
		code = run->target->describe(run->target_instance, &endpoint, err);
	}
	if (code == RH_OK) {
		rh_lane_init(&lane, &endpoint, run->settings->rate,
			     (unsigned)run->settings->concurrency, 0);
		load = load_of(&endpoint, counts);
		*predicted_us = rh_lane_predict_us(&lane, &load);
	}
	return code;
}

int rh_survey_offline(struct rh_run *run, struct rh_plan_builder *builder, int64_t *predicted_us,
		      struct rh_err *err)
{
	struct rh_endpoint endpoint;
	int code = rh_survey_predict(run, builder, predicted_us, err);

	if (code == RH_OK) {
		code = run->target->describe(run->target_instance, &endpoint, err);
	}
	if (code == RH_OK) {
		rh_plan_note_room(builder, NULL, endpoint.accounts_max);
	}
	return code;
}
