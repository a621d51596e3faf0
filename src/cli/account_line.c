/* SPDX-License-Identifier: Apache-2.0 */
/* One account and what became of it. */
#include "cli/account_line.h"

#include "base/str.h"
#include "cli/print.h"

#define LINE_MAX_LEN (64U * 1024)
/* Columns of the longest state; of ids more than these are not waited for. */
enum { STATE_WIDTH = 13, WIDTH_MAX = 64 };

static void put_if_set(struct rh_json_writer *json, const char *name, const char *text)
{
	if (text[0] != '\0') {
		rh_json_member(json, name, rh_str_from(text));
	}
}

void rh_account_line_put(struct rh_cli *cli, const struct rh_account_line *line)
{
	struct rh_json_writer *json = &cli->json;

	rh_json_begin_object(json);
	rh_json_member(json, "sourceId", rh_str_from(line->source_id));
	put_if_set(json, "targetId", line->target_id);
	rh_json_member(json, "state", rh_str_from(line->state));
	put_if_set(json, "origin", line->origin);
	put_if_set(json, "code", line->code);
	put_if_set(json, "reason", line->reason);
	put_if_set(json, "note", line->note);
	put_if_set(json, "path", line->path);
	put_if_set(json, "dropped", line->dropped);
	if (line->record > 0) {
		rh_json_key(json, "file");
		rh_json_put_u64(json, line->file + UINT64_C(1)); /* counted as rows are */
		put_if_set(json, "input", line->input);
		rh_json_key(json, "row");
		rh_json_put_u64(json, line->record);
	}
	rh_json_end_object(json);
	rh_print_document_flush(cli);
}

static void measure(size_t *width, const char *text)
{
	size_t points = rh_str_points(rh_str_from(text));

	points = points < WIDTH_MAX ? points : WIDTH_MAX;
	*width = points > *width ? points : *width;
}

bool rh_account_line_measure(struct rh_account_columns *columns, const struct rh_account_line *line)
{
	measure(&columns->source, line->source_id);
	measure(&columns->target, line->target_id);
	measure(&columns->code, line->code);
	return true;
}

/* `text`, or a dash, behind two blanks; the blanks up to `width` are held back until more comes. */
static void add_cell(struct rh_buf *line, size_t *held, const char *text, size_t width)
{
	size_t start;
	size_t points;

	rh_buf_printf(line, "%*s", (int)*held, "");
	start = line->len;
	rh_print_add_plain(line, rh_str_from(text[0] != '\0' ? text : "-"));
	points = rh_str_points(rh_str_sub(rh_buf_str(line), start, line->len));
	*held = (width > points ? width - points : 0) + 2;
}

/* "12 of export.csv". */
static void add_row(struct rh_buf *text, const struct rh_account_line *line)
{
	rh_buf_printf(text, "%llu of ", (unsigned long long)line->record);
	if (line->input[0] != '\0') {
		rh_print_add_plain(text, rh_str_from(line->input));
	} else {
		rh_buf_printf(text, "file %u", line->file + 1);
	}
}

/* " (the row is not valid UTF-8)" */
static void add_note(struct rh_buf *text, size_t *held, const struct rh_account_line *line)
{
	if (line->note[0] != '\0') {
		rh_buf_add_cstr(text, " (");
		rh_print_add_plain(text, rh_str_from(line->note));
		rh_buf_add_char(text, ')');
		*held = 2;
	}
}

void rh_account_line_print(struct rh_cli *cli, const struct rh_account_columns *columns,
			   const struct rh_account_line *line)
{
	rh_autobuf text = {0};
	size_t held = 0;

	rh_buf_init(&text, LINE_MAX_LEN);
	add_cell(&text, &held, line->state, STATE_WIDTH);
	add_cell(&text, &held, line->source_id, columns->source);
	add_cell(&text, &held, line->target_id, columns->target);
	if (line->code[0] != '\0' || line->reason[0] != '\0' || line->dropped[0] != '\0') {
		add_cell(&text, &held, line->code, columns->code);
	}
	if (line->reason[0] != '\0') {
		add_cell(&text, &held, line->reason, 0);
		add_note(&text, &held, line);
	}
	if (line->path[0] != '\0') {
		add_cell(&text, &held, line->path, 0);
	}
	if (line->dropped[0] != '\0') {
		rh_buf_printf(&text, "  without %s", line->dropped);
	}
	if (line->source_id[0] == '\0' && line->record > 0) {
		rh_buf_add_cstr(&text, "  row ");
		add_row(&text, line);
	}
	rh_buf_add_char(&text, '\n');
	rh_print_bytes(cli, rh_buf_str(&text));
}

void rh_account_line_print_whole(struct rh_cli *cli, const struct rh_account_line *line)
{
	const struct {
		const char *label;
		const char *text;
	} members[] = {
		{"source id", line->source_id},
		{"target id", line->target_id},
		{"state", line->state},
		{"origin", line->origin},
		{"code", line->code},
		{"reason", line->reason},
		{"", line->note},
		{"where", line->path},
		{"left out", line->dropped},
	};
	rh_autobuf text = {0};

	rh_buf_init(&text, LINE_MAX_LEN);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (members[i].text[0] != '\0') {
			rh_buf_printf(&text, "%-10s  ", members[i].label);
			rh_print_add_plain(&text, rh_str_from(members[i].text));
			rh_buf_add_char(&text, '\n');
		}
	}
	if (line->record > 0) {
		rh_buf_printf(&text, "%-10s  ", "row");
		add_row(&text, line);
		rh_buf_add_char(&text, '\n');
	}
	rh_print_bytes(cli, rh_buf_str(&text));
}
