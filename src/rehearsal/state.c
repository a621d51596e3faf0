/* SPDX-License-Identifier: Apache-2.0 */
/* State: objects to lines of JSON and back. */
#include "rehearsal/state.h"

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "rehearsal/tenant.h"

enum { FORMAT = 1 };

/* {"id":"…","created_at":…}: fields that are set, then all numbers. */
static void write_object(const struct rh_schema *schema, const struct rh_object *object,
			 struct rh_json_writer *writer)
{
	rh_json_begin_object(writer);
	for (size_t i = 0; i < schema->field_count; i++) {
		if ((schema->secret_fields & (UINT32_C(1) << i)) == 0) {
			rh_json_member(writer, schema->fields[i], object->fields[i]);
		}
	}
	for (size_t i = 0; i < schema->number_count; i++) {
		rh_json_key(writer, schema->numbers[i]);
		rh_json_put_i64(writer, object->numbers[i]);
	}
	rh_json_end_object(writer);
}

static void write_store(const struct rh_store *store, struct rh_json_writer *writer)
{
	size_t row = RH_ROW_NONE;

	rh_json_begin_array(writer);
	while ((row = rh_store_walk(store, row, 1)) != RH_ROW_NONE) {
		struct rh_object object;

		rh_store_get(store, row, &object);
		write_object(rh_store_schema(store), &object, writer);
	}
	rh_json_end_array(writer);
}

void rh_state_write_tenant(const struct rh_tenant *tenant, struct rh_json_writer *writer)
{
	rh_json_begin_object(writer);
	rh_json_key(writer, "environments");
	rh_json_begin_object(writer);
	for (size_t i = 0; i < tenant->imitation->environment_count; i++) {
		rh_json_key(writer, tenant->environments[i].name);
		rh_json_begin_object(writer);
		for (size_t s = 0; s < tenant->imitation->schema_count; s++) {
			rh_json_key(writer, tenant->imitation->schemas[s]->kind);
			write_store(tenant->environments[i].stores[s], writer);
		}
		rh_json_end_object(writer);
	}
	rh_json_end_object(writer);
	rh_json_end_object(writer);
}

/* One line of the file. */
static void save_object(const struct rh_tenant *tenant, const char *environment,
			const struct rh_schema *schema, const struct rh_object *object,
			struct rh_buf *out)
{
	struct rh_json_writer writer;

	rh_json_writer_init(&writer, out);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "provider");
	rh_json_put_cstr(&writer, tenant->imitation->name);
	rh_json_key(&writer, "tenant");
	rh_json_put_u64(&writer, tenant->number);
	rh_json_key(&writer, "environment");
	rh_json_put_cstr(&writer, environment);
	rh_json_key(&writer, "kind");
	rh_json_put_cstr(&writer, schema->kind);
	rh_json_key(&writer, "fields");
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < schema->field_count; i++) {
		rh_json_member(&writer, schema->fields[i], object->fields[i]);
	}
	rh_json_end_object(&writer);
	rh_json_key(&writer, "numbers");
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < schema->number_count; i++) {
		rh_json_key(&writer, schema->numbers[i]);
		rh_json_put_i64(&writer, object->numbers[i]);
	}
	rh_json_end_object(&writer);
	rh_json_end_object(&writer);
	rh_buf_add_char(out, '\n');
}

static void save_tenant(const struct rh_tenant *tenant, struct rh_buf *out)
{
	for (size_t i = 0; i < tenant->imitation->environment_count; i++) {
		const struct rh_environment *environment = &tenant->environments[i];

		for (size_t s = 0; s < tenant->imitation->schema_count; s++) {
			size_t row = RH_ROW_NONE;

			while ((row = rh_store_walk(environment->stores[s], row, 1)) !=
			       RH_ROW_NONE) {
				struct rh_object object;

				rh_store_get(environment->stores[s], row, &object);
				save_object(tenant, environment->name,
					    tenant->imitation->schemas[s], &object, out);
			}
		}
	}
}

int rh_state_save(struct rh_stage *stage, struct rh_err *err)
{
	rh_autobuf text = {0};
	int status;

	rh_buf_init_secret(&text, SIZE_MAX / 2);
	rh_buf_printf(&text, "{\"rehome_rehearsal\":%d,\"saved_at\":%lld}\n", FORMAT,
		      (long long)rh_stage_now(stage));
	for (size_t i = 0; i < stage->tenant_count; i++) {
		save_tenant(&stage->tenants[i], &text);
	}
	status = rh_buf_check(&text, "the state of the rehearsal", err);
	if (status == RH_OK) {
		status = rh_file_write(stage->state_path, rh_buf_str(&text), err);
	}
	if (status == RH_OK) {
		stage->is_changed = false;
	}
	return status;
}

static struct rh_store *store_in(struct rh_environment *environment,
				 const struct rh_imitation *imitation, struct rh_str kind)
{
	for (size_t i = 0; i < imitation->schema_count; i++) {
		if (rh_str_is(kind, imitation->schemas[i]->kind)) {
			return environment->stores[i];
		}
	}
	return NULL;
}

/* The store that a line belongs to; NULL: this rehearsal has none such. */
static struct rh_store *store_of(struct rh_stage *stage, const struct rh_json_node *line)
{
	struct rh_str provider = rh_json_get_string(line, "provider");
	struct rh_str name = rh_json_get_string(line, "environment");
	struct rh_str kind = rh_json_get_string(line, "kind");
	int64_t number = -1;

	(void)rh_json_get_i64(line, "tenant", &number); /* stays -1, which no tenant is */
	for (size_t i = 0; i < stage->tenant_count; i++) {
		struct rh_tenant *tenant = &stage->tenants[i];

		if (!rh_str_is(provider, tenant->imitation->name) || number != tenant->number) {
			continue;
		}
		for (size_t e = 0; e < tenant->imitation->environment_count; e++) {
			if (rh_str_is(name, tenant->environments[e].name)) {
				return store_in(&tenant->environments[e], tenant->imitation, kind);
			}
		}
	}
	return NULL;
}

static int load_object(struct rh_stage *stage, const struct rh_json_node *line, struct rh_err *err)
{
	const struct rh_json_node *fields = rh_json_get(line, "fields");
	const struct rh_json_node *numbers = rh_json_get(line, "numbers");
	struct rh_store *store = store_of(stage, line);
	const struct rh_schema *schema;
	struct rh_object object = {0};
	int status;

	if (store == NULL) {
		return rh_err_set(err, RH_EMISMATCH,
				  "an object of a provider or tenant that is not rehearsed now");
	}
	schema = rh_store_schema(store);
	for (size_t i = 0; i < schema->field_count; i++) {
		object.fields[i] = rh_json_get_string(fields, schema->fields[i]);
	}
	for (size_t i = 0; i < schema->number_count; i++) {
		(void)rh_json_get_i64(numbers, schema->numbers[i], &object.numbers[i]); /* else 0 */
	}
	if (object.fields[0].ptr == NULL) {
		return rh_err_set(err, RH_EINPUT, "an object without id");
	}
	status = rh_store_add(store, &object, NULL);
	return status == RH_OK ? RH_OK : rh_err_set(err, status, "%s", rh_error_text(status));
}

/* The first line; moves the clock and the ids behind the moment of saving. */
static int load_head(struct rh_stage *stage, const struct rh_json_node *line, struct rh_err *err)
{
	int64_t format = 0;
	int64_t saved_at = 0;
	rh_time now = rh_stage_now(stage);

	if (!rh_json_get_i64(line, "rehome_rehearsal", &format) || format != FORMAT ||
	    !rh_json_get_i64(line, "saved_at", &saved_at)) {
		return rh_err_set(err, RH_EMISMATCH, "not the state of a rehearsal");
	}
	if (saved_at > now) {
		stage->advance_us += saved_at - now;
	}
	for (size_t i = 0; i < stage->tenant_count; i++) {
		stage->tenants[i].last_id_ms = (uint64_t)(saved_at / RH_MILLISECOND) + 1;
	}
	return RH_OK;
}

static int load_lines(struct rh_stage *stage, struct rh_buf *text, struct rh_err *err)
{
	struct rh_json json = {0};
	char *at = text->ptr;
	char *end = text->ptr + text->len;
	uint64_t number = 0;
	int status = text->len > 0 ? RH_OK
				   : rh_err_set(err, RH_EMISMATCH, "not the state of a rehearsal");

	while (status == RH_OK && at < end) {
		struct rh_str rest = {.ptr = at, .len = (size_t)(end - at)};
		struct rh_str line = rh_str_cut(&rest, '\n');

		number++;
		status = rh_json_parse(&json, at, line.len, err);
		if (status == RH_OK) {
			status = number == 1 ? load_head(stage, rh_json_root(&json), err)
					     : load_object(stage, rh_json_root(&json), err);
		}
		at += line.len + 1;
	}
	rh_json_done(&json);
	if (status != RH_OK && number > 0) {
		(void)rh_err_context(err, status, "line %llu", (unsigned long long)number);
	}
	return status;
}

int rh_state_load(struct rh_stage *stage, struct rh_err *err)
{
	rh_autobuf text = {0};
	int status;

	if (!rh_file_exists(stage->state_path)) {
		return RH_OK;
	}
	rh_buf_init_secret(&text, SIZE_MAX / 2);
	status = rh_file_read(stage->state_path, &text, err);
	if (status == RH_OK) {
		status = load_lines(stage, &text, err);
	}
	if (status != RH_OK) {
		(void)rh_err_context(err, status, "reading the state \"%s\"", stage->state_path);
	}
	return status;
}
