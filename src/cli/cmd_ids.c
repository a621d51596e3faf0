/* SPDX-License-Identifier: Apache-2.0 */
/* rehome ids: which id became which, as CSV, JSON or SQL. */
#include <string.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/tables.h"
#include "read/csv.h"

#define LINE_MAX_LEN (64U * 1024)

struct listing {
	struct rh_cli *cli;
	int format; /* enum rh_ids_format */
	bool has_one;
};

/* `text` between quotes, those inside doubled: a string or an identifier of standard SQL. */
static void add_sql(struct rh_buf *out, const char *text, size_t len, char quote)
{
	rh_buf_add_char(out, quote);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == quote) {
			rh_buf_add_char(out, quote);
		}
		rh_buf_add_char(out, text[i]);
	}
	rh_buf_add_char(out, quote);
}

/* "schema.table" becomes "schema"."table". */
static void add_name(struct rh_buf *out, const char *name)
{
	struct rh_str rest = rh_str_from(name);

	while (rest.ptr != NULL) {
		struct rh_str part = rh_str_cut(&rest, '.');

		add_sql(out, part.ptr, part.len, '"');
		if (rest.ptr != NULL) {
			rh_buf_add_char(out, '.');
		}
	}
}

static void add_update(const struct rh_cli_values *values, const struct rh_account_line *line,
		       struct rh_buf *out)
{
	if (values->table == NULL) {
		rh_buf_add_cstr(out, "INSERT INTO rehome_ids (source_id, target_id) VALUES (");
		add_sql(out, line->source_id, strlen(line->source_id), '\'');
		rh_buf_add_cstr(out, ", ");
		add_sql(out, line->target_id, strlen(line->target_id), '\'');
		rh_buf_add_cstr(out, ");\n");
		return;
	}
	rh_buf_add_cstr(out, "UPDATE ");
	add_name(out, values->table);
	rh_buf_add_cstr(out, " SET ");
	add_name(out, values->set_column);
	rh_buf_add_cstr(out, " = ");
	add_sql(out, line->target_id, strlen(line->target_id), '\'');
	rh_buf_add_cstr(out, " WHERE ");
	add_name(out, values->match_column);
	rh_buf_add_cstr(out, " = ");
	add_sql(out, line->source_id, strlen(line->source_id), '\'');
	rh_buf_add_cstr(out, ";\n");
}

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
		add_update(&cli->values, line, &text);
		break;
	}
	listing->has_one = true;
	rh_print_bytes(cli, rh_buf_str(&text));
	return cli->written == 0 && !rh_cli_was_stopped();
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

static void print_head(const struct listing *listing)
{
	struct rh_cli *cli = listing->cli;

	switch ((enum rh_ids_format)listing->format) {
	case RH_IDS_CSV:
		rh_print(cli, "source_id,target_id,state\r\n");
		break;
	case RH_IDS_JSON:
		rh_print(cli, "[");
		break;
	case RH_IDS_SQL:
		rh_print(cli, "BEGIN;\n");
		if (cli->values.table == NULL) {
			rh_print(cli, "CREATE TABLE rehome_ids (source_id varchar(255) PRIMARY "
				      "KEY, target_id varchar(255) NOT NULL);\n");
		}
		break;
	}
}

static void print_foot(const struct listing *listing)
{
	switch ((enum rh_ids_format)listing->format) {
	case RH_IDS_CSV:
		break;
	case RH_IDS_JSON:
		rh_print(listing->cli, "\n]\n");
		break;
	case RH_IDS_SQL:
		rh_print(listing->cli, "COMMIT;\n");
		break;
	}
}

static int check_columns(struct rh_cli *cli)
{
	const struct rh_cli_values *values = &cli->values;
	bool has_columns = values->match_column != NULL || values->set_column != NULL;

	if ((values->table != NULL || has_columns) && values->format != RH_IDS_SQL) {
		return rh_cli_usage(cli, "Add --format sql.",
				    "--table, --match-column and --set-column are for SQL");
	}
	if (values->all && values->format == RH_IDS_SQL) {
		return rh_cli_usage(
			cli, "Leave --all out, or take csv or json.",
			"--all lists people without an id, and no statement is for them");
	}
	if (values->table == NULL ? has_columns
				  : values->match_column == NULL || values->set_column == NULL) {
		return rh_cli_usage(cli, NULL,
				    "--table, --match-column and --set-column belong together");
	}
	return RH_EXIT_DONE;
}

int rh_cmd_ids(struct rh_cli *cli)
{
	struct listing listing = {.cli = cli, .format = cli->values.format};
	struct rh_err err = {0};
	int exit_code = check_columns(cli);
	int code;

	if (exit_code == RH_EXIT_DONE) {
		exit_code =
			rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_ASKS_NOBODY);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "ids");
		rh_json_begin_array(&cli->json);
		code = rh_migration_accounts(cli->migration, NULL, NULL, list_in_document, &listing,
					     &err);
		rh_json_end_array(&cli->json);
	} else {
		print_head(&listing);
		code = rh_migration_accounts(cli->migration, NULL, NULL, list_one, &listing, &err);
		/* A list that is not whole has no end: no reader takes it for one. */
		if (code == RH_OK && !rh_cli_was_stopped()) {
			print_foot(&listing);
		}
	}
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	return rh_cli_was_stopped() ? RH_EXIT_INTERRUPTED : RH_EXIT_DONE;
}
