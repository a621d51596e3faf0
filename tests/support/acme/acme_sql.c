/* SPDX-License-Identifier: Apache-2.0 */
/* The variant of Acme whose accounts lie in a table: every request is a statement (connector.h, SQL). */
#include "acme/acme.h"

#include "account/credential.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

const char acme_sql_schema[] =
	"CREATE TABLE users (id INTEGER PRIMARY KEY, external_id TEXT UNIQUE,"
	" email TEXT NOT NULL UNIQUE, email_verified INTEGER NOT NULL, first_name TEXT,"
	" last_name TEXT, metadata TEXT, password_hash TEXT, created_at INTEGER NOT NULL) STRICT;";

/* A record of the table is cells with these names; all text, as in a file. */
#define SELECT_USER                                                                              \
	"SELECT CAST(id AS TEXT), external_id, email, CAST(email_verified AS TEXT), first_name," \
	" last_name, metadata, CAST(created_at AS TEXT) FROM users "

static const struct rh_str column_names[] = {
	{"id", 2},          {"external_id", 11}, {"email", 5},    {"email_verified", 14},
	{"first_name", 10}, {"last_name", 9},    {"metadata", 8}, {"created_at", 10},
};
static const struct rh_columns columns = {
	.names = column_names,
	.count = sizeof(column_names) / sizeof(column_names[0]),
};

/* A statement is prepared once under its address. */
static const char sql_probe[] = "SELECT 1";
static const char sql_count[] = "SELECT count(*) FROM users";
static const char sql_list[] = SELECT_USER "WHERE id > ?1 ORDER BY id LIMIT ?2";
static const char sql_get[] = SELECT_USER "WHERE id = ?1";
static const char sql_find[] = SELECT_USER "WHERE external_id = ?1";
static const char sql_find_email[] = SELECT_USER "WHERE email = ?1";
static const char sql_taken[] =
	"SELECT external_id IS ?1 FROM users WHERE external_id = ?1 OR email = ?2 LIMIT 2";
static const char sql_create[] =
	"INSERT INTO users (email, email_verified, first_name, last_name, external_id, metadata,"
	" password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
	" RETURNING CAST(id AS TEXT)";
static const char sql_update[] =
	"UPDATE users SET email = ?1, email_verified = ?2, first_name = ?3, last_name = ?4,"
	" external_id = ?5, metadata = ?6, password_hash = coalesce(?8, password_hash)"
	" WHERE id = ?7";
static const char sql_remove[] = "DELETE FROM users WHERE id = ?1 AND external_id IS ?2";
static const char sql_bulk[] =
	"INSERT OR IGNORE INTO users (external_id, email, email_verified, created_at)"
	" SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), 0, ?2 FROM json_each(?1)"
	" WHERE true RETURNING CAST(id AS TEXT), external_id";

/* ---- asking --------------------------------------------------------------------------------------------- */

#define PARAMETERS_MAX 9

/* A statement with room for parameters; NULL: memory out. */
static struct rh_sql_value *send_sql(struct rh_operation *operation, const char *sql, size_t count,
				     bool is_writing, struct rh_answer *answer)
{
	struct rh_sql_value *values =
		rh_arena_calloc(operation->arena, PARAMETERS_MAX, sizeof(*values));

	*answer = (struct rh_answer){
		.kind = RH_ANSWER_SEND,
		.request =
			{
				.form = RH_REQUEST_SQL,
				.is_writing = is_writing,
				.sql = sql,
				.parameters = values,
				.parameter_count = count,
			},
	};
	return values;
}

static struct rh_sql_value text_value(struct rh_str text)
{
	return (struct rh_sql_value){
		.type = text.ptr != NULL ? RH_SQL_TEXT : RH_SQL_NULL,
		.text = text,
	};
}

static struct rh_sql_value number_value(int64_t number)
{
	return (struct rh_sql_value){.type = RH_SQL_INTEGER, .integer = number};
}

/* An id that is no number names nobody. */
static struct rh_sql_value id_value(struct rh_str id)
{
	int64_t number;

	return rh_str_to_i64(id, &number) ? number_value(number) : text_value(RH_STR_ABSENT);
}

/* ---- answering ------------------------------------------------------------------------------------------- */

static void done(struct rh_answer *answer)
{
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
}

static int refuse(struct rh_operation *operation, const struct rh_response *response,
		  struct rh_answer *answer)
{
	for (size_t i = 0; i < operation->row_count; i++) {
		operation->rows[i].outcome =
			response->status == 409 ? RH_OUTCOME_CONFLICT : RH_OUTCOME_REJECTED;
		operation->rows[i].parts_at_fault = RH_PART_IDENTITY;
		operation->rows[i].cause = "the database refuses the row";
	}
	if (operation->row_count > 0) {
		done(answer);
		return RH_OK;
	}
	acme_fail(answer, RH_OUTCOME_REJECTED, RH_SCOPE_KIND, RH_STR_ABSENT,
		  "the database refuses the statement");
	return RH_OK;
}

/* Rows of SELECT_USER as records, in the arena. */
static int take_records(struct rh_operation *operation, const struct rh_response *response,
			struct rh_record **out)
{
	size_t count = response->row_count;
	struct rh_record *records = rh_arena_calloc(operation->arena, count + 1, sizeof(*records));
	struct rh_str *cells =
		rh_arena_calloc(operation->arena, (count + 1) * columns.count, sizeof(*cells));

	if (records == NULL || cells == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < count * columns.count; i++) {
		if (!rh_arena_copy(operation->arena, response->values[i].text, &cells[i])) {
			return RH_ENOMEM;
		}
	}
	for (size_t i = 0; i < count; i++) {
		records[i] = (struct rh_record){
			.columns = &columns,
			.cells = &cells[i * columns.count],
			.number = i + 1,
		};
	}
	*out = records;
	return RH_OK;
}

/* The first row to the fate of the operation's row; none: absent. */
static int take_first(const struct acme *acme, struct rh_operation *operation,
		      const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_record *records;
	int code;

	if (response->status != 200 ||
	    (response->row_count > 0 && response->column_count != columns.count)) {
		return refuse(operation, response, answer);
	}
	done(answer);
	operation->rows[0].outcome = RH_OUTCOME_ABSENT;
	if (response->row_count == 0) {
		return RH_OK;
	}
	code = take_records(operation, response, &records);
	return code != RH_OK ? code
			     : acme_take_user(acme, operation, &operation->rows[0], &records[0]);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

static int step_probe(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		return send_sql(operation, sql_probe, 0, false, answer) != NULL ? RH_OK : RH_ENOMEM;
	}
	if (response->status != 200) {
		return refuse(operation, response, answer);
	}
	done(answer);
	return RH_OK;
}

static int step_count(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		return send_sql(operation, sql_count, 0, false, answer) != NULL ? RH_OK : RH_ENOMEM;
	}
	if (response->status != 200 || response->row_count != 1) {
		return refuse(operation, response, answer);
	}
	operation->total = (uint64_t)response->values[0].integer;
	done(answer);
	return RH_OK;
}

static int step_list(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	unsigned limit = operation->page_size;
	struct rh_sql_value *values;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	limit = limit == 0 || limit > ACME_PAGE_MAX ? ACME_PAGE_MAX : limit;
	if (response == NULL) {
		values = send_sql(operation, sql_list, 2, false, answer);
		if (values == NULL) {
			return RH_ENOMEM;
		}
		values[0] = operation->cursor.ptr != NULL ? id_value(operation->cursor)
							  : number_value(0);
		values[1] = number_value(limit);
		return RH_OK;
	}
	if (response->status != 200) {
		return refuse(operation, response, answer);
	}
	code = take_records(operation, response, &operation->records);
	if (code == RH_OK) {
		operation->record_count = response->row_count;
		operation->next_cursor =
			response->row_count < limit
				? RH_STR_ABSENT
				: operation->records[response->row_count - 1].cells[0];
		done(answer);
	}
	return code;
}

static int step_get(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	struct rh_sql_value *values;

	(void)now;
	(void)seed;
	if (response != NULL) {
		return take_first(instance, operation, response, answer);
	}
	values = send_sql(operation, sql_get, 1, false, answer);
	if (values == NULL) {
		return RH_ENOMEM;
	}
	values[0] = id_value(operation->rows[0].target_id);
	return RH_OK;
}

static int step_find(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	const struct rh_row *row = &operation->rows[0];
	bool by_email = row->external_id.ptr == NULL;
	struct rh_sql_value *values;

	(void)now;
	(void)seed;
	if (response != NULL) {
		return take_first(instance, operation, response, answer);
	}
	values = send_sql(operation, by_email ? sql_find_email : sql_find, 1, false, answer);
	if (values == NULL) {
		return RH_ENOMEM;
	}
	values[0] = text_value(by_email ? row->email : row->external_id);
	return RH_OK;
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* The first six parameters of create and update. */
static void put_fields(const struct rh_wire *wire, struct rh_sql_value *values)
{
	values[0] = text_value(wire->value[ACME_FIELD_EMAIL]);
	values[1] = number_value(rh_str_is(wire->value[ACME_FIELD_EMAIL_VERIFIED], "true"));
	values[2] = text_value(wire->value[ACME_FIELD_FIRST_NAME]);
	values[3] = text_value(wire->value[ACME_FIELD_LAST_NAME]);
	values[4] = text_value(wire->value[ACME_FIELD_EXTERNAL_ID]);
	values[5] = text_value(wire->value[ACME_FIELD_METADATA]);
}

static int put_user(const struct acme *acme, struct rh_operation *operation,
		    struct rh_sql_value *values)
{
	const struct rh_row *row = &operation->rows[0];
	struct rh_wire wire;
	int code = acme_to_wire(acme, row->account, row->policy, row->parts, operation->arena, NULL,
				NULL, &wire, NULL);

	if (code != RH_OK) {
		return code;
	}
	put_fields(&wire, values);
	return RH_OK;
}

enum create_stage {
	CREATE_LOOKING,
	CREATE_INSERTING,
};

/* NULL where none is asked for. */
static int put_hash(struct rh_operation *operation, struct rh_sql_value *out)
{
	const struct rh_row *row = &operation->rows[0];
	struct rh_str hash = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init_secret(&text, RH_TEXT_MAX);
	if (row->account != NULL && (row->parts & RH_PART_CREDENTIAL) != 0) {
		rh_credential_write(&text, &row->account->credential);
		if (!rh_arena_copy(operation->arena, rh_buf_str(&text), &hash)) {
			return RH_ENOMEM;
		}
	}
	*out = text_value(hash);
	return RH_OK;
}

static int send_insert(const struct acme *acme, struct rh_operation *operation, rh_time now,
		       struct rh_answer *answer)
{
	struct rh_sql_value *values = send_sql(operation, sql_create, 8, true, answer);
	int code;

	if (values == NULL) {
		return RH_ENOMEM;
	}
	code = put_user(acme, operation, values);
	if (code == RH_OK) {
		code = put_hash(operation, &values[6]);
	}
	values[7] = number_value(now);
	operation->stage = CREATE_INSERTING;
	return code;
}

/* Looks first (C2: reads before the write), because a refused row does not say which column was taken. */
static int step_create(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_sql_value *values;
	struct rh_wire wire;
	int code;

	(void)seed;
	if (response == NULL) {
		code = acme_to_wire(instance, row->account, row->policy, row->parts,
				    operation->arena, NULL, NULL, &wire, NULL);
		values = send_sql(operation, sql_taken, 2, false, answer);
		if (code != RH_OK || values == NULL) {
			return code != RH_OK ? code : RH_ENOMEM;
		}
		values[0] = text_value(wire.value[ACME_FIELD_EXTERNAL_ID]);
		values[1] = text_value(wire.value[ACME_FIELD_EMAIL]);
		return RH_OK;
	}
	if (response->status != 200) {
		return refuse(operation, response, answer);
	}
	if (operation->stage == CREATE_LOOKING && response->row_count == 0) {
		return send_insert(instance, operation, now, answer);
	}
	done(answer);
	if (operation->stage == CREATE_INSERTING) {
		row->outcome = RH_OUTCOME_DONE;
		return rh_arena_copy(operation->arena, response->values[0].text, &row->target_id)
			       ? RH_OK
			       : RH_ENOMEM;
	}
	row->outcome = RH_OUTCOME_CONFLICT;
	for (size_t i = 0; i < response->row_count; i++) {
		if (response->values[i].integer == 1) {
			row->outcome = RH_OUTCOME_ALREADY;
		}
	}
	return RH_OK;
}

enum update_stage {
	UPDATE_LOOKING,
	UPDATE_OBSERVED,
	UPDATE_WRITING,
};

static int send_update(struct rh_operation *operation, struct rh_answer *answer)
{
	const struct rh_row *row = &operation->rows[0];
	struct rh_sql_value *values = send_sql(operation, sql_update, 8, true, answer);
	struct rh_wire wire = row->observed.wire;

	if (values == NULL) {
		return RH_ENOMEM;
	}
	for (unsigned i = 0; i < ACME_FIELDS; i++) {
		if ((row->concerned & UINT32_C(1) << i) != 0) {
			wire.value[i] = row->expected.value[i];
		}
	}
	put_fields(&wire, values);
	values[6] = id_value(row->target_id);
	operation->stage = UPDATE_WRITING;
	return put_hash(operation, &values[7]);
}

static int step_update(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	int code;

	if (response == NULL && operation->stage == UPDATE_OBSERVED) {
		return send_update(operation, answer);
	}
	if (operation->stage == UPDATE_LOOKING) {
		code = step_get(instance, operation, response, now, seed, answer);
		if (response == NULL || code != RH_OK || answer->kind != RH_ANSWER_DONE ||
		    row->outcome != RH_OUTCOME_DONE) {
			return code;
		}
		row->outcome = RH_OUTCOME_NONE;
		operation->stage = UPDATE_OBSERVED;
		*answer = (struct rh_answer){.kind = RH_ANSWER_OBSERVED};
		return acme_expect(instance, row, operation->arena);
	}
	if (response->status != 200) {
		return refuse(operation, response, answer);
	}
	row->outcome = response->changed_count > 0 ? RH_OUTCOME_DONE : RH_OUTCOME_ABSENT;
	done(answer);
	return RH_OK;
}

enum remove_stage {
	REMOVE_LOOKING,
	REMOVE_DELETING,
};

static int step_remove(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_sql_value *values;
	int code;

	if (response == NULL) {
		return step_get(instance, operation, response, now, seed, answer);
	}
	if (operation->stage == REMOVE_DELETING) {
		if (response->status != 200) {
			return refuse(operation, response, answer);
		}
		row->outcome = response->changed_count > 0 ? RH_OUTCOME_DONE : RH_OUTCOME_ABSENT;
		done(answer);
		return RH_OK;
	}
	code = take_first(instance, operation, response, answer);
	if (code != RH_OK || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	if (!rh_str_eq(row->observed.external_id, row->external_id)) {
		row->outcome = RH_OUTCOME_CONFLICT;
		return RH_OK;
	}
	row->outcome = RH_OUTCOME_NONE;
	operation->stage = REMOVE_DELETING;
	values = send_sql(operation, sql_remove, 2, true, answer);
	if (values == NULL) {
		return RH_ENOMEM;
	}
	values[0] = id_value(row->target_id);
	values[1] = text_value(row->external_id);
	return RH_OK;
}

/* ---- many rows in one statement ------------------------------------------------------------------------------ */

static int send_bulk(struct rh_operation *operation, rh_time now, struct rh_answer *answer)
{
	struct rh_sql_value *values = send_sql(operation, sql_bulk, 2, true, answer);
	struct rh_json_writer writer;
	struct rh_str rows = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < operation->row_count; i++) {
		const struct rh_identifier *email =
			rh_account_primary(operation->rows[i].account, RH_IDENTIFIER_EMAIL);
		rh_json_begin_array(&writer);
		rh_json_put_string(&writer, operation->rows[i].external_id);
		rh_json_put_string(&writer, email != NULL ? email->value : RH_STR_ABSENT);
		rh_json_end_array(&writer);
	}
	rh_json_end_array(&writer);
	if (values == NULL || text.failed != 0 ||
	    !rh_arena_copy(operation->arena, rh_buf_str(&text), &rows)) {
		return RH_ENOMEM;
	}
	values[0] = text_value(rows);
	values[1] = number_value(now);
	return RH_OK;
}

static int step_bulk(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	(void)instance;
	(void)seed;
	if (response == NULL) {
		return send_bulk(operation, now, answer);
	}
	if (response->status != 200) {
		return refuse(operation, response, answer);
	}
	for (size_t i = 0; i < operation->row_count; i++) {
		struct rh_row *row = &operation->rows[i];
		row->outcome = RH_OUTCOME_CONFLICT; /* what was left out stands there already */
		for (size_t r = 0; r < response->row_count; r++) {
			const struct rh_sql_value *values = &response->values[r * 2];
			if (!rh_str_eq(values[1].text, row->external_id)) {
				continue;
			}
			row->outcome = RH_OUTCOME_DONE;
			if (!rh_arena_copy(operation->arena, values[0].text, &row->target_id)) {
				return RH_ENOMEM;
			}
		}
	}
	done(answer);
	return RH_OK;
}

/* ---- the description ----------------------------------------------------------------------------------------- */

static const struct rh_option options[] = {
	{
		.name = "names",
		.type = RH_OPTION_BOOL,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct acme, sends_names),
		.fallback = "true",
		.help = "also keep names",
	},
	{.name = NULL},
};

static int open_instance(void *instance, bool as_target, struct rh_err *err)
{
	(void)instance;
	return as_target ? RH_OK : rh_err_set(err, RH_EUSAGE, "acme-sql is a target only");
}

static int describe(const void *instance, struct rh_endpoint *out, struct rh_err *err)
{
	(void)instance;
	(void)err;
	*out = (struct rh_endpoint){
		.origin = "sqlite:",
		.environment = "test",
		.key = RH_STR_ABSENT,
		.concurrency = 1,
	};
	return RH_OK;
}

static const char *const redact[] = {"password_hash", NULL};

const struct rh_connector rh_connector_acme_sql = {
	.abi = RH_CONNECTOR_ABI,
	.name = "acme-sql",
	.title = "Acme in a table",
	.doc = "A provider made up for tests, in a table.",
	.caps =
		{
			.flags = RH_CAP_TARGET | RH_CAP_EMAIL_REQUIRED | RH_CAP_EMAIL_UNIQUE |
				 RH_CAP_FIND_BY_EXTERNAL_ID | RH_CAP_FIND_BY_EMAIL,
			.rows_max = {[RH_KIND_USER] = {[RH_VERB_BULK] = ACME_JOB_MAX}},
			.page_max = ACME_PAGE_MAX,
			.external_id_max = 64,
			.emails_max = 1,
			.schemes = UINT64_C(1) << RH_SCHEME_BCRYPT,
			.metadata_kinds = 1U << RH_METADATA_PUBLIC,
			.evidence = "Acme Handbook, 2026",
		},
	.options = options,
	.instance_size = sizeof(struct acme),
	.open = open_instance,
	.describe = describe,
	.wire_fields = acme_wire_fields,
	.to_wire = acme_to_wire,
	.parts = acme_parts,
	.observe = acme_observe,
	.ops =
		{
			[RH_KIND_USER] =
				{
					[RH_VERB_PROBE] = step_probe,
					[RH_VERB_COUNT] = step_count,
					[RH_VERB_LIST] = step_list,
					[RH_VERB_GET] = step_get,
					[RH_VERB_FIND] = step_find,
					[RH_VERB_CREATE] = step_create,
					[RH_VERB_UPDATE] = step_update,
					[RH_VERB_REMOVE] = step_remove,
					[RH_VERB_BULK] = step_bulk,
				},
		},
	.redact = redact,
};
