/* SPDX-License-Identifier: Apache-2.0 */
/* Survey: what stands at the target already, handed to the plan; and how long the writes will take. */
#include "base/clock.h"
#include "base/err.h"
#include "engine/run.h"

static int hand_over(void *context, const struct rh_observed *observed, struct rh_err *err)
{
	return rh_plan_present(context, observed, err);
}

static unsigned write_buckets(const struct rh_endpoint *endpoint)
{
	unsigned buckets = 0;

	for (size_t i = 0; i < endpoint->bucket_count; i++) {
		if (endpoint->buckets[i].for_writes) {
			buckets |= 1U << i;
		}
	}
	return buckets;
}

static int survey(struct rh_run *run, struct rh_plan_builder *builder, uint64_t *creates,
		  struct rh_endpoint *endpoint, struct rh_err *err)
{
	int code = rh_run_probe(run, err);

	if (code == RH_OK) {
		code = rh_run_walk(run, RH_PHASE_SURVEY, 0, hand_over, builder, err);
	}
	if (code == RH_OK) {
		code = rh_plan_creates(builder, creates, err);
	}
	return code == RH_OK ? run->target->describe(run->target_instance, endpoint, err) : code;
}

int rh_survey(struct rh_run *run, struct rh_plan_builder *builder, uint64_t *reads,
	      int64_t *predicted_us, struct rh_err *err)
{
	struct rh_endpoint endpoint;
	struct rh_engine_counts counts;
	struct rh_err own = {0};
	uint64_t creates = 0;
	int code = survey(run, builder, &creates, &endpoint, &own);

	if (code != RH_OK) {
		return rh_run_result(run, code, &own, RH_OK, NULL, err);
	}
	rh_engine_count(run->engine, &counts);
	*reads = counts.reads;
	*predicted_us = rh_engine_predict_us(run->engine, write_buckets(&endpoint), creates);
	return RH_OK;
}
