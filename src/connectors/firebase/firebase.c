/* SPDX-License-Identifier: Apache-2.0 */
/* Firebase as a source of files: which kinds of export there are, the four parameters, the description. */
#include "connectors/firebase/firebase.h"

#include "base/str.h"

static const struct rh_option firebase_options[] = {
	{
		.name = "signer-key",
		.type = RH_OPTION_SECRET,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct firebase_instance, signer_key),
		.placeholder = "KEY",
		.help = "base64_signer_key of the project's password hash parameters",
	},
	{
		.name = "salt-separator",
		.type = RH_OPTION_SECRET,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct firebase_instance, salt_separator),
		.placeholder = "TEXT",
		.help = "base64_salt_separator of the same; \"none\" where it is empty",
	},
	{
		.name = "rounds",
		.type = RH_OPTION_TEXT,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct firebase_instance, rounds),
		.placeholder = "N",
		.help = "rounds of the same",
	},
	{
		.name = "mem-cost",
		.type = RH_OPTION_TEXT,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct firebase_instance, mem_cost),
		.placeholder = "N",
		.help = "mem_cost of the same",
	},
	{
		.name = "hash-config",
		.type = RH_OPTION_SECRET,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct firebase_instance, hash_config),
		.placeholder = "@FILE",
		.help = "all four at once, as the console shows them or the API answers",
	},
	{.name = NULL},
};

static const struct rh_shape firebase_shapes[] = {
	{
		.id = FIREBASE_SHAPE_JSON,
		.name = "cli-json",
		.title = "JSON of `firebase auth:export`, or users of the API",
	},
	{
		.id = FIREBASE_SHAPE_CSV,
		.name = "cli-csv",
		.title = "CSV of `firebase auth:export`, 28 or 52 columns without header",
	},
	{.id = 0},
};

static const struct mapped_shape mapped_shapes[] = {
	{
		.id = FIREBASE_SHAPE_JSON,
		.document = rh_document_firebase_users,
		.hooks = {.complete = firebase_complete},
	},
	{
		.id = FIREBASE_SHAPE_CSV,
		.document = rh_document_firebase_users,
		.hooks = {.complete = firebase_complete},
	},
	{.id = 0},
};

/* Names that must not show in a log of requests or answers. */
static const char *const firebase_redact[] = {
	"passwordHash", "passwordSalt", "salt", "signerKey", NULL,
};

static int firebase_open(void *instance, bool as_target, struct rh_err *err)
{
	return mapped_open(instance, mapped_shapes, "firebase", as_target, err);
}

/* Without a header columns have numbers.  The tool ends its rows with a separator, or does not; a file of rejects has
 * columns of ours behind. */
static bool is_numbered(const struct rh_columns *columns)
{
	return columns->count >= 28 && rh_str_is(columns->names[0], "column_1");
}

static int firebase_recognise(const struct rh_sniff *sniff)
{
	if (sniff->columns != NULL && is_numbered(sniff->columns)) {
		return FIREBASE_SHAPE_CSV;
	}
	int shape = mapped_recognise(mapped_shapes, sniff);
	return shape != 0 && sniff->json == NULL ? FIREBASE_SHAPE_CSV : shape;
}

const struct rh_connector rh_connector_firebase = {
	.abi = RH_CONNECTOR_ABI,
	.name = "firebase",
	.title = "Firebase",
	.doc = "Reads users from the files of `firebase auth:export`: JSON, and CSV of 28 or 52 "
	       "columns without header. Password hashes need the four parameters of their project "
	       "(console, Authentication, Users, \"Password hash parameters\"); there is no "
	       "default "
	       "for any of them. Disabled users stay blocked, custom claims are private metadata, "
	       "anonymous users are left out.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES,
			.evidence = "firebase-tools 15.19, accountExporter, and the Identity "
				    "Toolkit's API description, read in August 2026",
		},
	.options = firebase_options,
	.instance_size = sizeof(struct firebase_instance),
	.open = firebase_open,
	.close = mapped_close,
	.shapes = firebase_shapes,
	.recognise = firebase_recognise,
	.from_record = firebase_from_record,
	.redact = firebase_redact,
	.sample = firebase_sample,
	.sample_troubles = firebase_sample_troubles,
};
