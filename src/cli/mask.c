/* SPDX-License-Identifier: Apache-2.0 */
/* Masking: what can be seen is the form of a value, as far as it helps to see what a mapping did with it. */
#include "cli/mask.h"

#include "account/account_json.h"
#include "account/credential.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

enum { SHOWN_MAX = 64 }; /* bytes of a shape */

static struct rh_str mask(struct rh_str text, char buffer[SHOWN_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < text.len && len < SHOWN_MAX; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];
		if ((byte & 0xc0) == 0x80) {
			continue; /* the rest of a letter */
		}
		if (byte >= '0' && byte <= '9') {
			byte = '0';
		} else if ((byte | 0x20) >= 'a' || byte >= 0x80) {
			byte = (byte | 0x20) <= 'z' || byte >= 0x80 ? 'x' : byte;
		}
		buffer[len++] = (char)byte;
	}
	return (struct rh_str){.ptr = buffer, .len = len};
}

static bool is_hash(struct rh_str text)
{
	struct rh_credential credential = {0};
	struct rh_arena arena;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	int code = rh_credential_parse(&arena, text, RH_STR_ABSENT, RH_DIALECT_SHAPE, &credential);
	bool is_one = code != RH_OK || credential.state == RH_CREDENTIAL_PRESENT;
	rh_arena_done(&arena);
	return is_one;
}

void rh_mask_text(struct rh_json_writer *writer, struct rh_str text, bool shows)
{
	char buffer[SHOWN_MAX];

	rh_json_put_string(writer, shows && !is_hash(text) ? text : mask(text, buffer));
}

void rh_mask_node(struct rh_json_writer *writer, const struct rh_json_node *node, bool shows)
{
	const struct rh_json_node *child = NULL;
	struct rh_str name;

	switch (rh_json_type(node)) {
	case RH_JSON_OBJECT:
		rh_json_begin_object(writer);
		while ((child = rh_json_next(node, child, &name)) != NULL) {
			rh_json_key_str(writer, name);
			rh_mask_node(writer, child, shows);
		}
		rh_json_end_object(writer);
		return;
	case RH_JSON_ARRAY:
		rh_json_begin_array(writer);
		while ((child = rh_json_next(node, child, NULL)) != NULL) {
			rh_mask_node(writer, child, shows);
		}
		rh_json_end_array(writer);
		return;
	case RH_JSON_STRING:
		rh_mask_text(writer, rh_json_string(node), shows);
		return;
	case RH_JSON_NUMBER:
		if (!shows) {
			rh_json_put_u64(writer, 0);
			return;
		}
		break;
	case RH_JSON_NULL:
	case RH_JSON_FALSE:
	case RH_JSON_TRUE:
		break;
	}
	rh_json_put_node(writer, node);
}

/* In place: the account is a copy, its lists are its own. */
static void mask_one(struct rh_str *text, struct rh_arena *arena)
{
	char buffer[SHOWN_MAX];

	if (text->ptr != NULL && !rh_arena_copy(arena, mask(*text, buffer), text)) {
		*text = RH_STR("?");
	}
}

/* Metadata is an object: masked value by value. */
static void mask_object(struct rh_str *text, struct rh_arena *arena)
{
	struct rh_json json = {0};
	struct rh_json_writer writer;
	rh_autobuf made = {0};
	struct rh_str copy;

	if (text->ptr == NULL) {
		return;
	}
	rh_buf_init_secret(&made, RH_RECORD_MAX);
	rh_json_writer_init(&writer, &made);
	if (rh_arena_copy(arena, *text, &copy)) {
		char *writable = rh_arena_alloc(arena, copy.len + 1);
		if (writable != NULL) {
			memcpy(writable, copy.ptr, copy.len + 1);
			if (rh_json_parse(&json, writable, copy.len, NULL) == RH_OK) {
				rh_mask_node(&writer, rh_json_root(&json), false);
			}
		}
	}
	rh_json_done(&json);
	if (made.failed != 0 || made.len == 0 || !rh_arena_copy(arena, rh_buf_str(&made), text)) {
		*text = RH_STR_ABSENT;
	}
}

static void mask_all(struct rh_account *account, struct rh_arena *arena)
{
	struct rh_str *texts[] = {&account->source_id, &account->external_id, &account->first_name,
				  &account->last_name, &account->full_name,   &account->image_url};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		mask_one(texts[i], arena);
	}
	for (size_t i = 0; i < account->identifier_count; i++) {
		mask_one(&account->identifiers[i].value, arena);
		mask_one(&account->identifiers[i].source_ref, arena);
	}
	for (size_t i = 0; i < account->factor_count; i++) {
		mask_one(&account->factors[i].phone, arena);
	}
	for (size_t i = 0; i < account->identity_count; i++) {
		mask_one(&account->identities[i].subject, arena);
		mask_one(&account->identities[i].email, arena);
	}
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		mask_object(&account->metadata[i], arena);
	}
}

void rh_mask_account(struct rh_json_writer *writer, const struct rh_account *account,
		     struct rh_arena *arena, bool shows)
{
	struct rh_account copy = *account;
	struct rh_identifier *identifiers =
		rh_arena_calloc(arena, copy.identifier_count + 1, sizeof(*identifiers));
	struct rh_factor *factors = rh_arena_calloc(arena, copy.factor_count + 1, sizeof(*factors));
	struct rh_identity *identities =
		rh_arena_calloc(arena, copy.identity_count + 1, sizeof(*identities));

	if (shows) {
		rh_account_json_put(writer, account);
		return;
	}
	if (identifiers == NULL || factors == NULL || identities == NULL) {
		rh_json_put_null(writer);
		return;
	}
	if (copy.identifier_count > 0) {
		memcpy(identifiers, copy.identifiers, copy.identifier_count * sizeof(*identifiers));
	}
	if (copy.factor_count > 0) {
		memcpy(factors, copy.factors, copy.factor_count * sizeof(*factors));
	}
	if (copy.identity_count > 0) {
		memcpy(identities, copy.identities, copy.identity_count * sizeof(*identities));
	}
	copy.identifiers = identifiers;
	copy.factors = factors;
	copy.identities = identities;
	mask_all(&copy, arena);
	rh_account_json_put(writer, &copy);
}
