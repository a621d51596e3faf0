/* SPDX-License-Identifier: Apache-2.0 */
/* Acme's update: read, said, then written, field by field (connector.h, C13). */
#include "acme/acme.h"

#include "account/credential.h"
#include "account/metadata.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

#define BIT(field) (UINT32_C(1) << (field))
#define IDENTITY_FIELDS                                                                        \
	(BIT(ACME_FIELD_EMAIL) | BIT(ACME_FIELD_EMAIL_VERIFIED) | BIT(ACME_FIELD_FIRST_NAME) | \
	 BIT(ACME_FIELD_LAST_NAME))

static int wanted(const struct acme *acme, const struct rh_row *row, struct rh_arena *arena,
		  struct rh_wire *out)
{
	int code;

	if (row->wire != NULL) {
		*out = *row->wire;
		return RH_OK;
	}
	code = acme_to_wire(acme, row->account, row->policy, row->parts, arena, NULL, NULL, out,
			    NULL);
	if ((row->parts & RH_PART_IDENTITY) == 0) {
		out->present &= ~IDENTITY_FIELDS;
	}
	return code;
}

int acme_expect(const struct acme *acme, struct rh_row *row, struct rh_arena *arena)
{
	struct rh_wire wire;
	int code = wanted(acme, row, arena, &wire);

	if (code != RH_OK) {
		return code;
	}
	row->concerned = wire.present | row->clears;
	row->expected = wire;
	if ((wire.present & BIT(ACME_FIELD_METADATA)) != 0 &&
	    (row->clears & BIT(ACME_FIELD_METADATA)) == 0) {
		code = rh_metadata_merge(arena, row->observed.wire.value[ACME_FIELD_METADATA],
					 wire.value[ACME_FIELD_METADATA],
					 &row->expected.value[ACME_FIELD_METADATA]);
	}
	/* A user of Acme has every field, be it empty: this is how observe shows it. */
	row->expected.present |= row->concerned;
	return code;
}

uint32_t acme_changes(const struct rh_row *row)
{
	uint32_t changes = 0;

	for (unsigned i = 0; i < ACME_FIELDS; i++) {
		if ((row->concerned & BIT(i)) != 0 &&
		    !rh_str_eq(row->expected.value[i], row->observed.wire.value[i])) {
			changes |= BIT(i);
		}
	}
	return changes;
}

static void put_field(struct rh_json_writer *writer, unsigned field, struct rh_str value)
{
	rh_json_key(writer, acme_wire_fields[field]);
	if (value.ptr == NULL) {
		rh_json_put_null(writer);
	} else if (field == ACME_FIELD_METADATA || field == ACME_FIELD_EMAIL_VERIFIED) {
		rh_json_put_raw(writer, value);
	} else {
		rh_json_put_string(writer, value);
	}
}

/* Acme replaces metadata as a whole. */
static int make_body(const struct rh_row *row, struct rh_arena *arena, struct rh_str *out)
{
	uint32_t changes = acme_changes(row);
	struct rh_json_writer writer;
	rh_autobuf body;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &body);
	rh_json_begin_object(&writer);
	for (unsigned i = 0; i < ACME_FIELDS; i++) {
		if ((changes & BIT(i)) != 0) {
			put_field(&writer, i, row->expected.value[i]);
		}
	}
	if (row->account != NULL && (row->parts & RH_PART_CREDENTIAL) != 0) {
		rh_autobuf hash;
		rh_buf_init_secret(&hash, RH_TEXT_MAX);
		rh_credential_write(&hash, &row->account->credential);
		rh_json_key(&writer, "password_hash");
		rh_json_put_string(&writer, rh_buf_str(&hash));
	}
	rh_json_end_object(&writer);
	return body.failed == 0 && rh_arena_copy(arena, rh_buf_str(&body), out) ? RH_OK : RH_ENOMEM;
}

enum update_stage {
	UPDATE_LOOKING,
	UPDATE_OBSERVED,
	UPDATE_WRITING,
};

static int look(const struct acme *acme, struct rh_operation *operation,
		const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	int code = acme_answer_user(acme, operation, response, false, answer);

	if (code != RH_OK || answer->kind != RH_ANSWER_DONE || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	row->outcome = RH_OUTCOME_NONE;
	operation->stage = UPDATE_OBSERVED;
	*answer = (struct rh_answer){.kind = RH_ANSWER_OBSERVED};
	return acme_expect(acme, row, operation->arena);
}

int acme_step_update(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	struct rh_str body;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL && operation->stage == UPDATE_OBSERVED) {
		operation->stage = UPDATE_WRITING;
		code = make_body(&operation->rows[0], operation->arena, &body);
		return code == RH_OK ? acme_send_user(operation, "PATCH", body, answer) : code;
	}
	if (response == NULL) {
		return acme_send_user(operation, "GET", RH_STR_ABSENT, answer);
	}
	return operation->stage == UPDATE_LOOKING
		       ? look(instance, operation, response, answer)
		       : acme_answer_user(instance, operation, response, true, answer);
}
