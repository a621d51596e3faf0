/* SPDX-License-Identifier: Apache-2.0 */
/* A revision on disk: plans/N.json and plans/N.db; its fingerprint, saving, loading, the cursor. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "plan/plan_internal.h"
#include "plan/setting.h"
#include "plan/tenant_internal.h"

#define PLAN_MAX (16U * 1024 * 1024)

/* An earlier one's come behind this input's own. */
static const char sql_all[] =
	"SELECT 0, n, decision, code, target_id, note FROM exception UNION ALL"
	" SELECT revision, n, decision, code, target_id, note FROM earlier ORDER BY 1, 2";
/* The form of plans/N.json.  1: inputs and marks have plain digests, and all options are digested: such a plan can be
 * looked at, and not be applied. */
enum { FORM_OLDER = 1, FORM = 2 };
/* From here on it is only read: no files beside it. */
static const char sql_one_file[] = "PRAGMA journal_mode = DELETE";
void rh_plan_done(struct rh_plan *plan)
{
	rh_groups_free(plan->groups);
	for (size_t i = 0; i < plan->input_count; i++) {
		rh_free((void *)(uintptr_t)plan->inputs[i].ptr);
	}
	rh_free(plan->inputs);
	plan->groups = NULL;
	plan->inputs = NULL;
	plan->input_count = 0;
}

/* ---- counts ----------------------------------------------------------------------------------------------- */

int rh_plan_count_writes(struct rh_plan_builder *builder, const struct rh_plan_counts **out,
			 struct rh_err *err)
{
	struct rh_plan_counts *counts = &builder->counts;
	int code = rh_plan_settle(builder, err);

	counts->writes = counts->create + counts->update + counts->extras + counts->again +
			 counts->entity_writes;
	*out = counts;
	return code;
}

void rh_plan_note_source(struct rh_plan_builder *builder, const struct rh_plan_counts *harvested)
{
	builder->counts.source_reads = harvested->source_reads;
	builder->counts.source_records = harvested->source_records;
	builder->counts.source_repeated = harvested->source_repeated;
	builder->counts.source_before = harvested->source_before;
	builder->counts.source_after = harvested->source_after;
}

void rh_plan_note_room(struct rh_plan_builder *builder, const uint64_t *there, uint64_t most)
{
	builder->counts.knows_accounts = there != NULL ? 1 : 0;
	builder->counts.accounts_there = there != NULL ? *there : 0;
	builder->counts.accounts_max = most;
}

/* Of those to be created, for whom there is no room; told before anybody is refused for it. */
static int count_beyond(struct rh_plan_builder *builder, struct rh_err *err)
{
	struct rh_plan_counts *counts = &builder->counts;
	uint64_t all = counts->accounts_there + counts->create;

	if (counts->accounts_max == 0 || counts->knows_accounts == 0 ||
	    all <= counts->accounts_max) {
		return RH_OK;
	}
	counts->beyond = all - counts->accounts_max;
	counts->beyond = counts->beyond < counts->create ? counts->beyond : counts->create;
	if (counts->beyond > 0 && rh_groups_restore(builder->groups, RH_FINDING_BEYOND_LIMIT,
						    RH_STR(""), counts->beyond, NULL, 0) != RH_OK) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return RH_OK;
}

/* ---- fingerprint (P3) --------------------------------------------------------------------------------------- */

static void sha_text(struct rh_sha256 *sha, struct rh_str text)
{
	uint64_t len = text.len;

	rh_sha256_add(sha, &len, sizeof(len));
	rh_sha256_add(sha, text.ptr, text.len);
}

/* Without memory: a digest that could not be written would look like that of another input. */
static void write_hex(const uint8_t digest[RH_DIGEST_LEN], char out[65])
{
	for (size_t i = 0; i < RH_DIGEST_LEN; i++) {
		(void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
	}
}

static void hex_digest(struct rh_sha256 *sha, char out[65])
{
	uint8_t digest[RH_DIGEST_LEN];

	rh_sha256_finish(sha, digest);
	write_hex(digest, out);
}

/* P3: of options that have their defaults nothing is digested. */
static void sha_options(struct rh_sha256 *sha, const struct rh_option *table, const void *values,
			struct rh_buf *text)
{
	for (const struct rh_option *option = table; option->name != NULL; option++) {
		/* Lists of ids show in the exceptions. */
		if ((option->flags & RH_OPTION_SHAPES) != 0 && option->type != RH_OPTION_LIST) {
			rh_buf_reset(text);
			rh_option_text(option, values, text);
			if (rh_option_is_default(option, rh_buf_str(text))) {
				continue;
			}
			sha_text(sha, rh_str_from(option->name));
			sha_text(sha, rh_buf_str(text));
		}
	}
}

int rh_plan_options_digest(const struct rh_plan_inputs *inputs, char out[65], struct rh_err *err)
{
	struct rh_sha256 sha;
	rh_autobuf text = {0};

	rh_buf_init(&text, PLAN_MAX);
	rh_sha256_init(&sha);
	sha_options(&sha, rh_settings_table, inputs->settings, &text);
	sha_options(&sha, inputs->target->options, inputs->target_instance, &text);
	if (inputs->source != NULL && inputs->source_instance != NULL) {
		sha_options(&sha, inputs->source->options, inputs->source_instance, &text);
	}
	if (text.failed != 0) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	hex_digest(&sha, out);
	return RH_OK;
}

static void inputs_digest(const struct rh_source *source, char out[65])
{
	struct rh_sha256 sha;

	rh_sha256_init(&sha);
	for (size_t i = 0; i < rh_source_inputs(source); i++) {
		const struct rh_input *input = rh_source_input(source, i);
		rh_sha256_add(&sha, input->digest, sizeof(input->digest));
		rh_sha256_add(&sha, &input->shape_id, sizeof(input->shape_id));
	}
	hex_digest(&sha, out);
}

bool rh_plan_is_of(const struct rh_plan *plan, const struct rh_source *source)
{
	char digest[65];

	inputs_digest(source, digest);
	return strcmp(digest, plan->inputs_digest) == 0;
}

/* What was not read says nothing: targets without settings have the fingerprints that they had before there were any. */
static void sha_settings(struct rh_sha256 *sha, const struct rh_settings_there *there)
{
	if (!there->is_read) {
		return;
	}
	rh_sha256_add(sha, there->stances, sizeof(there->stances));
	for (size_t i = 0; i < there->social_count; i++) {
		sha_text(sha, rh_str_from(there->social[i].provider));
		rh_sha256_add(sha, &there->social[i].stance, sizeof(there->social[i].stance));
	}
}

static int fingerprint(struct rh_plan_builder *builder, struct rh_plan *plan, struct rh_err *err)
{
	struct rh_sha256 sha;
	struct rh_statement *all;
	int code;

	rh_sha256_init(&sha);
	sha_text(&sha, rh_str_from(plan->inputs_digest));
	sha_text(&sha, rh_str_from(plan->options_digest));
	if ((code = rh_db_prepare(builder->exceptions, sql_all, &all, err)) != RH_OK) {
		return code;
	}
	while ((code = rh_step(all, err)) == 1) {
		int64_t revision = rh_column_i64(all, 0);
		int64_t numbers[3] = {rh_column_i64(all, 1), rh_column_i64(all, 2),
				      rh_column_i64(all, 3)};
		if (revision > 0) {
			rh_sha256_add(&sha, &revision, sizeof(revision));
		}
		rh_sha256_add(&sha, numbers, sizeof(numbers));
		sha_text(&sha, rh_column_text(all, 4));
		sha_text(&sha, rh_column_text(all, 5));
	}
	rh_reset(all);
	sha_settings(&sha, &plan->there);
	if (code == RH_OK) {
		code = rh_tenant_fingerprint(builder, &sha, err);
	}
	if (code == RH_OK) {
		hex_digest(&sha, plan->fingerprint);
	}
	return code;
}

/* ---- JSON --------------------------------------------------------------------------------------------------- */

/* Name and place of each count, for writing and reading alike. */
static const struct count_field {
	const char *name;
	size_t offset;
} count_fields[] = {
	{"total", offsetof(struct rh_plan_counts, total)},
	{"create", offsetof(struct rh_plan_counts, create)},
	{"link", offsetof(struct rh_plan_counts, link)},
	{"update", offsetof(struct rh_plan_counts, update)},
	{"skip", offsetof(struct rh_plan_counts, skip)},
	{"refuse", offsetof(struct rh_plan_counts, refuse)},
	{"left_out", offsetof(struct rh_plan_counts, left_out)},
	{"blocked", offsetof(struct rh_plan_counts, blocked)},
	{"done", offsetof(struct rh_plan_counts, done)},
	{"with_password", offsetof(struct rh_plan_counts, with_password)},
	{"writes", offsetof(struct rh_plan_counts, writes)},
	{"extras", offsetof(struct rh_plan_counts, extras)},
	{"again", offsetof(struct rh_plan_counts, again)},
	{"with_extras", offsetof(struct rh_plan_counts, with_extras)},
	{"reads", offsetof(struct rh_plan_counts, reads)},
	{"target_accounts", offsetof(struct rh_plan_counts, target_accounts)},
	{"exist_by_id", offsetof(struct rh_plan_counts, exist_by_id)},
	{"exist_by_email", offsetof(struct rh_plan_counts, exist_by_email)},
	{"exist_by_phone", offsetof(struct rh_plan_counts, exist_by_phone)},
	{"exist_by_username", offsetof(struct rh_plan_counts, exist_by_username)},
	{"shared", offsetof(struct rh_plan_counts, shared)},
	{"presence", offsetof(struct rh_plan_counts, presence)},
	{"rows", offsetof(struct rh_plan_counts, rows)},
	{"known", offsetof(struct rh_plan_counts, known)},
	{"known_skip", offsetof(struct rh_plan_counts, known_skip)},
	{"known_refuse", offsetof(struct rh_plan_counts, known_refuse)},
	{"known_left_out", offsetof(struct rh_plan_counts, known_left_out)},
	{"known_again", offsetof(struct rh_plan_counts, known_again)},
	{"earlier_skip", offsetof(struct rh_plan_counts, earlier_skip)},
	{"earlier_refuse", offsetof(struct rh_plan_counts, earlier_refuse)},
	{"earlier_left_out", offsetof(struct rh_plan_counts, earlier_left_out)},
	{"earlier_blocked", offsetof(struct rh_plan_counts, earlier_blocked)},
	{"earlier_open", offsetof(struct rh_plan_counts, earlier_open)},
	{"settings", offsetof(struct rh_plan_counts, settings)},
	{"accounts_max", offsetof(struct rh_plan_counts, accounts_max)},
	/* "accounts_there" of older plans is one more than there were */
	{"accounts_counted", offsetof(struct rh_plan_counts, accounts_there)},
	{"knows_accounts", offsetof(struct rh_plan_counts, knows_accounts)},
	{"beyond", offsetof(struct rh_plan_counts, beyond)},
	{"entity_writes", offsetof(struct rh_plan_counts, entity_writes)},
	{"source_reads", offsetof(struct rh_plan_counts, source_reads)},
	{"source_records", offsetof(struct rh_plan_counts, source_records)},
	{"source_repeated", offsetof(struct rh_plan_counts, source_repeated)},
	{"source_before", offsetof(struct rh_plan_counts, source_before)},
	{"source_after", offsetof(struct rh_plan_counts, source_after)},
	{"predicted_us", offsetof(struct rh_plan_counts, predicted_us)},
};

#define COUNT_FIELDS (sizeof(count_fields) / sizeof(count_fields[0]))

static void write_inputs(struct rh_json_writer *json, const struct rh_source *source)
{
	rh_json_key(json, "inputs");
	rh_json_begin_array(json);
	for (size_t i = 0; i < rh_source_inputs(source); i++) {
		const struct rh_input *input = rh_source_input(source, i);
		char hex[65];

		write_hex(input->digest, hex);
		rh_json_begin_object(json);
		rh_json_key(json, "path");
		rh_json_put_cstr(json, input->path);
		rh_json_key(json, "shape");
		rh_json_put_cstr(json, input->shape);
		rh_json_key(json, "digest");
		rh_json_put_cstr(json, hex);
		rh_json_key(json, "length");
		rh_json_put_u64(json, input->length);
		rh_json_key(json, "records");
		rh_json_put_u64(json, input->records);
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
}

static void write_findings(struct rh_json_writer *json, const struct rh_groups *groups)
{
	rh_json_key(json, "findings");
	rh_json_begin_array(json);
	for (size_t i = 0; i < rh_groups_count(groups); i++) {
		struct rh_finding_group group;
		rh_groups_get(groups, i, &group);
		rh_json_begin_object(json);
		rh_json_key(json, "code");
		rh_json_put_u64(json, group.info->code);
		rh_json_key(json, "note");
		rh_json_put_cstr(json, group.note);
		rh_json_key(json, "count");
		rh_json_put_u64(json, group.count);
		rh_json_key(json, "examples");
		rh_json_begin_array(json);
		for (size_t e = 0; e < sizeof(group.examples) / sizeof(group.examples[0]); e++) {
			if (group.examples[e] != NULL) {
				rh_json_put_cstr(json, group.examples[e]);
			}
		}
		rh_json_end_array(json);
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
}

/* Lists longer than this are lists of ids, which the exceptions hold. */
#define LIST_MAX 1000

static void write_list(struct rh_json_writer *json, const struct rh_option *option,
		       const void *values)
{
	const struct rh_text_list *list =
		(const struct rh_text_list *)(const void *)((const char *)values + option->offset);

	if (list->count == 0 || list->count > LIST_MAX) {
		return;
	}
	rh_json_key(json, option->name);
	rh_json_begin_array(json);
	for (size_t i = 0; i < list->count; i++) {
		rh_json_put_cstr(json, list->items[i]);
	}
	rh_json_end_array(json);
}

/* An address with somebody's name in it: what stands before the '@' is a secret. */
static bool holds_password(struct rh_str text)
{
	const char *colon = memmem(text.ptr, text.len, "://", 3);

	return colon != NULL && memchr(colon, '@', text.len - (size_t)(colon - text.ptr)) != NULL;
}

static bool is_written(const struct rh_option *table, const struct rh_option *option)
{
	return option->type != RH_OPTION_SECRET &&
	       (table != rh_settings_table || rh_setting_is_kept(option));
}

static void write_options(struct rh_json_writer *json, const char *key,
			  const struct rh_option *table, const void *values)
{
	rh_json_key(json, key);
	rh_json_begin_object(json);
	for (const struct rh_option *option = table; option->name != NULL; option++) {
		rh_autobuf text = {0};
		if (!is_written(table, option)) {
			continue;
		}
		if (option->type == RH_OPTION_LIST) {
			write_list(json, option, values);
			continue;
		}
		rh_buf_init(&text, PLAN_MAX);
		rh_option_text(option, values, &text);
		if (text.len > 0 && !holds_password(rh_buf_str(&text))) {
			rh_json_key(json, option->name);
			rh_json_put_string(json, rh_buf_str(&text));
		}
	}
	rh_json_end_object(json);
}

static int save(const struct rh_plan_builder *builder, const struct rh_plan *plan,
		const struct rh_source *source, const char *path, struct rh_err *err)
{
	char at[RH_TIME_TEXT_SIZE];
	struct rh_json_writer json;
	rh_autobuf text = {0};
	int code;

	rh_buf_init(&text, PLAN_MAX);
	rh_json_writer_init(&json, &text);
	rh_time_format(plan->created_at, at);
	rh_json_begin_object(&json);
	rh_json_key(&json, "rehome_plan");
	rh_json_put_u64(&json, FORM);
	rh_json_key(&json, "revision");
	rh_json_put_i64(&json, plan->revision);
	rh_json_key(&json, "created_at");
	rh_json_put_cstr(&json, at);
	rh_json_key(&json, "created_at_us");
	rh_json_put_i64(&json, plan->created_at);
	rh_json_key(&json, "base");
	rh_json_put_i64(&json, plan->base);
	rh_json_key(&json, "fingerprint");
	rh_json_put_cstr(&json, plan->fingerprint);
	rh_json_key(&json, "options_digest");
	rh_json_put_cstr(&json, plan->options_digest);
	rh_json_key(&json, "inputs_digest");
	rh_json_put_cstr(&json, plan->inputs_digest);
	write_inputs(&json, source);
	write_options(&json, "options", rh_settings_table, builder->inputs.settings);
	write_options(&json, "target_options", builder->inputs.target->options,
		      builder->inputs.target_instance);
	if (builder->inputs.source != NULL && builder->inputs.source_instance != NULL) {
		write_options(&json, "source_options", builder->inputs.source->options,
			      builder->inputs.source_instance);
	}
	rh_json_key(&json, "counts");
	rh_json_begin_object(&json);
	for (size_t i = 0; i < COUNT_FIELDS; i++) {
		rh_json_key(&json, count_fields[i].name);
		rh_json_put_i64(&json, *(const int64_t *)((const char *)&plan->counts +
							  count_fields[i].offset));
	}
	rh_json_end_object(&json);
	write_findings(&json, plan->groups);
	rh_setting_save(builder->inputs.target, &plan->there, &json);
	rh_tenant_save(&plan->counts, &json);
	rh_json_end_object(&json);
	rh_buf_add_char(&text, '\n');
	code = rh_buf_check(&text, "plan", err);
	return code == RH_OK ? rh_file_write(path, rh_buf_str(&text), err) : code;
}

static int load_findings(const struct rh_json_node *findings, struct rh_plan *plan)
{
	const struct rh_json_node *item = NULL;

	while ((item = rh_json_next(findings, item, NULL)) != NULL) {
		struct rh_str examples[3] = {0};
		size_t count = 0;
		const struct rh_json_node *list = rh_json_get(item, "examples");
		const struct rh_json_node *example = NULL;
		int64_t code = 0;
		int64_t number = 0;
		while (count < 3 && (example = rh_json_next(list, example, NULL)) != NULL) {
			examples[count++] = rh_json_string(example);
		}
		if (!rh_json_get_i64(item, "code", &code) ||
		    !rh_json_get_i64(item, "count", &number)) {
			continue;
		}
		if (rh_finding_info((enum rh_finding_code)code) != NULL &&
		    rh_groups_restore(plan->groups, (enum rh_finding_code)code,
				      rh_json_get_string(item, "note"), (uint64_t)number, examples,
				      count) != RH_OK) {
			return RH_ENOMEM;
		}
	}
	rh_groups_sort(plan->groups);
	return RH_OK;
}

static int load_inputs(const struct rh_json_node *inputs, struct rh_plan *plan)
{
	const struct rh_json_node *item = NULL;
	size_t count = 0;

	while ((item = rh_json_next(inputs, item, NULL)) != NULL) {
		count++;
	}
	plan->inputs = rh_calloc(count + 1, sizeof(*plan->inputs));
	if (plan->inputs == NULL) {
		return RH_ENOMEM;
	}
	while ((item = rh_json_next(inputs, item, NULL)) != NULL) {
		struct rh_str path = rh_json_get_string(item, "path");
		char *copy = rh_malloc(path.len + 1);
		if (copy == NULL) {
			return RH_ENOMEM;
		}
		(void)snprintf(copy, path.len + 1, "%.*s", RH_STR_ARG(path));
		plan->inputs[plan->input_count++] = rh_str_from(copy);
	}
	return RH_OK;
}

static void copy_digest(char out[65], struct rh_str text)
{
	(void)snprintf(out, 65, "%.*s", RH_STR_ARG(rh_str_sub(text, 0, 64)));
}

static int parse_plan(struct rh_str text, struct rh_plan *out, struct rh_err *err)
{
	__attribute__((cleanup(rh_json_done))) struct rh_json json = {0};
	const struct rh_json_node *root;
	int64_t version = 0;
	int code = rh_json_parse(&json, (char *)(uintptr_t)text.ptr, text.len, err);

	if (code != RH_OK) {
		return code;
	}
	root = rh_json_root(&json);
	if (!rh_json_get_i64(root, "rehome_plan", &version) || version < FORM_OLDER ||
	    version > FORM || !rh_json_get_i64(root, "revision", &out->revision) ||
	    !rh_json_get_i64(root, "base", &out->base)) {
		return rh_err_set(err, RH_EMISMATCH, "not a plan that this version can read");
	}
	out->is_older = version < FORM;
	(void)rh_json_get_i64(root, "created_at_us", &out->created_at);
	copy_digest(out->fingerprint, rh_json_get_string(root, "fingerprint"));
	copy_digest(out->options_digest, rh_json_get_string(root, "options_digest"));
	copy_digest(out->inputs_digest, rh_json_get_string(root, "inputs_digest"));
	for (size_t i = 0; i < COUNT_FIELDS; i++) {
		(void)rh_json_get_i64(rh_json_get(root, "counts"), count_fields[i].name,
				      (int64_t *)((char *)&out->counts + count_fields[i].offset));
	}
	out->there_of = rh_setting_load(root, &out->there);
	rh_tenant_load(root, &out->counts);
	return load_findings(rh_json_get(root, "findings"), out) == RH_OK &&
			       load_inputs(rh_json_get(root, "inputs"), out) == RH_OK
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

/* ---- revisions ------------------------------------------------------------------------------------------------ */

int rh_plan_path(const struct rh_workspace *workspace, int64_t revision, const char *ending,
		 char **out, struct rh_err *err)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "%lld.%s", (long long)revision, ending);
	return rh_workspace_file(workspace, "plans", name, out, err);
}

int rh_plan_newest(const struct rh_workspace *workspace, int64_t *out, struct rh_err *err)
{
	for (int64_t revision = 1;; revision++) {
		rh_autofree char *path = NULL;
		int code = rh_plan_path(workspace, revision, "json", &path, err);
		if (code != RH_OK) {
			return code;
		}
		if (!rh_file_exists(path)) {
			*out = revision - 1;
			return RH_OK;
		}
	}
}

int rh_plan_load(const struct rh_workspace *workspace, int64_t revision, struct rh_plan *out,
		 struct rh_err *err)
{
	struct rh_plan plan = {0};
	rh_autofree char *path = NULL;
	rh_autobuf text = {0};
	int code = RH_OK;

	if (revision == 0) {
		code = rh_plan_newest(workspace, &revision, err);
	}
	if (code == RH_OK) {
		code = rh_plan_path(workspace, revision, "json", &path, err);
	}
	if (code != RH_OK) {
		return code;
	}
	if (revision <= 0 || !rh_file_exists(path)) {
		(void)rh_err_set(err, RH_ESTATE, "there is no plan%s",
				 revision > 0 ? " with this number" : " yet");
		rh_err_hint(err, "Make one with `rehome plan`.");
		return RH_ESTATE;
	}
	rh_buf_init(&text, PLAN_MAX);
	if ((code = rh_file_read(path, &text, err)) != RH_OK) {
		return code;
	}
	plan.groups = rh_groups_new();
	if (plan.groups == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = parse_plan(rh_buf_str(&text), &plan, err);
	if (code != RH_OK) {
		rh_plan_done(&plan);
		return rh_err_context(err, code, "reading plan %lld", (long long)revision);
	}
	*out = plan;
	return RH_OK;
}

/* P3: the newest revision, when it says the same and its ids (P4) are still its own to give. */
static int same_as_newest(const struct rh_plan_inputs *inputs, int64_t newest,
			  const struct rh_plan *plan, struct rh_plan *known, bool *is_same,
			  struct rh_err *err)
{
	bool has_others = false;
	bool has_rejected = false;
	int code;

	*is_same = false;
	if (newest == 0 || (code = rh_plan_load(inputs->workspace, newest, known, err)) != RH_OK) {
		return newest == 0 ? RH_OK : code;
	}
	if (strcmp(known->fingerprint, plan->fingerprint) != 0) {
		return RH_OK;
	}
	if (inputs->ledger != NULL &&
	    ((code = rh_ledger_has_others(inputs->ledger, known->base, newest, &has_others, err)) !=
		     RH_OK ||
	     (code = rh_ledger_has_rejected(inputs->ledger, newest, &has_rejected, err)) !=
		     RH_OK)) {
		return code;
	}
	*is_same = !has_others && !has_rejected;
	return RH_OK;
}

/* Puts plans/next.db in its place, then the JSON that makes the revision exist. */
static int store(struct rh_plan_builder *builder, struct rh_plan *plan,
		 const struct rh_source *source, struct rh_err *err)
{
	const struct rh_workspace *workspace = builder->inputs.workspace;
	rh_autofree char *json_path = NULL;
	rh_autofree char *db_path = NULL;
	int code;

	if ((code = rh_db_commit(builder->exceptions, err)) != RH_OK ||
	    (code = rh_db_exec(builder->exceptions, sql_one_file, err)) != RH_OK) {
		return code;
	}
	rh_db_close(builder->exceptions);
	builder->exceptions = NULL;
	if ((code = rh_plan_path(workspace, plan->revision, "db", &db_path, err)) != RH_OK ||
	    (code = rh_plan_path(workspace, plan->revision, "json", &json_path, err)) != RH_OK ||
	    (code = rh_source_keep_marks(source, plan->revision, err)) != RH_OK ||
	    (code = rh_file_rename(builder->exceptions_path, db_path, err)) != RH_OK) {
		return code;
	}
	return save(builder, plan, source, json_path, err);
}

static int finish(struct rh_plan_builder *builder, const struct rh_source *source,
		  struct rh_plan *plan, struct rh_err *err)
{
	const struct rh_workspace *workspace = builder->inputs.workspace;
	struct rh_plan known = {0};
	struct rh_ledger_counts counts = {0};
	int64_t newest = 0;
	bool is_same = false;
	int code;

	if ((code = rh_plan_options_digest(&builder->inputs, plan->options_digest, err)) != RH_OK) {
		return code;
	}
	inputs_digest(source, plan->inputs_digest);
	if ((code = rh_plan_carry(builder, plan->inputs_digest, err)) != RH_OK) {
		return code;
	}
	plan->counts = builder->counts;
	if ((code = fingerprint(builder, plan, err)) != RH_OK ||
	    (code = rh_plan_newest(workspace, &newest, err)) != RH_OK ||
	    (code = same_as_newest(&builder->inputs, newest, plan, &known, &is_same, err)) !=
		    RH_OK) {
		rh_plan_done(&known);
		return code;
	}
	plan->revision = is_same ? newest : newest + 1;
	if (!is_same && builder->inputs.ledger != NULL) {
		code = rh_ledger_count(builder->inputs.ledger, &counts, err);
	}
	plan->base = is_same ? known.base : counts.last_id;
	rh_plan_done(&known);
	return code == RH_OK ? store(builder, plan, source, err) : code;
}

int rh_plan_finish(struct rh_plan_builder *builder, const struct rh_source *source, uint64_t reads,
		   int64_t predicted_us, struct rh_plan *out, struct rh_err *err)
{
	struct rh_plan plan = {.created_at = builder->inputs.clock->now(builder->inputs.clock)};
	const struct rh_plan_counts *counts;
	int code;

	builder->counts.reads = reads;
	builder->counts.predicted_us = predicted_us;
	code = rh_plan_count_writes(builder, &counts, err);
	if (code == RH_OK) {
		code = count_beyond(builder, err);
	}
	if (builder->inputs.there != NULL) {
		plan.there = *builder->inputs.there;
		plan.there_of = plan.there.is_read ? builder->inputs.target : NULL;
	}
	builder->counts.settings = builder->inputs.asked;
	plan.counts = builder->counts;
	plan.groups = builder->groups;
	rh_groups_sort(plan.groups);
	if (code == RH_OK) {
		code = finish(builder, source, &plan, err);
	}
	if (code == RH_OK) {
		builder->groups = NULL; /* the plan has them now */
		*out = plan;
	}
	rh_plan_abandon(builder);
	return code;
}
