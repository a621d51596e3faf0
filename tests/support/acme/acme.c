/* SPDX-License-Identifier: Apache-2.0 */
/* Acme: options, endpoint and the declaration of everything else. */
#include "acme/acme.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

#define EVIDENCE "Acme Handbook, 2026"

static const char *const regions[] = {"here", "there", NULL};

/* One of each type and flag. */
static const struct rh_option options[] = {
	{
		.name = "client-id",
		.type = RH_OPTION_TEXT,
		.flags = RH_OPTION_TARGET_REQUIRED | RH_OPTION_SOURCE_REQUIRED |
			 RH_OPTION_IDENTIFIES,
		.offset = offsetof(struct acme, client_id),
		.placeholder = "ID",
		.help = "client that the token is for",
	},
	{
		.name = "client-secret",
		.type = RH_OPTION_SECRET,
		.flags = RH_OPTION_TARGET_REQUIRED | RH_OPTION_SOURCE_REQUIRED,
		.offset = offsetof(struct acme, client_secret),
		.placeholder = "SECRET",
		.help = "secret of the client",
	},
	{
		.name = "api-url",
		.type = RH_OPTION_URL,
		.offset = offsetof(struct acme, api_url),
		.fallback = "https://api.acme.example",
		.placeholder = "URL",
		.help = "where the API is",
	},
	{
		.name = "page-size",
		.type = RH_OPTION_NUMBER,
		.offset = offsetof(struct acme, page_size),
		.placeholder = "N",
		.help = "users a page",
	},
	{
		.name = "names",
		.type = RH_OPTION_BOOL,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct acme, sends_names),
		.fallback = "true",
		.help = "also send names",
	},
	{
		.name = "region",
		.type = RH_OPTION_CHOICE,
		.offset = offsetof(struct acme, region),
		.fallback = "here",
		.placeholder = "REGION",
		.help = "where the tenant is",
		.choices = regions,
	},
	{
		.name = "tag",
		.type = RH_OPTION_LIST,
		.flags = RH_OPTION_LINES,
		.offset = offsetof(struct acme, tags),
		.placeholder = "TAG",
		.help = "a tag; may be given more than once",
	},
	{.name = NULL},
};

static const struct rh_shape shapes[] = {
	{.id = ACME_SHAPE_API, .name = "api", .title = "user objects of the API"},
	{
		.id = ACME_SHAPE_HASHES,
		.name = "hashes",
		.title = "CSV with the hashes alone",
		.is_partial = true,
	},
	{.id = 0},
};

static const char *const redact[] = {
	"client_secret", "password_hash", "password", "access_token", "token", NULL,
};

static int open_instance(void *instance, bool as_target, struct rh_err *err)
{
	struct acme *acme = instance;

	if (acme->page_size > ACME_PAGE_MAX) {
		return rh_err_set(err, RH_EUSAGE, "a page holds at most %d users", ACME_PAGE_MAX);
	}
	(void)snprintf(acme->environment, sizeof(acme->environment), "%s-%s", regions[acme->region],
		       as_target ? "target" : "source");
	return RH_OK;
}

static int describe(const void *instance, struct rh_endpoint *out, struct rh_err *err)
{
	const struct acme *acme = instance;

	(void)err;
	*out = (struct rh_endpoint){
		.origin = acme->api_url,
		.environment = acme->environment,
		.tenant = acme->client_id,
		.buckets =
			{
				[ACME_BUCKET_READS] =
					{
						.name = "reads",
						.limit = 1000,
						.window_us = 10 * RH_SECOND,
						.for_reads = true,
						.evidence = EVIDENCE,
					},
				[ACME_BUCKET_WRITES] =
					{
						.name = "writes",
						.limit = 100,
						.window_us = 10 * RH_SECOND,
						.for_writes = true,
						.evidence = EVIDENCE,
					},
				[ACME_BUCKET_JOBS] =
					{
						.name = "jobs",
						.limit = 2,
						.window_us = 60 * RH_SECOND,
						.for_writes = true,
						.evidence = EVIDENCE,
					},
			},
		.bucket_count = ACME_BUCKETS,
	};
	return RH_OK;
}

#define CAPS                                                                                \
	(RH_CAP_SOURCE_FILES | RH_CAP_SOURCE_LIVE | RH_CAP_TARGET | RH_CAP_EMAIL_REQUIRED | \
	 RH_CAP_EMAIL_UNIQUE | RH_CAP_FIND_BY_EXTERNAL_ID | RH_CAP_FIND_BY_EMAIL)

const struct rh_connector rh_connector_acme = {
	.abi = RH_CONNECTOR_ABI,
	.name = "acme",
	.title = "Acme",
	.doc = "A provider made up for tests.",
	.caps =
		{
			.flags = CAPS | RH_CAP_IDEMPOTENCY_KEY,
			.rows_max =
				{
					[RH_KIND_USER] =
						{
							[RH_VERB_FIND] = ACME_FIND_MAX,
							[RH_VERB_BULK] = ACME_JOB_MAX,
						},
					[RH_KIND_MEMBERSHIP] =
						{
							[RH_VERB_CREATE] = ACME_MEMBERS_MAX,
						},
				},
			.page_max = ACME_PAGE_MAX,
			.external_id_max = 64,
			.emails_max = 1,
			.schemes = UINT64_C(1) << RH_SCHEME_BCRYPT,
			.metadata_kinds = 1U << RH_METADATA_PUBLIC,
			.evidence = EVIDENCE,
		},
	.options = options,
	.instance_size = sizeof(struct acme),
	.open = open_instance,
	.describe = describe,
	.shapes = shapes,
	.recognise = acme_recognise,
	.from_record = acme_from_record,
	.wire_fields = acme_wire_fields,
	.to_wire = acme_to_wire,
	.parts = acme_parts,
	.observe = acme_observe,
	.operation_size = sizeof(struct acme_operation),
	.ops =
		{
			[RH_KIND_AUTH] =
				{
					[RH_VERB_CREATE] = acme_step_token,
					[RH_VERB_UPDATE] = acme_step_token,
				},
			[RH_KIND_USER] =
				{
					[RH_VERB_PROBE] = acme_step_probe,
					[RH_VERB_COUNT] = acme_step_count,
					[RH_VERB_LIST] = acme_step_list,
					[RH_VERB_GET] = acme_step_get,
					[RH_VERB_FIND] = acme_step_find,
					[RH_VERB_CREATE] = acme_step_create,
					[RH_VERB_UPDATE] = acme_step_update,
					[RH_VERB_REMOVE] = acme_step_remove,
					[RH_VERB_BULK] = acme_step_bulk,
					[RH_VERB_PROVE] = acme_step_prove,
				},
			[RH_KIND_MEMBERSHIP] = {[RH_VERB_CREATE] = acme_step_add_members},
			[RH_KIND_ORGANIZATION] =
				{
					[RH_VERB_LIST] = acme_step_download,
					[RH_VERB_CREATE] = acme_step_create_organization,
				},
		},
	.classify = acme_classify,
	.redact = redact,
	.sample = acme_sample,
	.sample_troubles = acme_troubles,
};
