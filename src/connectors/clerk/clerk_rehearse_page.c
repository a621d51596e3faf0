/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of the rehearsed Clerk, but for those of users: limit and offset, an order, filters.
 *
 * The order of created_at is the store's own, or that of a group, which is nearly always sorted already; so a page
 * costs what is on it, however many objects there are, unless it is filtered or ordered otherwise.
 */
#include <stdlib.h>

#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

enum {
	LIMIT_USUAL = 10,
	LIMIT_MAX = 500,
};

const struct clerk_order clerk_order_usual[] = {{.name = "created_at", .number = clerk_created_at},
						{0}};

int64_t clerk_created_at(const struct rh_call *call, const struct rh_object *object)
{
	(void)call;
	return object->numbers[CLERK_CREATED_AT];
}

struct rh_str clerk_name_of(const struct rh_call *call, const struct rh_object *object)
{
	(void)call;
	return object->fields[1];
}

/* What the query asks for. */
struct asked {
	const struct clerk_order *order;
	bool is_descending;
	uint64_t limit;
	uint64_t offset;
};

/* What qsort needs to know. */
struct sorting {
	const struct rh_call *call;
	const struct rh_store *store;
	const struct clerk_order *order;
};

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct sorting *sorting = context;
	uint32_t left_row = *(const uint32_t *)a;
	uint32_t right_row = *(const uint32_t *)b;
	struct rh_object left;
	struct rh_object right;
	int order;

	rh_store_get(sorting->store, left_row, &left);
	rh_store_get(sorting->store, right_row, &right);
	if (sorting->order->number != NULL) {
		int64_t left_number = sorting->order->number(sorting->call, &left);
		int64_t right_number = sorting->order->number(sorting->call, &right);

		order = left_number < right_number ? -1 : left_number > right_number;
	} else {
		order = rh_str_cmp(sorting->order->text(sorting->call, &left),
				   sorting->order->text(sorting->call, &right));
	}
	if (order != 0) {
		return order;
	}
	return left_row < right_row ? -1 : left_row > right_row;
}

static void sort_rows(const struct sorting *sorting, uint32_t *rows, size_t count)
{
	bool is_sorted = true;

	for (size_t i = 1; i < count && is_sorted; i++) {
		is_sorted = compare_rows(&rows[i - 1], &rows[i], (void *)(uintptr_t)sorting) < 0;
	}
	if (!is_sorted) {
		qsort_r(rows, count, sizeof(*rows), compare_rows, (void *)(uintptr_t)sorting);
	}
}

/* The rows of the list before it is filtered, in the order of created_at; NULL: none, or no memory. */
static const uint32_t *all_rows(struct rh_call *call, const struct clerk_page *page, size_t *count)
{
	struct rh_store *store = clerk_store(call, page->store);
	struct sorting sorting = {call, store, clerk_order_usual};
	uint32_t *rows;
	size_t row = RH_ROW_NONE;
	size_t at = 0;

	if (page->of.ptr == NULL) {
		*count = rh_store_count(store);
		return rh_store_sorted(store);
	}
	*count = rh_store_group_count(store, page->group, page->of);
	rows = rh_arena_calloc(&call->arena, *count + 1, sizeof(*rows));
	while (rows != NULL &&
	       (row = rh_store_group_next(store, page->group, page->of, row)) != RH_ROW_NONE) {
		rows[at++] = (uint32_t)row;
	}
	if (rows != NULL) {
		sort_rows(&sorting, rows, at);
	}
	return rows;
}

/* Those that pass, in the order that is wished for; *rows is the list, and becomes a copy of it. */
static bool choose(struct rh_call *call, const struct clerk_page *page,
		   const struct clerk_order *order, const uint32_t **rows, size_t *count)
{
	struct rh_store *store = clerk_store(call, page->store);
	struct sorting sorting = {call, store, order};
	uint32_t *chosen;
	size_t kept = 0;

	if (page->passes == NULL && order == page->orders) {
		return true;
	}
	chosen = rh_arena_calloc(&call->arena, *count + 1, sizeof(*chosen));
	if (chosen == NULL) {
		return false;
	}
	for (size_t i = 0; i < *count; i++) {
		struct rh_object object;

		rh_store_get(store, (*rows)[i], &object);
		if (page->passes == NULL || page->passes(call, &object, page->wish)) {
			chosen[kept++] = (*rows)[i];
		}
	}
	if (order != page->orders) {
		sort_rows(&sorting, chosen, kept);
	}
	*rows = chosen;
	*count = kept;
	return true;
}

/* From order_by; the first of the page's where there is none, or an error is added. */
static void read_order(struct rh_call *call, const struct clerk_page *page, struct asked *asked,
		       struct clerk_errors *errors)
{
	struct rh_str text = rh_call_query(call, "order_by");

	asked->order = page->orders;
	asked->is_descending = text.ptr == NULL || rh_str_starts(text, "-");
	if (text.ptr == NULL) {
		return;
	}
	if (rh_str_starts(text, "-") || rh_str_starts(text, "+")) {
		text = rh_str_sub(text, 1, text.len);
	}
	for (const struct clerk_order *order = page->orders; order->name != NULL; order++) {
		if (rh_str_is(text, order->name)) {
			asked->order = order;
			return;
		}
	}
	clerk_add_error(errors, "form_param_value_invalid", "order_by",
			"is not a supported order.");
}

static void write_page(struct rh_call *call, const struct clerk_page *page,
		       const struct asked *asked, const uint32_t *rows, size_t count)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	if (!page->is_array) {
		rh_json_begin_object(&writer);
		rh_json_key(&writer, "data");
	}
	rh_json_begin_array(&writer);
	for (uint64_t i = asked->offset; i < count && i - asked->offset < asked->limit; i++) {
		struct rh_object object;

		rh_store_get(clerk_store(call, page->store),
			     rows[asked->is_descending ? count - 1 - i : i], &object);
		page->write(call, &writer, &object);
	}
	rh_json_end_array(&writer);
	if (!page->is_array) {
		rh_json_key(&writer, "total_count");
		rh_json_put_u64(&writer, count);
		rh_json_end_object(&writer);
	}
}

void clerk_answer_page(struct rh_call *call, const struct clerk_page *page)
{
	struct asked asked = {.limit = LIMIT_USUAL};
	struct clerk_errors errors = {0};
	const uint32_t *rows;
	size_t count;

	clerk_read_number(call, "limit", 1, LIMIT_MAX, &asked.limit, &errors);
	clerk_read_number(call, "offset", 0, INT32_MAX, &asked.offset, &errors);
	read_order(call, page, &asked, &errors);
	if (clerk_refuse_all(call, 422, &errors)) {
		return;
	}
	rows = all_rows(call, page, &count);
	if ((rows != NULL || count == 0) && choose(call, page, asked.order, &rows, &count)) {
		write_page(call, page, &asked, rows, count);
	}
}

void clerk_read_values(struct rh_call *call, const char *name, bool is_signed,
		       struct clerk_values *values, struct clerk_errors *errors)
{
	size_t at = 0;
	struct rh_str value;

	while ((value = rh_call_query_next(call, name, &at)).ptr != NULL) {
		bool has_sign =
			is_signed && value.len > 0 && (value.ptr[0] == '+' || value.ptr[0] == '-');

		if (values->count == CLERK_VALUES_MAX) {
			clerk_add_error(errors, "form_param_array_size_exceeded", name,
					"should not exceed 100 values.");
			return;
		}
		values->is_left_out[values->count] = has_sign && value.ptr[0] == '-';
		values->included += values->is_left_out[values->count] ? 0 : 1;
		values->list[values->count++] = has_sign ? rh_str_sub(value, 1, value.len) : value;
	}
}

bool clerk_passes_values(const struct clerk_values *values, struct rh_str value)
{
	bool is_in = values->included == 0;

	for (size_t i = 0; i < values->count; i++) {
		if (rh_str_eq(values->list[i], value)) {
			if (values->is_left_out[i]) {
				return false;
			}
			is_in = true;
		}
	}
	return is_in;
}
