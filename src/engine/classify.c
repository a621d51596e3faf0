/* SPDX-License-Identifier: Apache-2.0 */
/* The line between "certainly not" and "perhaps": a time-out or a 502 on a write is not a retry. */
#include "engine/classify.h"

/* A write without a readable answer may have been done; a reading can simply be asked again. */
static enum rh_outcome unsure(const struct rh_request *request)
{
	return request->is_writing ? RH_OUTCOME_UNKNOWN : RH_OUTCOME_AWAY;
}

static enum rh_outcome classify_http(const struct rh_request *request,
				     const struct rh_response *response, const char **cause)
{
	bool is_foreign = response->body_len > 0 && !response->is_json;

	switch (response->status) {
	case 401:
		*cause = "the key is not accepted";
		return RH_OUTCOME_DENIED;
	case 429:
		*cause = "too many requests";
		return RH_OUTCOME_THROTTLED;
	case 408:
		*cause = "it gave up waiting";
		return unsure(request);
	case 503:
		*cause = "it is not available";
		/* With a time it is the provider's word for "later"; without one anybody may have said it. */
		return response->retry_after_us >= 0 ? RH_OUTCOME_AWAY : unsure(request);
	default:
		break;
	}
	if (response->status >= 500) {
		*cause = "it failed";
		return unsure(request);
	}
	if (response->status == 303) { /* "done, look over there" */
		*cause = "it redirects: is the API address right?";
		return unsure(request);
	}
	if (response->status >= 300 && response->status < 400) {
		*cause = "it redirects: is the API address right?";
		return RH_OUTCOME_AWAY;
	}
	if (response->status < 200) {
		*cause = "the answer has no usable status";
		return unsure(request);
	}
	if (is_foreign && request->sink == RH_SINK_BUFFER) {
		*cause = "the answer is not from the API: a proxy?";
		return response->status < 300 ? unsure(request) : RH_OUTCOME_AWAY;
	}
	return RH_OUTCOME_NONE;
}

enum rh_outcome rh_classify(const struct rh_request *request, const struct rh_response *response,
			    const char *reason, const char **cause)
{
	switch (response->delivery) {
	case RH_DELIVERY_NOT_SENT:
		*cause = reason != NULL ? reason : "not reachable";
		return RH_OUTCOME_AWAY;
	case RH_DELIVERY_CUT:
		*cause = reason != NULL ? reason : "the answer was lost";
		return unsure(request);
	case RH_DELIVERY_ANSWERED:
		break;
	}
	*cause = NULL;
	return request->form == RH_REQUEST_HTTP ? classify_http(request, response, cause)
						: RH_OUTCOME_NONE;
}
