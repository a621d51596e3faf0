/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of the command line by the tables of options. */
#include "cli/options.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/suggest.h"
#include "cli/tables.h"
#include "config/options.h"

static const struct {
	char letter;
	const char *name;
} letters[] = {
	{'f', "file"},         {'h', "help"},      {'q', "quiet"},
	{'r', "resume-after"}, {'t', "from"},      {'v', "verbose"},
	{'V', "version"},      {'w', "workspace"}, {'y', "yes"},
};

static const char *const workspace_names[] = {"workspace", "seal-key", NULL};
static const char *const source_names[] = {"from", "file", "live", "source-rate", "primary", NULL};
static const char *const pace_names[] = {
	"rate", "concurrency", "max-wait", "log-identifiers", "ca-file", "proxy", NULL,
};

/* The walk over the arguments; they are copies, argv is wiped. */
struct parse {
	struct rh_cli *cli;
	char **args;
	char **argv; /* the process's own, from which words may have to be wiped */
	size_t count;
	size_t at;
	struct rh_err *err;
};

char rh_options_letter(const char *name)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (strcmp(letters[i].name, name) == 0) {
			return letters[i].letter;
		}
	}
	return '\0';
}

static bool is_among(const char *const *names, const char *name)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static bool takes_setting(const struct rh_command *command, const char *name)
{
	unsigned flags = command->flags;

	return (flags & RH_COMMAND_SETTINGS) != 0 ||
	       ((flags & RH_COMMAND_PROVES) != 0 && strcmp(name, "prove") == 0) ||
	       ((flags & RH_COMMAND_WORKSPACE) != 0 && is_among(workspace_names, name)) ||
	       ((flags & RH_COMMAND_SOURCE) != 0 && is_among(source_names, name)) ||
	       ((flags & RH_COMMAND_PACE) != 0 && is_among(pace_names, name));
}

bool rh_options_at(const struct rh_command *command, size_t index, struct rh_lookup *out)
{
	size_t own =
		command != NULL && command->options != NULL ? rh_option_count(command->options) : 0;
	size_t common = rh_option_count(rh_common_options);

	if (index < own) {
		*out = (struct rh_lookup){.option = &command->options[index]};
		return true;
	}
	index -= own;
	for (size_t i = 0; command != NULL && rh_option_at(i) != NULL; i++) {
		if (!takes_setting(command, rh_option_at(i)->name)) {
			continue;
		}
		if (index == 0) {
			*out = (struct rh_lookup){.option = rh_option_at(i),
						  .owner = RH_GIVEN_SETTING};
			return true;
		}
		index--;
	}
	if (index < common) {
		*out = (struct rh_lookup){.option = &rh_common_options[index]};
		return true;
	}
	return false;
}

/* "acme-secret-key" of the connector acme; "from-secret-key" of any that has such an option. */
static bool find_provider_option(const char *name, struct rh_lookup *out)
{
	const struct rh_connector *connector;
	bool is_found = false;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		const char *prefixes[] = {connector->name, "from", "to"};

		for (size_t j = 0; j < sizeof(prefixes) / sizeof(prefixes[0]); j++) {
			size_t len = strlen(prefixes[j]);
			const struct rh_option *row = NULL;

			if (strncmp(name, prefixes[j], len) == 0 && name[len] == '-') {
				row = rh_option_find(connector->options, name + len + 1);
			}
			/* What is a secret of one provider is treated as one for all. */
			if (row != NULL && (!is_found || row->type == RH_OPTION_SECRET)) {
				is_found = true;
				*out = (struct rh_lookup){.option = row,
							  .owner = RH_GIVEN_PROVIDER,
							  .prefix = prefixes[j]};
			}
		}
	}
	return is_found;
}

static bool find_option(const struct rh_command *command, const char *name, struct rh_lookup *out)
{
	const char *meant = strcmp(name, "transformer") == 0 ? "from" : name;

	for (size_t i = 0; rh_options_at(command, i, out); i++) {
		if (strcmp(out->option->name, meant) == 0) {
			return true;
		}
	}
	return command != NULL && (command->flags & RH_COMMAND_PROVIDERS) != 0 &&
	       find_provider_option(name, out);
}

/* The option, whatever command it belongs to. */
static bool find_anywhere(const char *name, struct rh_lookup *out)
{
	const struct rh_command *command;

	for (size_t i = 0; (command = rh_command_at(i)) != NULL; i++) {
		if (find_option(command, name, out)) {
			return true;
		}
	}
	return false;
}

static void add_commands_of(const char *name, struct rh_buf *out)
{
	const struct rh_command *command;
	struct rh_lookup lookup;

	for (size_t i = 0; (command = rh_command_at(i)) != NULL; i++) {
		if (find_option(command, name, &lookup)) {
			rh_buf_add_cstr(out, out->len > 0 ? ", " : "");
			rh_buf_add_cstr(out, command->name);
		}
	}
}

static void suggest_option(const struct rh_command *command, const char *name, struct rh_err *err)
{
	struct rh_suggestion suggestion;
	struct rh_lookup lookup;
	const struct rh_connector *connector;
	char whole[64];
	char nearest[64] = "";

	rh_suggestion_init(&suggestion, name);
	for (size_t i = 0; rh_options_at(command, i, &lookup); i++) {
		rh_suggestion_offer(&suggestion, lookup.option->name);
	}
	if (suggestion.nearest != NULL) {
		(void)snprintf(nearest, sizeof(nearest), "%s", suggestion.nearest);
	}
	for (size_t i = 0; command != NULL && (command->flags & RH_COMMAND_PROVIDERS) != 0 &&
			   (connector = rh_connector_at(i)) != NULL;
	     i++) {
		for (const struct rh_option *row = connector->options; row->name != NULL; row++) {
			(void)snprintf(whole, sizeof(whole), "%s-%s", connector->name, row->name);
			suggestion.nearest = NULL;
			rh_suggestion_offer(&suggestion, whole);
			if (suggestion.nearest != NULL) {
				memcpy(nearest, whole, sizeof(nearest));
			}
		}
	}
	if (nearest[0] != '\0') {
		rh_err_hint(err, "Did you mean \"--%s\"?", nearest);
	} else if (command != NULL) {
		rh_err_hint(err, "The options are shown by: rehome help %s", command->name);
	} else {
		rh_err_hint(err, "The commands are shown by: rehome help");
	}
}

static int not_an_option(const struct rh_command *command, const char *name, struct rh_err *err)
{
	rh_autobuf commands = {0};
	struct rh_lookup lookup;
	int code;

	rh_buf_init(&commands, 200);
	if (command == NULL || !find_anywhere(name, &lookup)) {
		code = rh_err_set(err, RH_EUSAGE, "there is no option \"--%.60s\"", name);
		suggest_option(command, name, err);
		return code;
	}
	add_commands_of(name, &commands);
	code = rh_err_set(err, RH_EUSAGE, "\"%s\" takes no option \"--%s\"", command->name, name);
	if (commands.failed == 0) {
		rh_err_hint(err, "It is an option of: %s", commands.ptr);
	}
	return code;
}

const struct rh_given *rh_cli_given(const struct rh_cli *cli, const char *name)
{
	for (size_t i = cli->given_count; i > 0; i--) {
		if (strcmp(cli->given[i - 1].name, name) == 0) {
			return &cli->given[i - 1];
		}
	}
	return NULL;
}

/* Notes one option with its value; both live in the arena. */
static int take_option(struct parse *parse, const struct rh_lookup *lookup, const char *name,
		       const char *value)
{
	struct rh_cli *cli = parse->cli;
	const struct rh_option *option = lookup->option;
	/* An alias is noted under the name that it stands for. */
	const char *whole = lookup->prefix != NULL ? name : option->name;

	if (option->type != RH_OPTION_BOOL && option->type != RH_OPTION_LIST &&
	    rh_cli_given(cli, whole) != NULL) {
		return rh_err_set(parse->err, RH_EUSAGE, "option \"--%s\" is given twice", whole);
	}
	cli->given[cli->given_count] = (struct rh_given){
		.option = option,
		.owner = lookup->owner,
		.prefix = lookup->prefix,
		.name = whole,
		.value = value,
	};
	cli->given_count++;
	if (lookup->owner != RH_GIVEN_OWN) {
		return RH_OK;
	}
	return rh_option_set(option, &cli->values, NULL, value, &cli->arena, parse->err);
}

/* The value that stands behind the option as an argument of its own; NULL: none does. */
static const char *next_value(struct parse *parse)
{
	const char *value;

	if (parse->at + 1 >= parse->count) {
		return NULL;
	}
	value = parse->args[parse->at + 1];
	/* "-" is a value; what looks like an option is one, and the value was forgotten. */
	if (value[0] == '-' && value[1] != '\0') {
		return NULL;
	}
	parse->at++;
	return value;
}

static int no_value(const struct parse *parse, const struct rh_lookup *lookup, const char *name)
{
	const char *placeholder = lookup->option->placeholder;
	int code = rh_err_set(parse->err, RH_EUSAGE, "option \"--%s\" takes a value", name);

	rh_err_hint(parse->err, "Write --%s=%s.", name,
		    placeholder != NULL ? placeholder : "VALUE");
	return code;
}

static int parse_long(struct parse *parse)
{
	char *name = parse->args[parse->at] + 2;
	char *equals = strchr(name, '=');
	const char *value = NULL;
	struct rh_lookup lookup;

	if (equals != NULL) {
		*equals = '\0';
		value = equals + 1;
	}
	if (!find_option(parse->cli->command, name, &lookup)) {
		return not_an_option(parse->cli->command, name, parse->err);
	}
	if (strcmp(name, "transformer") == 0) {
		parse->cli->is_transformer = true;
	}
	if (value == NULL) {
		value = lookup.option->type == RH_OPTION_BOOL ? "true" : next_value(parse);
	}
	return value != NULL ? take_option(parse, &lookup, name, value)
			     : no_value(parse, &lookup, name);
}

static const char *name_of_letter(char letter)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (letters[i].letter == letter) {
			return letters[i].name;
		}
	}
	return NULL;
}

/* "-qy", "-fFILE", "-f FILE". */
static int parse_short(struct parse *parse)
{
	const char *at = parse->args[parse->at] + 1;
	struct rh_lookup lookup;

	for (; *at != '\0'; at++) {
		const char *name = name_of_letter(*at);
		const char *value = "true";
		bool is_flag;

		if (name == NULL) {
			int code = rh_err_set(parse->err, RH_EUSAGE, "there is no option \"-%.1s\"",
					      (*at & 0x80) != 0 ? "?" : at);
			suggest_option(parse->cli->command, parse->args[parse->at] + 1, parse->err);
			return code;
		}
		if (!find_option(parse->cli->command, name, &lookup)) {
			return not_an_option(parse->cli->command, name, parse->err);
		}
		if (*at == 't') {
			parse->cli->is_transformer = true;
		}
		is_flag = lookup.option->type == RH_OPTION_BOOL;
		if (!is_flag) {
			value = at[1] != '\0' ? at + 1 : next_value(parse);
		}
		int code = value != NULL ? take_option(parse, &lookup, name, value)
					 : no_value(parse, &lookup, name);
		if (code != RH_OK || !is_flag) {
			return code;
		}
	}
	return RH_OK;
}

static bool takes_value(const char *argument)
{
	char name[64];
	struct rh_lookup lookup;
	const char *known = argument + 2;

	if (argument[1] != '-') {
		/* In a cluster the last letter is the one that may take the next argument. */
		known = name_of_letter(argument[strlen(argument) - 1]);
		return known != NULL && strlen(argument) == 2 && find_anywhere(known, &lookup) &&
		       lookup.option->type != RH_OPTION_BOOL;
	}
	(void)snprintf(name, sizeof(name), "%s", known); /* no option is so long */
	return strchr(known, '=') == NULL && find_anywhere(name, &lookup) &&
	       lookup.option->type != RH_OPTION_BOOL;
}

/* Where the command's name stands: the first word that is no value of an option; count: nowhere. */
static size_t find_command(const struct parse *parse)
{
	for (size_t i = 0; i < parse->count; i++) {
		const char *argument = parse->args[i];

		if (argument[0] != '-' || argument[1] == '\0') {
			return i;
		}
		if (strcmp(argument, "--") == 0) {
			return i + 1 < parse->count ? i + 1 : parse->count;
		}
		if (takes_value(argument)) {
			i++;
		}
	}
	return parse->count;
}

static int set_command(struct parse *parse, size_t at)
{
	const char *name = parse->args[at];
	const char *nearest;
	int code;

	parse->cli->command = rh_command_find(name);
	if (parse->cli->command != NULL) {
		return RH_OK;
	}
	code = rh_err_set(parse->err, RH_EUSAGE, "there is no command \"%.60s\"", name);
	nearest = rh_command_nearest(name);
	if (nearest != NULL) {
		rh_err_hint(parse->err, "Did you mean \"%s\"?", nearest);
	} else {
		rh_err_hint(parse->err, "The commands are shown by: rehome help");
	}
	return code;
}

/* Standard input can be read by one only. */
static int check_standard_input(const struct parse *parse)
{
	const struct rh_cli *cli = parse->cli;
	const char *reader = NULL;

	for (size_t i = 0; i < cli->given_count; i++) {
		const struct rh_given *given = &cli->given[i];
		bool reads =
			given->option->type == RH_OPTION_SECRET || strcmp(given->name, "file") == 0;

		if (!reads || strcmp(given->value, "-") != 0) {
			continue;
		}
		if (reader != NULL) {
			return rh_err_set(parse->err, RH_EUSAGE,
					  "options \"--%s\" and \"--%s\" both read standard input",
					  reader, given->name);
		}
		reader = given->name;
	}
	return RH_OK;
}

static int take_word(struct parse *parse)
{
	struct rh_cli *cli = parse->cli;
	const char *word = parse->args[parse->at];
	size_t max = cli->command != NULL ? cli->command->words_max : 0;
	bool is_secret = cli->command != NULL && cli->word_count > 0 &&
			 (cli->command->flags & RH_COMMAND_SECRET_WORDS) != 0;

	if (is_secret) {
		char *own = parse->argv[parse->at + 1];

		explicit_bzero(own, strlen(own));
	}
	if (cli->word_count >= max) {
		int code = rh_err_set(parse->err, RH_EUSAGE, "\"%s\" takes %s argument \"%.60s\"",
				      cli->command != NULL ? cli->command->name : "rehome",
				      max > 0 ? "no further" : "no", is_secret ? "…" : word);
		rh_err_hint(parse->err,
			    "A file is given by -f FILE; a word with blanks is quoted.");
		return code;
	}
	cli->words[cli->word_count] = word;
	cli->word_count++;
	return RH_OK;
}

static int parse_all(struct parse *parse)
{
	size_t command_at = find_command(parse);
	bool has_ended = false;
	int code = RH_OK;

	if (command_at < parse->count) {
		code = set_command(parse, command_at);
	}
	if (code == RH_OK && parse->cli->command != NULL && parse->cli->command->options != NULL) {
		code = rh_option_defaults(parse->cli->command->options, &parse->cli->values,
					  &parse->cli->arena, parse->err);
	}
	for (parse->at = 0; parse->at < parse->count && code == RH_OK; parse->at++) {
		const char *argument = parse->args[parse->at];

		if (parse->at == command_at) {
			continue;
		}
		if (!has_ended && strcmp(argument, "--") == 0) {
			has_ended = true;
		} else if (has_ended || argument[0] != '-' || argument[1] == '\0') {
			code = take_word(parse);
		} else if (argument[1] == '-') {
			code = parse_long(parse);
		} else {
			code = parse_short(parse);
		}
	}
	return code == RH_OK ? check_standard_input(parse) : code;
}

/* Overwrites the values of secrets in the process's own arguments. */
static void wipe(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char name[64];
		char *equals = strchr(argv[i], '=');
		struct rh_lookup lookup;

		if (strncmp(argv[i], "--", 2) != 0) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "%.*s",
			       equals != NULL ? (int)(equals - argv[i] - 2) : 63, argv[i] + 2);
		if (!find_anywhere(name, &lookup) || lookup.option->type != RH_OPTION_SECRET) {
			continue;
		}
		if (equals != NULL) {
			explicit_bzero(equals + 1, strlen(equals + 1));
		} else if (i + 1 < argc) {
			explicit_bzero(argv[i + 1], strlen(argv[i + 1]));
		}
	}
}

static int copy_arguments(struct parse *parse, int argc, char **argv)
{
	struct rh_cli *cli = parse->cli;
	size_t count = argc > 0 ? (size_t)argc : 1;

	parse->args = rh_arena_calloc(&cli->arena, count, sizeof(*parse->args));
	cli->words = rh_arena_calloc(&cli->arena, count, sizeof(*cli->words));
	/* A cluster of letters is several options. */
	size_t letters_max = count + RH_ANSWERS_MAX;
	for (int i = 1; i < argc; i++) {
		letters_max += argv[i][0] == '-' ? strlen(argv[i]) : 0;
	}
	cli->given = rh_arena_calloc(&cli->arena, letters_max, sizeof(*cli->given));
	if (parse->args == NULL || cli->words == NULL || cli->given == NULL) {
		return rh_err_set(parse->err, RH_ENOMEM, "no memory for the arguments");
	}
	for (int i = 1; i < argc; i++) {
		size_t size = strlen(argv[i]) + 1;
		char *copy = rh_arena_alloc(&cli->arena, size);

		if (copy == NULL) {
			return rh_err_set(parse->err, RH_ENOMEM, "no memory for the arguments");
		}
		memcpy(copy, argv[i], size);
		parse->args[parse->count] = copy;
		parse->count++;
	}
	return RH_OK;
}

int rh_options_parse(struct rh_cli *cli, int argc, char **argv)
{
	struct parse parse = {.cli = cli, .argv = argv, .err = &cli->err};
	int code = copy_arguments(&parse, argc, argv);

	wipe(argc, argv);
	for (size_t i = 0; i < parse.count && strcmp(parse.args[i], "--") != 0; i++) {
		/* Even an error in front of it is told in the form that was asked for. */
		if (strcmp(parse.args[i], "--json") == 0) {
			cli->values.json = true;
		}
	}
	return code == RH_OK ? parse_all(&parse) : code;
}

int rh_options_note(struct rh_cli *cli, const char *name, const char *value)
{
	struct rh_lookup lookup;

	if (cli->answer_count == RH_ANSWERS_MAX || !find_option(cli->command, name, &lookup)) {
		return rh_err_set(&cli->err, RH_EUSAGE, "there is no option \"--%.60s\"", name);
	}
	cli->answer_count++;
	cli->given[cli->given_count] = (struct rh_given){
		.option = lookup.option,
		.owner = lookup.owner,
		.prefix = lookup.prefix,
		.name = name,
		.value = value,
	};
	cli->given_count++;
	return RH_OK;
}
