/* SPDX-License-Identifier: Apache-2.0 */
/* rehome logs: list, convert and clean the event logs of a workspace, and those that other tools left. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/lines.h"
#include "cli/log_files.h"
#include "cli/print.h"
#include "cli/suggest.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"

#define CONVERT_PIECE (256U * 1024)
#define LOG_LINE_MAX (16U * 1024 * 1024)
#define BROKEN_SHOWN 20

/* Outcomes of accounts in one log. */
struct tally {
	uint64_t bytes;
	uint64_t success;
	uint64_t fail;
	uint64_t error;
	uint64_t skipped;
};

/* ---- list ------------------------------------------------------------------------------------------- */

static void count_line(struct tally *tally, struct rh_str status)
{
	tally->success += rh_str_is(status, "success") ? 1 : 0;
	tally->fail += rh_str_is(status, "fail") ? 1 : 0;
	tally->error += rh_str_is(status, "error") ? 1 : 0;
	tally->skipped += rh_str_is(status, "skipped") ? 1 : 0;
}

/* The line's "status"; absent: it has none, or is no line of ours.  The text is written to. */
static struct rh_str status_of(struct rh_json *json, char *line, size_t len)
{
	if (rh_json_parse(json, line, len, NULL) != RH_OK) {
		return RH_STR_ABSENT;
	}
	return rh_json_get_string(rh_json_root(json), "status");
}

static int tally_log(const char *path, struct tally *out, struct rh_err *err)
{
	__attribute__((cleanup(rh_json_done))) struct rh_json json = {0};
	struct rh_lines lines;
	char *line = NULL;
	size_t len = 0;
	int code = rh_lines_open(&lines, path, err);

	while (code == RH_OK && (code = rh_lines_next(&lines, &line, &len, err)) == 1) {
		out->bytes += len + 1;
		count_line(out, status_of(&json, line, len));
		code = RH_OK;
	}
	if (code == RH_OK && rh_lines_rest(&lines, &line, &len)) {
		out->bytes += len;
		count_line(out, status_of(&json, line, len));
	}
	rh_lines_close(&lines);
	return code;
}

static void put_tally(struct rh_cli *cli, const char *name, const struct tally *tally)
{
	const struct {
		const char *name;
		uint64_t count;
	} members[] = {
		{"bytes", tally->bytes}, {"success", tally->success}, {"fail", tally->fail},
		{"error", tally->error}, {"skipped", tally->skipped},
	};

	rh_json_begin_object(&cli->json);
	rh_json_member(&cli->json, "name", rh_str_from(name));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		rh_json_key(&cli->json, members[i].name);
		rh_json_put_u64(&cli->json, members[i].count);
	}
	rh_json_end_object(&cli->json);
}

static int list_logs(struct rh_logs *logs)
{
	struct rh_cli *cli = logs->cli;
	int code = RH_OK;

	if (cli->values.json) {
		rh_json_key(&cli->json, "logs");
		rh_json_begin_array(&cli->json);
	} else {
		rh_print(cli, "%-34s %12s %10s %10s %10s %10s\n", "log", "bytes", "success", "fail",
			 "error", "skipped");
	}
	for (size_t i = 0; i < logs->count && code == RH_OK; i++) {
		const char *name = logs->items[i].name;
		struct tally tally = {0};

		code = tally_log(logs->items[i].path, &tally, &cli->err);
		if (cli->values.json) {
			put_tally(cli, name, &tally);
		} else {
			rh_print(cli, "%-34s %12llu %10llu %10llu %10llu %10llu\n", name,
				 (unsigned long long)tally.bytes, (unsigned long long)tally.success,
				 (unsigned long long)tally.fail, (unsigned long long)tally.error,
				 (unsigned long long)tally.skipped);
		}
	}
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
	return code;
}

/* ---- convert ---------------------------------------------------------------------------------------- */

static int write_piece(int fd, struct rh_buf *buf, bool is_last, struct rh_err *err)
{
	int code = rh_buf_check(buf, "a log", err);

	if (code == RH_OK && (is_last || buf->len > CONVERT_PIECE)) {
		code = rh_fd_write(fd, buf->ptr, buf->len, err);
		rh_buf_reset(buf);
	}
	return code;
}

/* One conversion: where it goes, and what it met. */
struct conversion {
	struct rh_cli *cli;
	const struct rh_log *log;
	const char *target; /* whose ids stand in our own lines; NULL: not known */
	struct rh_json json;
	struct rh_buf out;
	struct rh_buf copy;
	int fd;
	uint64_t number;  /* of the line at hand */
	uint64_t written; /* lines that went out */
	uint64_t broken;
};

static void tell_broken(struct conversion *conversion)
{
	struct rh_cli *cli = conversion->cli;

	conversion->broken++;
	if (cli->values.json) {
		rh_json_put_u64(&cli->json, conversion->number);
	} else if (conversion->broken <= BROKEN_SHOWN) {
		rh_print_note(cli, "%s: line %llu is broken and left out\n", conversion->log->name,
			      (unsigned long long)conversion->number);
	}
}

/* The line, with the target's id also under the name that the target's own script gives it: "<target>UserId". */
static void put_line(struct conversion *conversion, struct rh_str text)
{
	struct rh_str id = rh_json_get_string(rh_json_root(&conversion->json), "targetId");
	struct rh_json_writer json;

	if (conversion->target == NULL || !rh_str_is_set(id)) {
		rh_buf_add_str(&conversion->out, text);
		return;
	}
	text.len--; /* its brace */
	rh_buf_add_str(&conversion->out, text);
	rh_buf_printf(&conversion->out, ",\"%sUserId\":", conversion->target);
	rh_json_writer_init(&json, &conversion->out);
	rh_json_put_string(&json, id);
	rh_buf_add_char(&conversion->out, '}');
}

static int convert_line(struct conversion *conversion, const char *line, size_t len)
{
	struct rh_cli *cli = conversion->cli;
	struct rh_str text = rh_str_trim((struct rh_str){.ptr = line, .len = len});
	int code;

	conversion->number++;
	if (text.len == 0) {
		return RH_OK;
	}
	/* Parsing writes to the text; the line is to go out as it stands. */
	rh_buf_reset(&conversion->copy);
	rh_buf_add_str(&conversion->copy, text);
	code = rh_buf_check(&conversion->copy, "a line of a log", &cli->err);
	if (code != RH_OK) {
		return code;
	}
	if (rh_json_parse(&conversion->json, conversion->copy.ptr, conversion->copy.len, NULL) !=
		    RH_OK ||
	    rh_json_type(rh_json_root(&conversion->json)) != RH_JSON_OBJECT) {
		tell_broken(conversion);
		return RH_OK;
	}
	if (!cli->values.all && rh_json_get(rh_json_root(&conversion->json), "status") == NULL) {
		return RH_OK;
	}
	rh_buf_add_cstr(&conversion->out, conversion->written > 0 ? ",\n" : "\n");
	put_line(conversion, text);
	conversion->written++;
	return write_piece(conversion->fd, &conversion->out, false, &cli->err);
}

static int convert_lines(struct conversion *conversion, struct rh_lines *lines)
{
	struct rh_err *err = &conversion->cli->err;
	char *line = NULL;
	size_t len = 0;
	int code = RH_OK;

	rh_buf_init(&conversion->out, LOG_LINE_MAX);
	rh_buf_init(&conversion->copy, LOG_LINE_MAX);
	rh_buf_add_char(&conversion->out, '[');
	while (code == RH_OK && (code = rh_lines_next(lines, &line, &len, err)) == 1) {
		code = convert_line(conversion, line, len);
	}
	if (code == RH_OK && rh_lines_rest(lines, &line, &len)) {
		code = convert_line(conversion, line, len);
	}
	rh_buf_add_cstr(&conversion->out, "\n]\n");
	if (code == RH_OK) {
		code = write_piece(conversion->fd, &conversion->out, true, err);
	}
	rh_buf_done(&conversion->out);
	rh_buf_done(&conversion->copy);
	rh_json_done(&conversion->json);
	return code;
}

/* What stands there may be anybody's, where the name does not show that it came from a log. */
static int check_free(struct rh_logs *logs, const struct rh_log *log, const char *to)
{
	int code;

	if (log->is_recognised || logs->cli->values.yes || !rh_file_exists(to)) {
		return RH_OK;
	}
	code = rh_err_set(&logs->cli->err, RH_EUSAGE, "\"%s\" is there already", to);
	rh_err_hint(&logs->cli->err, "Move it away, or add --yes to replace it.");
	return code;
}

/* "<name>.json" beside the log, whole or not at all. */
static int convert_log(struct rh_logs *logs, struct conversion *conversion, const char **made)
{
	struct rh_cli *cli = logs->cli;
	const char *to = rh_log_array(logs, conversion->log);
	const char *part = to != NULL ? rh_arena_printf(&cli->arena, "%s.tmp", to).ptr : NULL;
	rh_autoclose int fd = -1;
	struct rh_lines lines = {.fd = -1};
	int code;

	if (part == NULL) {
		return rh_err_set(&cli->err, RH_ENOMEM, "no memory for a path");
	}
	code = check_free(logs, conversion->log, to);
	if (code == RH_OK) {
		code = rh_lines_open(&lines, conversion->log->path, &cli->err);
	}
	if (code == RH_OK) {
		code = rh_file_open(&fd, part, O_WRONLY | O_CREAT | O_TRUNC, &cli->err);
	}
	if (code == RH_OK) {
		conversion->fd = fd;
		code = convert_lines(conversion, &lines);
	}
	rh_lines_close(&lines);
	if (code == RH_OK) {
		code = rh_file_rename(part, to, &cli->err);
	}
	if (code != RH_OK && fd >= 0) {
		(void)unlink(part); /* the error that is told came before */
	}
	*made = to;
	return code;
}

static void tell_conversion(const struct conversion *conversion, const char *made)
{
	struct rh_cli *cli = conversion->cli;

	if (cli->values.json) {
		rh_json_end_array(&cli->json);
		rh_json_member(&cli->json, "path", rh_str_from(made));
		rh_json_key(&cli->json, "lines");
		rh_json_put_u64(&cli->json, conversion->written);
		rh_json_end_object(&cli->json);
		return;
	}
	if (conversion->broken > BROKEN_SHOWN) {
		rh_print_note(cli, "%s: %llu broken lines in all are left out\n",
			      conversion->log->name, (unsigned long long)conversion->broken);
	}
	rh_print(cli, "%s: %llu lines\n", made, (unsigned long long)conversion->written);
}

/* The target of the workspace's ledger; NULL: there is none that can be read. */
static const char *target_of(struct rh_logs *logs)
{
	struct rh_ledger_identity identity = {0};
	struct rh_ledger *ledger = NULL;
	struct rh_err err = {0};
	int code = logs->workspace != NULL
			   ? rh_ledger_open(&ledger, logs->workspace, NULL, true, &err)
			   : RH_ESTATE;

	if (code == RH_OK) {
		code = rh_ledger_identity(ledger, &logs->cli->arena, &identity, &err);
	}
	rh_ledger_close(ledger);
	return code == RH_OK ? identity.target : NULL;
}

static int convert_logs(struct rh_logs *logs)
{
	const char *target = target_of(logs);
	struct rh_cli *cli = logs->cli;
	int code = rh_logs_choose(logs, "Logs to convert (numbers; nothing: all)");

	if (cli->values.json) {
		rh_json_key(&cli->json, "converted");
		rh_json_begin_array(&cli->json);
	}
	for (size_t i = 0; i < logs->count && code == RH_OK; i++) {
		struct conversion conversion = {
			.cli = cli,
			.log = &logs->items[i],
			.target = logs->items[i].is_foreign ? NULL : target,
		};
		const char *made = NULL;

		if (cli->values.json) {
			rh_json_begin_object(&cli->json);
			rh_json_key(&cli->json, "broken");
			rh_json_begin_array(&cli->json);
		}
		code = convert_log(logs, &conversion, &made);
		if (code == RH_OK) {
			tell_conversion(&conversion, made);
		} else if (cli->values.json) {
			rh_json_end_array(&cli->json);
			rh_json_end_object(&cli->json);
		}
	}
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
	return code;
}

/* ---- clean ------------------------------------------------------------------------------------------ */

/* Removes one log and what was converted from it. */
static int remove_log(struct rh_logs *logs, const struct rh_log *log)
{
	const char *converted = rh_log_array(logs, log);

	if (converted == NULL) {
		return rh_err_set(&logs->cli->err, RH_ENOMEM, "no memory for a path");
	}
	if (unlink(log->path) != 0 || (unlink(converted) != 0 && errno != ENOENT)) {
		return rh_err_errno(&logs->cli->err, RH_EIO, errno, "could not remove \"%s\"",
				    log->path);
	}
	return RH_OK;
}

/* Only what its name shows to be a log is removed; one other among those named, and none is. */
static int check_recognised(const struct rh_logs *logs)
{
	for (size_t i = 0; i < logs->count; i++) {
		int code;

		if (logs->items[i].is_recognised) {
			continue;
		}
		code = rh_err_set(&logs->cli->err, RH_EUSAGE,
				  "\"%.200s\" does not have the name of a log; nothing is removed",
				  logs->items[i].path);
		rh_err_hint(&logs->cli->err, "Remove it by hand, if it is one.");
		return code;
	}
	return RH_OK;
}

static int refuse_clean(struct rh_logs *logs, bool is_chosen)
{
	struct rh_cli *cli = logs->cli;
	rh_autobuf next = {0};

	rh_buf_init(&next, 16384);
	rh_buf_add_cstr(&next, "rehome logs clean");
	for (size_t i = 0; i < logs->count && (cli->word_count > 1 || is_chosen); i++) {
		rh_buf_add_char(&next, ' ');
		rh_print_add_shell(&next, logs->items[i].name);
	}
	if (logs->workspace != NULL) {
		rh_buf_add_cstr(&next, " --workspace ");
		rh_print_add_shell(&next, logs->workspace);
	}
	rh_buf_add_cstr(&next, " --yes");
	if (cli->values.json) {
		rh_json_member(&cli->json, "next", rh_buf_str(&next));
	} else {
		rh_print(cli, "\nto do it: %.*s\n", RH_STR_ARG(rh_buf_str(&next)));
	}
	return rh_err_set(&cli->err, RH_ECONSENT, "nothing is removed without --yes");
}

static int remove_logs(struct rh_logs *logs)
{
	struct rh_cli *cli = logs->cli;
	struct rh_clock *clock = rh_clock_system();
	struct rh_lock *lock = NULL;
	int code = RH_OK;

	/* A log that is being written stays. */
	if (logs->workspace != NULL) {
		code = rh_lock_take(&lock, logs->workspace, "apply", clock->now(clock), &cli->err);
	}
	for (size_t i = 0; i < logs->count && code == RH_OK; i++) {
		code = remove_log(logs, &logs->items[i]);
	}
	rh_lock_release(lock);
	return code;
}

static int clean_logs(struct rh_logs *logs)
{
	struct rh_cli *cli = logs->cli;
	size_t before = logs->count;
	int code = check_recognised(logs);

	if (logs->workspace != NULL) {
		rh_print_note(cli, "workspace  %s\n", logs->workspace);
	}
	if (code == RH_OK) {
		code = rh_logs_choose(logs, "Logs to remove (numbers; nothing: all)");
	}
	if (code == RH_OK && !cli->values.yes) {
		code = list_logs(logs);
		return code == RH_OK ? refuse_clean(logs, logs->count < before) : code;
	}
	if (code == RH_OK) {
		code = remove_logs(logs);
	}
	if (code == RH_OK && cli->values.json) {
		rh_json_key(&cli->json, "removed");
		rh_json_put_u64(&cli->json, logs->count);
	} else if (code == RH_OK) {
		rh_print(cli, "%zu logs removed\n", logs->count);
	}
	return code;
}

/* ---- the command ------------------------------------------------------------------------------------ */

int rh_cmd_logs(struct rh_cli *cli)
{
	static const struct {
		const char *name;
		int (*run)(struct rh_logs *logs);
	} actions[] = {
		{"list", list_logs},
		{"convert", convert_logs},
		{"clean", clean_logs},
	};
	struct rh_logs logs;
	const char *name = cli->word_count > 0 ? cli->words[0] : "list";
	struct rh_suggestion suggestion;
	int code = RH_OK;

	rh_suggestion_init(&suggestion, name);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		rh_suggestion_offer(&suggestion, actions[i].name);
		if (strcmp(actions[i].name, name) != 0) {
			continue;
		}
		code = rh_logs_find(cli, actions[i].run == clean_logs, &logs);
		if (code == RH_OK) {
			rh_print_document_begin(cli);
			code = actions[i].run(&logs);
		}
		return code == RH_OK ? RH_EXIT_DONE : rh_cli_fail(cli, code, &cli->err);
	}
	rh_autobuf hint = {0};
	rh_buf_init(&hint, 200);
	rh_buf_printf(&hint, "Did you mean \"%s\"?",
		      suggestion.nearest != NULL ? suggestion.nearest : "list");
	return rh_cli_usage(cli, hint.ptr, "\"logs\" can list, convert or clean, not \"%.40s\"",
			    name);
}
