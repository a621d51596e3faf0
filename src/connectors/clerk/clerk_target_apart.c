/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses and numbers of a user who is there, a request for each: what no create holds (C-2), and what a create was
 * refused for.
 *
 *  1. It only adds.  What stands there stays, in whatever state; a verified number becomes a second factor, and
 *     nothing else changes its state.
 *  2. What the source does not call verified is never added as verified (C-1).  No request reserves: what was to be
 *     reserved is added unverified.
 *  3. One that is refused does not keep the next from being sent; at the end the parts that were refused are said.
 *  4. An account that we did not make is left alone.
 */
#include "connectors/clerk/clerk_target_apart.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define BODY_MAX (64U * 1024)

/* One address or number that is missing, or a number that becomes a second factor. */
struct clerk_addition {
	bool is_email;
	bool is_verified;
	bool is_second_factor;
	unsigned part; /* enum rh_part, if it is refused */
	struct rh_str value;
	struct rh_str id; /* of one that is there; absent: it is to be added */
};

/* ---- what is to be added ------------------------------------------------------------------------------------ */

/* Of one kind. */
struct choosing {
	bool is_email;
	const struct rh_json_node *user;
	struct rh_arena *arena;
	struct clerk_listed *listed; /* as it will stand there */
	size_t count;
	struct clerk_apart *apart;
};

/* The target's own id of a number of the user; absent: none. */
static struct rh_str id_of(const struct choosing *choosing, struct rh_str value)
{
	const struct rh_json_node *list = rh_json_get(choosing->user, "phone_numbers");
	const struct rh_json_node *item = NULL;

	while (rh_json_type(list) == RH_JSON_ARRAY &&
	       (item = rh_json_next(list, item, NULL)) != NULL) {
		if (rh_str_eq(rh_json_get_string(item, "phone_number"), value)) {
			return rh_json_get_string(item, "id");
		}
	}
	return RH_STR_ABSENT;
}

static struct clerk_listed *find_listed(const struct choosing *choosing, struct rh_str value)
{
	for (size_t i = 0; i < choosing->count; i++) {
		if (rh_str_eq(choosing->listed[i].value, value)) {
			return &choosing->listed[i];
		}
	}
	return NULL;
}

static int choose_one(struct choosing *choosing, struct rh_str value, struct rh_str standing)
{
	struct clerk_apart *apart = choosing->apart;
	struct clerk_listed *there = find_listed(choosing, value);
	unsigned own_part = choosing->is_email ? RH_PART_EMAILS : RH_PART_PHONES;
	bool is_factor = rh_str_is(standing, CLERK_SECOND_FACTOR);
	bool is_plain = rh_str_is(standing, CLERK_UNVERIFIED);
	struct clerk_addition addition = {
		.is_email = choosing->is_email,
		.is_verified = is_factor || rh_str_is(standing, CLERK_VERIFIED),
		.is_second_factor = is_factor,
		.part = is_factor || is_plain ? (unsigned)RH_PART_EXTRAS : own_part,
		.value = value,
	};

	if (there != NULL) { /* rule 1 */
		struct rh_str id = id_of(choosing, value);

		if (!is_factor || !rh_str_is(there->standing, CLERK_VERIFIED) ||
		    !rh_str_is_set(id)) {
			return RH_OK;
		}
		if (!rh_arena_copy(choosing->arena, id, &addition.id)) {
			return RH_ENOMEM;
		}
		there->standing = standing;
	} else {
		choosing->listed[choosing->count++] = (struct clerk_listed){
			.value = value,
			/* rule 2 */
			.standing = addition.is_verified ? standing : RH_STR(CLERK_UNVERIFIED),
		};
	}
	apart->additions[apart->count++] = addition;
	return RH_OK;
}

/* From both texts what will stand there. */
static int choose_all(struct choosing *choosing, const struct rh_json_node *there,
		      const struct rh_json_node *wanted)
{
	const struct rh_json_node *node = NULL;
	struct rh_str value;
	int code = RH_OK;

	while (rh_json_type(there) == RH_JSON_OBJECT &&
	       (node = rh_json_next(there, node, &value)) != NULL) {
		choosing->listed[choosing->count++] = (struct clerk_listed){
			.value = value,
			.standing = rh_json_string(node),
		};
	}
	node = NULL;
	while (code == RH_OK && (node = rh_json_next(wanted, node, &value)) != NULL) {
		code = choose_one(choosing, value, rh_json_string(node));
	}
	return code;
}

/* Room for what is there and what is wanted, beside the additions of the kind before. */
static int make_room(struct choosing *choosing, size_t most)
{
	struct clerk_apart *apart = choosing->apart;
	struct clerk_addition *additions = rh_arena_calloc(choosing->arena, apart->count + most + 1,
							   sizeof(*apart->additions));

	choosing->listed = rh_arena_calloc(choosing->arena, most + 1, sizeof(*choosing->listed));
	if (choosing->listed == NULL || additions == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < apart->count; i++) {
		additions[i] = apart->additions[i];
	}
	apart->additions = additions;
	return RH_OK;
}

static int choose_kind(struct clerk_apart *apart, struct rh_row *row, enum clerk_wire_field field,
		       struct rh_str wanted_text, struct rh_arena *arena)
{
	struct rh_str there_text = row->observed.wire.value[field];
	struct rh_json there = {0};
	struct rh_json wanted = {0};
	struct rh_str text = RH_STR_ABSENT;
	struct choosing choosing = {
		.is_email = field == CLERK_WIRE_EMAILS,
		.user = apart->user,
		.arena = arena,
		.apart = apart,
	};
	int code = clerk_json_parse_copy(arena, wanted_text, &wanted);

	if (code == RH_OK && there_text.ptr != NULL) {
		code = clerk_json_parse_copy(arena, there_text, &there);
	}
	if (code == RH_OK) {
		code = make_room(&choosing, rh_json_count(rh_json_root(&wanted)) +
						    rh_json_count(rh_json_root(&there)));
	}
	if (code == RH_OK) {
		code = choose_all(&choosing, rh_json_root(&there), rh_json_root(&wanted));
	}
	if (code == RH_OK) {
		code = clerk_listed_write(choosing.listed, choosing.count, arena, &text);
	}
	rh_json_done(&wanted);
	rh_json_done(&there);
	row->concerned |= UINT32_C(1) << field;
	row->expected.value[field] = text;
	row->expected.present |= UINT32_C(1) << field;
	return code;
}

int clerk_apart_choose(struct clerk_apart *apart, struct rh_row *row, const struct rh_wire *wanted,
		       const struct rh_json_node *user, struct rh_arena *arena)
{
	static const enum clerk_wire_field fields[] = {CLERK_WIRE_EMAILS, CLERK_WIRE_PHONES};
	int code = RH_OK;

	*apart = (struct clerk_apart){.user = user};
	/* Rule 4; an undo takes nothing away; and a password goes alone. */
	if (row->is_foreign || row->wire != NULL || row->parts == RH_PART_CREDENTIAL) {
		return RH_OK;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && code == RH_OK; i++) {
		if ((wanted->present & UINT32_C(1) << fields[i]) != 0) {
			code = choose_kind(apart, row, fields[i], wanted->value[fields[i]], arena);
		}
	}
	apart->user = NULL;
	return code;
}

/* ---- adding it ----------------------------------------------------------------------------------------------- */

static int make_body(const struct rh_row *row, const struct clerk_addition *addition,
		     struct rh_arena *arena, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf body = {0};

	rh_buf_init_secret(&body, BODY_MAX);
	rh_json_writer_init(&writer, &body);
	rh_json_begin_object(&writer);
	if (addition->id.ptr == NULL) {
		rh_json_member(&writer, "user_id", row->target_id);
		rh_json_member(&writer, addition->is_email ? "email_address" : "phone_number",
			       addition->value);
		rh_json_key(&writer, "verified");
		rh_json_put_bool(&writer, addition->is_verified);
	}
	if (addition->is_second_factor) {
		rh_json_key(&writer, "reserved_for_second_factor");
		rh_json_put_bool(&writer, true);
	}
	rh_json_end_object(&writer);
	return body.failed == RH_OK && rh_arena_copy(arena, rh_buf_str(&body), out) ? RH_OK
										    : RH_ENOMEM;
}

bool clerk_apart_is_left(const struct clerk_apart *apart)
{
	return apart->next < apart->count;
}

int clerk_apart_send(const struct clerk *clerk, struct rh_operation *operation,
		     struct rh_answer *answer)
{
	const struct clerk_apart *apart = operation->state;
	const struct clerk_addition *addition = &apart->additions[apart->next];
	struct rh_str body = RH_STR_ABSENT;
	struct rh_str path =
		addition->is_email ? RH_STR("/v1/email_addresses") : RH_STR("/v1/phone_numbers");
	bool is_there = addition->id.ptr != NULL;
	int code = make_body(&operation->rows[0], addition, operation->arena, &body);

	if (code == RH_OK && is_there) {
		code = rh_step_path(operation->arena, "/v1/phone_numbers/", addition->id, "",
				    &path);
	}
	if (code == RH_OK) {
		clerk_send(clerk, answer, is_there ? "PATCH" : "POST", path, body);
	}
	return code;
}

/* Rule 3. */
static void end(struct rh_operation *operation, struct rh_answer *answer)
{
	const struct clerk_apart *apart = operation->state;
	struct rh_row *row = &operation->rows[0];

	rh_step_done(operation, answer,
		     apart->refused != 0 ? RH_OUTCOME_REJECTED : RH_OUTCOME_DONE);
	row->parts_at_fault = apart->refused;
	row->code = apart->code;
	row->cause = apart->cause;
}

int clerk_apart_answer(const struct clerk *clerk, struct rh_operation *operation,
		       const struct rh_response *response, struct rh_answer *answer)
{
	struct clerk_apart *apart = operation->state;
	struct rh_row *row = &operation->rows[0];
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 && response->status != 201) {
		code = clerk_settle_refusal(clerk, operation, root, response->status,
					    CLERK_LACK_IS_ABSENT, true, answer);
		if (code != RH_OK || answer->kind != RH_ANSWER_DONE ||
		    row->outcome == RH_OUTCOME_ABSENT) {
			return code;
		}
		apart->refused |= apart->additions[apart->next].part;
		apart->code = row->code;
		apart->cause = row->cause;
		row->outcome = RH_OUTCOME_NONE;
	}
	apart->next++;
	if (clerk_apart_is_left(apart)) {
		return clerk_apart_send(clerk, operation, answer);
	}
	end(operation, answer);
	return RH_OK;
}
