/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The neutral archive (docs/archive.md) as a source of files.
 *
 * A record is {"kind":"user","account":{…},"findings":[{"code","path","note"}…]}: the canonical account with all its
 * secrets, and what was found when it was made of the provider's own record.  What was found then is said again, so that a
 * plan of the archive is that of the provider's export.
 */
#include "connectors/archive/archive_connector.h"

#include "account/account_json.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#define SHAPE_USERS 1
#define FINDINGS_MAX 4096

static const struct rh_option options[] = {
	{
		.name = "passphrase",
		.type = RH_OPTION_SECRET,
		.offset = offsetof(struct archive_instance, passphrase),
		.placeholder = "TEXT",
		.help = "passphrase that seals the archive; @FILE is better than the text itself",
	},
	{
		.name = "key-file",
		.type = RH_OPTION_TEXT,
		.offset = offsetof(struct archive_instance, key_file),
		.placeholder = "FILE",
		.help = "file whose bytes seal the archive, instead of a passphrase",
	},
	{.name = NULL},
};

static const struct rh_shape shapes[] = {
	{
		.id = SHAPE_USERS,
		.name = "users",
		.title = "users of an archive",
	},
	{.id = 0},
};

static const char *const redact[] = {"account", NULL};

static int open_instance(void *instance, bool as_target, struct rh_err *err)
{
	const struct archive_instance *archive = instance;

	(void)as_target;
	if (archive->passphrase != NULL && archive->key_file != NULL) {
		return rh_err_set(err, RH_EUSAGE,
				  "an archive has a passphrase or a key file, not both");
	}
	return RH_OK;
}

static bool is_of_kind(const struct rh_json_node *node, const char *kind)
{
	return rh_str_is(rh_json_get_string(node, "kind"), kind) &&
	       rh_json_type(rh_json_get(node, "account")) == RH_JSON_OBJECT;
}

static int recognise(const struct rh_sniff *sniff)
{
	return is_of_kind(sniff->json, "user") ? SHAPE_USERS : 0;
}

static void add_finding(struct rh_finding_sink *sink, enum rh_finding_code code, struct rh_str path,
			struct rh_str note)
{
	struct rh_finding finding = {.code = code, .path = path, .note = note};

	sink->add(sink, &finding);
}

static bool is_code(uint64_t number)
{
#define CASE(code, name, severity, what, then, todo) case (code):
	switch (number) {
		RH_FINDING_MAP(CASE)
		return true;
	default:
		return false;
	}
#undef CASE
}

/* "RH0205"; false: it is none that this version knows. */
static bool find_code(struct rh_str text, enum rh_finding_code *out)
{
	uint64_t number = 0;

	if (!rh_str_starts(text, "RH") || !rh_str_to_u64(rh_str_sub(text, 2, text.len), &number) ||
	    !is_code(number)) {
		return false;
	}
	*out = (enum rh_finding_code)number;
	return true;
}

/* What was found when the record was made; false: memory is out. */
static bool say_again(const struct rh_json_node *list, struct rh_arena *arena,
		      struct rh_finding_sink *findings)
{
	const struct rh_json_node *node = NULL;
	size_t count = 0;

	if (rh_json_type(list) != RH_JSON_ARRAY) {
		return true;
	}
	while ((node = rh_json_next(list, node, NULL)) != NULL && count++ < FINDINGS_MAX) {
		struct rh_str path = RH_STR_ABSENT;
		struct rh_str note = RH_STR_ABSENT;
		enum rh_finding_code code;

		if (!rh_arena_copy(arena, rh_json_get_string(node, "path"), &path) ||
		    !rh_arena_copy(arena, rh_json_get_string(node, "note"), &note)) {
			return false;
		}
		if (find_code(rh_json_get_string(node, "code"), &code)) {
			add_finding(findings, code, path, note);
		}
	}
	return true;
}

/* As many parameters as the interface has. */
/* NOLINTNEXTLINE(readability-function-size) */
static int from_record(const void *instance, const struct rh_record *record,
		       const struct rh_mapping_policy *policy, struct rh_arena *arena,
		       struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err)
{
	const char *path = NULL;
	int code;

	(void)instance;
	(void)policy;
	*out = (struct rh_account){0};
	if (!is_of_kind(record->json, "user")) {
		add_finding(findings, RH_FINDING_RECORD_BROKEN, RH_STR_ABSENT,
			    RH_STR("no user of an archive"));
		return RH_OK;
	}
	code = rh_account_json_take(rh_json_get(record->json, "account"), arena, out, &path);
	if (code == RH_EINPUT) {
		add_finding(findings, RH_FINDING_RECORD_BROKEN, rh_str_from(path), RH_STR_ABSENT);
		return RH_OK;
	}
	if (code == RH_ELIMIT) {
		add_finding(findings, RH_FINDING_RECORD_TOO_LARGE, rh_str_from(path),
			    RH_STR_ABSENT);
		return RH_OK;
	}
	if (code != RH_OK || !say_again(rh_json_get(record->json, "findings"), arena, findings)) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a record of the archive");
	}
	if (!rh_str_is_set(out->source_id)) {
		add_finding(findings, RH_FINDING_SOURCE_ID_MISSING, RH_STR_ABSENT, RH_STR_ABSENT);
	}
	return RH_OK;
}

const struct rh_connector rh_connector_archive = {
	.abi = RH_CONNECTOR_ABI,
	.name = "archive",
	.title = "Archive",
	.doc = "The neutral archive that `rehome export` writes: a folder with a manifest and one "
	       "packed "
	       "file a kind, sealed where a passphrase or a key file was given. It holds all that "
	       "was "
	       "read of the source, hashes and secrets included, and what was found in each "
	       "record: its "
	       "plan is that of the export it was made of. -f names the folder.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES | RH_CAP_ARCHIVE,
			.evidence = "docs/archive.md, version 1",
		},
	.options = options,
	.instance_size = sizeof(struct archive_instance),
	.open = open_instance,
	.shapes = shapes,
	.recognise = recognise,
	.from_record = from_record,
	.redact = redact,
};
