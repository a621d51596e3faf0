/* SPDX-License-Identifier: Apache-2.0 */
/* Who is named by --only, --except and --resume-after, and who is left out for it. */
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "plan/plan_internal.h"

/* What the maps of --only and --except say of an id. */
enum { ID_WANTED = 1, ID_FOUND = 2 };

/* --only and --except. */
static int load(const struct rh_text_list *list, struct rh_map **out, struct rh_err *err)
{
	uint64_t seed;

	if (list->count == 0) {
		return RH_OK;
	}
	rh_random_bytes(&seed, sizeof(seed));
	*out = rh_map_new(seed);
	if (*out == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < list->count; i++) {
		if (rh_map_put(*out, rh_str_from(list->items[i]), ID_WANTED) != RH_OK) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	}
	return RH_OK;
}

int rh_plan_load_ids(struct rh_plan_builder *builder, struct rh_err *err)
{
	const struct rh_settings *settings = builder->inputs.settings;
	int code = load(&settings->only, &builder->only, err);

	return code == RH_OK ? load(&settings->except, &builder->except, err) : code;
}

/* Is the id in the list?  Counts each once. */
static bool is_named(struct rh_map *ids, struct rh_str source_id, size_t *found)
{
	uint64_t seen;

	if (ids == NULL || source_id.ptr == NULL || !rh_map_find(ids, source_id, &seen)) {
		return false;
	}
	if (seen == ID_WANTED && rh_map_put(ids, source_id, ID_FOUND) == RH_OK) {
		++*found;
	}
	return true;
}

bool rh_plan_is_left_out(struct rh_plan_builder *builder, struct rh_str source_id)
{
	const struct rh_settings *settings = builder->inputs.settings;
	size_t found = builder->only_found;
	bool is_asked_for = is_named(builder->only, source_id, &builder->only_found);
	bool is_excepted = is_named(builder->except, source_id, &builder->except_found);

	if (settings->resume_after != NULL && !builder->resume_found) {
		builder->resume_found = rh_str_is(source_id, settings->resume_after);
		builder->only_passed += builder->only_found - found;
		return true;
	}
	if ((builder->only != NULL && !is_asked_for) || is_excepted ||
	    (settings->limit > 0 && builder->taken >= settings->limit)) {
		return true;
	}
	builder->taken++;
	return false;
}

static int not_there(const char *option, size_t missing, size_t count, const char *what,
		     struct rh_err *err)
{
	(void)rh_err_set(err, RH_EUSAGE, "%zu of the %zu ids named by %s %s", missing, count,
			 option, what);
	rh_err_hint(err, "Ids are those of the source, letter for letter.");
	return RH_EUSAGE;
}

int rh_plan_check_ids(const struct rh_plan_builder *builder, struct rh_err *err)
{
	const struct rh_settings *settings = builder->inputs.settings;
	size_t only = builder->only != NULL ? rh_map_count(builder->only) : 0;
	size_t except = builder->except != NULL ? rh_map_count(builder->except) : 0;

	if (settings->resume_after != NULL && !builder->resume_found) {
		return rh_err_set(err, RH_EUSAGE,
				  "the id named by --resume-after does not occur in the input");
	}
	if (builder->only_found < only) {
		return not_there("--only", only - builder->only_found, only,
				 "do not occur in the input", err);
	}
	if (builder->only_passed > 0) {
		return not_there("--only", builder->only_passed, only,
				 "are left out by --resume-after", err);
	}
	return builder->except_found < except
		       ? not_there("--except", except - builder->except_found, except,
				   "do not occur in the input", err)
		       : RH_OK;
}
