/* SPDX-License-Identifier: Apache-2.0 */
/* Options that are the tool's own: parser, help, manual and completion read these rows. */
#include "cli/tables.h"

#include <stddef.h>

#include "cli/cli.h"
#include "cli/ids_sql.h"

#define OPTION(field, text, kind, ...)                                                           \
	{                                                                                        \
		.name = (text), .type = (kind), .offset = offsetof(struct rh_cli_values, field), \
		##__VA_ARGS__                                                                    \
	}

static const char *const progress_choices[] = {"auto", "bar", "lines", "json", NULL};
static const char *const ids_formats[] = {
	[RH_IDS_CSV] = "csv", [RH_IDS_JSON] = "json", [RH_IDS_SQL] = "sql", NULL};
static const char *const ids_dialects[] = {[RH_DIALECT_POSTGRESQL] = "postgresql",
					   [RH_DIALECT_MYSQL] = "mysql",
					   [RH_DIALECT_SQLITE] = "sqlite",
					   NULL};
static const char *const report_formats[] = {
	[RH_REPORT_TEXT] = "text", [RH_REPORT_JSON] = "json", NULL};
static const char *const accounts_formats[] = {[RH_ACCOUNTS_TEXT] = "text",
					       [RH_ACCOUNTS_CSV] = "csv",
					       [RH_ACCOUNTS_NDJSON] = "ndjson",
					       NULL};
static const char *const encodings[] = {"utf-8", "utf-16", NULL};
/* Indexes are enum rh_salt_place, but that the first is "not said". */
static const char *const salt_places[] = {"unknown", "prefix", "suffix", NULL};
const char *const rh_sample_formats[] = {"json", "ndjson", "csv", "csv-old", NULL};
const char *const rh_state_choices[] = {
	"all",      "planned",  "intended",      "deferred", "unknown",       "done",    "verified",
	"rejected", "conflict", "undo-intended", "undone",   "kept",          "refused", "skipped",
	"left-out", "differs",  "missing",       "partial",  "blocked-since", NULL,
};

const struct rh_option rh_common_options[] = {
	OPTION(json, "json", RH_OPTION_BOOL,
	       .help = "print one JSON document, and nothing else, on standard output"),
	OPTION(quiet, "quiet", RH_OPTION_BOOL,
	       .help = "no progress and no remarks, only errors, on standard error"),
	OPTION(verbose, "verbose", RH_OPTION_BOOL, .help = "more remarks on standard error"),
	OPTION(help, "help", RH_OPTION_BOOL, .help = "show how the command is used"),
	OPTION(version, "version", RH_OPTION_BOOL, .help = "print name and version"),
	{.name = NULL},
};

#define PROGRESS                                                                                  \
	OPTION(progress, "progress", RH_OPTION_CHOICE, .choices = progress_choices,               \
	       .fallback = "auto",                                                                \
	       .help = "how to show on standard error how far it is; auto: a bar on a terminal, " \
		       "else lines")

const struct rh_option rh_plan_options[] = {
	OPTION(yes, "yes", RH_OPTION_BOOL, .help = "never ask: what is missing is an error"),
	PROGRESS,
	{.name = NULL},
};

const struct rh_option rh_apply_options[] = {
	OPTION(yes, "yes", RH_OPTION_BOOL,
	       .help = "consent: without it, show what would be done and stop"),
	OPTION(plan, "plan", RH_OPTION_NUMBER, .placeholder = "N",
	       .help = "apply revision N as it was planned, instead of planning anew"),
	PROGRESS,
	{.name = NULL},
};

const struct rh_option rh_status_options[] = {
	OPTION(watch, "watch", RH_OPTION_BOOL, .help = "go on showing it until nothing is open"),
	{.name = NULL},
};

const struct rh_option rh_verify_options[] = {
	OPTION(yes, "yes", RH_OPTION_BOOL, .help = "never ask: what is missing is an error"),
	PROGRESS,
	{.name = NULL},
};

const struct rh_option rh_undo_options[] = {
	OPTION(yes, "yes", RH_OPTION_BOOL,
	       .help = "consent: without it, show what would be removed and stop"),
	OPTION(confirm, "confirm", RH_OPTION_TEXT, .placeholder = "TENANT",
	       .help = "id of the production tenant, which is asked for on a terminal: with "
		       "another one nothing is removed"),
	OPTION(force_signed_in, "force-signed-in", RH_OPTION_BOOL,
	       .help = "remove also those who have signed in since"),
	PROGRESS,
	{.name = NULL},
};

/* RH_IDS_PEOPLE is the first. */
const char *const rh_kind_choices[] = {
	"user", "permission", "role", "organization", "domain", "membership", "invitation", NULL,
};

const struct rh_option rh_ids_options[] = {
	OPTION(format, "format", RH_OPTION_CHOICE, .choices = ids_formats, .fallback = "csv",
	       .help = "lists for programs (csv, json), or statements for a database (sql)"),
	OPTION(all, "all", RH_OPTION_BOOL,
	       .help = "with csv and json: also those who are not at the target"),
	OPTION(kind, "kind", RH_OPTION_CHOICE, .choices = rh_kind_choices, .fallback = "user",
	       .placeholder = "KIND",
	       .help = "list organizations, memberships … instead of people, with a column that "
		       "says so"),
	OPTION(table, "table", RH_OPTION_TEXT, .placeholder = "TABLE",
	       .help = "with sql: your table to update; else a table rehome_ids is made"),
	OPTION(match_column, "match-column", RH_OPTION_TEXT, .placeholder = "COLUMN",
	       .help = "with --table: the column that holds the id at the source"),
	OPTION(set_column, "set-column", RH_OPTION_TEXT, .placeholder = "COLUMN",
	       .help = "with --table: the column that gets the id at the target"),
	OPTION(add_column, "add-column", RH_OPTION_BOOL,
	       .help = "with --table: add the column that is set, where it is not there yet"),
	OPTION(dialect, "dialect", RH_OPTION_CHOICE, .choices = ids_dialects,
	       .fallback = "postgresql", .help = "with sql: which database the statements are for"),
	{.name = NULL},
};

const struct rh_option rh_report_options[] = {
	OPTION(format, "format", RH_OPTION_CHOICE, .choices = report_formats, .fallback = "text",
	       .help = "a page for people, or what --json gives"),
	{.name = NULL},
};

const struct rh_option rh_accounts_options[] = {
	OPTION(state, "state", RH_OPTION_CHOICE, .choices = rh_state_choices, .fallback = "all",
	       .placeholder = "STATE", .help = "list accounts in this state only"),
	OPTION(finding, "finding", RH_OPTION_TEXT, .placeholder = "CODES",
	       .help = "list instead whom these findings of the plan are about, codes joined by "
		       "commas or all; reads the source again"),
	OPTION(format, "format", RH_OPTION_CHOICE, .choices = accounts_formats, .fallback = "text",
	       .help = "with --finding: a list for people, or ids and codes for programs"),
	{.name = NULL},
};

const struct rh_option rh_rejects_options[] = {
	OPTION(out, "out", RH_OPTION_TEXT, .placeholder = "FILE",
	       .help = "file to write, for you alone (mode 0600); other forms of input and broken "
		       "records go into files beside it"),
	OPTION(states, "state", RH_OPTION_TEXT, .fallback = "refused,rejected,conflict",
	       .placeholder = "STATES", .help = "whose records, states joined by commas"),
	OPTION(yes, "yes", RH_OPTION_BOOL, .help = "replace files that are there"),
	{.name = NULL},
};

const struct rh_option rh_export_options[] = {
	OPTION(out, "out", RH_OPTION_TEXT, .placeholder = "FOLDER",
	       .help = "folder that the archive goes into, for you alone (mode 0700); one that "
		       "holds an archive is left as it is"),
	{.name = NULL},
};

const struct rh_option rh_logs_options[] = {
	OPTION(all, "all", RH_OPTION_BOOL,
	       .help = "convert every line, not the outcomes of accounts alone"),
	OPTION(yes, "yes", RH_OPTION_BOOL,
	       .help = "consent: without it, clean shows what it would remove"),
	{.name = NULL},
};

const struct rh_option rh_password_options[] = {
	OPTION(hash, "hash", RH_OPTION_SECRET, .placeholder = "HASH",
	       .help = "the hash, better as @FILE; else a word, else all of standard input"),
	OPTION(password, "password", RH_OPTION_SECRET, .placeholder = "PASSWORD",
	       .help = "check: the password, better as @FILE or - for a line of standard input; "
		       "else "
		       "it is asked for"),
	OPTION(to_form, "to", RH_OPTION_TEXT, .placeholder = "FORM",
	       .help = "convert: a provider, or canonical, django, werkzeug, passlib, ldap, "
		       "colon-scrypt, symfony, json, members"),
	OPTION(scheme, "scheme", RH_OPTION_TEXT, .placeholder = "SCHEME",
	       .help = "what the hash is, where it does not say so itself: md5, sha256, "
		       "hmac-sha256, scrypt, pbkdf2-sha512 …"),
	OPTION(salt, "salt", RH_OPTION_SECRET, .placeholder = "SALT",
	       .help = "the salt, where it stands in a column of its own"),
	OPTION(salt_place, "salt-place", RH_OPTION_CHOICE, .choices = salt_places,
	       .fallback = "unknown",
	       .help = "on which side of the password the salt of a digest goes"),
	OPTION(encoding, "encoding", RH_OPTION_CHOICE, .choices = encodings, .fallback = "utf-8",
	       .help = "how the password is fed to a digest; utf-16: low byte first"),
	OPTION(signer_key, "signer-key", RH_OPTION_SECRET, .placeholder = "BASE64",
	       .help = "scrypt-firebase: the project's signer key"),
	OPTION(salt_separator, "salt-separator", RH_OPTION_TEXT, .placeholder = "BASE64",
	       .help = "scrypt-firebase: the project's salt separator"),
	OPTION(rounds, "rounds", RH_OPTION_NUMBER, .placeholder = "N",
	       .help = "scrypt: r, which scrypt-firebase calls rounds; else 8"),
	OPTION(mem_cost, "mem-cost", RH_OPTION_NUMBER, .placeholder = "N",
	       .help = "scrypt: the logarithm of N to base 2; else 14"),
	OPTION(parallelism, "parallelism", RH_OPTION_NUMBER, .placeholder = "N",
	       .help = "scrypt: p; else 1"),
	OPTION(cost, "cost", RH_OPTION_NUMBER, .placeholder = "N",
	       .help = "iterations of PBKDF2 or of a digest, or N of scrypt itself"),
	OPTION(hmac_key, "hmac-key", RH_OPTION_SECRET, .placeholder = "KEY",
	       .help = "HMAC: the key, as text"),
	OPTION(pepper, "pepper", RH_OPTION_SECRET, .placeholder = "TEXT",
	       .help = "check: what the source put behind every password"),
	{.name = NULL},
};

const struct rh_option rh_mapping_options[] = {
	OPTION(input, "file", RH_OPTION_TEXT, .placeholder = "FILE",
	       .help = "the file with the record, or to draft from; - is standard input"),
	OPTION(record, "record", RH_OPTION_NUMBER, .flags = RH_OPTION_FROM_ONE, .fallback = "1",
	       .placeholder = "N", .help = "test: which record"),
	OPTION(show_values, "show-values", RH_OPTION_BOOL,
	       .help = "test: show values, not their shape alone; hashes stay hidden"),
	{.name = NULL},
};

const struct rh_option rh_sample_options_table[] = {
	OPTION(provider, "provider", RH_OPTION_TEXT, .placeholder = "PROVIDER",
	       .help = "whose export to imitate"),
	OPTION(count, "count", RH_OPTION_NUMBER, .fallback = "1000", .placeholder = "N",
	       .help = "people to make up"),
	OPTION(format, "format", RH_OPTION_CHOICE, .choices = rh_sample_formats, .fallback = "json",
	       .help = "form of the export"),
	OPTION(seed, "seed", RH_OPTION_NUMBER, .fallback = "1", .placeholder = "N",
	       .help = "the same seed gives the same people"),
	OPTION(trouble, "trouble", RH_OPTION_TEXT, .placeholder = "KINDS",
	       .help = "records with something wrong, kinds joined by commas or all; providers "
		       "NAME lists them"),
	OPTION(out, "out", RH_OPTION_TEXT, .placeholder = "PATH",
	       .help = "file to write; else standard output"),
	{.name = NULL},
};

const struct rh_option rh_rehearse_options[] = {
	OPTION(port, "port", RH_OPTION_NUMBER, .placeholder = "N",
	       .help = "port of the first provider, 0 for any that is free; else each provider's "
		       "own"),
	OPTION(state_file, "state", RH_OPTION_TEXT, .placeholder = "FILE",
	       .help = "load what the servers hold from here, and save it at the end"),
	OPTION(speed, "speed", RH_OPTION_TEXT, .fallback = "1", .placeholder = "X",
	       .help = "how much faster the servers' clock runs"),
	OPTION(limits, "limits", RH_OPTION_TEXT, .fallback = "documented",
	       .placeholder = "documented|off|N/10s", .help = "how many requests are let pass"),
	{.name = NULL},
};

const struct rh_option rh_help_options[] = {
	OPTION(man, "man", RH_OPTION_BOOL,
	       .help = "print the manual's part about commands and options, in mdoc"),
	OPTION(fields, "fields", RH_OPTION_BOOL,
	       .help = "print the fields that a mapping document may set, in Markdown"),
	OPTION(findings, "findings", RH_OPTION_BOOL,
	       .help = "print what every finding means and how to see it, in Markdown"),
	{.name = NULL},
};
