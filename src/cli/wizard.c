/* SPDX-License-Identifier: Apache-2.0 */
/* Questions that make a migration out of nothing; see the header. */
#include "cli/wizard.h"

#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/next.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/prompt.h"
#include "config/options.h"

#define ANSWER_MAX 4096
#define DOTENV ".env"
#define DOTENV_MAX (1024U * 1024)

bool rh_wizard_is_possible(const struct rh_cli *cli)
{
	return !cli->values.yes && !cli->values.json && !cli->values.quiet &&
	       rh_prompt_is_possible();
}

static int no_memory(struct rh_cli *cli)
{
	return rh_err_set(&cli->err, RH_ENOMEM, "no memory for a question");
}

/* The row of a missing option; NULL: it has none. */
static const struct rh_option *find_row(const char *name)
{
	const struct rh_connector *connector;

	for (size_t i = 0; rh_option_at(i) != NULL; i++) {
		if (strcmp(rh_option_at(i)->name, name) == 0) {
			return rh_option_at(i);
		}
	}
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		size_t len = strlen(connector->name);

		if (strncmp(name, connector->name, len) == 0 && name[len] == '-') {
			return rh_option_find(connector->options, name + len + 1);
		}
	}
	return NULL;
}

/* The answer, without blanks around it and copied; *out absent: nothing was said. */
static int ask(struct rh_cli *cli, const char *question, bool is_secret, struct rh_str *out)
{
	rh_autobuf answer = {0};
	int code;

	rh_buf_init_secret(&answer, ANSWER_MAX);
	code = rh_prompt_ask(question, is_secret, &answer, &cli->err);
	if (code != RH_OK) {
		return code;
	}
	struct rh_str text = rh_str_trim(rh_buf_str(&answer));
	*out = RH_STR_ABSENT;
	return text.len == 0 || rh_arena_copy(&cli->arena, text, out) ? RH_OK : no_memory(cli);
}

/* The number-th provider that can be that side; NULL: there is none. */
static const struct rh_connector *provider_at(bool as_target, uint64_t number)
{
	const struct rh_connector *connector;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		number -= rh_cli_can_be(connector, as_target) ? 1 : 0;
		if (rh_cli_can_be(connector, as_target) && number == 0) {
			return connector;
		}
	}
	return NULL;
}

static int ask_provider(struct rh_cli *cli, bool as_target, const char **out)
{
	const struct rh_connector *connector;

	rh_print_note(cli, "\n%s\n",
		      as_target ? "Where shall they go?" : "Where do the accounts come from?");
	for (uint64_t i = 1; (connector = provider_at(as_target, i)) != NULL; i++) {
		rh_print_note(cli, "%4llu  %-12s %s\n", (unsigned long long)i, connector->name,
			      connector->title);
	}
	for (;;) {
		struct rh_str answer;
		uint64_t number;
		int code =
			ask(cli, as_target ? "Target (number or name)" : "Source (number or name)",
			    false, &answer);

		if (code != RH_OK) {
			return code;
		}
		if (rh_str_to_u64(answer, &number) && number > 0 &&
		    (connector = provider_at(as_target, number)) != NULL) {
			*out = connector->name;
			return RH_OK;
		}
		connector = answer.ptr != NULL ? rh_connector_find(answer.ptr) : NULL;
		if (connector != NULL && rh_cli_can_be(connector, as_target)) {
			*out = connector->name;
			return RH_OK;
		}
		rh_print_note(cli, "that is none of them\n");
	}
}

/* As a shell would take it, since people drag files into a terminal: quotes around it are no part of the name. */
static struct rh_str without_quotes(struct rh_str text)
{
	bool has = text.len > 2 && (text.ptr[0] == '\'' || text.ptr[0] == '"') &&
		   text.ptr[text.len - 1] == text.ptr[0];

	return has ? rh_str_sub(text, 1, text.len - 2) : text;
}

/* `may_be_none`: the source's API is read instead, and *out is NULL then. */
static int ask_file(struct rh_cli *cli, bool may_be_none, const char **out)
{
	const char *question = may_be_none ? "File of the export, or nothing: its API is read"
					   : "File of the export";

	*out = NULL;
	rh_print_note(cli, "\n");
	for (;;) {
		struct stat info;
		struct rh_str answer;
		struct rh_str path;
		int code = ask(cli, question, false, &answer);

		if (code != RH_OK) {
			return code;
		}
		if (answer.ptr == NULL && may_be_none) {
			return RH_OK;
		}
		if (answer.ptr == NULL) {
			continue;
		}
		if (!rh_arena_copy(&cli->arena, without_quotes(answer), &path)) {
			return no_memory(cli);
		}
		if (stat(path.ptr, &info) == 0 && !S_ISDIR(info.st_mode)) {
			*out = path.ptr;
			return RH_OK;
		}
		rh_print_note(cli, "there is no such file here\n");
	}
}

/* ---- a key, and where it may be kept -------------------------------------------------------------------- */

/* Rule 3.  A value that quotes could not hold is not saved, and that is said. */
static int save(struct rh_cli *cli, const char *variable, struct rh_str value)
{
	rh_autobuf text = {0};
	struct stat info;
	int code = RH_OK;

	if (rh_str_index(value, '\'') >= 0) {
		rh_print_note(cli, "not saved: the value has a quote in it\n");
		return RH_OK;
	}
	rh_buf_init_secret(&text, DOTENV_MAX);
	if (lstat(DOTENV, &info) == 0) {
		if (!S_ISREG(info.st_mode)) {
			rh_print_note(cli, "not saved: " DOTENV " is no plain file\n");
			return RH_OK;
		}
		code = rh_file_read(DOTENV, &text, &cli->err);
	}
	if (text.len > 0 && text.ptr[text.len - 1] != '\n') {
		rh_buf_add_char(&text, '\n');
	}
	rh_buf_printf(&text, "%s='%.*s'\n", variable, RH_STR_ARG(value));
	if (code == RH_OK) {
		code = rh_buf_check(&text, DOTENV, &cli->err);
	}
	if (code == RH_OK) {
		code = rh_file_write(DOTENV, rh_buf_str(&text), &cli->err);
	}
	if (code == RH_OK) {
		rh_print_note(cli,
			      "saved as %s in " DOTENV "; keep that file out of version control\n",
			      variable);
	}
	return code;
}

static int offer_to_save(struct rh_cli *cli, const char *name, struct rh_str value, bool *is_saved)
{
	const char *variable = rh_option_env_name(&cli->arena, NULL, name);
	struct rh_str answer;
	int code;

	if (variable == NULL) {
		return no_memory(cli);
	}
	code = ask(cli, "Save it in " DOTENV ", for you alone (mode 0600)? yes or no", false,
		   &answer);
	if (code != RH_OK || !(rh_str_is_nocase(answer, "yes") || rh_str_is_nocase(answer, "y"))) {
		return code;
	}
	code = save(cli, variable, value);
	*is_saved = code == RH_OK;
	return code;
}

static int ask_value(struct rh_cli *cli, const char *name, const char **out, bool *is_saved)
{
	const struct rh_option *row = find_row(name);
	bool is_secret = row != NULL && row->type == RH_OPTION_SECRET;
	struct rh_str question =
		rh_arena_printf(&cli->arena, "%s (--%s)", row != NULL ? row->help : "value", name);
	struct rh_str answer = RH_STR_ABSENT;
	int code = question.ptr != NULL ? RH_OK : no_memory(cli);

	while (code == RH_OK && answer.ptr == NULL) {
		code = ask(cli, question.ptr, is_secret, &answer);
	}
	if (code != RH_OK) {
		return code;
	}
	*out = answer.ptr;
	/* "@FILE" leads to a key that is kept already. */
	return is_secret && answer.ptr[0] != '@' ? offer_to_save(cli, name, answer, is_saved)
						 : RH_OK;
}

/* Where no file is needed somebody may have one all the same. */
static int ask_for_files(struct rh_cli *cli, const char *source)
{
	const struct rh_connector *connector = rh_connector_find(source);
	const char *path = NULL;
	int code = RH_OK;

	if (connector == NULL || (connector->caps.flags & RH_CAP_SOURCE_LIVE) == 0 ||
	    (connector->caps.flags & RH_CAP_SOURCE_FILES) == 0 ||
	    rh_cli_given(cli, "file") != NULL) {
		return RH_OK;
	}
	code = ask_file(cli, true, &path);
	if (code == RH_OK && path != NULL) {
		code = rh_cli_migration_set(cli, "file", path);
		code = code == RH_OK ? rh_options_note(cli, "file", path) : code;
	}
	return code;
}

int rh_wizard_ask(struct rh_cli *cli, struct rh_str missing)
{
	const char *value = NULL;
	struct rh_str name;
	bool is_saved = false;
	int code;

	if (!rh_arena_copy(&cli->arena, missing, &name)) {
		return no_memory(cli);
	}
	if (rh_str_is(name, "from") || rh_str_is(name, "to")) {
		code = ask_provider(cli, rh_str_is(name, "to"), &value);
	} else if (rh_str_is(name, "file")) {
		code = ask_file(cli, false, &value);
	} else {
		code = ask_value(cli, name.ptr, &value, &is_saved);
	}
	if (code == RH_OK) {
		code = rh_cli_migration_set(cli, name.ptr, value);
	}
	/* What stands in .env is no option of the command to come. */
	if (code == RH_OK && !is_saved) {
		code = rh_options_note(cli, name.ptr, value);
	}
	return code == RH_OK && rh_str_is(name, "from") ? ask_for_files(cli, value) : code;
}

/* ---- consent, and the end ---------------------------------------------------------------------------------- */

int rh_wizard_consent(struct rh_cli *cli, bool *out)
{
	struct rh_sides sides = {0};
	struct rh_str question;
	struct rh_str answer;
	bool is_test;
	int code;

	*out = false;
	if (!rh_wizard_is_possible(cli)) {
		return RH_OK;
	}
	code = rh_migration_sides(cli->migration, &sides, &cli->err);
	if (code != RH_OK) {
		return code;
	}
	rh_print_flush(cli); /* the plan stands before the question */
	is_test = strcmp(sides.environment, "test") == 0;
	const char *word = is_test ? "yes" : sides.tenant;
	question = rh_arena_printf(&cli->arena,
				   "\nWrite to %s, environment %s, tenant %s? %s \"%s\" does it, "
				   "anything else does nothing",
				   sides.target_title, sides.environment, sides.tenant,
				   is_test ? "The word" : "The tenant's name", word);
	if (question.ptr == NULL) {
		return no_memory(cli);
	}
	code = ask(cli, question.ptr, false, &answer);
	*out = code == RH_OK && rh_str_is(answer, word);
	return code;
}

void rh_wizard_tell(struct rh_cli *cli)
{
	rh_autobuf line = {0};

	if (cli->answer_count == 0) {
		return;
	}
	rh_buf_init(&line, 64U * 1024);
	rh_next_add(cli, &(struct rh_next){.command = cli->command->name, .has_consent = true},
		    &line);
	rh_print(cli, "\nthe same without questions: %.*s\n", RH_STR_ARG(rh_buf_str(&line)));
}
