/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a user of Clerk: read, said (connector.h, C13), then what differs, request by request (C2).
 *
 *  1. PATCH of the user takes names, username, language, external id, limits and the password; what is left out stays
 *     as it is, and null takes a text away.
 *  2. Metadata goes through the calls of its own alone: from version 2026-05-12 on nothing else takes it (C-16).  A
 *     bucket that differs is put whole, since a merge goes to any depth and would leave what is to go.
 *  3. A block is set by a call of its own, and lifted by an undo alone.
 *  4. Dates, authenticator secrets and backup codes stay as they stand: no request changes them, or it would change
 *     how a person signs in.  Addresses and numbers are only added to, last of all (clerk_target_apart.c).
 *  5. Every request sets what is to stand there, so that it may be sent again; what was done before a failure is found
 *     when the user is read again.
 */
#include "connectors/clerk/clerk_target_apart.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

#define BIT(field) (UINT32_C(1) << (field))
#define TEXTS                                                                                \
	(BIT(CLERK_WIRE_USERNAME) | BIT(CLERK_WIRE_FIRST_NAME) | BIT(CLERK_WIRE_LAST_NAME) | \
	 BIT(CLERK_WIRE_EXTERNAL_ID) | BIT(CLERK_WIRE_LOCALE))
#define LIMITS                                                               \
	(BIT(CLERK_WIRE_DELETE_SELF) | BIT(CLERK_WIRE_CREATE_ORGANIZATION) | \
	 BIT(CLERK_WIRE_ORGANIZATIONS_LIMIT))
#define METADATA (BIT(CLERK_WIRE_PUBLIC) | BIT(CLERK_WIRE_PRIVATE) | BIT(CLERK_WIRE_UNSAFE))
#define BLOCKS (BIT(CLERK_WIRE_BANNED) | BIT(CLERK_WIRE_LOCKED))
#define CHANGEABLE (TEXTS | LIMITS | METADATA | BLOCKS)
/* A username may be all that somebody has. */
#define CLEARABLE ((TEXTS & ~BIT(CLERK_WIRE_USERNAME)) | METADATA)

/* ---- what will stand there ------------------------------------------------------------------------------- */

static bool differs(const struct rh_row *row, enum clerk_wire_field field)
{
	const struct rh_wire *there = &row->observed.wire;
	bool is_there = (there->present & BIT(field)) != 0;

	if ((row->concerned & BIT(field)) == 0) {
		return false;
	}
	if (is_there != ((row->expected.present & BIT(field)) != 0)) {
		return true;
	}
	return is_there && !rh_str_eq(there->value[field], row->expected.value[field]);
}

static int wanted(const struct clerk *clerk, const struct rh_row *row, struct rh_arena *arena,
		  struct rh_wire *out)
{
	static const struct rh_mapping_policy defaults = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	unsigned parts = row->parts;

	if (row->wire != NULL) {
		*out = *row->wire;
		return RH_OK;
	}
	if ((parts & RH_PART_IDENTITY) == 0) { /* names and username are the person's */
		parts &= ~(unsigned)(RH_PART_PROFILE | RH_PART_USERNAME);
	}
	return clerk_to_wire(clerk, row->account, row->policy != NULL ? row->policy : &defaults,
			     parts, arena, NULL, NULL, out, NULL);
}

static int expect(const struct clerk *clerk, struct rh_operation *operation)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_arena *arena = operation->arena;
	/* Rule 3. */
	uint32_t may_go =
		row->wire != NULL ? CLEARABLE | BLOCKS | BIT(CLERK_WIRE_USERNAME) : CLEARABLE;
	struct rh_wire wire;
	struct rh_wire all;
	int code = wanted(clerk, row, arena, &wire);

	if (code != RH_OK) {
		return code;
	}
	all = wire;
	wire.present &= (row->parts & RH_PART_IDENTITY) != 0 || row->wire != NULL
				? CHANGEABLE
				: CHANGEABLE & ~BLOCKS;
	row->concerned = wire.present | (row->clears & may_go);
	row->expected = wire;
	for (int field = CLERK_WIRE_PUBLIC; field <= CLERK_WIRE_UNSAFE && code == RH_OK; field++) {
		if ((wire.present & BIT(field)) != 0 && (row->clears & BIT(field)) == 0) {
			code = clerk_metadata_merge(row->observed.wire.value[field],
						    wire.value[field], arena,
						    &row->expected.value[field]);
		}
	}
	return code == RH_OK ? clerk_apart_choose(operation->state, row, &all,
						  rh_json_root(operation->json), arena)
			     : code;
}

/* ---- the bodies ------------------------------------------------------------------------------------------- */

static void put_field(const struct rh_row *row, enum clerk_wire_field field,
		      struct rh_json_writer *writer)
{
	bool stays = (row->expected.present & BIT(field)) != 0;
	struct rh_str value = stays ? row->expected.value[field] : RH_STR_ABSENT;
	bool is_bucket = (METADATA & BIT(field)) != 0;

	rh_json_key(writer, clerk_wire_fields[field]);
	if (is_bucket && value.ptr == NULL) {
		rh_json_put_raw(writer, RH_STR("{}"));
	} else if (is_bucket || (LIMITS & BIT(field)) != 0) {
		rh_json_put_raw(writer, value);
	} else {
		rh_json_put_string(writer, value);
	}
}

/* The fields of a set that differ; the password where it goes. */
static int make_body(const struct rh_row *row, uint32_t fields, struct rh_arena *arena,
		     struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf body = {0};
	int code = RH_OK;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &body);
	rh_json_begin_object(&writer);
	for (int i = 0; i < CLERK_WIRE_FIELDS; i++) {
		if ((fields & BIT(i)) != 0 && differs(row, (enum clerk_wire_field)i)) {
			put_field(row, (enum clerk_wire_field)i, &writer);
		}
	}
	if (row->account != NULL && (fields & METADATA) == 0) {
		code = clerk_password_put(row->account, row->parts, &writer);
	}
	rh_json_end_object(&writer);
	if (code == RH_OK && body.failed != RH_OK) {
		code = body.failed;
	}
	return code == RH_OK && !rh_arena_copy(arena, rh_buf_str(&body), out) ? RH_ENOMEM : code;
}

/* ---- the steps --------------------------------------------------------------------------------------------- */

enum update_stage {
	UPDATE_LOOKING,
	UPDATE_OBSERVED, /* from here on: what has been sent */
	UPDATE_PROFILE,
	UPDATE_METADATA,
	UPDATE_BAN,
	UPDATE_LOCK,
	UPDATE_APART,
	UPDATE_STAGES,
};

static bool any_differs(const struct rh_row *row, uint32_t fields)
{
	for (int i = 0; i < CLERK_WIRE_FIELDS; i++) {
		if ((fields & BIT(i)) != 0 && differs(row, (enum clerk_wire_field)i)) {
			return true;
		}
	}
	return false;
}

/* The password alone is a reason, too; and where nothing differs, an empty request is the one that was asked for. */
static bool is_wanted(const struct rh_operation *operation, unsigned stage)
{
	const struct rh_row *row = &operation->rows[0];
	bool is_apart = clerk_apart_is_left(operation->state);

	switch ((enum update_stage)stage) {
	case UPDATE_PROFILE:
		return any_differs(row, TEXTS | LIMITS) ||
		       (!any_differs(row, CHANGEABLE) && !is_apart) ||
		       (row->account != NULL && (row->parts & RH_PART_CREDENTIAL) != 0);
	case UPDATE_METADATA:
		return any_differs(row, METADATA);
	case UPDATE_BAN:
		return differs(row, CLERK_WIRE_BANNED);
	case UPDATE_LOCK:
		return differs(row, CLERK_WIRE_LOCKED);
	case UPDATE_APART:
		return is_apart;
	case UPDATE_LOOKING:
	case UPDATE_OBSERVED:
	case UPDATE_STAGES:
		break;
	}
	return false;
}

static int send_stage(const struct clerk *clerk, struct rh_operation *operation,
		      struct rh_answer *answer)
{
	const struct rh_row *row = &operation->rows[0];
	bool bans = (row->expected.present & BIT(CLERK_WIRE_BANNED)) != 0;
	bool locks = (row->expected.present & BIT(CLERK_WIRE_LOCKED)) != 0;
	struct rh_str body = RH_STR_ABSENT;
	int code;

	if (operation->stage == UPDATE_BAN) {
		return clerk_send_user(clerk, operation, "POST", bans ? "/ban" : "/unban",
				       RH_STR_ABSENT, answer);
	}
	if (operation->stage == UPDATE_LOCK) {
		return clerk_send_user(clerk, operation, "POST", locks ? "/lock" : "/unlock",
				       RH_STR_ABSENT, answer);
	}
	if (operation->stage == UPDATE_APART) {
		return clerk_apart_send(clerk, operation, answer);
	}
	if (operation->stage == UPDATE_METADATA) {
		code = make_body(row, METADATA, operation->arena, &body);
		return code == RH_OK
			       ? clerk_send_user(clerk, operation, "PUT", "/metadata", body, answer)
			       : code;
	}
	code = make_body(row, TEXTS | LIMITS, operation->arena, &body);
	return code == RH_OK ? clerk_send_user(clerk, operation, "PATCH", "", body, answer) : code;
}

/* The next request that is wanted; false: none is left. */
static bool go_on(struct rh_operation *operation)
{
	while (++operation->stage < UPDATE_STAGES) {
		if (is_wanted(operation, operation->stage)) {
			return true;
		}
	}
	return false;
}

static int look(const struct clerk *clerk, struct rh_operation *operation,
		const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	int code =
		clerk_answer_user(clerk, operation, response, CLERK_LACK_IS_ABSENT, false, answer);

	if (code != RH_OK || answer->kind != RH_ANSWER_DONE || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	if (!rh_str_eq(row->observed.target_id, row->target_id)) {
		rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
		row->cause = "another account stands there now";
		return RH_OK;
	}
	row->outcome = RH_OUTCOME_NONE;
	operation->stage = UPDATE_OBSERVED;
	*answer = (struct rh_answer){.kind = RH_ANSWER_OBSERVED};
	return expect(clerk, operation);
}

/* What stood there stays known for the requests that follow. */
static int take_answer(const struct clerk *clerk, struct rh_operation *operation,
		       const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_observed before = row->observed;
	int code =
		clerk_answer_user(clerk, operation, response, CLERK_LACK_IS_ABSENT, true, answer);

	if (code != RH_OK || answer->kind != RH_ANSWER_DONE) {
		return code;
	}
	/* The id is in use, and not by the account that is being changed. */
	if (row->outcome == RH_OUTCOME_ALREADY) {
		row->outcome = RH_OUTCOME_CONFLICT;
	}
	if (row->outcome != RH_OUTCOME_DONE) {
		return RH_OK;
	}
	struct rh_observed now = row->observed;
	row->observed = before;
	if (go_on(operation)) {
		row->outcome = RH_OUTCOME_NONE;
		return send_stage(clerk, operation, answer);
	}
	row->observed = now;
	return RH_OK;
}

int clerk_step_update(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	struct rh_row *row = operation->rows;

	(void)now;
	(void)seed;
	if (operation->row_count != 1 || row == NULL ||
	    (row->account == NULL && row->wire == NULL) || !rh_str_is_set(row->target_id)) {
		return RH_EINVAL;
	}
	if (response == NULL && operation->stage == UPDATE_LOOKING) {
		return clerk_send_user(instance, operation, "GET", "", RH_STR_ABSENT, answer);
	}
	if (response == NULL) {
		(void)go_on(operation);
		return send_stage(instance, operation, answer);
	}
	if (operation->stage == UPDATE_APART) {
		return clerk_apart_answer(instance, operation, response, answer);
	}
	return operation->stage == UPDATE_LOOKING
		       ? look(instance, operation, response, answer)
		       : take_answer(instance, operation, response, answer);
}
