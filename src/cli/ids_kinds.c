/* SPDX-License-Identifier: Apache-2.0 */
/* rehome ids --kind: which id of an organization, a membership … became which. */
#include "cli/ids_kinds.h"

#include <string.h>

#include "base/str.h"
#include "cli/ids_sql.h"
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/tables.h"
#include "read/csv.h"

#define LINE_MAX_LEN (1024U * 1024)

struct listing {
	struct rh_cli *cli;
	bool is_json; /* --format json, not the document */
	bool has_one;
};

static bool is_there(const struct rh_entity_line *line)
{
	return (strcmp(line->state, "done") == 0 || strcmp(line->state, "verified") == 0 ||
		strcmp(line->state, "differs") == 0) &&
	       line->target_id[0] != '\0';
}

static void put(struct rh_json_writer *json, const struct rh_entity_line *line, bool is_document)
{
	rh_json_begin_object(json);
	rh_json_member(json, "kind", rh_str_from(line->kind));
	rh_json_member(json, is_document ? "sourceId" : "source_id", rh_str_from(line->source_id));
	rh_json_key(json, is_document ? "targetId" : "target_id");
	rh_json_put_cstr(json, line->target_id[0] != '\0' ? line->target_id : NULL);
	rh_json_member(json, "state", rh_str_from(line->state));
	if (line->code[0] != '\0') {
		rh_json_member(json, "code", rh_str_from(line->code));
	}
	rh_json_end_object(json);
}

static bool list_one(void *context, const struct rh_entity_line *line)
{
	struct listing *listing = context;
	struct rh_cli *cli = listing->cli;
	struct rh_json_writer json;
	rh_autobuf text = {0};

	if (!cli->values.all && !is_there(line)) {
		return !rh_cli_was_stopped();
	}
	if (cli->values.json) {
		put(&cli->json, line, true);
		rh_print_document_flush(cli);
		return cli->written == 0 && !rh_cli_was_stopped();
	}
	rh_buf_init(&text, LINE_MAX_LEN);
	if (listing->is_json) {
		rh_json_writer_init(&json, &text);
		rh_buf_add_cstr(&text, listing->has_one ? ",\n" : "\n");
		put(&json, line, false);
	} else {
		rh_buf_printf(&text, "%s,", line->kind);
		rh_csv_put(&text, rh_str_from(line->source_id), ',', true);
		rh_csv_put(&text, rh_str_from(line->target_id), ',', false);
		rh_buf_printf(&text, ",%s\r\n", line->state);
	}
	listing->has_one = true;
	if (rh_buf_check(&text, "the list of ids", &cli->err) != RH_OK) {
		return false;
	}
	rh_print_bytes(cli, rh_buf_str(&text));
	return cli->written == 0 && !rh_cli_was_stopped();
}

int rh_ids_of_kind(struct rh_cli *cli, struct rh_err *err)
{
	struct listing listing = {.cli = cli,
				  .is_json =
					  !cli->values.json && cli->values.format == RH_IDS_JSON};
	bool is_csv = !cli->values.json && !listing.is_json;
	int code;

	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "ids");
		rh_json_begin_array(&cli->json);
	} else {
		rh_print(cli, "%s", is_csv ? "kind,source_id,target_id,state\r\n" : "[");
	}
	code = rh_migration_entities(cli->migration, rh_kind_choices[cli->values.kind], list_one,
				     &listing, err);
	if (code == RH_OK && cli->err.code != RH_OK) {
		*err = cli->err;
		code = cli->err.code;
	}
	/* A list that is not whole has no end: no reader takes it for one. */
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	} else if (code == RH_OK && listing.is_json && !rh_cli_was_stopped()) {
		rh_print(cli, "\n]\n");
	}
	return code;
}
