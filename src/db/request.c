/* SPDX-License-Identifier: Apache-2.0 */
/* A connector's SQL request run on a database: parameters in, typed rows out. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "db/db_internal.h"

enum {
	STATUS_OK = 200,
	STATUS_REFUSED = 400,
	STATUS_CONFLICT = 409,
};

/* What a number says of the statement's data; 0: it is about the database, an error of the run. */
static int status_of(int number)
{
	switch (number & 0xff) {
	case SQLITE_CONSTRAINT:
		return STATUS_CONFLICT;
	case SQLITE_ERROR:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_TOOBIG:
		return STATUS_REFUSED;
	default:
		return 0;
	}
}

static void bind_all(struct rh_statement *statement, const struct rh_request *request)
{
	for (size_t i = 0; i < request->parameter_count; i++) {
		const struct rh_sql_value *value = &request->parameters[i];
		int index = (int)i + 1;

		switch (value->type) {
		case RH_SQL_NULL:
			rh_bind_null(statement, index);
			break;
		case RH_SQL_INTEGER:
			rh_bind_i64(statement, index, value->integer);
			break;
		case RH_SQL_TEXT:
			rh_bind_text(statement, index, value->text);
			break;
		case RH_SQL_BLOB:
			rh_bind_blob(statement, index, value->text);
			break;
		}
	}
}

static int copy_row(struct rh_statement *statement, struct rh_arena *arena, struct rh_buf *values,
		    struct rh_err *err)
{
	int count = rh_column_count(statement);

	for (int i = 0; i < count; i++) {
		struct rh_sql_value value = {
			.type = rh_column_type(statement, i),
		};
		struct rh_str bytes = RH_STR_ABSENT;

		if (value.type == RH_SQL_INTEGER) {
			value.integer = rh_column_i64(statement, i);
		} else if (value.type == RH_SQL_TEXT) {
			bytes = rh_column_text(statement, i);
		} else if (value.type == RH_SQL_BLOB) {
			bytes = rh_column_blob(statement, i);
		}
		if (!rh_arena_copy(arena, bytes, &value.text)) {
			return rh_err_set(err, RH_ELIMIT, "no room for the rows of a statement");
		}
		rh_buf_add(values, &value, sizeof(value));
	}
	return rh_buf_check(values, "rows of a statement", err);
}

/* Steps to the end; the rows go to `values`.  *status_out: 200, 400 or 409. */
static int collect(struct rh_statement *statement, struct rh_arena *arena, struct rh_buf *values,
		   int *status_out, struct rh_err *err)
{
	for (;;) {
		struct rh_err local = {0};
		int step = rh_step(statement, &local);

		if (step == 0) {
			*status_out = STATUS_OK;
			return RH_OK;
		}
		if (step < 0) {
			*status_out = status_of(local.system);
			if (*status_out == 0 && err != NULL) {
				*err = local;
			}
			return *status_out == 0 ? step : RH_OK;
		}
		step = copy_row(statement, arena, values, err);
		if (step != RH_OK) {
			rh_reset(statement);
			return step;
		}
	}
}

/* Moves the rows into the arena; a buffer's memory is aligned for anything, but the arena must own it. */
static int keep_rows(const struct rh_buf *values, struct rh_statement *statement,
		     struct rh_arena *arena, struct rh_response *response, struct rh_err *err)
{
	size_t columns = (size_t)rh_column_count(statement);
	size_t count = values->len / sizeof(struct rh_sql_value);
	struct rh_sql_value *kept;

	response->column_count = columns;
	response->row_count = columns == 0 ? 0 : count / columns;
	if (count == 0) {
		return RH_OK;
	}
	kept = rh_arena_calloc(arena, count, sizeof(*kept));
	if (kept == NULL) {
		return rh_err_set(err, RH_ELIMIT, "no room for the rows of a statement");
	}
	memcpy(kept, values->ptr, values->len);
	response->values = kept;
	return RH_OK;
}

int rh_db_request(struct rh_db *db, const struct rh_request *request, struct rh_arena *arena,
		  struct rh_response *out, struct rh_err *err)
{
	rh_autobuf values = {0};
	struct rh_response response = {
		.delivery = RH_DELIVERY_ANSWERED,
		.retry_after_us = -1,
	};
	struct rh_statement *statement;
	int status = rh_db_prepare(db, request->sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	if ((size_t)sqlite3_bind_parameter_count(statement->handle) != request->parameter_count) {
		return rh_err_set(err, RH_EINVAL,
				  "a statement has %d parameters, and the request brings %zu",
				  sqlite3_bind_parameter_count(statement->handle),
				  request->parameter_count);
	}
	rh_buf_init(&values, RH_RESPONSE_MAX);
	bind_all(statement, request);
	status = collect(statement, arena, &values, &response.status, err);
	if (status != RH_OK) {
		return status;
	}
	if (response.status == STATUS_OK) {
		status = keep_rows(&values, statement, arena, &response, err);
		if (status != RH_OK) {
			return status;
		}
		if (sqlite3_stmt_readonly(statement->handle) == 0) {
			response.changed_count = rh_db_changed(db);
		}
	}
	*out = response;
	return RH_OK;
}
