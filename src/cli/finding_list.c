/* SPDX-License-Identifier: Apache-2.0 */
/* Who loses what, in full: for people, or as ids and codes that a mailing can be chosen by. */
#include "cli/finding_list.h"

#include <string.h>

#include "base/str.h"
#include "cli/cli.h"
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/tables.h"
#include "read/csv.h"

#define LINE_MAX_LEN (64U * 1024)
enum { ID_WIDTH = 32, STATE_WIDTH = 13 };

struct listing {
	struct rh_cli *cli;
	uint64_t count;
};

static void put_members(struct rh_json_writer *json, const struct rh_finding_line *line)
{
	rh_json_begin_object(json);
	rh_json_member(json, "sourceId",
		       line->source_id[0] != '\0' ? rh_str_from(line->source_id) : RH_STR_ABSENT);
	rh_json_member(json, "code", rh_str_from(line->info->id));
	if (line->note[0] != '\0') {
		rh_json_member(json, "note", rh_str_from(line->note));
	}
	if (line->path[0] != '\0') {
		rh_json_member(json, "path", rh_str_from(line->path));
	}
	rh_print_put_where(json, line->state, line->input, line->record);
	rh_json_end_object(json);
}

static void add_ndjson(struct rh_buf *out, const struct rh_finding_line *line)
{
	struct rh_json_writer json;

	rh_json_writer_init(&json, out);
	put_members(&json, line);
	rh_buf_add_char(out, '\n');
}

static void add_csv(struct rh_buf *out, const struct rh_finding_line *line)
{
	rh_csv_put(out, rh_str_from(line->source_id), ',', true);
	rh_csv_put(out, rh_str_from(line->info->id), ',', false);
	rh_csv_put(out, rh_str_from(line->note), ',', false);
	rh_csv_put(out, rh_str_from(line->state), ',', false);
	rh_buf_add_cstr(out, "\r\n");
}

static void add_text(struct rh_buf *out, const struct rh_finding_line *line)
{
	size_t points;

	if (line->source_id[0] != '\0') {
		rh_print_add_plain(out, rh_str_from(line->source_id));
	} else {
		rh_buf_printf(out, "row %llu of ", (unsigned long long)line->record);
		rh_print_add_plain(out, rh_str_from(line->input));
	}
	points = rh_str_points(rh_buf_str(out));
	rh_buf_printf(out, "%*s  %s  %-*s  %s", (int)(points < ID_WIDTH ? ID_WIDTH - points : 0),
		      "", line->info->id, STATE_WIDTH, line->state, line->info->what);
	if (line->note[0] != '\0') {
		rh_buf_add_cstr(out, " (");
		rh_print_add_plain(out, rh_str_from(line->note));
		rh_buf_add_char(out, ')');
	}
	if (line->path[0] != '\0') {
		rh_buf_add_cstr(out, "  ");
		rh_print_add_plain(out, rh_str_from(line->path));
	}
	rh_buf_add_char(out, '\n');
}

static bool list_one(void *context, const struct rh_finding_line *line)
{
	struct listing *listing = context;
	struct rh_cli *cli = listing->cli;
	rh_autobuf text = {0};

	listing->count++;
	if (cli->values.json) {
		put_members(&cli->json, line);
		rh_print_document_flush(cli);
		return cli->written == 0;
	}
	rh_buf_init(&text, LINE_MAX_LEN);
	switch ((enum rh_accounts_format)cli->values.format) {
	case RH_ACCOUNTS_TEXT:
		add_text(&text, line);
		break;
	case RH_ACCOUNTS_CSV:
		add_csv(&text, line);
		break;
	case RH_ACCOUNTS_NDJSON:
		add_ndjson(&text, line);
		break;
	}
	rh_print_bytes(cli, rh_buf_str(&text));
	return cli->written == 0;
}

static bool is_code(struct rh_str text)
{
	for (size_t i = 0; rh_finding_at(i) != NULL; i++) {
		if (rh_str_is(text, rh_finding_at(i)->id)) {
			return true;
		}
	}
	return false;
}

static int check_codes(struct rh_cli *cli, const char *codes)
{
	struct rh_str rest = rh_str_from(codes);

	while (rest.ptr != NULL) {
		struct rh_str code = rh_str_trim(rh_str_cut(&rest, ','));
		if (!is_code(code)) {
			return rh_cli_usage(cli,
					    "Codes look like RH0305; the plan and docs/findings.md "
					    "have them.",
					    "there is no finding \"%.*s\"",
					    (int)(code.len < 40 ? code.len : 40), code.ptr);
		}
	}
	return RH_EXIT_DONE;
}

/* What is counted over all, as who comes last: the plan has a number, and no ids. */
static bool is_about_somebody(struct rh_cli *cli, const char *codes)
{
	struct rh_finding_group group;
	bool is_told = false;

	for (size_t i = 0; rh_migration_finding(cli->migration, i, &group); i++) {
		if (codes != NULL && strstr(codes, group.info->id) != NULL) {
			rh_print_note(cli,
				      "%s: the newest plan counts %llu, but nobody in particular: "
				      "%s; %s\n",
				      group.info->id, (unsigned long long)group.count,
				      group.info->what, group.info->then);
			is_told = true;
		}
	}
	return is_told;
}

int rh_finding_list(struct rh_cli *cli)
{
	struct listing listing = {.cli = cli};
	const char *codes = strcmp(cli->values.finding, "all") != 0 ? cli->values.finding : NULL;
	struct rh_err err = {0};
	int exit_code = RH_EXIT_DONE;
	int code;

	if (cli->word_count > 0 || cli->values.state > 0) {
		return rh_cli_usage(cli, NULL, "--finding goes without an id and without --state");
	}
	if (codes != NULL) {
		exit_code = check_codes(cli, codes);
	}
	if (exit_code == RH_EXIT_DONE) {
		exit_code =
			rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_ASKS_NOBODY);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "findings");
		rh_json_begin_array(&cli->json);
	} else if (cli->values.format == RH_ACCOUNTS_CSV) {
		rh_print(cli, "source_id,code,note,state\r\n");
	}
	code = rh_migration_findings(cli->migration, codes, list_one, &listing, &err);
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
	rh_term_finish(&cli->term);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	if (listing.count == 0 && !is_about_somebody(cli, codes)) {
		rh_print_note(cli, "the newest plan says this of nobody\n");
	}
	return RH_EXIT_DONE;
}
