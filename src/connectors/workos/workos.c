/* SPDX-License-Identifier: Apache-2.0 */
/* WorkOS: options, endpoint, and the declaration of everything else. */
#include "connectors/workos/workos.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "connectors/workos/workos_entities.h"
#include "connectors/workos/workos_steps.h"

#define LIMITS_EVIDENCE "WorkOS Docs, Rate limits, 2026"

static const char *const firebase_forms[] = {"A", "B", "C", NULL};
static const char *const salt_places[] = {"unknown", "prefix", "suffix", NULL};

static const struct rh_option options[] = {
	{
		.name = "api-key",
		.type = RH_OPTION_SECRET,
		.flags = RH_OPTION_TARGET_REQUIRED | RH_OPTION_SOURCE_REQUIRED,
		.offset = offsetof(struct workos, api_key),
		.placeholder = "KEY",
		.help = "API key of the environment that the users go to, or are read from",
	},
	{
		.name = "client-id",
		.type = RH_OPTION_TEXT,
		.flags = RH_OPTION_IDENTIFIES,
		.offset = offsetof(struct workos, client_id),
		.placeholder = "ID",
		.help = "client id of the environment; needed to prove a sign-in",
	},
	{
		.name = "api-url",
		.type = RH_OPTION_URL,
		.offset = offsetof(struct workos, api_url),
		.fallback = "https://api.workos.com",
		.placeholder = "URL",
		.help = "where the API is, e.g. a rehearsal",
	},
	{
		.name = "unsafe-metadata",
		.type = RH_OPTION_BOOL,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct workos, sends_unsafe_metadata),
		.help = "also send user-editable metadata, each key with unsafe_ before it",
	},
	{
		.name = "other-identifiers",
		.type = RH_OPTION_BOOL,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct workos, sends_other_identifiers),
		.help = "keep username, phones and other addresses in metadata",
	},
	{
		.name = "firebase-form",
		.type = RH_OPTION_CHOICE,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct workos, firebase_form),
		.fallback = "A",
		.placeholder = "FORM",
		.help = "form in which hashes of Firebase are sent: A as documented, B as the "
			"vendor's own tool, C as A without version",
		.choices = firebase_forms,
	},
	{
		.name = "salt-place",
		.type = RH_OPTION_CHOICE,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct workos, salt_place),
		.fallback = "unknown",
		.placeholder = "PLACE",
		.help = "where the salt of a SHA-256 hash stands when the source does not say: "
			"before or behind the password",
		.choices = salt_places,
	},
	{.name = NULL},
};

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

static int open_api(struct workos *workos, struct rh_err *err)
{
	struct rh_str url = rh_str_from(workos->api_url);

	if (workos->api_key != NULL && !is_header_safe(workos->api_key)) {
		return rh_err_set(err, RH_EUSAGE,
				  "the API key holds blanks or bytes that no key has");
	}
	while (rh_str_ends(url, "/")) {
		url.len--;
	}
	if (url.len == 0 || url.len >= sizeof(workos->origin) || rh_str_index(url, '?') >= 0 ||
	    rh_str_index(url, '#') >= 0) {
		return rh_err_set(err, RH_EUSAGE,
				  "the API address must be one without query, below %zu bytes",
				  sizeof(workos->origin));
	}
	memcpy(workos->origin, url.ptr, url.len);
	workos->origin[url.len] = '\0';
	return RH_OK;
}

/* A source may be files alone, which need no key: what is wrong with it says describe. */
static int open_instance(void *instance, bool as_target, struct rh_err *err)
{
	struct workos *workos = instance;
	struct rh_err unused;

	if (as_target) {
		return open_api(workos, err);
	}
	workos->is_unusable = open_api(workos, &unused) != RH_OK;
	return RH_OK;
}

/* The key says where users land; there is no other sign of it. */
static const char *environment_of(struct rh_str key)
{
	if (rh_str_starts(key, "sk_live_")) {
		return "production";
	}
	return rh_str_starts(key, "sk_test_") ? "test" : "default";
}

static int describe(const void *instance, struct rh_endpoint *out, struct rh_err *err)
{
	const struct workos *workos = instance;
	bool has_client = workos->client_id != NULL && workos->client_id[0] != '\0';

	if (workos->is_unusable) {
		struct workos again = *workos;
		return open_api(&again, err);
	}
	*out = (struct rh_endpoint){
		.origin = workos->origin,
		.environment = environment_of(rh_str_from(workos->api_key)),
		.tenant = has_client ? workos->client_id : NULL,
		.key = rh_str_from(workos->api_key),
		.buckets =
			{
				[WORKOS_BUCKET_ALL] =
					{
						.name = "all requests",
						.limit = 6000,
						.window_us = 60 * RH_SECOND,
						.for_reads = true,
						.for_writes = true,
						.evidence = LIMITS_EVIDENCE,
					},
				[WORKOS_BUCKET_READS] =
					{
						.name = "user-management reads",
						.limit = 1000,
						.window_us = 10 * RH_SECOND,
						.for_reads = true,
						.evidence = LIMITS_EVIDENCE,
					},
				[WORKOS_BUCKET_WRITES] =
					{
						.name = "user-management writes",
						.limit = 500,
						.window_us = 10 * RH_SECOND,
						.for_writes = true,
						.evidence = LIMITS_EVIDENCE,
					},
			},
		.bucket_count = WORKOS_BUCKETS,
	};
	return RH_OK;
}

static const char *const redact[] = {
	"access_token",   "client_secret",
	"email",          "external_id",
	"first_name",     "last_name",
	"metadata",       "name",
	"password",       "password_hash",
	"refresh_token",  "pending_authentication_token",
	"sealed_session", NULL,
};

/* What most kinds of entities have. */
#define ENTITY_OPS                                                                          \
	{                                                                                   \
		[RH_VERB_LIST] = workos_entity_list, [RH_VERB_FIND] = workos_entity_find,   \
		[RH_VERB_GET] = workos_entity_get, [RH_VERB_CREATE] = workos_entity_create, \
		[RH_VERB_REMOVE] = workos_entity_remove,                                    \
	}

const struct rh_connector rh_connector_workos = {
	.abi = RH_CONNECTOR_ABI,
	.name = "workos",
	.title = "WorkOS",
	.doc = "Reads users through the API, or from files of its user objects: names, address, "
	       "external id, metadata, language, image and dates. It gives out no password hash, "
	       "and does not say who has a password.  As a target: users of AuthKit, one create "
	       "request for each.  An account needs an e-mail "
	       "address; it "
	       "holds one.  Usernames, phone numbers, second factors, profile images and the dates "
	       "of "
	       "the source do not move; private metadata never does.  Metadata becomes text.  "
	       "Passwords "
	       "move as bcrypt, argon2, scrypt, Firebase's scrypt, PBKDF2, salted SHA-1 and salted "
	       "SHA-256, within the limits that WorkOS documents.  Links to social providers come "
	       "back "
	       "by themselves at the first sign-in with the same verified address.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_SOURCE_LIVE | RH_CAP_TARGET |
				 RH_CAP_EMAIL_REQUIRED | RH_CAP_EMAIL_UNIQUE |
				 RH_CAP_FIND_BY_EXTERNAL_ID | RH_CAP_FIND_BY_EMAIL |
				 RH_CAP_HIDES_PASSWORD_DATES,
			.page_max = WORKOS_PAGE_MAX,
			.external_id_max = WORKOS_EXTERNAL_ID_MAX,
			.emails_max = 1,
			.schemes = UINT64_C(1) << RH_SCHEME_BCRYPT |
				   UINT64_C(1) << RH_SCHEME_ARGON2I |
				   UINT64_C(1) << RH_SCHEME_ARGON2D |
				   UINT64_C(1) << RH_SCHEME_ARGON2ID |
				   UINT64_C(1) << RH_SCHEME_SCRYPT |
				   UINT64_C(1) << RH_SCHEME_SCRYPT_FIREBASE |
				   UINT64_C(1) << RH_SCHEME_PBKDF2_SHA256 |
				   UINT64_C(1) << RH_SCHEME_PBKDF2_SHA512 |
				   UINT64_C(1) << RH_SCHEME_SHA1 | UINT64_C(1) << RH_SCHEME_SHA256,
			.metadata_kinds = 1U << RH_METADATA_PUBLIC,
			.evidence = "WorkOS API description (OpenAPI), 0.61.0, 2026",
		},
	.options = options,
	.instance_size = sizeof(struct workos),
	.open = open_instance,
	.describe = describe,
	.shapes = workos_shapes,
	.recognise = workos_recognise,
	.from_record = workos_from_record,
	.wire_fields = workos_wire_fields,
	.to_wire = workos_to_wire,
	.write_credential = workos_write_credential,
	.other_form = workos_other_form,
	.parts = workos_parts,
	.observe = workos_observe,
	.entities = &workos_entity_rules,
	.ops =
		{
			[RH_KIND_PERMISSION] = ENTITY_OPS,
			/* no request removes a role of an environment */
			[RH_KIND_ROLE] =
				{
					[RH_VERB_LIST] = workos_entity_list,
					[RH_VERB_FIND] = workos_entity_find,
					[RH_VERB_GET] = workos_entity_get,
					[RH_VERB_CREATE] = workos_entity_create,
					[RH_VERB_UPDATE] = workos_entity_update,
				},
			[RH_KIND_ORGANIZATION] = ENTITY_OPS,
			[RH_KIND_DOMAIN] = ENTITY_OPS,
			[RH_KIND_MEMBERSHIP] =
				{
					[RH_VERB_LIST] = workos_entity_list,
					[RH_VERB_FIND] = workos_entity_find,
					[RH_VERB_GET] = workos_entity_get,
					[RH_VERB_CREATE] = workos_entity_create,
					[RH_VERB_UPDATE] = workos_entity_update,
					[RH_VERB_REMOVE] = workos_entity_remove,
				},
			[RH_KIND_INVITATION] = ENTITY_OPS,
			[RH_KIND_USER] =
				{
					[RH_VERB_PROBE] = workos_step_probe,
					[RH_VERB_LIST] = workos_step_list,
					[RH_VERB_GET] = workos_step_get,
					[RH_VERB_FIND] = workos_step_find,
					[RH_VERB_CREATE] = workos_step_create,
					[RH_VERB_UPDATE] = workos_step_update,
					[RH_VERB_REMOVE] = workos_step_remove,
					[RH_VERB_PROVE] = workos_step_prove,
				},
		},
	.classify = workos_classify,
	.redact = redact,
};
