/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bodies SOURCE FILE TARGET: the request bodies that the tool's own mapping makes of an export, one a line, for the bare
 * loop to send.  Accounts that would be refused have none.
 */
#include <stdio.h>
#include <stdlib.h>

#include <rehome/rehome.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "config/options.h"
#include "read/reader.h"

struct refusals {
	struct rh_finding_sink sink;
	bool is_refused;
};

struct side {
	const struct rh_connector *connector;
	void *instance;
	struct rh_arena arena;
};

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct refusals *refusals = (struct refusals *)sink;

	if (rh_finding_info(finding->code)->severity == RH_SEVERITY_REFUSE) {
		refusals->is_refused = true;
	}
}

static int open_side(struct side *side, const char *name, bool as_target, struct rh_err *err)
{
	rh_arena_init(&side->arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	side->connector = rh_connector_find(name);
	side->instance = side->connector != NULL ? calloc(1, side->connector->instance_size) : NULL;
	if (side->instance == NULL) {
		return RH_EUSAGE;
	}
	int code = rh_option_defaults(side->connector->options, side->instance, &side->arena, err);
	return code == RH_OK ? side->connector->open(side->instance, as_target, err) : code;
}

static int put_body(const struct side *source, const struct side *target, struct rh_item *item,
		    struct rh_arena *arena, struct rh_err *err)
{
	static const struct rh_mapping_policy policy = {
		.primary = RH_PRIMARY_FIRST_VERIFIED,
		.unverified = RH_UNVERIFIED_ATTACH,
	};
	struct refusals refusals = {.sink = {.add = add_finding}};
	struct rh_account account;
	struct rh_wire wire;
	rh_autobuf body = {0};

	rh_buf_init(&body, RH_REQUEST_MAX);
	int code = source->connector->from_record(source->instance, &item->record, &policy, arena,
						  &refusals.sink, &account, err);
	if (code != RH_OK || refusals.is_refused || rh_account_is_blocked(&account)) {
		return code;
	}
	code = target->connector->to_wire(target->instance, &account, &policy,
					  target->connector->parts(target->instance, &account),
					  arena, &refusals.sink, &body, &wire, err);
	if (code == RH_OK && !refusals.is_refused) {
		fwrite(body.ptr, 1, body.len, stdout);
		putchar('\n');
	}
	return code;
}

static int put_bodies(const struct side *source, const struct side *target, const char *path,
		      struct rh_err *err)
{
	struct rh_bytes *bytes = NULL;
	struct rh_reader *reader = NULL;
	struct rh_arena arena;
	struct rh_item item;
	int shape = 0;
	int more = 0;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	int code = rh_bytes_open(&bytes, path, NULL, err);
	code = code == RH_OK ? rh_reader_open(&reader, bytes, err) : code;
	while (code == RH_OK && (more = rh_reader_next(reader, &item, err)) > 0) {
		const struct rh_sniff sniff = {
			.wrapper = rh_reader_wrapper(reader),
			.json = item.record.json,
			.columns = rh_reader_columns(reader),
		};
		if (item.is_bad) {
			continue;
		}
		shape = shape != 0 ? shape : source->connector->recognise(&sniff);
		item.record.shape = shape;
		code = put_body(source, target, &item, &arena, err);
		rh_arena_reset(&arena);
	}
	rh_reader_close(reader);
	rh_arena_done(&arena);
	return code == RH_OK ? more : code;
}

int main(int argc, char **argv)
{
	struct side source;
	struct side target;
	struct rh_err err = {0};

	if (argc != 4) {
		fprintf(stderr, "usage: bodies SOURCE FILE TARGET\n");
		return 2;
	}
	int code = open_side(&source, argv[1], false, &err);
	code = code == RH_OK ? open_side(&target, argv[3], true, &err) : code;
	code = code == RH_OK ? put_bodies(&source, &target, argv[2], &err) : code;
	if (code != RH_OK) {
		fprintf(stderr, "bodies: %s\n", err.message);
		return 1;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
