/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a migration lives on: nothing else may be written over them. */
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "lib/migration.h"

static bool is_same_file(const struct stat *left, struct rh_str path)
{
	struct stat status;
	rh_autobuf name = {0};

	rh_buf_init(&name, RH_TEXT_MAX);
	rh_buf_add_str(&name, path);
	return name.failed == 0 && name.len > 0 && stat(name.ptr, &status) == 0 &&
	       status.st_dev == left->st_dev && status.st_ino == left->st_ino;
}

/* Did this plan read the file? */
static int look_at_plan(const char *plan, const struct stat *status, bool *is_input,
			struct rh_err *err)
{
	__attribute__((cleanup(rh_json_done))) struct rh_json json = {0};
	const struct rh_json_node *item = NULL;
	const struct rh_json_node *inputs;
	rh_autobuf text = {0};
	int code;

	rh_buf_init(&text, RH_PLAN_LIMIT);
	if ((code = rh_file_read(plan, &text, err)) != RH_OK ||
	    (code = rh_json_parse(&json, text.ptr, text.len, err)) != RH_OK) {
		return rh_err_context(err, code, "reading \"%s\"", plan);
	}
	inputs = rh_json_get(rh_json_get(rh_json_root(&json), "options"), "file");
	while (rh_json_type(inputs) == RH_JSON_ARRAY && !*is_input &&
	       (item = rh_json_next(inputs, item, NULL)) != NULL) {
		*is_input = is_same_file(status, rh_json_text(item));
	}
	return RH_OK;
}

static int look_at_plans(const struct rh_migration *migration, const char *path, bool *is_input,
			 struct rh_err *err)
{
	struct stat status;
	int code = RH_OK;

	if (stat(path, &status) != 0) {
		return RH_OK;
	}
	for (int64_t revision = 1; code == RH_OK && !*is_input; revision++) {
		rh_autobuf plan = {0};
		rh_buf_init(&plan, RH_TEXT_MAX);
		code = rh_migration_plan_path(migration, revision, &plan, err);
		if (code != RH_OK || plan.len == 0) {
			return code;
		}
		code = look_at_plan(plan.ptr, &status, is_input, err);
	}
	return code;
}

int rh_migration_check_out(struct rh_migration *migration, const char *path, struct rh_err *err)
{
	struct rh_err own;
	bool is_inside = false;
	bool is_input = false;
	int code;

	err = rh_migration_err(err, &own);
	if (migration->settings.workspace == NULL) {
		return RH_OK;
	}
	code = rh_workspace_holds(migration->settings.workspace, path, &is_inside, err);
	if (code == RH_OK && !is_inside) {
		code = look_at_plans(migration, path, &is_input, err);
	}
	if (code != RH_OK || (!is_inside && !is_input)) {
		return code;
	}
	(void)rh_err_set(err, RH_EUSAGE,
			 is_inside ? "\"%s\" would lie inside the workspace, where the migration "
				     "keeps its own files"
				   : "\"%s\" is an input of this migration",
			 path);
	rh_err_hint(err, "Name another file with --out; this one is not written over, also not "
			 "with --yes.");
	return RH_EUSAGE;
}
