/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyed digests of wire fields: what the ledger keeps of what was sent, and verify compares with what is read back.
 *
 *  1. Second form, written today: a byte that says so, then SipHash-2-4 of each field under that field's own key. A
 *     verify makes as many digests as the target has fields, and this one costs a tenth of the first.
 *  2. First form, in ledgers of before: BLAKE2b of the field's number and value, cut to eight bytes, and no byte in
 *     front.  It is told by its length, and read for ever.
 *  3. A field that was sent and is not there any more differs from every value that it can have.
 *  4. An empty text and an empty object say nothing: who holds such a one holds no value.
 */
#include <assert.h>
#include <string.h>

#include "account/credential.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "plan/plan.h"

static_assert(RH_WIRE_DIGEST_LEN == RH_SHORT_DIGEST_LEN);

uint32_t rh_wire_all(const struct rh_connector *connector)
{
	uint32_t all = 0;

	for (unsigned i = 0; connector->wire_fields[i] != NULL; i++) {
		all |= UINT32_C(1) << i;
	}
	return all;
}

void rh_wire_names(const struct rh_connector *connector, uint32_t fields, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; connector->wire_fields[i] != NULL; i++) {
		int more;
		if ((fields & UINT32_C(1) << i) == 0) {
			continue;
		}
		more = snprintf(out + len, size - len, "%s%s", len > 0 ? "," : "",
				connector->wire_fields[i]);
		if (more < 0 || (size_t)more >= size - len) {
			out[len] = '\0';
			return;
		}
		len += (size_t)more;
	}
}

static void first_form(const struct rh_workspace *workspace, unsigned field, struct rh_str value,
		       uint8_t out[RH_WIRE_DIGEST_LEN])
{
	char number = (char)field;
	bool is_there = value.ptr != NULL;
	struct rh_str parts[] = {
		{.ptr = &number, .len = 1},
		is_there ? value : RH_STR("absent"),
		is_there ? RH_STR("") : RH_STR("absent"),
	};

	rh_digest_keyed(workspace->digest_key, parts, 3, out, RH_WIRE_DIGEST_LEN);
}

static void second_form(const struct rh_workspace *workspace, unsigned field, struct rh_str value,
			uint8_t out[RH_WIRE_DIGEST_LEN])
{
	char number = (char)field;

	if (value.ptr != NULL) {
		rh_digest_short(workspace->wire_keys[field], value, out);
	} else {
		rh_digest_short(workspace->wire_keys[RH_WIRE_FIELDS_MAX],
				(struct rh_str){.ptr = &number, .len = 1}, out);
	}
}

static bool is_first_form(uint32_t present, struct rh_str stored)
{
	return stored.ptr != NULL && !rh_wire_is_second_form(present, stored);
}

static void digest_field(const struct rh_workspace *workspace, const struct rh_wire *wire,
			 unsigned field, bool is_first, uint8_t out[RH_WIRE_DIGEST_LEN])
{
	bool is_there = (wire->present & (1U << field)) != 0;
	struct rh_str value = is_there ? wire->value[field] : RH_STR_ABSENT;

	if (is_there && value.ptr == NULL) {
		value = RH_STR("");
	}
	if (is_first) {
		first_form(workspace, field, value, out);
	} else {
		second_form(workspace, field, value, out);
	}
}

size_t rh_wire_digest(const struct rh_workspace *workspace, const struct rh_wire *wire,
		      uint32_t present, struct rh_str like, uint8_t out[RH_WIRE_BYTES_MAX])
{
	bool is_first = is_first_form(present, like);
	size_t len = 0;

	if (!is_first) {
		out[len++] = RH_WIRE_SECOND_FORM;
	}
	for (uint32_t left = present; left != 0; left &= left - 1) {
		digest_field(workspace, wire, (unsigned)__builtin_ctz(left), is_first, out + len);
		len += RH_WIRE_DIGEST_LEN;
	}
	return len;
}

int rh_wire_digest_beside(const struct rh_workspace *workspace, const struct rh_wire *wire,
			  uint32_t fresh, struct rh_wire_digests stored, struct rh_arena *arena,
			  struct rh_str *out)
{
	uint8_t digest[RH_WIRE_BYTES_MAX];
	bool is_second = rh_wire_is_second_form(stored.present, stored.bytes);
	size_t old_len = (size_t)__builtin_popcount(stored.present) * RH_WIRE_DIGEST_LEN;
	bool is_first = !is_second && stored.bytes.ptr != NULL && stored.bytes.len == old_len;
	size_t at = is_first ? 0 : 1;
	size_t len = at;

	digest[0] = RH_WIRE_SECOND_FORM;
	for (uint32_t left = fresh | stored.present; left != 0; left &= left - 1) {
		unsigned field = (unsigned)__builtin_ctz(left);
		bool is_stored = (is_first || is_second) && (stored.present & 1U << field) != 0;
		struct rh_str old = is_stored ? rh_str_sub(stored.bytes, at, RH_WIRE_DIGEST_LEN)
					      : RH_STR_ABSENT;

		if ((fresh & 1U << field) == 0 && old.len == RH_WIRE_DIGEST_LEN) {
			memcpy(digest + len, old.ptr, RH_WIRE_DIGEST_LEN);
		} else {
			digest_field(workspace, wire, field, is_first, digest + len);
		}
		at += is_stored ? RH_WIRE_DIGEST_LEN : 0;
		len += RH_WIRE_DIGEST_LEN;
	}
	return rh_arena_copy(arena, (struct rh_str){.ptr = (const char *)digest, .len = len}, out)
		       ? RH_OK
		       : RH_ENOMEM;
}

/* 4. */
uint32_t rh_wire_said(const struct rh_wire *wire)
{
	uint32_t said = 0;

	for (uint32_t left = wire->present; left != 0; left &= left - 1) {
		struct rh_str value = wire->value[__builtin_ctz(left)];

		if (rh_str_is_set(value) && !rh_str_is(value, "{}")) {
			said |= left & -left;
		}
	}
	return said;
}

bool rh_wire_is(const struct rh_workspace *workspace, const struct rh_wire *wire, uint32_t present,
		struct rh_str stored)
{
	uint8_t digest[RH_WIRE_BYTES_MAX];
	size_t len = rh_wire_digest(workspace, wire, present, stored, digest);

	return len == stored.len && (len == 0 || memcmp(digest, stored.ptr, len) == 0);
}

uint32_t rh_wire_differs(const struct rh_workspace *workspace, const struct rh_wire *wire,
			 uint32_t present, struct rh_str stored)
{
	uint8_t digest[RH_WIRE_BYTES_MAX];
	size_t at = rh_wire_is_second_form(present, stored) ? 1 : 0;
	uint32_t differs = wire->present & ~present;

	(void)rh_wire_digest(workspace, wire, present, stored, digest);
	for (uint32_t left = present; left != 0; left &= left - 1) {
		struct rh_str there = rh_str_sub(stored, at, RH_WIRE_DIGEST_LEN);
		if (there.len != RH_WIRE_DIGEST_LEN ||
		    memcmp(digest + at, there.ptr, RH_WIRE_DIGEST_LEN) != 0) {
			differs |= left & -left;
		}
		at += RH_WIRE_DIGEST_LEN;
	}
	return differs;
}

uint32_t rh_wire_holds(const struct rh_workspace *workspace, struct rh_wire_digests stored)
{
	struct rh_wire empty = {0};
	uint32_t holds = rh_wire_differs(workspace, &empty, stored.present, stored.bytes);

	empty.present = stored.present;
	holds &= rh_wire_differs(workspace, &empty, stored.present, stored.bytes);
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX; i++) {
		empty.value[i] = RH_STR("{}");
	}
	return holds & rh_wire_differs(workspace, &empty, stored.present, stored.bytes);
}

int rh_plan_digest(const struct rh_workspace *workspace, const struct rh_wire *wire,
		   uint32_t present, struct rh_arena *arena, struct rh_str *out, struct rh_err *err)
{
	uint8_t digest[RH_WIRE_BYTES_MAX];
	struct rh_str made = {
		.ptr = (const char *)digest,
		.len = rh_wire_digest(workspace, wire, present, RH_STR_ABSENT, digest),
	};

	return rh_arena_copy(arena, made, out) ? RH_OK
					       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

/* ---- the password hash --------------------------------------------------------------------------------------- */

#define CREDENTIAL_DIGEST_LEN 16

int rh_credential_digest(const struct rh_workspace *workspace, const struct rh_account *account,
			 unsigned parts, struct rh_arena *arena, struct rh_str *out,
			 struct rh_err *err)
{
	uint8_t digest[CREDENTIAL_DIGEST_LEN];
	rh_autobuf text = {0};
	struct rh_str part;

	*out = RH_STR_ABSENT;
	if ((parts & RH_PART_CREDENTIAL) == 0 ||
	    account->credential.state != RH_CREDENTIAL_PRESENT) {
		return RH_OK;
	}
	rh_buf_init_secret(&text, RH_REQUEST_MAX);
	rh_credential_write(&text, &account->credential);
	part = rh_buf_str(&text);
	rh_digest_keyed(workspace->digest_key, &part, 1, digest, sizeof(digest));
	if (text.failed != 0 ||
	    !rh_arena_copy(arena,
			   (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)},
			   out)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return RH_OK;
}
