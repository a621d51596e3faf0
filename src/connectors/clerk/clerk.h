/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the Clerk connector share. */
#ifndef CONNECTORS_CLERK_CLERK_H
#define CONNECTORS_CLERK_CLERK_H

#include <rehome/connector.h>

/* Kinds of export, as `recognise` tells them. */
enum clerk_shape {
	CLERK_SHAPE_API_JSON = 1,   /* user objects of the Backend API */
	CLERK_SHAPE_DASHBOARD_CSV,  /* 13 columns, verified and unverified lists, hashes */
	CLERK_SHAPE_DASHBOARD_JSON, /* the Dashboard's names in JSON, lists as arrays */
	CLERK_SHAPE_OLD_CSV,        /* 2024: one joined list of addresses, metadata as JSON text */
	CLERK_SHAPE_SUPPORT_JSON,   /* the same names in JSON */
};

#define CLERK_ORIGIN_MAX 512

/* One configured use.  Files need none of it. */
struct clerk {
	const char *secret_key;
	const char *api_url;
	const char *instance_id;
	const char *keep_key;
	uint64_t user_limit;
	int api_version; /* index into clerk_versions */
	int overflow;    /* enum clerk_overflow */
	bool enforces_requirements;
	bool bypasses_client_trust;
	bool drops_second_factors;
	/* made by open */
	bool is_target;
	bool is_unusable;              /* a source whose API cannot be asked: describe says why */
	char origin[CLERK_ORIGIN_MAX]; /* without '/' or "/v1" at its end */
};

/* Metadata that is larger than Clerk holds. */
enum clerk_overflow {
	CLERK_OVERFLOW_KEYS, /* what fits stays, in the order of the keys' names */
	CLERK_OVERFLOW_DROP, /* none of it stays */
	CLERK_OVERFLOW_REJECT,
};

/* clerk.c; NULL-ended */
extern const char *const clerk_versions[];
extern const struct rh_connector rh_connector_clerk;

/* clerk_map.c; contract: struct rh_connector. */
int clerk_from_record(const void *instance, const struct rh_record *record,
		      const struct rh_mapping_policy *policy, struct rh_arena *arena,
		      struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err);

/* clerk_sample.c; contract: struct rh_connector. */
int clerk_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		 struct rh_err *err);
/* clerk_sample_trouble.c */
extern const struct rh_sample_trouble clerk_sample_troubles[];

#endif
