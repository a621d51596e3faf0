/* SPDX-License-Identifier: Apache-2.0 */
/* Statements for PostgreSQL, MySQL and SQLite; see the header. */
#include "cli/ids_sql.h"

#include <string.h>

#include "base/str.h"

#define BATCH_MAX_LEN (16U * 1024 * 1024)

/* What differs between the dialects. */
struct form {
	char quote;             /* of a name */
	const char *hex_before; /* a text from hexadecimal digits */
	const char *hex_after;
	const char *case_before; /* makes the column compare byte by byte */
	const char *case_after;
	const char *type; /* of an id */
	const char *on_conflict;
};

static const struct form forms[] = {
	[RH_DIALECT_POSTGRESQL] =
		{
			.quote = '"',
			.hex_before = "convert_from(decode('",
			.hex_after = "', 'hex'), 'UTF8')",
			.case_before = "",
			.case_after = "",
			.type = "text",
			.on_conflict = "ON CONFLICT (source_id) DO UPDATE SET target_id = "
				       "excluded.target_id",
		},
	[RH_DIALECT_MYSQL] =
		{
			.quote = '`',
			.hex_before = "CONVERT(X'",
			.hex_after = "' USING utf8mb4)",
			.case_before = "CAST(",
			.case_after = " AS BINARY)",
			.type = "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
			.on_conflict = "ON DUPLICATE KEY UPDATE target_id = VALUES(target_id)",
		},
	[RH_DIALECT_SQLITE] =
		{
			.quote = '"',
			.hex_before = "CAST(X'",
			.hex_after = "' AS TEXT)",
			.case_before = "",
			.case_after = " COLLATE BINARY",
			.type = "text",
			.on_conflict = "ON CONFLICT (source_id) DO UPDATE SET target_id = "
				       "excluded.target_id",
		},
};

static const struct form *form_of(const struct rh_ids_sql *sql)
{
	return &forms[sql->dialect];
}

static void add_quoted(struct rh_buf *out, struct rh_str text, char quote)
{
	rh_buf_add_char(out, quote);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == quote) {
			rh_buf_add_char(out, quote);
		}
		rh_buf_add_char(out, text.ptr[i]);
	}
	rh_buf_add_char(out, quote);
}

static bool is_plain(struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < ' ' || text.ptr[i] > '~' || text.ptr[i] == '\\') {
			return false;
		}
	}
	return true;
}

/* Rule 1. */
static void add_text(const struct rh_ids_sql *sql, struct rh_str text, struct rh_buf *out)
{
	if (is_plain(text)) {
		add_quoted(out, text, '\'');
		return;
	}
	rh_buf_add_cstr(out, form_of(sql)->hex_before);
	rh_hex_encode(out, text);
	rh_buf_add_cstr(out, form_of(sql)->hex_after);
}

/* "schema.table" becomes "schema"."table"; a column has one part. */
static void add_name(const struct rh_ids_sql *sql, const char *name, bool has_parts,
		     struct rh_buf *out)
{
	struct rh_str rest = rh_str_from(name);

	while (rest.ptr != NULL) {
		struct rh_str part = rest;

		if (has_parts) {
			part = rh_str_cut(&rest, '.');
		} else {
			rest = RH_STR_ABSENT;
		}
		add_quoted(out, part, form_of(sql)->quote);
		if (rest.ptr != NULL) {
			rh_buf_add_char(out, '.');
		}
	}
}

static bool is_part(struct rh_str part)
{
	for (size_t i = 0; i < part.len; i++) {
		if ((unsigned char)part.ptr[i] < ' ' || part.ptr[i] == '\x7f') {
			return false;
		}
	}
	return part.len > 0 && rh_str_is_utf8(part);
}

bool rh_ids_sql_is_name(const char *name, bool may_have_parts)
{
	struct rh_str rest = rh_str_from(name);

	if (!may_have_parts) {
		return is_part(rest);
	}
	while (rest.ptr != NULL) {
		if (!is_part(rh_str_cut(&rest, '.'))) {
			return false;
		}
	}
	return true;
}

bool rh_ids_sql_is_same(const struct rh_ids_sql *sql)
{
	struct rh_str match = rh_str_from(sql->match_column);

	return sql->dialect == RH_DIALECT_POSTGRESQL ? rh_str_is(match, sql->set_column)
						     : rh_str_is_nocase(match, sql->set_column);
}

/* MySQL knows no IF NOT EXISTS here; its catalogue does. */
static void add_column_mysql(const struct rh_ids_sql *sql, struct rh_str alter, struct rh_buf *out)
{
	struct rh_str table = rh_str_from(sql->table);
	struct rh_str schema =
		rh_str_index(table, '.') >= 0 ? rh_str_cut(&table, '.') : RH_STR_ABSENT;

	rh_buf_add_cstr(out, "SET @rehome = (SELECT IF(COUNT(*) = 0, ");
	add_text(sql, alter, out);
	rh_buf_add_cstr(out, ", 'DO 0') FROM information_schema.columns WHERE table_schema = ");
	if (schema.ptr != NULL) {
		add_text(sql, schema, out);
	} else {
		rh_buf_add_cstr(out, "DATABASE()");
	}
	rh_buf_add_cstr(out, " AND table_name = ");
	add_text(sql, table, out);
	rh_buf_add_cstr(out, " AND column_name = ");
	add_text(sql, rh_str_from(sql->set_column), out);
	rh_buf_add_cstr(out, ");\nPREPARE rehome FROM @rehome;\nEXECUTE rehome;\n"
			     "DEALLOCATE PREPARE rehome;\n");
}

static void add_column(const struct rh_ids_sql *sql, struct rh_buf *out)
{
	rh_autobuf alter = {0};

	rh_buf_init(&alter, 16U * 1024);
	rh_buf_add_cstr(&alter, "ALTER TABLE ");
	add_name(sql, sql->table, true, &alter);
	rh_buf_printf(&alter, " ADD COLUMN %s",
		      sql->dialect == RH_DIALECT_POSTGRESQL ? "IF NOT EXISTS " : "");
	add_name(sql, sql->set_column, false, &alter);
	rh_buf_printf(&alter, " %s", form_of(sql)->type);
	switch (sql->dialect) {
	case RH_DIALECT_MYSQL:
		add_column_mysql(sql, rh_buf_str(&alter), out);
		return;
	case RH_DIALECT_SQLITE:
		rh_buf_add_cstr(out, "-- run again, SQLite calls this column a duplicate; the "
				     "statements below it are run all the same\n");
		break;
	case RH_DIALECT_POSTGRESQL:
		break;
	}
	rh_buf_add_str(out, rh_buf_str(&alter));
	rh_buf_add_cstr(out, ";\n");
}

void rh_ids_sql_begin(struct rh_ids_sql *sql, struct rh_buf *out)
{
	rh_buf_init(&sql->pairs, BATCH_MAX_LEN);
	rh_buf_init(&sql->keys, BATCH_MAX_LEN);
	if (sql->table == NULL) {
		rh_buf_printf(out,
			      "CREATE TABLE IF NOT EXISTS rehome_ids (source_id %s PRIMARY KEY, "
			      "target_id %s NOT NULL);\nBEGIN;\n",
			      form_of(sql)->type, form_of(sql)->type);
		return;
	}
	rh_buf_printf(out,
		      "-- Up to %d rows a statement, each a transaction; the same when it is run "
		      "again.\n",
		      RH_IDS_BATCH);
	if (sql->adds_column) {
		add_column(sql, out);
	}
}

static void flush(struct rh_ids_sql *sql, struct rh_buf *out)
{
	if (sql->pending == 0) {
		return;
	}
	if (sql->pairs.failed != 0 || sql->keys.failed != 0) {
		/* Half a batch would be a statement, too. */
		out->failed = sql->pairs.failed != 0 ? sql->pairs.failed : sql->keys.failed;
		return;
	}
	if (sql->table == NULL) {
		rh_buf_add_cstr(out, "INSERT INTO rehome_ids (source_id, target_id) VALUES");
		rh_buf_add_str(out, rh_buf_str(&sql->pairs));
		rh_buf_printf(out, "\n%s;\n", form_of(sql)->on_conflict);
	} else {
		rh_buf_add_cstr(out, "UPDATE ");
		add_name(sql, sql->table, true, out);
		rh_buf_add_cstr(out, " SET ");
		add_name(sql, sql->set_column, false, out);
		rh_buf_printf(out, " = CASE %s", form_of(sql)->case_before);
		add_name(sql, sql->match_column, false, out);
		rh_buf_add_cstr(out, form_of(sql)->case_after);
		rh_buf_add_str(out, rh_buf_str(&sql->pairs));
		rh_buf_add_cstr(out, "\nELSE ");
		add_name(sql, sql->set_column, false, out);
		rh_buf_add_cstr(out, " END WHERE ");
		add_name(sql, sql->match_column, false, out);
		rh_buf_add_cstr(out, " IN (");
		rh_buf_add_str(out, rh_buf_str(&sql->keys));
		rh_buf_add_cstr(out, ");\n");
	}
	rh_buf_reset(&sql->pairs);
	rh_buf_reset(&sql->keys);
	sql->pending = 0;
}

void rh_ids_sql_add(struct rh_ids_sql *sql, const char *source_id, const char *target_id,
		    struct rh_buf *out)
{
	struct rh_str source = rh_str_from(source_id);
	struct rh_str target = rh_str_from(target_id);
	bool is_own = sql->table == NULL;

	rh_buf_add_cstr(&sql->pairs, is_own ? (sql->pending > 0 ? ",\n(" : "\n(") : "\nWHEN ");
	add_text(sql, source, &sql->pairs);
	rh_buf_add_cstr(&sql->pairs, is_own ? ", " : " THEN ");
	add_text(sql, target, &sql->pairs);
	if (is_own) {
		rh_buf_add_char(&sql->pairs, ')');
	} else {
		rh_buf_add_cstr(&sql->keys, sql->pending > 0 ? ", " : "");
		add_text(sql, source, &sql->keys);
	}
	sql->pending++;
	sql->total++;
	if (sql->pending == RH_IDS_BATCH) {
		flush(sql, out);
	}
}

void rh_ids_sql_end(struct rh_ids_sql *sql, struct rh_buf *out)
{
	flush(sql, out);
	if (sql->table == NULL) {
		rh_buf_add_cstr(out, "COMMIT;\n");
	}
	/* A list that was cut off lacks this line, and its last statement an end. */
	rh_buf_printf(out, "-- The end: %llu ids.\n", (unsigned long long)sql->total);
}

void rh_ids_sql_done(struct rh_ids_sql *sql)
{
	rh_buf_done(&sql->pairs);
	rh_buf_done(&sql->keys);
}
