/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a user of WorkOS: read, said (connector.h, C13), then one PUT with what differs.
 *
 *  1. A member that is left out stays as it is.  Names cannot be null: an empty one takes the name away.
 *  2. Metadata are merged key by key, and null takes a key away: what is sent is the difference between what
 *     stands there and what is to stand there.
 *  3. Whoever gets another address gets `email_verified` with it: whether the old one was proved says nothing.
 *  4. An address that nobody has proved at the target does not become proved there by an account of the source,
 *     unless the account is ours: whoever signed up there under somebody else's address would be let in.
 *  5. A proved address stays proved: WorkOS refuses to take that back (`email_already_verified`).
 */
#include "connectors/workos/workos_steps.h"

#include "account/metadata.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

#define BIT(field) (UINT32_C(1) << (field))
#define IDENTITY_FIELDS                                               \
	(BIT(WORKOS_FIELD_EMAIL) | BIT(WORKOS_FIELD_EMAIL_VERIFIED) | \
	 BIT(WORKOS_FIELD_FIRST_NAME) | BIT(WORKOS_FIELD_LAST_NAME) | BIT(WORKOS_FIELD_NAME))
/* No user is without these. */
#define CLEARABLE (~(BIT(WORKOS_FIELD_EMAIL) | BIT(WORKOS_FIELD_EMAIL_VERIFIED)))

/* ---- what will stand there ------------------------------------------------------------------------------- */

static bool is_same(const struct rh_wire *a, const struct rh_wire *b, enum workos_field field)
{
	bool is_there = (a->present & BIT(field)) != 0;

	if (is_there != ((b->present & BIT(field)) != 0)) {
		return false;
	}
	return !is_there || rh_str_eq(a->value[field], b->value[field]);
}

static int wanted(const struct workos *workos, const struct rh_row *row, struct rh_arena *arena,
		  struct rh_wire *out)
{
	static const struct rh_mapping_policy defaults = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	int code;

	if (row->wire != NULL) {
		*out = *row->wire;
		return RH_OK;
	}
	code = workos_to_wire(workos, row->account, row->policy != NULL ? row->policy : &defaults,
			      row->parts, arena, NULL, NULL, out, NULL);
	if (code == RH_OK && (row->parts & RH_PART_IDENTITY) == 0) {
		out->present &= ~IDENTITY_FIELDS;
	}
	return code;
}

/* Rules 4 and 5. */
static bool keeps_proof(const struct rh_row *row, const struct rh_wire *wire)
{
	const struct rh_wire *there = &row->observed.wire;
	bool becomes_proved = rh_str_is(wire->value[WORKOS_FIELD_EMAIL_VERIFIED], "true");
	bool has_same_address = (wire->present & BIT(WORKOS_FIELD_EMAIL)) == 0 ||
				is_same(wire, there, WORKOS_FIELD_EMAIL);

	return has_same_address && !is_same(wire, there, WORKOS_FIELD_EMAIL_VERIFIED) &&
	       (!becomes_proved || row->is_foreign);
}

static int expect(const struct workos *workos, struct rh_row *row, struct rh_arena *arena)
{
	struct rh_wire wire;
	int code = wanted(workos, row, arena, &wire);

	if (code != RH_OK) {
		return code;
	}
	if (keeps_proof(row, &wire)) {
		wire.present &= ~BIT(WORKOS_FIELD_EMAIL_VERIFIED);
	}
	row->concerned = wire.present | (row->clears & CLEARABLE & (BIT(WORKOS_FIELDS) - 1));
	row->expected = wire;
	if ((wire.present & BIT(WORKOS_FIELD_METADATA)) == 0 ||
	    (row->clears & BIT(WORKOS_FIELD_METADATA)) != 0) {
		return RH_OK;
	}
	return workos_metadata_merge(row->observed.wire.value[WORKOS_FIELD_METADATA],
				     wire.value[WORKOS_FIELD_METADATA], arena,
				     &row->expected.value[WORKOS_FIELD_METADATA]);
}

/* ---- the body --------------------------------------------------------------------------------------------- */

/* Rules 1 and 2. */
static int put_field(const struct rh_row *row, enum workos_field field, struct rh_arena *arena,
		     struct rh_json_writer *writer)
{
	bool stays = (row->expected.present & BIT(field)) != 0;
	struct rh_str value = stays ? row->expected.value[field] : RH_STR_ABSENT;
	struct rh_str patch = RH_STR_ABSENT;
	int code;

	if (field == WORKOS_FIELD_METADATA) {
		code = rh_metadata_patch(arena, row->observed.wire.value[field], value, &patch);
		if (code != RH_OK || patch.ptr == NULL) {
			return code;
		}
		value = patch;
	}
	rh_json_key(writer, workos_wire_fields[field]);
	if (field == WORKOS_FIELD_METADATA || (field == WORKOS_FIELD_EMAIL_VERIFIED && stays)) {
		rh_json_put_raw(writer, value);
	} else if (!stays && field != WORKOS_FIELD_EXTERNAL_ID) {
		rh_json_put_cstr(writer, "");
	} else {
		rh_json_put_string(writer, value);
	}
	return RH_OK;
}

/* Rule 3. */
static bool is_to_be_sent(const struct rh_row *row, enum workos_field field)
{
	const struct rh_wire *there = &row->observed.wire;

	if ((row->concerned & BIT(field)) == 0) {
		return false;
	}
	return !is_same(&row->expected, there, field) ||
	       (field == WORKOS_FIELD_EMAIL_VERIFIED &&
		(row->concerned & BIT(WORKOS_FIELD_EMAIL)) != 0 &&
		!is_same(&row->expected, there, WORKOS_FIELD_EMAIL));
}

static int make_body(const struct workos *workos, const struct rh_row *row, struct rh_arena *arena,
		     struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf body = {0};
	int code = RH_OK;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &body);
	rh_json_begin_object(&writer);
	for (int i = 0; i < WORKOS_FIELDS && code == RH_OK; i++) {
		if (is_to_be_sent(row, (enum workos_field)i)) {
			code = put_field(row, (enum workos_field)i, arena, &writer);
		}
	}
	if (code == RH_OK && row->account != NULL) {
		code = workos_password_put(workos, row->account, row->parts, &writer);
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
	UPDATE_OBSERVED,
	UPDATE_WRITING,
};

static int look(const struct workos *workos, struct rh_operation *operation,
		const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	int code = workos_answer_user(workos, operation, response, WORKOS_LACK_IS_ABSENT, false,
				      answer);

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
	return expect(workos, row, operation->arena);
}

static int send_changes(const struct workos *workos, struct rh_operation *operation,
			struct rh_answer *answer)
{
	struct rh_str body = RH_STR_ABSENT;
	int code = make_body(workos, &operation->rows[0], operation->arena, &body);

	operation->stage = UPDATE_WRITING;
	return code == RH_OK ? workos_send_user(operation, "PUT", body, answer) : code;
}

int workos_step_update(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	struct rh_row *row = operation->rows;
	int code;

	(void)now;
	(void)seed;
	if (operation->row_count != 1 || row == NULL ||
	    (row->account == NULL && row->wire == NULL) || !rh_str_is_set(row->target_id)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		return operation->stage == UPDATE_OBSERVED
			       ? send_changes(instance, operation, answer)
			       : workos_send_user(operation, "GET", RH_STR_ABSENT, answer);
	}
	if (operation->stage == UPDATE_LOOKING) {
		return look(instance, operation, response, answer);
	}
	code = workos_answer_user(instance, operation, response, WORKOS_LACK_IS_ABSENT, true,
				  answer);
	/* The id is in use, and not by the account that is being changed. */
	if (code == RH_OK && answer->kind == RH_ANSWER_DONE && row->outcome == RH_OUTCOME_ALREADY) {
		row->outcome = RH_OUTCOME_CONFLICT;
	}
	return code;
}
