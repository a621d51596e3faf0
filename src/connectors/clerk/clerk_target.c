/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk as a target: the instance behind a key, and its quotas. */
#include "connectors/clerk/clerk_target.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "connectors/clerk/clerk_target_steps.h"

#define LIMITS_EVIDENCE "Clerk Docs, Rate limits, 2026"

/* A blank or a line end in a key would end the header that carries it. */
static bool is_header_safe(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		if (*at <= ' ' || *at > '~') {
			return false;
		}
	}
	return true;
}

static bool is_production(const struct clerk *clerk)
{
	return rh_str_starts(rh_str_from(clerk->secret_key), "sk_live_");
}

int clerk_target_open(struct clerk *clerk, struct rh_err *err)
{
	struct rh_str key = rh_str_from(clerk->secret_key);
	struct rh_str url = rh_str_from(clerk->api_url);

	if (key.ptr != NULL && !is_header_safe(clerk->secret_key)) {
		return rh_err_set(err, RH_EUSAGE,
				  "the secret key holds blanks or bytes that no key has");
	}
	if (rh_str_starts(key, "pk_")) {
		return rh_err_set(err, RH_EUSAGE,
				  "that is a publishable key: the secret key begins with sk_");
	}
	while (rh_str_ends(url, "/")) {
		url.len--;
	}
	if (rh_str_ends(url, "/v1")) { /* the paths have it */
		url.len -= strlen("/v1");
	}
	if (url.len == 0 || url.len >= sizeof(clerk->origin) || rh_str_index(url, '?') >= 0 ||
	    rh_str_index(url, '#') >= 0) {
		return rh_err_set(err, RH_EUSAGE,
				  "the API address must be one without query, below %zu bytes",
				  sizeof(clerk->origin));
	}
	memcpy(clerk->origin, url.ptr, url.len);
	clerk->origin[url.len] = '\0';
	return RH_OK;
}

/* C-17: the key says where users land; that it is the instance that is meant, the probe asks. */
int clerk_describe(const void *instance, struct rh_endpoint *out, struct rh_err *err)
{
	const struct clerk *clerk = instance;
	bool has_id = clerk->instance_id != NULL && clerk->instance_id[0] != '\0';
	const char *environment = "default";
	uint64_t limit = clerk->user_limit;

	if (clerk->is_unusable) {
		struct clerk again = *clerk;
		return clerk_target_open(&again, err);
	}
	if (is_production(clerk)) {
		environment = "production";
	} else if (rh_str_starts(rh_str_from(clerk->secret_key), "sk_test_")) {
		environment = "development";
	}
	if (limit == 0 && strcmp(environment, "development") == 0) {
		limit = CLERK_DEVELOPMENT_USERS;
	}
	*out = (struct rh_endpoint){
		.origin = clerk->origin,
		.accounts_max = limit,
		.accounts_todo =
			"Clerk documents that a development instance holds 100 users, and some "
			"hold 500 or more: say what yours holds with --clerk-user-limit N, move "
			"fewer with --limit N, or take a production instance.",
		.environment = environment,
		.tenant = has_id ? clerk->instance_id : NULL,
		.key = rh_str_from(clerk->secret_key),
		.buckets =
			{
				[CLERK_BUCKET_ALL] =
					{
						.name = "all requests",
						.limit = is_production(clerk) ? 1000 : 100,
						.window_us = 10 * RH_SECOND,
						.for_reads = true,
						.for_writes = true,
						.evidence = LIMITS_EVIDENCE,
					},
			},
		.bucket_count = CLERK_BUCKETS,
	};
	return RH_OK;
}
