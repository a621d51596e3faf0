/* SPDX-License-Identifier: Apache-2.0 */
/* rehome rejects: the records of those who did not move, in the input's own form, with the reasons. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/next.h"
#include "cli/print.h"
#include "cli/reject_file.h"
#include "cli/tables.h"

#define LINE_MAX_LEN (64U * 1024)

struct writing {
	struct rh_cli *cli;
	struct rh_reject_files *files;
	uint64_t written;   /* accounts */
	uint64_t twice;     /* without the id, which is another's */
	uint64_t too_large; /* accounts whose record is too large to be had again */
	uint64_t sound;     /* accounts in whose record nothing needs mending */
	uint64_t unread;    /* … whose record is in an earlier input that is not as it was */
	int code;
	struct rh_err err;
};

/* "what is so (where): what was left out" */
static void add_reason(struct rh_buf *out, const struct rh_account_line *line)
{
	rh_buf_add_cstr(out, line->reason);
	if (line->note[0] != '\0') {
		rh_buf_printf(out, " (%s)", line->note);
	}
	if (line->path[0] != '\0') {
		rh_buf_printf(out, " (%s)", line->path);
	}
	if (line->dropped[0] != '\0') {
		rh_buf_printf(out, ": %s", line->dropped);
	}
}

static bool write_one(void *context, const struct rh_reject *reject)
{
	struct writing *writing = context;
	const struct rh_account_line *line = reject->line;
	struct rh_reject_note note = {.code = line->code};
	rh_autobuf reason = {0};

	if (reject->record.text.ptr == NULL) {
		writing->sound += reject->is_sound ? 1 : 0;
		writing->too_large += reject->is_unread || reject->is_sound ? 0 : 1;
		writing->unread += reject->is_unread ? 1 : 0;
		return !rh_cli_was_stopped();
	}
	rh_buf_init(&reason, LINE_MAX_LEN);
	add_reason(&reason, line);
	if (reject->is_id_taken) {
		note.taken_id = line->source_id;
		rh_buf_printf(&reason, "; its id was \"%s\": give it one of its own",
			      line->source_id);
		writing->twice++;
	}
	note.reason = reason.len > 0 ? reason.ptr : line->state;
	writing->code = rh_reject_files_add(writing->files, &reject->record, reject->is_broken,
					    &note, &writing->err);
	if (writing->code == RH_OK && reject->joined.text.ptr != NULL) {
		writing->code = rh_reject_files_add(writing->files, &reject->joined, false, &note,
						    &writing->err);
	}
	writing->written++;
	return writing->code == RH_OK && !rh_cli_was_stopped();
}

static int check_states(struct rh_cli *cli)
{
	struct rh_str rest = rh_str_from(cli->values.states);

	while (rest.ptr != NULL) {
		struct rh_str state = rh_str_trim(rh_str_cut(&rest, ','));
		size_t i = 1; /* behind "all" */

		while (rh_state_choices[i] != NULL && !rh_str_is(state, rh_state_choices[i])) {
			i++;
		}
		if (rh_state_choices[i] == NULL) {
			return rh_cli_usage(cli,
					    "States are those of `rehome accounts --state`, joined "
					    "by commas.",
					    "there is no state \"%.*s\"",
					    (int)(state.len < 40 ? state.len : 40),
					    state.ptr != NULL ? state.ptr : "");
		}
	}
	return RH_EXIT_DONE;
}

/* The command that plans the mended files, as the plan was made that refused them. */
static void add_command(struct rh_cli *cli, const struct rh_reject_files *files, struct rh_buf *out)
{
	struct rh_reject_file file;
	bool is_marked = false;

	rh_next_add_plan(cli, out);
	for (size_t i = 0; rh_reject_files_at(files, i, &file); i++) {
		rh_next_add_input(file.path, out);
		is_marked = is_marked || !file.is_broken;
	}
	if (!is_marked) { /* nothing in the files says what they are */
		rh_buf_add_cstr(out, " --mended");
	}
}

static void put_result(struct rh_cli *cli, const struct writing *writing, struct rh_str command)
{
	struct rh_json_writer *json = &cli->json;
	struct rh_reject_file file;

	rh_print_document_begin(cli);
	rh_json_key(json, "accounts");
	rh_json_put_u64(json, writing->written);
	rh_json_key(json, "withoutId");
	rh_json_put_u64(json, writing->twice);
	rh_json_key(json, "unwritten");
	rh_json_put_u64(json, writing->too_large + writing->unread);
	rh_json_key(json, "sound");
	rh_json_put_u64(json, writing->sound);
	rh_json_key(json, "files");
	rh_json_begin_array(json);
	for (size_t i = 0; rh_reject_files_at(writing->files, i, &file); i++) {
		rh_json_begin_object(json);
		rh_json_member(json, "path", rh_str_from(file.path));
		rh_json_key(json, "records");
		rh_json_put_u64(json, file.count);
		rh_json_key(json, "broken");
		rh_json_put_bool(json, file.is_broken);
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
	if (writing->written > 0) {
		rh_json_member(json, "next", command);
	}
}

static bool has_broken(const struct rh_reject_files *files)
{
	struct rh_reject_file file;

	for (size_t i = 0; rh_reject_files_at(files, i, &file); i++) {
		if (file.is_broken) {
			return true;
		}
	}
	return false;
}

/* "  1,234  text" */
static void add_line(struct rh_buf *page, uint64_t count, const char *text, const char *path)
{
	rh_autobuf number = {0};

	if (count == 0) {
		return;
	}
	rh_buf_init(&number, 64);
	rh_print_add_count(&number, count);
	rh_buf_printf(page, "%12.*s  %s", RH_STR_ARG(rh_buf_str(&number)), text);
	rh_print_add_plain(page, rh_str_from(path));
	rh_buf_add_char(page, '\n');
}

/* Records: an account that two files were joined for has one in each. */
static uint64_t count_records(const struct rh_reject_files *files)
{
	struct rh_reject_file file;
	uint64_t records = 0;

	for (size_t i = 0; rh_reject_files_at(files, i, &file); i++) {
		records += file.count;
	}
	return records;
}

static void print_result(struct rh_cli *cli, const struct writing *writing, struct rh_str command)
{
	uint64_t joined = count_records(writing->files) - writing->written;
	uint64_t accounts =
		writing->written + writing->too_large + writing->unread + writing->sound;
	struct rh_reject_file file;
	rh_autobuf page = {0};

	rh_buf_init(&page, LINE_MAX_LEN);
	rh_print_add_count(&page, accounts);
	rh_buf_add_cstr(&page, accounts == 1 ? " account\n" : " accounts\n");
	for (size_t i = 0; rh_reject_files_at(writing->files, i, &file); i++) {
		add_line(&page, file.count,
			 file.is_broken ? "as they stand, for they are no records, in "
					: "records in ",
			 file.path);
	}
	add_line(&page, writing->too_large, "too large to be written", "");
	add_line(
		&page, writing->sound,
		"not written: nothing in their record needs mending; the password cannot be added, "
		"as this migration did not create the account",
		"");
	add_line(&page, writing->unread,
		 "not written: they are in the input of an earlier plan, which is gone or not as "
		 "it was",
		 "");
	if (joined + writing->twice > 0) {
		rh_buf_add_cstr(&page, "of these\n");
	}
	add_line(&page, joined, "have a record in each of two files", "");
	add_line(&page, writing->twice,
		 "without their id, which another record has: each needs one of its own", "");
	if (has_broken(writing->files)) {
		rh_buf_add_cstr(&page, "what is no record must become one first: mend it in its "
				       "file, or those people never move\n");
	}
	if (writing->written > 0) {
		rh_buf_printf(&page,
			      "\nThey hold people's data and hashes: only you can read them (mode "
			      "0600); remove them when they have moved.\n\nto plan them again when "
			      "they are mended: %.*s\n",
			      RH_STR_ARG(command));
	}
	rh_print_bytes(cli, rh_buf_str(&page));
}

static int write_all(struct writing *writing)
{
	struct rh_cli *cli = writing->cli;
	int code = rh_reject_files_new(&writing->files, cli->values.out, cli->values.yes,
				       cli->migration, &writing->err);

	if (code == RH_OK) {
		code = rh_migration_rejects(cli->migration, cli->values.states, write_one, writing,
					    &writing->err);
	}
	if (code == RH_OK) {
		code = writing->code;
	}
	if (code == RH_OK && rh_cli_was_stopped()) {
		code = rh_err_set(&writing->err, RH_EINTERRUPTED, "interrupted");
	}
	return code == RH_OK ? rh_reject_files_finish(writing->files, &writing->err) : code;
}

int rh_cmd_rejects(struct rh_cli *cli)
{
	struct writing writing = {.cli = cli};
	const char *out = cli->values.out;
	rh_autobuf command = {0};
	int exit_code = check_states(cli);
	int code;

	if (exit_code == RH_EXIT_DONE && (out == NULL || strcmp(out, "-") == 0)) {
		return rh_cli_usage(cli, "They hold people's data, so they go into a file only.",
				    "missing option: \"--out FILE\"");
	}
	if (exit_code == RH_EXIT_DONE) {
		exit_code =
			rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_ASKS_NOBODY);
	}
	if (exit_code == RH_EXIT_DONE &&
	    (code = rh_migration_set(cli->migration, "offline", "true", &cli->err)) != RH_OK) {
		exit_code = rh_cli_fail(cli, code, &cli->err);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	code = write_all(&writing);
	rh_term_finish(&cli->term);
	if (code != RH_OK) {
		rh_reject_files_free(writing.files);
		return rh_cli_fail(cli, code, &writing.err);
	}
	rh_buf_init(&command, LINE_MAX_LEN);
	add_command(cli, writing.files, &command);
	if (cli->values.json) {
		put_result(cli, &writing, rh_buf_str(&command));
	} else {
		print_result(cli, &writing, rh_buf_str(&command));
	}
	rh_reject_files_free(writing.files);
	return writing.too_large + writing.unread > 0 ? RH_EXIT_REFUSED : RH_EXIT_DONE;
}
