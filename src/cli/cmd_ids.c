/* SPDX-License-Identifier: Apache-2.0 */
/* rehome ids: which id became which, as CSV, JSON or SQL. */
#include <string.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/ids_kinds.h"
#include "cli/ids_sql.h"
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/tables.h"
#include "read/csv.h"

/* A line, or a statement over a whole batch of ids. */
#define LINE_MAX_LEN (64U * 1024 * 1024)

struct listing {
	struct rh_cli *cli;
	int format; /* enum rh_ids_format */
	bool has_one;
	struct rh_ids_sql sql;
};

/* Does the id of the target stand for somebody who is there, as far as is known? */
static bool is_there(const struct rh_account_line *line)
{
	static const char *const states[] = {"done", "verified", "partial", "differs"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(line->state, states[i]) == 0) {
			return line->target_id[0] != '\0';
		}
	}
	return false;
}

static bool is_listed(const struct listing *listing, const struct rh_account_line *line)
{
	return !line->is_update && (listing->cli->values.all || is_there(line));
}

static void add_json(struct listing *listing, const struct rh_account_line *line,
		     struct rh_buf *out)
{
	struct rh_json_writer json;

	rh_json_writer_init(&json, out);
	rh_buf_add_cstr(out, listing->has_one ? ",\n" : "\n");
	rh_json_begin_object(&json);
	rh_json_member(&json, "source_id", rh_str_from(line->source_id));
	rh_json_key(&json, "target_id");
	rh_json_put_cstr(&json, line->target_id[0] != '\0' ? line->target_id : NULL);
	rh_json_member(&json, "state", rh_str_from(line->state));
	rh_json_end_object(&json);
}

/* A text that is not whole is never printed; false, and the error: memory is out. */
static bool print_text(struct rh_cli *cli, struct rh_buf *text)
{
	if (rh_buf_check(text, "the list of ids", &cli->err) != RH_OK) {
		return false;
	}
	rh_print_bytes(cli, rh_buf_str(text));
	return true;
}

static bool list_one(void *context, const struct rh_account_line *line)
{
	struct listing *listing = context;
	struct rh_cli *cli = listing->cli;
	rh_autobuf text = {0};

	if (!is_listed(listing, line)) {
		return !rh_cli_was_stopped();
	}
	rh_buf_init(&text, LINE_MAX_LEN);
	switch ((enum rh_ids_format)listing->format) {
	case RH_IDS_CSV:
		rh_csv_put(&text, rh_str_from(line->source_id), ',', true);
		rh_csv_put(&text, rh_str_from(line->target_id), ',', false);
		rh_buf_printf(&text, ",%s\r\n", line->state);
		break;
	case RH_IDS_JSON:
		add_json(listing, line, &text);
		break;
	case RH_IDS_SQL:
		rh_ids_sql_add(&listing->sql, line->source_id, line->target_id, &text);
		break;
	}
	listing->has_one = true;
	return print_text(cli, &text) && cli->written == 0 && !rh_cli_was_stopped();
}

/* Members of the one document. */
static bool list_in_document(void *context, const struct rh_account_line *line)
{
	struct listing *listing = context;
	struct rh_json_writer *json = &listing->cli->json;

	if (!is_listed(listing, line)) {
		return !rh_cli_was_stopped();
	}
	rh_json_begin_object(json);
	rh_json_member(json, "sourceId", rh_str_from(line->source_id));
	rh_json_key(json, "targetId");
	rh_json_put_cstr(json, line->target_id[0] != '\0' ? line->target_id : NULL);
	rh_json_member(json, "state", rh_str_from(line->state));
	rh_json_end_object(json);
	rh_print_document_flush(listing->cli);
	return listing->cli->written == 0 && !rh_cli_was_stopped();
}

/* What stands before the ids, or behind them. */
static bool print_edge(struct listing *listing, bool is_end)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, LINE_MAX_LEN);
	switch ((enum rh_ids_format)listing->format) {
	case RH_IDS_CSV:
		rh_buf_add_cstr(&text, is_end ? "" : "source_id,target_id,state\r\n");
		break;
	case RH_IDS_JSON:
		rh_buf_add_cstr(&text, is_end ? "\n]\n" : "[");
		break;
	case RH_IDS_SQL:
		if (is_end) {
			rh_ids_sql_end(&listing->sql, &text);
		} else {
			rh_ids_sql_begin(&listing->sql, &text);
		}
		break;
	}
	return print_text(listing->cli, &text);
}

static int check_names(struct rh_cli *cli, const struct rh_ids_sql *sql)
{
	const struct {
		const char *option;
		const char *name;
		bool may_have_parts;
	} names[] = {
		{"table", sql->table, true},
		{"match-column", sql->match_column, false},
		{"set-column", sql->set_column, false},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!rh_ids_sql_is_name(names[i].name, names[i].may_have_parts)) {
			return rh_cli_usage(cli, NULL, "option \"--%s\" takes a name, %s",
					    names[i].option,
					    names[i].may_have_parts ? "or SCHEMA.TABLE"
								    : "without control characters");
		}
	}
	if (rh_ids_sql_is_same(sql)) {
		return rh_cli_usage(
			cli,
			"Take a new column, with --add-column; when all rows have it, "
			"let your program read that one.",
			"--match-column and --set-column are the same: run again, nobody "
			"could tell which ids were changed already");
	}
	return RH_EXIT_DONE;
}

static int check_columns(struct rh_cli *cli, const struct rh_ids_sql *sql)
{
	const struct rh_cli_values *values = &cli->values;
	bool has_columns =
		values->match_column != NULL || values->set_column != NULL || values->add_column;
	bool has_dialect = rh_cli_given(cli, "dialect") != NULL;

	if ((values->table != NULL || has_columns || has_dialect) && values->format != RH_IDS_SQL) {
		return rh_cli_usage(cli, "Add --format sql.",
				    "--table, --match-column, --set-column, --add-column and "
				    "--dialect are for SQL");
	}
	if (values->all && values->format == RH_IDS_SQL) {
		return rh_cli_usage(
			cli, "Leave --all out, or take csv or json.",
			"--all lists people without an id, and no statement is for them");
	}
	if (values->kind != 0 && values->format == RH_IDS_SQL) {
		return rh_cli_usage(cli, "Take csv or json.", "--kind lists, and makes no SQL");
	}
	if (values->table == NULL ? has_columns
				  : values->match_column == NULL || values->set_column == NULL) {
		return rh_cli_usage(cli, NULL,
				    "--table, --match-column and --set-column belong together");
	}
	return values->table == NULL ? RH_EXIT_DONE : check_names(cli, sql);
}

static int list_document(struct rh_cli *cli, struct listing *listing, struct rh_err *err)
{
	int code;

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "ids");
	rh_json_begin_array(&cli->json);
	code = rh_migration_accounts(cli->migration, NULL, NULL, list_in_document, listing, err);
	rh_json_end_array(&cli->json);
	return code;
}

static int list_lines(struct rh_cli *cli, struct listing *listing, struct rh_err *err)
{
	int code = RH_ENOMEM;

	if (print_edge(listing, false)) {
		code = rh_migration_accounts(cli->migration, NULL, NULL, list_one, listing, err);
	}
	/* A list that is not whole has no end: no reader takes it for one. */
	if (code == RH_OK && cli->err.code == RH_OK && !rh_cli_was_stopped()) {
		(void)print_edge(listing, true); /* what fails is in cli->err, too */
	}
	if (cli->err.code != RH_OK) {
		*err = cli->err;
		code = cli->err.code;
	}
	return code;
}

int rh_cmd_ids(struct rh_cli *cli)
{
	const struct rh_cli_values *values = &cli->values;
	struct listing listing = {
		.cli = cli,
		.format = values->format,
		.sql = {.dialect = (enum rh_ids_dialect)values->dialect,
			.table = values->table,
			.match_column = values->match_column,
			.set_column = values->set_column,
			.adds_column = values->add_column},
	};
	struct rh_err err = {0};
	int exit_code = check_columns(cli, &listing.sql);
	int code;

	if (exit_code == RH_EXIT_DONE) {
		exit_code =
			rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_ASKS_NOBODY);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	if (values->kind != 0) {
		code = rh_ids_of_kind(cli, &err);
	} else {
		code = values->json ? list_document(cli, &listing, &err)
				    : list_lines(cli, &listing, &err);
	}
	rh_ids_sql_done(&listing.sql);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	return rh_cli_was_stopped() ? RH_EXIT_INTERRUPTED : RH_EXIT_DONE;
}
