/* SPDX-License-Identifier: Apache-2.0 */
/* Before-images: written, sealed, opened again. */
#include "engine/before_image.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/seal.h"

bool rh_row_field_is_as_expected(const struct rh_row *row, unsigned field)
{
	uint32_t bit = UINT32_C(1) << field;
	bool is_there = (row->observed.wire.present & bit) != 0;
	bool is_wanted = (row->expected.present & bit) != 0;

	return is_there == is_wanted && (!is_there || rh_str_eq(row->observed.wire.value[field],
								row->expected.value[field]));
}

bool rh_row_is_as_expected(const struct rh_row *row)
{
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX; i++) {
		if ((row->concerned & UINT32_C(1) << i) != 0 &&
		    !rh_row_field_is_as_expected(row, i)) {
			return false;
		}
	}
	return true;
}

static void write_image(const struct rh_connector *connector, const struct rh_wire *wire,
			struct rh_buf *text)
{
	struct rh_json_writer writer;

	rh_json_writer_init(&writer, text);
	rh_json_begin_object(&writer);
	for (unsigned i = 0; connector->wire_fields[i] != NULL; i++) {
		if ((wire->present & UINT32_C(1) << i) != 0) {
			rh_json_key(&writer, connector->wire_fields[i]);
			rh_json_put_string(&writer, wire->value[i]);
		}
	}
	rh_json_end_object(&writer);
}

int rh_image_seal(const struct rh_run *run, int64_t row, const struct rh_wire *wire,
		  struct rh_arena *arena, struct rh_str *out, struct rh_err *err)
{
	rh_autobuf text = {0};
	rh_autobuf sealed = {0};

	rh_buf_init_secret(&text, RH_REQUEST_MAX);
	rh_buf_init(&sealed, RH_REQUEST_MAX + RH_SEAL_OVERHEAD);
	write_image(run->target, wire, &text);
	if (text.failed == 0) {
		rh_seal_chunk(run->workspace->image_key, (uint64_t)row, rh_buf_str(&text), &sealed);
	}
	if (text.failed != 0 || sealed.failed != 0 ||
	    !rh_arena_copy(arena, rh_buf_str(&sealed), out)) {
		return rh_err_set(err, RH_ELIMIT,
				  "what an update replaces is too large to be kept");
	}
	return RH_OK;
}

static int read_image(const struct rh_connector *connector, const struct rh_json_node *root,
		      struct rh_arena *arena, struct rh_wire *out)
{
	struct rh_wire wire = {0};

	if (rh_json_type(root) != RH_JSON_OBJECT) {
		return RH_EMISMATCH;
	}
	for (unsigned i = 0; connector->wire_fields[i] != NULL; i++) {
		const struct rh_json_node *node = rh_json_get(root, connector->wire_fields[i]);
		if (node == NULL) {
			continue;
		}
		wire.present |= UINT32_C(1) << i;
		if (!rh_arena_copy(arena, rh_json_string(node), &wire.value[i])) {
			return RH_ENOMEM;
		}
	}
	*out = wire;
	return RH_OK;
}

int rh_image_open(const struct rh_run *run, int64_t row, struct rh_str sealed,
		  struct rh_arena *arena, struct rh_wire *out, struct rh_err *err)
{
	struct rh_json json = {0};
	rh_autobuf text = {0};
	int code = RH_EMISMATCH;

	rh_buf_init_secret(&text, RH_REQUEST_MAX + RH_SEAL_OVERHEAD);
	if (rh_unseal_chunk(run->workspace->image_key, (uint64_t)row, sealed, &text)) {
		code = rh_json_parse(&json, text.ptr, text.len, NULL);
		code = code == RH_OK ? read_image(run->target, rh_json_root(&json), arena, out)
				     : RH_EMISMATCH;
	}
	rh_json_done(&json);
	return code == RH_OK ? RH_OK
			     : rh_err_set(err, code,
					  "what an update replaced cannot be read: is the seal key "
					  "the one that the workspace was made with?");
}
