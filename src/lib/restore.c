/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a plan in the workspace, for those that are not given now. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "lib/migration.h"

/* A text of the document as a C string of its own; NULL: memory out. */
static const char *copy_text(struct rh_migration *migration, const struct rh_json_node *value)
{
	struct rh_str copy;

	return rh_arena_copy(&migration->arena, rh_json_text(value), &copy) ? copy.ptr : NULL;
}

static int set_from(struct rh_migration *migration, const struct rh_option *option,
		    const struct rh_json_node *value, struct rh_err *err)
{
	const char *text = copy_text(migration, value);
	struct rh_option plain = *option;

	plain.flags &= ~(unsigned)RH_OPTION_LINES; /* "@FILE" was read when the plan was made */
	if (text == NULL && rh_json_text(value).ptr != NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for option \"%s\"", option->name);
	}
	if (text == NULL) {
		return rh_err_set(err, RH_EINPUT, "option \"%s\" of the plan cannot be read",
				  option->name);
	}
	return rh_option_set(&plain, &migration->settings, NULL, text, &migration->arena, err);
}

static int restore_setting(struct rh_migration *migration, struct rh_str name,
			   const struct rh_json_node *value, struct rh_err *err)
{
	const struct rh_json_node *item = NULL;
	const struct rh_option *option;
	char text[64];
	int code = RH_OK;

	(void)snprintf(text, sizeof(text), "%.*s", RH_STR_ARG(name));
	option = rh_option_find(rh_settings_table, text);
	if (option == NULL || !rh_setting_is_kept(option) ||
	    migration->is_given[option - rh_settings_table]) {
		return RH_OK;
	}
	migration->is_given[option - rh_settings_table] =
		true; /* once: a list would grow each time */
	if (rh_json_type(value) != RH_JSON_ARRAY) {
		return set_from(migration, option, value, err);
	}
	while (code == RH_OK && (item = rh_json_next(value, item, NULL)) != NULL) {
		code = set_from(migration, option, item, err);
	}
	return code;
}

/* An option of the plan counts where none is given now. */
static int restore_option(struct rh_migration *migration, const char *prefix, struct rh_str name,
			  const struct rh_json_node *value, struct rh_err *err)
{
	const char *content = copy_text(migration, value);
	char text[128];

	(void)snprintf(text, sizeof(text), "%s-%.*s", prefix, RH_STR_ARG(name));
	if (content == NULL || !rh_pending_is_known(text) ||
	    rh_pending_find(migration, prefix, text + strlen(prefix) + 1, true) != NULL) {
		return RH_OK;
	}
	return rh_pending_keep(migration, text, content, true, err);
}

/* Of the target, or of the source, of a plan. */
static int restore_side(struct rh_migration *migration, struct rh_str provider,
			const struct rh_json_node *options, struct rh_err *err)
{
	const struct rh_json_node *value = NULL;
	struct rh_str name;
	int code = RH_OK;

	while (code == RH_OK && provider.ptr != NULL &&
	       (value = rh_json_next(options, value, &name)) != NULL) {
		char prefix[64];
		(void)snprintf(prefix, sizeof(prefix), "%.*s", RH_STR_ARG(provider));
		code = restore_option(migration, prefix, name, value, err);
	}
	return code;
}

static int restore_from(struct rh_migration *migration, const struct rh_json_node *root,
			struct rh_err *err)
{
	const struct rh_json_node *options = rh_json_get(root, "options");
	const struct rh_json_node *value = NULL;
	struct rh_str name;
	struct rh_str source = rh_json_get_string(options, "from");
	struct rh_str target = rh_json_get_string(options, "to");
	int code = RH_OK;

	while (code == RH_OK && (value = rh_json_next(options, value, &name)) != NULL) {
		code = restore_setting(migration, name, value, err);
	}
	if (code == RH_OK) {
		code = restore_side(migration, target, rh_json_get(root, "target_options"), err);
	}
	/* With the same provider on both sides its bare options are the target's. */
	return code == RH_OK ? restore_side(migration,
					    rh_str_eq(source, target) ? RH_STR("from") : source,
					    rh_json_get(root, "source_options"), err)
			     : code;
}

int rh_migration_plan_path(const struct rh_migration *migration, int64_t revision,
			   struct rh_buf *out, struct rh_err *err)
{
	for (int64_t number = revision != 0 ? revision : 1;; number++) {
		rh_autobuf next = {0};
		rh_buf_init(&next, 4096);
		rh_buf_printf(&next, "%s/plans/%lld.json", migration->settings.workspace,
			      (long long)number);
		if (rh_buf_check(&next, "path", err) != RH_OK) {
			return next.failed;
		}
		if (!rh_file_exists(next.ptr)) {
			return RH_OK;
		}
		rh_buf_reset(out);
		rh_buf_add_str(out, rh_buf_str(&next));
		if (revision != 0) {
			return rh_buf_check(out, "path", err);
		}
	}
}

int rh_migration_restore(struct rh_migration *migration, int64_t revision, struct rh_err *err)
{
	__attribute__((cleanup(rh_json_done))) struct rh_json json = {0};
	rh_autobuf text = {0};
	rh_autobuf path = {0};
	int code;

	if (migration->settings.workspace == NULL) {
		return RH_OK;
	}
	rh_buf_init(&path, 4096);
	rh_buf_init(&text, RH_PLAN_LIMIT);
	code = rh_migration_plan_path(migration, revision, &path, err);
	if (code != RH_OK || path.len == 0) {
		return code;
	}
	code = rh_file_read(path.ptr, &text, err);
	if (code == RH_OK) {
		code = rh_json_parse(&json, text.ptr, text.len, err);
	}
	if (code == RH_OK) {
		code = restore_from(migration, rh_json_root(&json), err);
	}
	return code == RH_OK ? RH_OK : rh_err_context(err, code, "reading the plan's options");
}
