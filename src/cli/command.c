/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands: everything that help, manual, parser and completion know of them. */
#include "cli/command.h"

#include <string.h>

#include "cli/suggest.h"
#include "cli/tables.h"

#define WORKSPACE_READER RH_COMMAND_WORKSPACE
#define TARGET_USER (RH_COMMAND_WORKSPACE | RH_COMMAND_PACE | RH_COMMAND_PROVIDERS)

static const struct rh_command commands[] = {
	{
		.name = "plan",
		.synopsis = "--from PROVIDER --file FILE... --to PROVIDER [OPTION]...",
		.summary = "read, check, ask the target; write to neither side",
		.doc = "Reads the export to its end, checks every account, asks the target who is "
		       "there already, and says what would happen: counts first, then what does "
		       "not move as it is and why, then the time it takes and the command that "
		       "does it. Nothing is written to either side; the plan becomes a numbered "
		       "revision in the workspace.",
		.flags = RH_COMMAND_SETTINGS | RH_COMMAND_PROVIDERS,
		.options = rh_plan_options,
		.run = rh_cmd_plan,
	},
	{
		.name = "apply",
		.synopsis = "(--plan N | the options of plan) --yes",
		.summary = "do what is planned; again to go on, again after success: no writes",
		.doc = "Does what a revision says, or plans anew and does that. It can be "
		       "interrupted at any moment: run again, it goes on where it stands, and "
		       "nobody is created twice. Without --yes it shows what it would do and "
		       "stops.",
		.flags = RH_COMMAND_SETTINGS | RH_COMMAND_PROVIDERS | RH_COMMAND_WRITES,
		.options = rh_apply_options,
		.run = rh_cmd_apply,
	},
	{
		.name = "status",
		.synopsis = "[--watch]",
		.summary = "show where a migration stands; asks nobody",
		.doc = "Shows how many accounts are in which state, from the ledger alone.",
		.flags = WORKSPACE_READER,
		.options = rh_status_options,
		.run = rh_cmd_status,
	},
	{
		.name = "verify",
		.synopsis = "[OPTION]...",
		.summary = "read the target back and compare with what was written",
		.doc = "Reads every account that was written back from the target and compares it, "
		       "field by field, with what was sent. Differences are counted and end with "
		       "exit status 1; accounts lists them.",
		.flags = TARGET_USER | RH_COMMAND_PROVES,
		.options = rh_verify_options,
		.run = rh_cmd_verify,
	},
	{
		.name = "undo",
		.synopsis = "--yes [OPTION]...",
		.summary = "remove what this migration created, and nothing else",
		.doc = "Removes the accounts that this migration provably created and that still "
		       "carry the external id they were given. What was there before, what was "
		       "linked, and what changed hands is kept, and so is who has signed in "
		       "since, unless --force-signed-in is given. Without --yes it shows what it "
		       "would do and stops. Where the target names its tenant and is in "
		       "production, --yes is not enough: the tenant's id is asked for on a "
		       "terminal, and elsewhere given with --confirm; with another id nothing "
		       "is removed.",
		.flags = TARGET_USER | RH_COMMAND_WRITES,
		.options = rh_undo_options,
		.run = rh_cmd_undo,
	},
	{
		.name = "accounts",
		.synopsis = "[ID] [--state STATE | --finding CODES]",
		.summary = "list what became of each account, or show one",
		.doc = "Lists every account that was tried or that the plan made an exception of, "
		       "with its state, the id at the target, and the reason where there is one. "
		       "With the id at the source it shows that account alone. With --finding it "
		       "lists everybody of whom the newest plan says that, in full: who loses a "
		       "password, a second address, a phone. That follows from the source, which "
		       "is read again and must be as it was; the list names ids, never addresses.",
		.flags = WORKSPACE_READER | RH_COMMAND_PROVIDERS,
		.words_max = 1,
		.options = rh_accounts_options,
		.run = rh_cmd_accounts,
	},
	{
		.name = "rejects",
		.synopsis = "--out FILE [--state STATES] [--yes]",
		.summary = "write the records of those who did not move, to mend them",
		.doc = "Writes the records that were refused by the plan, refused by the target, "
		       "or are in conflict there, in the form that the input has, with the reasons "
		       "beside them as rehome_code and rehome_reason. Mended, the file is planned "
		       "and applied in the same workspace: it is a new revision over the same "
		       "ledger, so nobody is created twice. What is no record goes as it stands "
		       "into a file of its own. The files hold people's data and their hashes.",
		.flags = WORKSPACE_READER | RH_COMMAND_PROVIDERS,
		.options = rh_rejects_options,
		.run = rh_cmd_rejects,
	},
	{
		.name = "export",
		.synopsis = "--from PROVIDER [--file FILE]... --out FOLDER [OPTION]...",
		.summary = "write all of a source as a neutral archive",
		.doc = "Reads the source, files or its API, to its end and writes it into a "
		       "folder: every account in "
		       "one form, whoever the provider is, with its hashes and secrets, and what "
		       "was found in its record; with a manifest of counts and digests that is "
		       "written last. Read again with --from archive -f FOLDER it gives the plan "
		       "that the source gives. With --archive-passphrase or --archive-key-file it "
		       "is sealed; without, whoever reads the folder has everybody's hashes. "
		       "docs/archive.md has the form.",
		.flags = RH_COMMAND_SOURCE | RH_COMMAND_WORKSPACE | RH_COMMAND_PROVIDERS,
		.options = rh_export_options,
		.run = rh_cmd_export,
	},
	{
		.name = "ids",
		.synopsis = "[--format csv|json|sql] [--all] [--table TABLE …]",
		.summary = "write which id became which",
		.doc = "Writes the id at the source and the id at the target of each account that "
		       "is there, for your own database. With --format sql, --table, "
		       "--match-column and --set-column it writes the statements that fill a "
		       "column of a table of yours: some hundred rows each, to be run as often as "
		       "you like. docs/ids.md has the other ways.",
		.flags = WORKSPACE_READER,
		.options = rh_ids_options,
		.run = rh_cmd_ids,
	},
	{
		.name = "report",
		.synopsis = "[--format text|json]",
		.summary = "show plan, outcome, and everybody who did not simply move",
		.doc = "Shows the newest plan, where the migration stands, and every account that "
		       "was refused, left out, or moved with something missing.",
		.flags = WORKSPACE_READER,
		.options = rh_report_options,
		.run = rh_cmd_report,
	},
	{
		.name = "logs",
		.synopsis = "[list | convert [--all] | clean --yes] [LOG]...",
		.summary = "list, convert or clean event logs",
		.doc = "Every run writes one log of events, a JSON object a line. convert makes a "
		       "JSON array of the outcomes of accounts beside each log, and tells the "
		       "numbers of lines that are broken; clean removes logs, and shows what it "
		       "would remove without --yes. On a terminal they let you choose. Logs of "
		       "other tools in ./logs are listed and converted, too, and any file that "
		       "is named by its path; removed only when named.",
		.flags = WORKSPACE_READER,
		.words_max = 1000,
		.options = rh_logs_options,
		.run = rh_cmd_logs,
	},
	{
		.name = "providers",
		.synopsis = "[PROVIDER]",
		.summary = "list providers, or show what is known of one",
		.doc = "Lists the providers and which side each can be. With a name it shows the "
		       "files that are recognised, the options with the variables they are also "
		       "read from, and the limits with the document that states them.",
		.words_max = 1,
		.run = rh_cmd_providers,
	},
	{
		.name = "password",
		.synopsis = "identify | check | convert --to FORM  [HASH] [OPTION]...",
		.summary =
			"look at one password hash: what it is, does a password fit, another form",
		.doc = "Works on this machine alone. The hash is read from standard input, or with "
		       "--hash @FILE; a word or value on the command line is wiped from the list "
		       "of processes, but the shell may keep it. identify says what it is and "
		       "which "
		       "targets take it; check tries a password against every way in which it may "
		       "be meant, and says which one fits: exit status 0, or 1 when none does; "
		       "convert writes it in another form, exactly or not at all.",
		.flags = RH_COMMAND_PROVIDERS | RH_COMMAND_SECRET_WORDS,
		.words_max = 2,
		.options = rh_password_options,
		.run = rh_cmd_password,
	},
	{
		.name = "mapping",
		.synopsis = "test DOCUMENT --file INPUT [--record N] | draft INPUT",
		.summary = "try a mapping document on one record, or draft one from a sample",
		.doc = "A mapping document says which columns or members of a file are what. test "
		       "shows one record before and after, and what a plan would find; values "
		       "show their shape alone. draft looks at the first thousand records of a "
		       "file, writes a document to begin with on standard output, and says on "
		       "standard error what each column is taken for, and what its values look "
		       "like. Where nothing is known as an id, the document asks for a choice, and "
		       "is refused until there is one. docs/mapping.md teaches the form. A "
		       "document may have a jq program, which runs confined, for what "
		       "a table cannot say.",
		.words_max = 2,
		.options = rh_mapping_options,
		.run = rh_cmd_mapping,
	},
	{
		.name = "sample",
		.synopsis = "[--provider PROVIDER] [--count N] [OPTION]...",
		.summary = "make up people, as an export of a provider",
		.doc = "Writes an export of people who do not exist, to try everything with. The "
		       "same seed, count and troubles give the same people in every format. "
		       "Everybody who has a password has the same one, which is told at the end.",
		.options = rh_sample_options_table,
		.run = rh_cmd_sample,
	},
	{
		.name = "rehearse",
		.synopsis = "[PROVIDER]... [--port N]",
		.summary = "play providers on this machine, with their limits and faults",
		.doc = "Starts servers on 127.0.0.1 that behave as the providers do, and prints "
		       "the environment to paste and the token of the control routes. Its key is "
		       "sk_test_rehearsal for development or staging; sk_live_rehearsal opens "
		       "production beside it, with other people. Passwords are truly checked at "
		       "sign-in. The control routes set switches (what the tenant has on, how many "
		       "it holds) and faults (lost answers, refusals); docs/rehearsal.md lists "
		       "them. A provider named twice is two tenants. An interrupt stops it.",
		.words_max = 16,
		.options = rh_rehearse_options,
		.run = rh_cmd_rehearse,
	},
	{
		.name = "help",
		.synopsis = "[COMMAND]",
		.summary = "show how a command is used",
		.doc = "Shows the commands, or how one of them is used.",
		.words_max = 1,
		.options = rh_help_options,
		.run = rh_cmd_help,
	},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

const struct rh_command *rh_command_at(size_t index)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (commands[i].run == rh_cmd_rehearse && !rh_cmd_rehearse_is_built()) {
			continue;
		}
		if (index == 0) {
			return &commands[i];
		}
		index--;
	}
	return NULL;
}

const struct rh_command *rh_command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
		}
	}
	return NULL;
}

const char *rh_command_nearest(const char *name)
{
	const struct rh_command *command;
	struct rh_suggestion suggestion;

	rh_suggestion_init(&suggestion, name);
	for (size_t i = 0; (command = rh_command_at(i)) != NULL; i++) {
		rh_suggestion_offer(&suggestion, command->name);
	}
	return suggestion.nearest;
}
