/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of Clerk, request by request, and what the answers mean (connector.h, C1-C7).
 *
 * An answer that says what became of the row ends the operation with DONE and the fate in the row.  FAIL is for what
 * says nothing about the row: no permission, a full instance, an address where no API lives, an answer that cannot be
 * read.  Nothing is concluded from the latter, above all not that somebody is absent.
 */
#include "connectors/clerk/clerk_target_steps.h"

#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

#define USERS "/v1/users"
/* Addresses grow by the values of filters: some ways refuse those beyond eight thousand bytes. */
#define FILTER_LEN_MAX 6000U

/* ---- asking --------------------------------------------------------------------------------------------- */

void clerk_send(const struct clerk *clerk, struct rh_answer *answer, const char *method,
		struct rh_str path, struct rh_str body)
{
	*answer = (struct rh_answer){
		.kind = RH_ANSWER_SEND,
		.request =
			{
				.form = RH_REQUEST_HTTP,
				.is_writing = strcmp(method, "GET") != 0,
				.buckets = 1U << CLERK_BUCKET_ALL,
				.method = method,
				.path = path,
				.body = body,
				.header = "Clerk-API-Version",
				.header_value = clerk_versions[clerk->api_version],
				.auth = RH_AUTH_INSTANCE,
				.sink = RH_SINK_BUFFER,
			},
	};
}

int clerk_send_user(const struct clerk *clerk, struct rh_operation *operation, const char *method,
		    const char *behind, struct rh_str body, struct rh_answer *answer)
{
	struct rh_str path;
	int code = rh_step_path(operation->arena, USERS "/", operation->rows[0].target_id, behind,
				&path);

	if (code == RH_OK) {
		clerk_send(clerk, answer, method, path, body);
	}
	return code;
}

int clerk_send_filter(const struct clerk *clerk, struct rh_operation *operation, const char *before,
		      struct rh_str value, struct rh_answer *answer)
{
	struct rh_str path;
	int code = rh_step_path(operation->arena, before, value, "", &path);

	if (code == RH_OK) {
		clerk_send(clerk, answer, "GET", path, RH_STR_ABSENT);
	}
	return code;
}

/* ---- answering ------------------------------------------------------------------------------------------- */

/* Parts that may be left out of what was sent. */
static unsigned sent_parts(const struct clerk *clerk, const struct rh_operation *operation)
{
	unsigned parts = operation->row_count > 0 ? operation->rows[0].parts : 0;

	return clerk->drops_second_factors
		       ? parts
		       : parts & ~(unsigned)(RH_PART_TOTP | RH_PART_BACKUP_CODES);
}

static bool concerns_all(const struct clerk_refusal *refusal)
{
	return refusal->scope != RH_SCOPE_ROW || refusal->outcome == RH_OUTCOME_DENIED ||
	       refusal->outcome == RH_OUTCOME_AWAY;
}

/* NOLINTNEXTLINE(readability-function-size) */
int clerk_settle_refusal(const struct clerk *clerk, struct rh_operation *operation,
			 const struct rh_json_node *root, int status, enum clerk_lack lack,
			 bool was_writing, struct rh_answer *answer)
{
	struct clerk_refusal refusal = {.outcome = RH_OUTCOME_NONE};
	int code = RH_EINPUT;

	if (status >= 400) { /* else a success that nobody knows: it refuses nothing */
		code = clerk_refusal_read(root, status, sent_parts(clerk, operation),
					  operation->arena, &refusal);
	}
	if (code == RH_EINPUT) {
		rh_step_fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	if (code != RH_OK) {
		return code;
	}
	if (status == 404 && lack == CLERK_LACK_IS_ABSENT && operation->row_count > 0) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	if (status == 404 && lack == CLERK_LACK_IS_WRONG_PLACE) {
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_RUN, RH_STR("http_404"),
			     "the target knows no users: is the API address right?");
		return RH_OK;
	}
	if (concerns_all(&refusal) || operation->row_count == 0) {
		rh_step_fail(answer, refusal.outcome,
			     refusal.scope == RH_SCOPE_ROW ? RH_SCOPE_KIND : refusal.scope,
			     refusal.code, refusal.cause);
		return RH_OK;
	}
	rh_step_done(operation, answer, refusal.outcome);
	for (size_t i = 0; i < operation->row_count; i++) {
		operation->rows[i].parts_at_fault = refusal.parts_at_fault;
		operation->rows[i].code = refusal.code;
		operation->rows[i].cause = refusal.cause;
	}
	return RH_OK;
}

const struct rh_json_node *clerk_list_of(const struct rh_json_node *root)
{
	const struct rh_json_node *data = rh_json_get(root, "data");

	if (rh_json_type(root) == RH_JSON_ARRAY) {
		return root;
	}
	return rh_json_type(data) == RH_JSON_ARRAY ? data : NULL;
}

/* Fills the row by the user that `node` is.  RH_OK; RH_EINPUT: it is none; RH_ENOMEM. */
static int take_user(const struct clerk *clerk, struct rh_operation *operation, struct rh_row *row,
		     const struct rh_json_node *node)
{
	struct rh_record record = {.json = node, .number = 1};
	int code = clerk_observe(clerk, &record, operation->arena, &row->observed, NULL);

	if (code != RH_OK) {
		return code;
	}
	if (row->target_id.ptr == NULL) { /* else it was asked for, and stays */
		row->target_id = row->observed.target_id;
	}
	row->has_observed = true;
	row->outcome = RH_OUTCOME_DONE;
	return RH_OK;
}

int clerk_answer_user(const struct clerk *clerk, struct rh_operation *operation,
		      const struct rh_response *response, enum clerk_lack lack, bool was_writing,
		      struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 && response->status != 201) {
		return clerk_settle_refusal(clerk, operation, root, response->status, lack,
					    was_writing, answer);
	}
	code = take_user(clerk, operation, &operation->rows[0], root);
	if (code == RH_EINPUT) {
		rh_step_fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	if (code == RH_OK) {
		*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
	}
	return code;
}

static bool has_row(const struct rh_operation *operation)
{
	return operation->row_count == 1 && operation->rows != NULL;
}

/* ---- probe and count ---------------------------------------------------------------------------------------- */

/* Whose instance the key is; where one is named, another one ends the run before anything is written. */
int clerk_step_probe(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	const struct clerk *clerk = instance;
	const struct rh_json_node *root;
	struct rh_str id;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		clerk_send(clerk, answer, "GET", RH_STR("/v1/instance"), RH_STR_ABSENT);
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	id = rh_json_get_string(root, "id");
	if (response->status != 200 || !rh_str_is_set(id)) {
		return clerk_settle_refusal(clerk, operation, root, response->status,
					    CLERK_LACK_IS_WRONG_PLACE, false, answer);
	}
	if (rh_str_is_set(rh_str_from(clerk->instance_id)) && !rh_str_is(id, clerk->instance_id)) {
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_RUN, RH_STR("another_instance"),
			     "the key belongs to another instance than --clerk-instance-id names");
		return RH_OK;
	}
	if (!rh_arena_copy(operation->arena, id, &operation->tenant)) {
		return RH_ENOMEM;
	}
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

int clerk_step_count(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int64_t total = -1;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		clerk_send(instance, answer, "GET", RH_STR(USERS "/count"), RH_STR_ABSENT);
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || !rh_json_get_i64(root, "total_count", &total) || total < 0) {
		return clerk_settle_refusal(instance, operation, root, response->status,
					    CLERK_LACK_IS_WRONG_PLACE, false, answer);
	}
	operation->total = (uint64_t)total;
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

/* ---- list ------------------------------------------------------------------------------------------------- */

static unsigned page_size(const struct rh_operation *operation)
{
	unsigned limit = operation->page_size;

	return limit == 0 || limit > CLERK_PAGE_MAX ? CLERK_PAGE_MAX : limit;
}

/* Oldest first: who is created during the walk stands at its end. */
static int send_list(const struct clerk *clerk, struct rh_operation *operation,
		     struct rh_answer *answer)
{
	struct rh_str start =
		rh_arena_printf(operation->arena, USERS "?order_by=%%2Bcreated_at&limit=%u%s",
				page_size(operation),
				operation->cursor.ptr != NULL ? "&starting_after=" : "");

	return start.ptr != NULL
		       ? clerk_send_filter(clerk, operation, start.ptr, operation->cursor, answer)
		       : RH_ENOMEM;
}

/* A page is the last one when it is not full; each of its users has an id, or it is no page. */
static int take_page(struct rh_operation *operation, const struct rh_json_node *list,
		     struct rh_answer *answer)
{
	const struct rh_json_node *node = NULL;
	size_t count = rh_json_count(list);
	struct rh_record *records;
	struct rh_str last = RH_STR_ABSENT;

	records = rh_arena_calloc(operation->arena, count + 1, sizeof(*records));
	if (records == NULL) {
		return RH_ENOMEM;
	}
	operation->record_count = 0;
	while ((node = rh_json_next(list, node, NULL)) != NULL) {
		size_t number = ++operation->record_count;

		last = rh_json_get_string(node, "id");
		if (!rh_str_is_set(last)) {
			operation->record_count = 0;
			rh_step_fail_unreadable(answer, false);
			return RH_OK;
		}
		records[number - 1] = (struct rh_record){.json = node, .number = number};
	}
	operation->next_cursor = RH_STR_ABSENT;
	if (count >= page_size(operation) &&
	    !rh_arena_copy(operation->arena, last, &operation->next_cursor)) {
		return RH_ENOMEM;
	}
	operation->records = records;
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

int clerk_step_list(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		return send_list(instance, operation, answer);
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || clerk_list_of(root) == NULL) {
		return clerk_settle_refusal(instance, operation, root, response->status,
					    CLERK_LACK_IS_WRONG_PLACE, false, answer);
	}
	return take_page(operation, clerk_list_of(root), answer);
}

/* ---- get and find ------------------------------------------------------------------------------------------ */

int clerk_step_get(const void *instance, struct rh_operation *operation,
		   const struct rh_response *response, rh_time now, uint64_t seed,
		   struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (!has_row(operation) || !rh_str_is_set(operation->rows[0].target_id)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		return clerk_send_user(instance, operation, "GET", "", RH_STR_ABSENT, answer);
	}
	return clerk_answer_user(instance, operation, response, CLERK_LACK_IS_ABSENT, false,
				 answer);
}

/* Is the text, in compared form, this?  RH_ENOMEM, 0, 1. */
static int is_key(struct rh_str text, struct rh_str key, struct rh_arena *arena)
{
	struct rh_str form = RH_STR_ABSENT;

	if (text.ptr != NULL && !rh_normalise_key(arena, text, &form)) {
		return RH_ENOMEM;
	}
	return form.ptr != NULL && rh_str_eq(form, key) ? 1 : 0;
}

int clerk_user_has_email(const struct rh_json_node *user, struct rh_str email,
			 struct rh_arena *arena)
{
	const struct rh_json_node *list = rh_json_get(user, "email_addresses");
	const struct rh_json_node *item = NULL;
	int has = 0;

	while (has == 0 && rh_json_type(list) == RH_JSON_ARRAY &&
	       (item = rh_json_next(list, item, NULL)) != NULL) {
		has = is_key(rh_json_get_string(item, "email_address"), email, arena);
	}
	return has;
}

/* So that nobody else can have it. */
static bool is_held(const struct rh_json_node *number)
{
	return rh_json_get_bool(number, "reserved", false) ||
	       rh_str_is(rh_json_get_string(rh_json_get(number, "verification"), "status"),
			 CLERK_VERIFIED);
}

static int user_has_phone(const struct rh_json_node *user, struct rh_str phone,
			  struct rh_arena *arena)
{
	const struct rh_json_node *list = rh_json_get(user, "phone_numbers");
	const struct rh_json_node *item = NULL;
	int has = 0;

	while (has == 0 && rh_json_type(list) == RH_JSON_ARRAY &&
	       (item = rh_json_next(list, item, NULL)) != NULL) {
		has = is_held(item) ? is_key(rh_json_get_string(item, "phone_number"), phone, arena)
				    : 0;
	}
	return has;
}

/* What users are asked for by; the sign keeps an id that begins with one from being read as "without". */
enum filter { BY_EXTERNAL_ID, BY_EMAIL, BY_PHONE, BY_USERNAME, FILTERS };
static const char *const filters[FILTERS] = {
	[BY_EXTERNAL_ID] = "&external_id=%2B",
	[BY_EMAIL] = "&email_address=",
	[BY_PHONE] = "&phone_number=",
	[BY_USERNAME] = "&username=",
};

/* FILTERS: by nothing. */
static enum filter filter_of(const struct rh_row *row, struct rh_str *value)
{
	const struct rh_str values[FILTERS] = {
		[BY_EXTERNAL_ID] = row->external_id,
		[BY_EMAIL] = row->email,
		[BY_PHONE] = row->phone,
		[BY_USERNAME] = row->username,
	};
	int filter = 0;

	while (filter < FILTERS && !rh_str_is_set(values[filter])) {
		filter++;
	}
	*value = filter < FILTERS ? values[filter] : RH_STR_ABSENT;
	return (enum filter)filter;
}

/* Asks for rows from number operation->stage on, as many as an address may hold; *to is behind the last. */
static int make_filter(const struct rh_operation *operation, struct rh_buf *path, size_t *to)
{
	size_t row = operation->stage;

	rh_buf_add_cstr(path, USERS "?limit=500");
	for (; row < operation->row_count && path->len < FILTER_LEN_MAX; row++) {
		struct rh_str value;
		struct rh_str next;
		enum filter filter = filter_of(&operation->rows[row], &value);
		size_t before = path->len;

		rh_buf_add_cstr(path, filters[filter]);
		rh_url_encode(path, value);
		if (path->failed != RH_OK) {
			return path->failed;
		}
		if (path->len > FILTER_LEN_MAX && row > operation->stage) {
			path->len = before;
			path->ptr[before] = '\0';
			break;
		}
		if (row + 1 < operation->row_count &&
		    filter_of(&operation->rows[row + 1], &next) != filter) {
			row++; /* another key is another request */
			break;
		}
	}
	*to = row;
	return path->failed;
}

static int send_find(const struct clerk *clerk, struct rh_operation *operation,
		     struct rh_answer *answer)
{
	struct rh_str kept = RH_STR_ABSENT;
	rh_autobuf path = {0};
	size_t to;
	int code;

	rh_buf_init(&path, (size_t)RH_REQUEST_MAX);
	code = make_filter(operation, &path, &to);
	if (code != RH_OK) {
		return code;
	}
	if (!rh_arena_copy(operation->arena, rh_buf_str(&path), &kept)) {
		return RH_ENOMEM;
	}
	clerk_send(clerk, answer, "GET", kept, RH_STR_ABSENT);
	return RH_OK;
}

/* Is this user the one that the row asks for?  RH_ENOMEM, 0, 1. */
static int is_asked(const struct rh_row *row, const struct rh_json_node *user,
		    struct rh_arena *arena, struct rh_str *email)
{
	struct rh_str value;
	enum filter filter = filter_of(row, &value);
	struct rh_str key;

	*email = RH_STR_ABSENT;
	if (filter == BY_EXTERNAL_ID) {
		return rh_str_eq(rh_json_get_string(user, "external_id"), value) ? 1 : 0;
	}
	if (!rh_normalise_key(arena, value, &key)) {
		return RH_ENOMEM;
	}
	if (filter == BY_PHONE) {
		return user_has_phone(user, key, arena);
	}
	if (filter == BY_USERNAME) {
		return is_key(rh_json_get_string(user, "username"), key, arena);
	}
	*email = key;
	return clerk_user_has_email(user, key, arena);
}

/* The row's user among those that were answered, whatever else the filter lets through. */
static int take_found(const struct clerk *clerk, struct rh_operation *operation, struct rh_row *row,
		      const struct rh_json_node *list)
{
	const struct rh_json_node *user = NULL;

	row->outcome = RH_OUTCOME_ABSENT;
	while ((user = rh_json_next(list, user, NULL)) != NULL) {
		struct rh_str email;
		int code = is_asked(row, user, operation->arena, &email);

		if (code == 1) {
			row->target_id = RH_STR_ABSENT;
			code = take_user(clerk, operation, row, user);
			if (code == RH_OK && email.ptr != NULL) {
				row->observed.email =
					email; /* it may be another than the primary */
			}
			return code;
		}
		if (code != 0) {
			return code;
		}
	}
	return RH_OK;
}

/* Nobody is absent of a list in which something is no user. */
static bool are_users(const struct rh_json_node *list)
{
	const struct rh_json_node *user = NULL;

	while ((user = rh_json_next(list, user, NULL)) != NULL) {
		if (!rh_str_is_set(rh_json_get_string(user, "id")) ||
		    rh_json_type(rh_json_get(user, "email_addresses")) != RH_JSON_ARRAY) {
			return false;
		}
	}
	return list != NULL;
}

static int answer_find(const struct clerk *clerk, struct rh_operation *operation,
		       const struct rh_response *response, struct rh_answer *answer)
{
	const struct rh_json_node *root;
	rh_autobuf path = {0};
	size_t to = operation->stage;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || !are_users(clerk_list_of(root))) {
		return clerk_settle_refusal(clerk, operation, root, response->status,
					    CLERK_LACK_IS_WRONG_PLACE, false, answer);
	}
	rh_buf_init(&path, (size_t)RH_REQUEST_MAX);
	code = make_filter(operation, &path, &to); /* which rows it was that were asked for */
	for (size_t i = operation->stage; i < to && code == RH_OK; i++) {
		code = take_found(clerk, operation, &operation->rows[i], clerk_list_of(root));
	}
	if (code != RH_OK) {
		return code;
	}
	operation->stage = (unsigned)to;
	if (to < operation->row_count) {
		return send_find(clerk, operation, answer);
	}
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
	return RH_OK;
}

int clerk_step_find(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	for (size_t i = 0; i < operation->row_count; i++) {
		struct rh_str value;

		if (filter_of(&operation->rows[i], &value) == FILTERS) {
			return RH_EINVAL;
		}
	}
	if (operation->row_count == 0 || operation->row_count > CLERK_FILTER_MAX) {
		return RH_EINVAL;
	}
	return response == NULL ? send_find(instance, operation, answer)
				: answer_find(instance, operation, response, answer);
}

/* ---- create ------------------------------------------------------------------------------------------------ */

/* The body in the arena; absent: the policy leaves no identifier to send. */
static int make_body(const struct clerk *clerk, struct rh_operation *operation, struct rh_str *out)
{
	static const struct rh_mapping_policy defaults = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	const struct rh_row *row = &operation->rows[0];
	struct rh_wire wire;
	rh_autobuf body = {0};
	int code;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	code = clerk_to_wire(clerk, row->account, row->policy != NULL ? row->policy : &defaults,
			     row->parts, operation->arena, NULL, &body, &wire, NULL);
	*out = RH_STR_ABSENT;
	if (code == RH_OK && body.len > 0 &&
	    !rh_arena_copy(operation->arena, rh_buf_str(&body), out)) {
		return RH_ENOMEM;
	}
	return code;
}

/* Its id is all that is kept of who was created: the rest is what was sent, and verify reads it back. */
static int take_created(const struct clerk *clerk, struct rh_operation *operation,
			const struct rh_response *response, struct rh_answer *answer)
{
	const struct rh_json_node *root;
	struct rh_str id;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	id = rh_json_get_string(root, "id");
	if ((response->status != 200 && response->status != 201) || !rh_str_is_set(id)) {
		return clerk_settle_refusal(clerk, operation, root, response->status,
					    CLERK_LACK_IS_WRONG_PLACE, true, answer);
	}
	if (!rh_arena_copy(operation->arena, id, &operation->rows[0].target_id)) {
		return RH_ENOMEM;
	}
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

int clerk_step_create(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	struct rh_str body;
	int code;

	(void)now;
	(void)seed;
	if (!has_row(operation) || operation->rows[0].account == NULL) {
		return RH_EINVAL;
	}
	if (response != NULL) {
		return take_created(instance, operation, response, answer);
	}
	code = make_body(instance, operation, &body);
	if (code != RH_OK) {
		return code;
	}
	if (body.ptr == NULL) {
		rh_step_done(operation, answer, RH_OUTCOME_REJECTED);
		operation->rows[0].parts_at_fault = RH_PART_IDENTITY;
		operation->rows[0].cause = "the account has no identifier that may be sent";
		return RH_OK;
	}
	clerk_send(instance, answer, "POST", RH_STR(USERS), body);
	return RH_OK;
}

/* ---- remove ---------------------------------------------------------------------------------------------------- */

enum remove_stage {
	REMOVE_LOOKING, /* whose account is it? */
	REMOVE_DELETING,
};

/* Only what is certainly the account that is meant goes: same id, same external id. */
static int look(const struct clerk *clerk, struct rh_operation *operation,
		const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_str external_id =
		rh_str_is_set(row->external_id) ? row->external_id : RH_STR_ABSENT;
	int code =
		clerk_answer_user(clerk, operation, response, CLERK_LACK_IS_ABSENT, false, answer);

	if (code != RH_OK || answer->kind != RH_ANSWER_DONE || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	if (!rh_str_eq(row->observed.target_id, row->target_id) ||
	    !rh_str_eq(row->observed.external_id, external_id)) {
		rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
		row->cause = "another account stands there now";
		return RH_OK;
	}
	if (rh_step_keeps_user(operation, answer)) {
		return RH_OK;
	}
	row->outcome = RH_OUTCOME_NONE;
	operation->stage = REMOVE_DELETING;
	return clerk_send_user(clerk, operation, "DELETE", "", RH_STR_ABSENT, answer);
}

int clerk_step_remove(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (!has_row(operation) || !rh_str_is_set(operation->rows[0].target_id)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		operation->stage = REMOVE_LOOKING;
		return clerk_send_user(instance, operation, "GET", "", RH_STR_ABSENT, answer);
	}
	if (operation->stage == REMOVE_LOOKING) {
		return look(instance, operation, response, answer);
	}
	if (response->status >= 200 && response->status < 300) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	return code != RH_OK ? code
			     : clerk_settle_refusal(instance, operation, root, response->status,
						    CLERK_LACK_IS_ABSENT, true, answer);
}
