/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of the rehearsed WorkOS: what may stand in a list's query. */
#include "base/str.h"
#include "connectors/workos/workos_rehearse.h"

enum {
	LIMIT_USUAL = 10,
	LIMIT_MAX = 100,
	ULID_LEN = 26,
};

static bool is_cursor(struct rh_str text, const char *prefix)
{
	return rh_str_starts(text, prefix) && text.len == strlen(prefix) + ULID_LEN;
}

bool workos_read_page(struct rh_call *call, const char *cursor_prefix, struct workos_page *out)
{
	struct workos_problem problems[4];
	size_t count = 0;
	struct rh_str limit = rh_call_query(call, "limit");
	struct rh_str order = rh_call_query(call, "order");
	struct workos_page page = {
		.limit = LIMIT_USUAL,
		.before = rh_call_query(call, "before"),
		.after = rh_call_query(call, "after"),
		.is_ascending = rh_str_is(order, "asc"),
		.is_normal = rh_str_is(order, "normal"),
	};

	if (limit.ptr != NULL &&
	    (!rh_str_to_u64(limit, &page.limit) || page.limit < 1 || page.limit > LIMIT_MAX)) {
		problems[count++] = (struct workos_problem){"limit", "invalid_limit",
							    "limit must be a number from 1 to 100"};
	}
	if (order.ptr != NULL && !page.is_ascending && !page.is_normal &&
	    !rh_str_is(order, "desc")) {
		problems[count++] = (struct workos_problem){"order", "invalid_order",
							    "order must be asc, desc or normal"};
	}
	if ((page.before.ptr != NULL && !is_cursor(page.before, cursor_prefix)) ||
	    (page.after.ptr != NULL && !is_cursor(page.after, cursor_prefix))) {
		problems[count++] =
			(struct workos_problem){"after", "invalid_cursor",
						"before and after must be ids of objects"};
	} else if (page.before.ptr != NULL && page.after.ptr != NULL) {
		problems[count++] = (struct workos_problem){"after", "invalid_cursor",
							    "before and after exclude each other"};
	}
	if (count > 0) {
		workos_answer_problems(call, problems, count);
		return false;
	}
	*out = page;
	return true;
}

void workos_answer_empty_list(struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_put_raw(&writer, RH_STR("{\"object\":\"list\",\"data\":[],"
					"\"list_metadata\":{\"before\":null,\"after\":null}}"));
}
