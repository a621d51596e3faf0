/* SPDX-License-Identifier: Apache-2.0 */
/* rehome logs: list, convert and clean the event logs of a workspace. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/suggest.h"
#include "ledger/lock.h"

#define CONVERT_PIECE (256U * 1024)

/* The logs of one workspace, in the order of their times. */
struct logs {
	struct rh_cli *cli;
	const char *workspace;
	const char *folder;
	const char **names; /* "<time>.ndjson" */
	size_t count;
};

/* Outcomes of accounts in one log. */
struct tally {
	uint64_t bytes;
	uint64_t success;
	uint64_t fail;
	uint64_t error;
	uint64_t skipped;
};

static const char *path_of(struct logs *logs, const char *name, const char *suffix)
{
	return rh_arena_printf(&logs->cli->arena, "%s/%s%s", logs->folder, name, suffix).ptr;
}

static int compare_names(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

static int no_memory(struct logs *logs)
{
	return rh_err_set(&logs->cli->err, RH_ENOMEM, "no memory for the names of logs");
}

/* Room is doubled at each power of two; the arena frees nothing singly. */
static int add_name(struct logs *logs, const char *name)
{
	struct rh_arena *arena = &logs->cli->arena;

	if ((logs->count & (logs->count - 1)) == 0) {
		size_t room = logs->count == 0 ? 1 : logs->count * 2;
		const char **names = rh_arena_calloc(arena, room, sizeof(*names));

		if (names == NULL) {
			return no_memory(logs);
		}
		if (logs->count > 0) {
			memcpy(names, logs->names, logs->count * sizeof(*names));
		}
		logs->names = names;
	}
	logs->names[logs->count] = rh_arena_printf(arena, "%s", name).ptr;
	if (logs->names[logs->count] == NULL) {
		return no_memory(logs);
	}
	logs->count++;
	return RH_OK;
}

static int read_folder(struct logs *logs)
{
	DIR *folder = opendir(logs->folder);
	const struct dirent *entry;
	int code = RH_OK;

	if (folder == NULL) {
		/* No run has written one yet. */
		return errno == ENOENT ? RH_OK
				       : rh_err_errno(&logs->cli->err, RH_EIO, errno,
						      "could not list \"%s\"", logs->folder);
	}
	while (code == RH_OK && (entry = readdir(folder)) != NULL) {
		if (rh_str_ends(rh_str_from(entry->d_name), ".ndjson")) {
			code = add_name(logs, entry->d_name);
		}
	}
	(void)closedir(folder); /* it was only read */
	if (code == RH_OK && logs->count > 0) {
		qsort(logs->names, logs->count, sizeof(*logs->names), compare_names);
	}
	return code;
}

static int find_logs(struct logs *logs)
{
	struct rh_cli *cli = logs->cli;

	logs->workspace = rh_cli_workspace(cli);
	if (logs->workspace == NULL) {
		return cli->err.code;
	}
	logs->folder = rh_arena_printf(&cli->arena, "%s/events", logs->workspace).ptr;
	if (logs->folder == NULL) {
		return no_memory(logs);
	}
	if (!rh_file_exists(logs->workspace)) {
		return rh_err_set(&cli->err, RH_EUSAGE, "there is no workspace \"%s\"",
				  logs->workspace);
	}
	return read_folder(logs);
}

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

static int list_logs(struct logs *logs)
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
		const char *path = path_of(logs, logs->names[i], "");
		struct tally tally = {0};

		code = path != NULL ? tally_log(path, &tally, &cli->err) : RH_ENOMEM;
		if (cli->values.json) {
			put_tally(cli, logs->names[i], &tally);
		} else {
			rh_print(cli, "%-34s %12llu %10llu %10llu %10llu %10llu\n", logs->names[i],
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

static int convert_lines(struct rh_cli *cli, struct rh_lines *lines, int fd, uint64_t *count)
{
	__attribute__((cleanup(rh_json_done))) struct rh_json json = {0};
	rh_autobuf out = {0};
	rh_autobuf copy = {0};
	char *line = NULL;
	size_t len = 0;
	int code = RH_OK;

	rh_buf_init(&out, 16U * 1024 * 1024);
	rh_buf_init(&copy, 16U * 1024 * 1024);
	rh_buf_add_char(&out, '[');
	while (code == RH_OK && (code = rh_lines_next(lines, &line, &len, &cli->err)) == 1) {
		/* Parsing writes to the text; the line is to go out as it stands. */
		rh_buf_reset(&copy);
		rh_buf_add(&copy, line, len);
		code = rh_buf_check(&copy, "a line of a log", &cli->err);
		if (code != RH_OK || copy.len == 0 ||
		    rh_json_parse(&json, copy.ptr, copy.len, NULL) != RH_OK ||
		    (!cli->values.all && rh_json_get(rh_json_root(&json), "status") == NULL)) {
			continue;
		}
		rh_buf_add_cstr(&out, *count > 0 ? ",\n" : "\n");
		rh_buf_add(&out, line, len);
		++*count;
		code = write_piece(fd, &out, false, &cli->err);
	}
	rh_buf_add_cstr(&out, "\n]\n");
	return code == RH_OK ? write_piece(fd, &out, true, &cli->err) : code;
}

/* "<time>.json" beside "<time>.ndjson", whole or not at all. */
static int convert_log(struct logs *logs, const char *name, const char **made, uint64_t *count)
{
	struct rh_cli *cli = logs->cli;
	const char *from = path_of(logs, name, "");
	struct rh_str stem = rh_str_sub(rh_str_from(name), 0, strlen(name) - strlen(".ndjson"));
	const char *to =
		rh_arena_printf(&cli->arena, "%s/%.*s.json", logs->folder, RH_STR_ARG(stem)).ptr;
	const char *part = to != NULL ? rh_arena_printf(&cli->arena, "%s.tmp", to).ptr : NULL;
	rh_autoclose int fd = -1;
	struct rh_lines lines;
	int code;

	if (from == NULL || part == NULL) {
		return rh_err_set(&cli->err, RH_ENOMEM, "no memory for a path");
	}
	code = rh_lines_open(&lines, from, &cli->err);
	if (code == RH_OK) {
		code = rh_file_open(&fd, part, O_WRONLY | O_CREAT | O_TRUNC, &cli->err);
	}
	if (code == RH_OK) {
		code = convert_lines(cli, &lines, fd, count);
	}
	rh_lines_close(&lines);
	if (code == RH_OK && (fsync(fd) != 0 || rename(part, to) != 0)) {
		code = rh_err_errno(&cli->err, RH_EIO, errno, "could not write \"%s\"", to);
	}
	if (code != RH_OK && fd >= 0) {
		(void)unlink(part); /* the error that is told came before */
	}
	*made = to;
	return code;
}

static int convert_logs(struct logs *logs)
{
	struct rh_cli *cli = logs->cli;
	int code = RH_OK;

	if (cli->values.json) {
		rh_json_key(&cli->json, "converted");
		rh_json_begin_array(&cli->json);
	}
	for (size_t i = 0; i < logs->count && code == RH_OK; i++) {
		const char *made = NULL;
		uint64_t count = 0;

		code = convert_log(logs, logs->names[i], &made, &count);
		if (code != RH_OK) {
			break;
		}
		if (cli->values.json) {
			rh_json_begin_object(&cli->json);
			rh_json_member(&cli->json, "path", rh_str_from(made));
			rh_json_key(&cli->json, "lines");
			rh_json_put_u64(&cli->json, count);
			rh_json_end_object(&cli->json);
		} else {
			rh_print(cli, "%s: %llu lines\n", made, (unsigned long long)count);
		}
	}
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
	return code;
}

/* ---- clean ------------------------------------------------------------------------------------------ */

/* Removes one log and what was converted from it. */
static int remove_log(struct logs *logs, const char *name)
{
	const char *path = path_of(logs, name, "");
	struct rh_str stem = rh_str_sub(rh_str_from(name), 0, strlen(name) - strlen(".ndjson"));
	const char *converted =
		rh_arena_printf(&logs->cli->arena, "%s/%.*s.json", logs->folder, RH_STR_ARG(stem))
			.ptr;

	if (path == NULL || converted == NULL) {
		return rh_err_set(&logs->cli->err, RH_ENOMEM, "no memory for a path");
	}
	if (unlink(path) != 0 || (unlink(converted) != 0 && errno != ENOENT)) {
		return rh_err_errno(&logs->cli->err, RH_EIO, errno, "could not remove \"%s\"",
				    path);
	}
	return RH_OK;
}

static int refuse_clean(struct logs *logs)
{
	struct rh_cli *cli = logs->cli;
	rh_autobuf next = {0};

	rh_buf_init(&next, 16384);
	rh_buf_add_cstr(&next, "rehome logs clean");
	for (size_t i = 1; i < cli->word_count; i++) {
		rh_buf_add_char(&next, ' ');
		rh_print_add_shell(&next, cli->words[i]);
	}
	rh_buf_add_cstr(&next, " --workspace ");
	rh_print_add_shell(&next, logs->workspace);
	rh_buf_add_cstr(&next, " --yes");
	if (cli->values.json) {
		rh_json_member(&cli->json, "next", rh_buf_str(&next));
	} else {
		rh_print(cli, "\nto do it: %.*s\n", RH_STR_ARG(rh_buf_str(&next)));
	}
	return rh_err_set(&cli->err, RH_ECONSENT, "nothing is removed without --yes");
}

static int clean_logs(struct logs *logs)
{
	struct rh_cli *cli = logs->cli;
	struct rh_clock *clock = rh_clock_system();
	struct rh_lock *lock = NULL;
	int code = RH_OK;

	rh_print_note(cli, "workspace  %s\n", logs->workspace);
	if (!cli->values.yes) {
		code = list_logs(logs);
		return code == RH_OK ? refuse_clean(logs) : code;
	}
	/* A log that is being written stays. */
	code = rh_lock_take(&lock, logs->workspace, "apply", clock->now(clock), &cli->err);
	for (size_t i = 0; i < logs->count && code == RH_OK; i++) {
		code = remove_log(logs, logs->names[i]);
	}
	rh_lock_release(lock);
	if (code == RH_OK && cli->values.json) {
		rh_json_key(&cli->json, "removed");
		rh_json_put_u64(&cli->json, logs->count);
	} else if (code == RH_OK) {
		rh_print(cli, "%zu logs removed\n", logs->count);
	}
	return code;
}

/* ---- the command ------------------------------------------------------------------------------------ */

/* Keeps of the logs those that are named behind the action. */
static int choose(struct logs *logs)
{
	struct rh_cli *cli = logs->cli;
	size_t kept = 0;

	if (cli->word_count < 2) {
		return RH_OK;
	}
	for (size_t i = 1; i < cli->word_count; i++) {
		struct rh_str wanted = rh_str_from(cli->words[i]);
		size_t at = kept;

		while (at < logs->count &&
		       !(rh_str_starts(rh_str_from(logs->names[at]), wanted.ptr) &&
			 (strlen(logs->names[at]) == wanted.len ||
			  strcmp(logs->names[at] + wanted.len, ".ndjson") == 0))) {
			at++;
		}
		if (at == logs->count) {
			return rh_err_set(&cli->err, RH_EUSAGE, "there is no log \"%.60s\"",
					  wanted.ptr);
		}
		const char *found = logs->names[at];
		logs->names[at] = logs->names[kept];
		logs->names[kept] = found;
		kept++;
	}
	logs->count = kept;
	return RH_OK;
}

int rh_cmd_logs(struct rh_cli *cli)
{
	static const struct {
		const char *name;
		int (*run)(struct logs *logs);
	} actions[] = {
		{"list", list_logs},
		{"convert", convert_logs},
		{"clean", clean_logs},
	};
	struct logs logs = {.cli = cli};
	const char *name = cli->word_count > 0 ? cli->words[0] : "list";
	struct rh_suggestion suggestion;
	int code = RH_OK;

	rh_suggestion_init(&suggestion, name);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		rh_suggestion_offer(&suggestion, actions[i].name);
		if (strcmp(actions[i].name, name) != 0) {
			continue;
		}
		code = find_logs(&logs);
		if (code == RH_OK) {
			code = choose(&logs);
		}
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
