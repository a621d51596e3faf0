/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, NDJSON and JSON of any origin: the description, and choosing the mapping. */
#include "connectors/csv/csv.h"

#include "base/err.h"
#include "base/str.h"
#include "mapping/mapping.h"

enum clear_passwords {
	CLEAR_REFUSE,
	CLEAR_PASS_OVER,
};

struct csv_instance {
	const char *document; /* text of the user's mapping; NULL: the known names */
	int clear_passwords;
	struct rh_mapping *mapping;
};

static const char *const clear_choices[] = {"refuse", "pass-over", NULL};

static const struct rh_option csv_options[] = {
	{
		.name = "mapping",
		.type = RH_OPTION_TEXT,
		.flags = RH_OPTION_SHAPES | RH_OPTION_CONTENT,
		.offset = offsetof(struct csv_instance, document),
		.placeholder = "DOCUMENT",
		.help = "mapping document that says what the columns or members are",
	},
	{
		.name = "clear-passwords",
		.type = RH_OPTION_CHOICE,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct csv_instance, clear_passwords),
		.fallback = "refuse",
		.placeholder = "HOW",
		.help = "what becomes of records with a password that can be read: refused, or "
			"moved "
			"without it",
		.choices = clear_choices,
	},
	{.name = NULL},
};

static const struct rh_shape csv_shapes[] = {
	{
		.id = CSV_SHAPE_KNOWN,
		.name = "known-names",
		.title = "columns or members with names that are known",
		.is_guess = true,
	},
	{
		.id = CSV_SHAPE_MAPPED,
		.name = "mapped",
		.title = "what a mapping document recognises",
	},
	{.id = 0},
};

static int csv_open(void *instance, bool as_target, struct rh_err *err)
{
	struct csv_instance *csv = instance;
	const char *document = csv->document != NULL ? csv->document : csv_synonyms;

	if (as_target) {
		return rh_err_set(err, RH_EUSAGE, "csv cannot be the target");
	}
	int code = rh_mapping_compile(&csv->mapping, rh_str_from(document), err);
	if (code == RH_EINPUT && err != NULL) {
		err->code = RH_EUSAGE;
		(void)rh_err_context(err, RH_EUSAGE, "the mapping document, line %llu, column %llu",
				     (unsigned long long)err->line,
				     (unsigned long long)err->column);
		return RH_EUSAGE;
	}
	return code;
}

static void csv_close(void *instance)
{
	struct csv_instance *csv = instance;

	rh_mapping_free(csv->mapping);
	csv->mapping = NULL;
}

/* Once for each file, so the document may as well be compiled for it. */
static int csv_recognise(const struct rh_sniff *sniff)
{
	struct rh_mapping *mapping = NULL;

	if (rh_mapping_compile(&mapping, rh_str_from(csv_synonyms), NULL) != RH_OK) {
		return 0;
	}
	int shape = rh_mapping_recognises(mapping, sniff) ? CSV_SHAPE_KNOWN : 0;
	rh_mapping_free(mapping);
	return shape;
}

static int csv_recognise_as(const void *instance, const struct rh_sniff *sniff)
{
	const struct csv_instance *csv = instance;

	if (!rh_mapping_recognises(csv->mapping, sniff)) {
		return 0;
	}
	return csv->document != NULL ? CSV_SHAPE_MAPPED : CSV_SHAPE_KNOWN;
}

/* The parameters are the interface's. */
/* NOLINTNEXTLINE(readability-function-size) */
static int csv_from_record(const void *instance, const struct rh_record *record,
			   const struct rh_mapping_policy *policy, struct rh_arena *arena,
			   struct rh_finding_sink *findings, struct rh_account *out,
			   struct rh_err *err)
{
	const struct csv_instance *csv = instance;
	const struct rh_mapping_call call = {
		.policy = policy,
		.arena = arena,
		.findings = findings,
		.passes_clear_passwords = csv->clear_passwords == CLEAR_PASS_OVER,
	};

	return rh_mapping_account(csv->mapping, record, &call, out, err);
}

static const char *const csv_redact[] = {NULL};

const struct rh_connector rh_connector_csv = {
	.abi = RH_CONNECTOR_ABI,
	.name = "csv",
	.title = "CSV or JSON",
	.doc = "Reads users from any delimited text, JSON array or JSON lines. Columns and members "
	       "with "
	       "usual names (id, email, email_verified, first_name, password_hash, banned ...) are "
	       "known "
	       "by these names, whatever their case, blanks, '_' and '-'. What is called otherwise "
	       "is "
	       "said by a mapping document: --csv-mapping FILE, or its path in place of a "
	       "provider's "
	       "name. Columns that are neither known nor mapped are passed over.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES,
			.evidence = "docs/mapping.md",
		},
	.options = csv_options,
	.instance_size = sizeof(struct csv_instance),
	.open = csv_open,
	.close = csv_close,
	.shapes = csv_shapes,
	.recognise = csv_recognise,
	.recognise_as = csv_recognise_as,
	.from_record = csv_from_record,
	.redact = csv_redact,
	.sample = csv_sample,
	.sample_troubles = csv_sample_troubles,
};
