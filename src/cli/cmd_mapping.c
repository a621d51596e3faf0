/* SPDX-License-Identifier: Apache-2.0 */
/* rehome mapping: a record before and after a mapping document; a first document from a sample. */
#include <string.h>

#include "account/account_json.h"
#include "account/credential.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/mask.h"
#include "cli/print.h"
#include "connectors/csv/csv.h"
#include "mapping/draft.h"
#include "mapping/mapping.h"
#include "read/reader.h"

enum {
	SAMPLE_RECORDS = 1000, /* that a draft looks at */
	OUTPUT_MAX = 64 * 1024 * 1024,
};

static int open_input(struct rh_cli *cli, const char *path, struct rh_reader **out)
{
	struct rh_bytes *bytes = NULL;
	int code = rh_bytes_open(&bytes, path, NULL, &cli->err);

	if (code == RH_OK) {
		code = rh_bytes_inflate(&bytes, bytes, &cli->err);
	}
	if (code == RH_OK) {
		code = rh_reader_open(out, bytes, &cli->err);
	}
	return code == RH_OK ? RH_OK : rh_err_context(&cli->err, code, "reading \"%s\"", path);
}

/* ---- test ------------------------------------------------------------------------------------------------ */

/* Findings of the one record, as lines or elements. */
struct listing {
	struct rh_finding_sink sink;
	struct rh_cli *cli;
	struct rh_buf text;
	bool is_refused;
};

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct listing *listing = (struct listing *)sink;
	const struct rh_finding_info *info = rh_finding_info(finding->code);
	struct rh_buf *text = &listing->text;

	listing->is_refused |= info->severity == RH_SEVERITY_REFUSE;
	if (listing->cli->values.json) {
		struct rh_json_writer writer;
		rh_json_writer_init(&writer, text);
		rh_buf_add_cstr(text, text->len > 0 ? "," : "");
		rh_json_begin_object(&writer);
		rh_json_member(&writer, "id", rh_str_from(info->id));
		rh_json_member(&writer, "path", finding->path);
		rh_json_member(&writer, "note", finding->note);
		rh_json_member(&writer, "what", rh_str_from(info->what));
		rh_json_member(&writer, "then", rh_str_from(info->then));
		rh_json_end_object(&writer);
		return;
	}
	rh_buf_printf(text, "  %s %s", info->id, info->what);
	if (rh_str_is_set(finding->path)) {
		rh_buf_printf(text, " (%.*s)", RH_STR_ARG(finding->path));
	}
	if (rh_str_is_set(finding->note)) {
		rh_buf_printf(text, ": %.*s", RH_STR_ARG(finding->note));
	}
	rh_buf_printf(text, "; %s\n", info->then);
}

static int compile_file(struct rh_cli *cli, const char *path, struct rh_mapping **out)
{
	rh_autobuf document = {0};

	rh_buf_init(&document, RH_MAPPING_DOCUMENT_MAX + 1);
	int code = rh_file_read(path, &document, &cli->err);
	if (code == RH_OK) {
		code = rh_mapping_compile(out, rh_buf_str(&document), &cli->err);
	}
	return code == RH_OK ? RH_OK
			     : rh_err_context(&cli->err, code, "the mapping document \"%s\"", path);
}

/* Reads on to the record that was asked for. */
static int find_record(struct rh_cli *cli, struct rh_reader *reader, struct rh_item *out)
{
	uint64_t wanted = cli->values.record;
	uint64_t number = 0;

	do {
		int got = rh_reader_next(reader, out, &cli->err);
		if (got < 0) {
			return got;
		}
		if (got == 0) {
			return rh_err_set(&cli->err, RH_EUSAGE, "the input has %llu record%s",
					  (unsigned long long)number, number == 1 ? "" : "s");
		}
		number++;
	} while (number < wanted);
	if (out->is_bad) {
		cli->err = out->why;
		return RH_EINPUT;
	}
	return RH_OK;
}

static void put_record(struct rh_json_writer *writer, const struct rh_record *record, bool shows)
{
	if (record->json != NULL) {
		rh_mask_node(writer, record->json, shows);
		return;
	}
	rh_json_begin_object(writer);
	for (size_t i = 0; i < record->columns->count; i++) {
		if (rh_str_is_set(record->cells[i])) {
			rh_json_key_str(writer, record->columns->names[i]);
			rh_mask_text(writer, record->cells[i], shows);
		}
	}
	rh_json_end_object(writer);
}

static void print_test(struct rh_cli *cli, const struct rh_item *item,
		       const struct rh_account *account, struct listing *listing)
{
	rh_autobuf before = {0};
	rh_autobuf after = {0};
	struct rh_json_writer writer;
	bool shows = cli->values.show_values;

	rh_buf_init_secret(&before, OUTPUT_MAX);
	rh_buf_init_secret(&after, OUTPUT_MAX);
	rh_json_writer_init(&writer, &before);
	put_record(&writer, &item->record, shows);
	rh_json_writer_init(&writer, &after);
	rh_mask_account(&writer, account, &cli->arena, shows);
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "record");
		rh_json_put_u64(&cli->json, item->record.number);
		rh_json_key(&cli->json, "before");
		rh_json_put_raw(&cli->json, rh_buf_str(&before));
		rh_json_key(&cli->json, "after");
		rh_json_put_raw(&cli->json, rh_buf_str(&after));
		rh_json_key(&cli->json, "findings");
		rh_json_begin_array(&cli->json);
		if (listing->text.len > 0) {
			rh_json_put_raw(&cli->json, rh_buf_str(&listing->text));
		}
		rh_json_end_array(&cli->json);
		return;
	}
	rh_print(cli, "record %llu, line %llu\nbefore:\n  ",
		 (unsigned long long)item->record.number, (unsigned long long)item->record.line);
	rh_print_bytes(cli, rh_buf_str(&before));
	rh_print(cli, "\nafter:\n  ");
	rh_print_bytes(cli, rh_buf_str(&after));
	rh_print(cli, "\nfindings:%s\n", listing->text.len == 0 ? " none" : "");
	rh_print_bytes(cli, rh_buf_str(&listing->text));
}

static int map_item(struct rh_cli *cli, const struct rh_mapping *mapping,
		    const struct rh_item *item, bool *is_refused)
{
	const struct rh_mapping_policy policy = {
		.external_id = RH_STR("keep"),
		.now = rh_clock_system()->now(rh_clock_system()),
	};
	struct listing listing = {.sink = {.add = add_finding}, .cli = cli};
	struct rh_account account;
	struct rh_arena arena;
	const struct rh_mapping_call call = {
		.policy = &policy,
		.arena = &arena,
		.findings = &listing.sink,
	};

	rh_buf_init(&listing.text, OUTPUT_MAX);
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	int code = rh_mapping_account(mapping, &item->record, &call, &account, &cli->err);
	if (code == RH_OK) {
		print_test(cli, item, &account, &listing);
		*is_refused = listing.is_refused;
	}
	rh_arena_done(&arena);
	rh_buf_done(&listing.text);
	return code;
}

static int test(struct rh_cli *cli)
{
	struct rh_mapping *mapping = NULL;
	struct rh_reader *reader = NULL;
	struct rh_item item;
	bool is_refused = false;

	if (cli->word_count < 2 || cli->values.input == NULL) {
		return rh_cli_usage(cli, "As in: rehome mapping test mapping.json -f users.csv",
				    cli->word_count < 2 ? "missing word: the mapping document"
							: "missing option: \"--file\"");
	}
	int code = compile_file(cli, cli->words[1], &mapping);
	if (code == RH_OK) {
		code = open_input(cli, cli->values.input, &reader);
	}
	if (code == RH_OK) {
		code = find_record(cli, reader, &item);
	}
	if (code == RH_OK) {
		code = map_item(cli, mapping, &item, &is_refused);
	}
	rh_reader_close(reader);
	rh_mapping_free(mapping);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &cli->err);
	}
	return is_refused ? RH_EXIT_REFUSED : RH_EXIT_DONE;
}

/* ---- draft ----------------------------------------------------------------------------------------------- */

static const char *const confidences[] = {
	[RH_DRAFT_NONE] = "not understood",
	[RH_DRAFT_LOW] = "low",
	[RH_DRAFT_MEDIUM] = "by its name",
	[RH_DRAFT_HIGH] = "by name and values",
};

static void print_entries(struct rh_cli *cli, const struct rh_draft *draft, uint64_t records)
{
	struct rh_draft_entry entry;

	rh_print_note(cli, "of %llu record%s:\n", (unsigned long long)records,
		      records == 1 ? "" : "s");
	for (size_t i = 0; rh_draft_at(draft, i, &entry); i++) {
		rh_autobuf path = {0};
		rh_buf_init(&path, 4096);
		rh_print_add_plain(&path, entry.path);
		/* Padding counts bytes. */
		int width = 30 + (int)(path.len - rh_str_points(rh_buf_str(&path)));
		rh_print_note(cli, "  %-*s %-20s %s", width, path.len > 0 ? path.ptr : "",
			      entry.becomes != NULL ? entry.becomes : "-",
			      confidences[entry.confidence]);
		if (entry.count == 0) {
			rh_print_note(cli, ": empty\n");
			continue;
		}
		rh_print_note(cli, ": %s%s, in %llu", entry.is_mixed ? "mostly " : "", entry.looks,
			      (unsigned long long)entry.count);
		if (entry.different > 0 && entry.count > 1) {
			rh_print_note(cli, ", %s",
				      entry.different == entry.count ? "all different"
				      : entry.different == 1         ? "all the same"
								     : "");
			if (entry.different > 1 && entry.different < entry.count) {
				rh_print_note(cli, "%llu different",
					      (unsigned long long)entry.different);
			}
		}
		rh_print_note(cli, "\n");
	}
}

static void put_entries(struct rh_cli *cli, const struct rh_draft *draft)
{
	struct rh_draft_entry entry;

	rh_json_key(&cli->json, "paths");
	rh_json_begin_array(&cli->json);
	for (size_t i = 0; rh_draft_at(draft, i, &entry); i++) {
		rh_json_begin_object(&cli->json);
		rh_json_member(&cli->json, "path", entry.path);
		rh_json_member(&cli->json, "becomes", rh_str_from(entry.becomes));
		rh_json_member(&cli->json, "values", rh_str_from(entry.looks));
		rh_json_member(&cli->json, "confidence",
			       rh_str_from(confidences[entry.confidence]));
		rh_json_key(&cli->json, "count");
		rh_json_put_u64(&cli->json, entry.count);
		rh_json_key(&cli->json, "mixed");
		rh_json_put_bool(&cli->json, entry.is_mixed);
		rh_json_key(&cli->json, "different");
		rh_json_put_u64(&cli->json, entry.different);
		rh_json_end_object(&cli->json);
	}
	rh_json_end_array(&cli->json);
}

/* Records that cannot be read are passed over; where there are no others, the first of them says why. */
static int tell_unread(struct rh_cli *cli, uint64_t records, uint64_t unread,
		       const struct rh_err *why)
{
	if (records == 0 && unread == 0) {
		return rh_err_set(&cli->err, RH_EINPUT, "the file has no record");
	}
	if (records == 0) {
		cli->err = *why;
		cli->err.code = RH_EINPUT; /* whatever is wrong with it, it is the file */
		return rh_err_context(&cli->err, RH_EINPUT,
				      "none of the %llu records can be read; the first, line %llu",
				      (unsigned long long)unread, (unsigned long long)why->line);
	}
	if (unread > 0) {
		rh_print_note(cli,
			      "passed over, as they cannot be read: %llu record%s, the first in "
			      "line %llu: %s\n",
			      (unsigned long long)unread, unread == 1 ? "" : "s",
			      (unsigned long long)why->line, why->message);
	}
	return RH_OK;
}

static int look_at_all(struct rh_cli *cli, struct rh_reader *reader, struct rh_draft *draft,
		       uint64_t *records)
{
	struct rh_err why = {0};
	struct rh_item item;
	uint64_t unread = 0;
	int got = 1;

	while (*records < SAMPLE_RECORDS && (got = rh_reader_next(reader, &item, &cli->err)) > 0) {
		if (item.is_bad) {
			why = unread++ == 0 ? item.why : why;
			continue;
		}
		++*records;
		if (rh_draft_look(draft, &item.record) != RH_OK) {
			return rh_err_set(&cli->err, RH_ENOMEM, "no memory for a draft");
		}
	}
	return got < 0 ? got : tell_unread(cli, *records, unread, &why);
}

static int write_draft(struct rh_cli *cli, struct rh_draft *draft, uint64_t records)
{
	rh_autobuf document = {0};

	rh_draft_decide(draft);
	if (!cli->values.json) {
		print_entries(cli, draft, records);
	}
	rh_buf_init(&document, RH_MAPPING_DOCUMENT_MAX);
	int code = rh_draft_write(draft, "draft", &document, &cli->err);
	if (code != RH_OK) {
		return code;
	}
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "document");
		rh_json_put_raw(&cli->json, rh_buf_str(&document));
		put_entries(cli, draft);
		rh_json_key(&cli->json, "decided");
		rh_json_put_bool(&cli->json, rh_draft_has_id(draft));
	} else {
		rh_print_bytes(cli, rh_buf_str(&document));
	}
	if (!rh_draft_has_id(draft) && !cli->values.json) {
		rh_print_note(cli,
			      "none of the columns or members is known as an id: in \"source_id\", "
			      "put one (those named there could be it) in place of the object\n");
	}
	return RH_OK;
}

static int draft(struct rh_cli *cli)
{
	struct rh_mapping *known = NULL;
	struct rh_mapping *more = NULL;
	struct rh_reader *reader = NULL;
	struct rh_draft *draft = NULL;
	uint64_t records = 0;
	const char *path = cli->word_count > 1 ? cli->words[1] : cli->values.input;

	if (path == NULL || (cli->word_count > 1 && cli->values.input != NULL)) {
		return rh_cli_usage(cli, "As in: rehome mapping draft users.csv > mapping.json",
				    path == NULL ? "missing word: the file to look at"
						 : "there is one file to look at");
	}
	int code = open_input(cli, path, &reader);
	if (code == RH_OK) {
		code = rh_mapping_compile(&known, rh_str_from(csv_synonyms), &cli->err);
	}
	if (code == RH_OK) {
		code = rh_mapping_compile(&more, rh_str_from(csv_draft_names), &cli->err);
	}
	if (code == RH_OK) {
		code = rh_draft_new(&draft, known, more, &cli->err);
	}
	if (code == RH_OK) {
		code = look_at_all(cli, reader, draft, &records);
	}
	if (code == RH_OK) {
		code = write_draft(cli, draft, records);
	}
	rh_draft_free(draft);
	rh_mapping_free(more);
	rh_mapping_free(known);
	rh_reader_close(reader);
	return code == RH_OK ? RH_EXIT_DONE : rh_cli_fail(cli, code, &cli->err);
}

int rh_cmd_mapping(struct rh_cli *cli)
{
	const char *verb = cli->word_count > 0 ? cli->words[0] : "";

	if (strcmp(verb, "test") == 0) {
		return test(cli);
	}
	if (strcmp(verb, "draft") == 0) {
		return draft(cli);
	}
	return rh_cli_usage(cli, "There are: rehome mapping test, rehome mapping draft",
			    cli->word_count > 0 ? "mapping has no such word"
						: "missing word: test or draft");
}
