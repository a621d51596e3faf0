/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the target's settings say.
 *
 * They are a courtesy: a plan is made with or without them.  So they are asked through a lane of their own, whose
 * end (no permission, no answer, an address of the provider's browser side that is away) ends nothing else.
 */
#include "base/clock.h"
#include "base/err.h"
#include "config/settings.h"
#include "engine/run.h"

/* Pauses in a row before nobody knows. */
#define PATIENCE_S 5

static void keep(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_settings_there *out = context;

	if (answer->kind == RH_ANSWER_DONE && operation->settings != NULL) {
		*out = *operation->settings;
	}
}

int rh_survey_settings(const struct rh_run *run, struct rh_settings_there *out, struct rh_err *err)
{
	struct rh_settings settings = *run->settings;
	struct rh_run own = *run;
	struct rh_err unread = {0};
	struct rh_job_spec spec = {
		.kind = RH_KIND_SETTING,
		.verb = RH_VERB_GET,
		.done = keep,
		.context = out,
	};
	int code;

	*out = (struct rh_settings_there){0};
	settings.max_wait_s = settings.max_wait_s > PATIENCE_S ? PATIENCE_S : settings.max_wait_s;
	own.settings = &settings;
	code = rh_run_open(&own, true, err);
	if (code == RH_OK) {
		code = rh_engine_run(own.engine, &spec, &unread);
		if (code != RH_EINTERRUPTED && code != RH_ENOMEM) {
			code = RH_OK; /* it is not read, and that is all */
		} else {
			code = rh_err_set(err, code, "%s", unread.message);
		}
	}
	rh_run_close(&own);
	return code;
}
