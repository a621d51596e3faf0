/* SPDX-License-Identifier: Apache-2.0 */
/* rehome export: all of a source as a neutral archive. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/next.h"
#include "cli/print.h"

/* Records named one by one; more are counted. */
#define NAMED_MAX 10U
#define PAGE_MAX_LEN (16U * 1024)

struct telling {
	struct rh_cli *cli;
	uint64_t count;
};

static void tell_broken(void *context, unsigned file, uint64_t number, uint64_t line,
			const char *why)
{
	struct telling *telling = context;

	if (telling->count++ >= NAMED_MAX) {
		return;
	}
	rh_term_finish(&telling->cli->term);
	if (line > 0) {
		rh_print_note(telling->cli,
			      "not in the archive: file %u, record %" PRIu64 ", line %" PRIu64
			      ": %s\n",
			      file + 1, number, line, why);
	} else {
		rh_print_note(telling->cli, "not in the archive: file %u, record %" PRIu64 ": %s\n",
			      file + 1, number, why);
	}
}

static void put_result(struct rh_cli *cli, const struct rh_export_counts *counts,
		       struct rh_str command)
{
	struct rh_json_writer *json = &cli->json;

	rh_print_document_begin(cli);
	rh_json_member(json, "out", rh_str_from(cli->values.out));
	rh_json_key(json, "accounts");
	rh_json_put_u64(json, counts->accounts);
	rh_json_key(json, "refused");
	rh_json_put_u64(json, counts->refused);
	rh_json_key(json, "broken");
	rh_json_put_u64(json, counts->broken);
	rh_json_key(json, "sealed");
	rh_json_put_bool(json, counts->is_sealed);
	rh_json_member(json, "next", command);
}

static void add_line(struct rh_buf *page, uint64_t count, const char *text)
{
	rh_autobuf number = {0};

	rh_buf_init(&number, 64);
	rh_print_add_count(&number, count);
	rh_buf_printf(page, "%12.*s  %s\n", RH_STR_ARG(rh_buf_str(&number)), text);
}

static void print_result(struct rh_cli *cli, const struct rh_export_counts *counts,
			 struct rh_str command)
{
	rh_autobuf page = {0};

	rh_buf_init(&page, PAGE_MAX_LEN);
	add_line(&page, counts->accounts, "accounts in the archive");
	if (counts->refused > 0) {
		add_line(&page, counts->refused,
			 "of these cannot move as they are: a plan says why");
	}
	if (counts->broken > 0) {
		add_line(&page, counts->broken,
			 "records are not in it: they are no records, or have no id");
	}
	rh_buf_add_cstr(&page,
			counts->is_sealed
				? "\nsealed: without the passphrase or key file nobody reads "
				  "it, you neither\n"
				: "\nit holds everybody's data, hashes and secrets in the "
				  "open: only you can read it (mode 0600)\n");
	rh_buf_printf(&page, "next: %.*s\n", RH_STR_ARG(command));
	rh_print_bytes(cli, rh_buf_str(&page));
}

int rh_cmd_export(struct rh_cli *cli)
{
	struct rh_export_counts counts = {0};
	struct telling telling = {.cli = cli};
	struct rh_err err = {0};
	rh_autobuf command = {0};
	int exit_code;
	int code;

	if (cli->values.out == NULL) {
		return rh_cli_usage(cli, "It is the folder that the archive goes into.",
				    "missing option: \"--out FOLDER\"");
	}
	exit_code = rh_cli_migration_open(cli, RH_OPEN_ASKS_NOBODY);
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	code = rh_migration_export(cli->migration, cli->values.out, tell_broken, &telling, &counts,
				   &err);
	rh_term_finish(&cli->term);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	rh_buf_init(&command, PAGE_MAX_LEN);
	rh_buf_add_cstr(&command, "rehome plan --from archive");
	rh_next_add_input(cli->values.out, &command);
	rh_buf_add_cstr(&command, " --to PROVIDER");
	if (counts.is_sealed) {
		rh_buf_add_cstr(&command, rh_cli_given(cli, "archive-key-file") != NULL
						  ? " --archive-key-file FILE"
						  : " --archive-passphrase @FILE");
	}
	if (cli->values.json) {
		put_result(cli, &counts, rh_buf_str(&command));
	} else {
		print_result(cli, &counts, rh_buf_str(&command));
	}
	return counts.broken > 0 ? RH_EXIT_REFUSED : RH_EXIT_DONE;
}
