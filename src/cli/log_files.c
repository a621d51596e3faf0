/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and choosing logs; see the header. */
#include "cli/log_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/prompt.h"

#define FOREIGN_FOLDER "logs"

/* '#' is a digit, '?' what divides a time: older names have colons. */
static bool fits(struct rh_str text, const char *pattern)
{
	for (size_t i = 0; pattern[i] != '\0'; i++) {
		char byte = i < text.len ? text.ptr[i] : '\0';
		bool is_digit = byte >= '0' && byte <= '9';

		if (pattern[i] == '#'   ? !is_digit
		    : pattern[i] == '?' ? byte != '-' && byte != ':'
					: byte != pattern[i]) {
			return false;
		}
	}
	return true;
}

bool rh_log_is_name(struct rh_str name, bool is_foreign)
{
	static const char *const patterns[] = {
		"migration-####-##-##T##?##?##",
		"user-deletion-####-##-##T##?##?##",
		"export-####-##-##T##?##?##",
	};

	if (!is_foreign) {
		return rh_str_ends(name, ".ndjson") && fits(name, "####-##-##T##-##-##");
	}
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (rh_str_ends(name, ".log") && fits(name, patterns[i])) {
			return true;
		}
	}
	return false;
}

static int no_memory(struct rh_cli *cli)
{
	return rh_err_set(&cli->err, RH_ENOMEM, "no memory for the names of logs");
}

/* Room is doubled; the arena frees nothing singly. */
static int add_log(struct rh_logs *logs, struct rh_log log)
{
	if (log.path == NULL || log.name == NULL) {
		return no_memory(logs->cli);
	}
	if (logs->count == logs->room) {
		size_t room = logs->room == 0 ? 16 : logs->room * 2;
		struct rh_log *items = rh_arena_calloc(&logs->cli->arena, room, sizeof(*items));

		if (items == NULL) {
			return no_memory(logs->cli);
		}
		if (logs->count > 0) {
			memcpy(items, logs->items, logs->count * sizeof(*items));
		}
		logs->items = items;
		logs->room = room;
	}
	logs->items[logs->count] = log;
	logs->count++;
	return RH_OK;
}

static int compare_logs(const void *a, const void *b)
{
	const struct rh_log *left = a;
	const struct rh_log *right = b;

	return strcmp(left->name, right->name);
}

static int read_folder(struct rh_logs *logs, const char *path, bool is_foreign)
{
	struct rh_arena *arena = &logs->cli->arena;
	DIR *folder = opendir(path);
	const struct dirent *entry;
	size_t first = logs->count;
	int code = RH_OK;

	if (folder == NULL) {
		/* No run has written one yet. */
		return errno == ENOENT || (is_foreign && errno == ENOTDIR)
			       ? RH_OK
			       : rh_err_errno(&logs->cli->err, RH_EIO, errno,
					      "could not list \"%s\"", path);
	}
	while (code == RH_OK && (entry = readdir(folder)) != NULL) {
		if (!rh_log_is_name(rh_str_from(entry->d_name), is_foreign)) {
			continue;
		}
		const char *whole = rh_arena_printf(arena, "%s/%s", path, entry->d_name).ptr;
		const char *name =
			is_foreign ? whole : rh_arena_printf(arena, "%s", entry->d_name).ptr;
		code = add_log(logs, (struct rh_log){.path = whole,
						     .name = name,
						     .is_foreign = is_foreign,
						     .is_recognised = true});
	}
	(void)closedir(folder); /* it was only read */
	if (code == RH_OK && logs->count > first) {
		qsort(logs->items + first, logs->count - first, sizeof(*logs->items), compare_logs);
	}
	return code;
}

/* A word that leads to a file, not to a log of a workspace. */
static bool is_path(const char *word)
{
	struct rh_str text = rh_str_from(word);

	return rh_str_index(text, '/') >= 0 || rh_str_ends(text, ".log");
}

static bool names_own(const struct rh_cli *cli)
{
	for (size_t i = 1; i < cli->word_count; i++) {
		if (!is_path(cli->words[i])) {
			return true;
		}
	}
	return cli->word_count < 2;
}

static int read_all(struct rh_logs *logs)
{
	struct rh_cli *cli = logs->cli;
	int code = read_folder(logs, FOREIGN_FOLDER, true);
	struct rh_logs own = {.cli = cli};

	if (code != RH_OK || !names_own(cli)) {
		return code;
	}
	logs->workspace = rh_cli_workspace(cli);
	if (logs->workspace == NULL) {
		/* Somebody who comes from another tool has logs before there is a migration. */
		bool may_go_on =
			logs->count > 0 && !rh_file_exists(".rehome") && cli->err.code == RH_EUSAGE;
		return may_go_on ? RH_OK : cli->err.code;
	}
	if (!rh_file_exists(logs->workspace)) {
		return rh_err_set(&cli->err, RH_EUSAGE, "there is no workspace \"%s\"",
				  logs->workspace);
	}
	own.workspace = logs->workspace;
	const char *folder = rh_arena_printf(&cli->arena, "%s/events", logs->workspace).ptr;
	code = folder != NULL ? read_folder(&own, folder, false) : no_memory(cli);
	for (size_t i = 0; i < logs->count && code == RH_OK; i++) {
		code = add_log(&own, logs->items[i]);
	}
	*logs = own;
	return code;
}

/* Is this log meant by the word: its name, its path, or the name without its end? */
static bool is_meant(const struct rh_log *log, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(word, "./", 2) == 0) {
		word += 2;
		len -= 2;
	}
	return strcmp(log->path, word) == 0 ||
	       (strncmp(log->name, word, len) == 0 &&
		(log->name[len] == '\0' || strcmp(log->name + len, ".ndjson") == 0));
}

static int add_named(const struct rh_logs *all, const char *word, struct rh_logs *out)
{
	for (size_t i = 0; i < out->count; i++) {
		if (is_meant(&out->items[i], word)) {
			return RH_OK; /* named twice */
		}
	}
	for (size_t i = 0; i < all->count; i++) {
		if (is_meant(&all->items[i], word)) {
			return add_log(out, all->items[i]);
		}
	}
	if (!is_path(word) || !rh_file_exists(word)) {
		return rh_err_set(&all->cli->err, RH_EUSAGE, "there is no log \"%.60s\"", word);
	}
	const char *slash = strrchr(word, '/');
	struct rh_str name = rh_str_from(slash != NULL ? slash + 1 : word);
	return add_log(out, (struct rh_log){.path = word,
					    .name = word,
					    .is_foreign = true,
					    .is_recognised = rh_log_is_name(name, true)});
}

int rh_logs_find(struct rh_cli *cli, bool only_own, struct rh_logs *out)
{
	struct rh_logs all = {.cli = cli};
	int code = read_all(&all);

	*out = (struct rh_logs){.cli = cli, .workspace = all.workspace};
	for (size_t i = 1; i < cli->word_count && code == RH_OK; i++) {
		code = add_named(&all, cli->words[i], out);
	}
	for (size_t i = 0; i < all.count && code == RH_OK && cli->word_count < 2; i++) {
		if (!only_own || !all.items[i].is_foreign) {
			code = add_log(out, all.items[i]);
		}
	}
	return code;
}

static bool has_log(const struct rh_logs *logs, const struct rh_log *log)
{
	for (size_t i = 0; i < logs->count; i++) {
		if (strcmp(logs->items[i].path, log->path) == 0) {
			return true;
		}
	}
	return false;
}

/* "1 3-5": keeps those; false: that is no choice among them. */
static bool keep_chosen(struct rh_logs *logs, struct rh_str answer)
{
	struct rh_logs kept = {.cli = logs->cli, .workspace = logs->workspace};
	struct rh_str rest = answer;

	while (rest.ptr != NULL) {
		struct rh_str last = rh_str_trim(rh_str_cut(&rest, ' '));
		struct rh_str first = rh_str_cut(&last, '-');
		uint64_t from;
		uint64_t to;

		if (first.len == 0 && last.ptr == NULL) {
			continue;
		}
		if (!rh_str_to_u64(first, &from) || from < 1 || from > logs->count) {
			return false;
		}
		to = from;
		if (last.ptr != NULL &&
		    (!rh_str_to_u64(last, &to) || to < from || to > logs->count)) {
			return false;
		}
		for (uint64_t i = from; i <= to; i++) {
			if (!has_log(&kept, &logs->items[i - 1]) &&
			    add_log(&kept, logs->items[i - 1]) != RH_OK) {
				return false;
			}
		}
	}
	*logs = kept;
	return true;
}

int rh_logs_choose(struct rh_logs *logs, const char *question)
{
	struct rh_cli *cli = logs->cli;
	int code = RH_OK;

	if (cli->values.yes || cli->values.json || cli->values.quiet || cli->word_count > 1 ||
	    logs->count < 2 || !rh_prompt_is_possible()) {
		return RH_OK;
	}
	for (size_t i = 0; i < logs->count; i++) {
		rh_print_note(cli, "%4zu  %s\n", i + 1, logs->items[i].name);
	}
	for (bool is_chosen = false; code == RH_OK && !is_chosen;) {
		rh_autobuf answer = {0};

		rh_buf_init(&answer, 4096);
		code = rh_prompt_ask(question, false, &answer, &cli->err);
		for (size_t i = 0; i < answer.len; i++) {
			answer.ptr[i] = answer.ptr[i] == ',' ? ' ' : answer.ptr[i];
		}
		struct rh_str text = rh_str_trim(rh_buf_str(&answer));
		is_chosen = code == RH_OK && (text.len == 0 || keep_chosen(logs, text));
		if (code == RH_OK && !is_chosen) {
			rh_print_note(cli, "numbers from 1 to %zu, such as: 1 3-%zu\n", logs->count,
				      logs->count);
		}
	}
	return code;
}

const char *rh_log_array(struct rh_logs *logs, const struct rh_log *log)
{
	struct rh_str path = rh_str_from(log->path);
	const char *ends[] = {".ndjson", ".log"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (rh_str_ends(path, ends[i])) {
			path = rh_str_sub(path, 0, path.len - strlen(ends[i]));
			break;
		}
	}
	return rh_arena_printf(&logs->cli->arena, "%.*s.json", RH_STR_ARG(path)).ptr;
}
