/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata in one form, whoever wrote it: compact, keys sorted at every depth (the target gives them in an order of
 * its own), members that are null left out (a merge at the target takes null for "take it away").
 */
#include "connectors/clerk/clerk_target.h"

#include <stdlib.h>

#include "account/metadata.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

#define TEXT_MAX ((size_t)RH_RECORD_MAX * 6)

struct member {
	struct rh_str key;
	const struct rh_json_node *node;
	struct rh_str text; /* of a member of the top */
	size_t number;
};

/* ---- one form -------------------------------------------------------------------------------------------- */

/* By key; of two with one key the later first, which is the one that counts. */
static int compare_members(const void *a, const void *b)
{
	const struct member *left = a;
	const struct member *right = b;
	int order = rh_str_cmp(left->key, right->key);

	if (order != 0) {
		return order;
	}
	return left->number < right->number ? 1 : left->number > right->number ? -1 : 0;
}

/* The members of an object that are not null, sorted, each key once; NULL: no memory. */
static struct member *sorted(const struct rh_json_node *object, struct rh_arena *arena,
			     size_t *count)
{
	size_t most = rh_json_count(object);
	struct member *members = rh_arena_calloc(arena, most + 1, sizeof(*members));
	const struct rh_json_node *node = NULL;
	struct rh_str key;
	size_t all = 0;

	*count = 0;
	if (members == NULL) {
		return NULL;
	}
	while ((node = rh_json_next(object, node, &key)) != NULL) {
		members[all] = (struct member){.key = key, .node = node, .number = all};
		all++;
	}
	qsort(members, all, sizeof(*members), compare_members);
	for (size_t i = 0; i < all; i++) {
		bool is_again = i > 0 && rh_str_eq(members[i].key, members[i - 1].key);

		if (!is_again && !rh_json_is_null(members[i].node)) {
			members[(*count)++] = members[i];
		}
	}
	return members;
}

/* As deep as the reader lets a document be.  False: no memory. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool put_value(struct rh_json_writer *writer, const struct rh_json_node *node,
		      struct rh_arena *arena)
{
	const struct rh_json_node *element = NULL;
	struct member *members;
	size_t count;

	switch (rh_json_type(node)) {
	case RH_JSON_OBJECT:
		members = sorted(node, arena, &count);
		if (members == NULL) {
			return false;
		}
		rh_json_begin_object(writer);
		for (size_t i = 0; i < count; i++) {
			rh_json_key_str(writer, members[i].key);
			if (!put_value(writer, members[i].node, arena)) {
				return false;
			}
		}
		rh_json_end_object(writer);
		return true;
	case RH_JSON_ARRAY:
		rh_json_begin_array(writer);
		while ((element = rh_json_next(node, element, NULL)) != NULL) {
			if (!put_value(writer, element, arena)) {
				return false;
			}
		}
		rh_json_end_array(writer);
		return true;
	case RH_JSON_NULL:
	case RH_JSON_FALSE:
	case RH_JSON_TRUE:
	case RH_JSON_NUMBER:
	case RH_JSON_STRING:
		break;
	}
	rh_json_put_node(writer, node);
	return true;
}

int clerk_metadata_read(const struct rh_json_node *node, struct rh_arena *arena, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	*out = RH_STR_ABSENT;
	if (rh_json_type(node) != RH_JSON_OBJECT || rh_json_count(node) == 0) {
		return RH_OK;
	}
	rh_buf_init(&text, TEXT_MAX);
	rh_json_writer_init(&writer, &text);
	if (!put_value(&writer, node, arena) || text.failed != RH_OK) {
		return RH_ENOMEM;
	}
	if (rh_str_is(rh_buf_str(&text), "{}")) {
		return RH_OK;
	}
	return rh_arena_copy(arena, rh_buf_str(&text), out) ? RH_OK : RH_ENOMEM;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

struct gathering {
	const struct clerk_bucket *bucket;
	struct rh_arena *arena;
	struct member *members;
	size_t count;
	size_t extras; /* of them ours: they stand first */
	size_t size;   /* of the object so far */
	bool is_over;
};

/* Text of a member as it will stand there; absent: no memory. */
static struct rh_str value_text(const struct gathering *gathering, const struct rh_json_node *node)
{
	struct rh_str out = RH_STR_ABSENT;
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	rh_buf_init(&text, TEXT_MAX);
	rh_json_writer_init(&writer, &text);
	if (!put_value(&writer, node, gathering->arena) || text.failed != RH_OK ||
	    !rh_arena_copy(gathering->arena, rh_buf_str(&text), &out)) {
		return RH_STR_ABSENT;
	}
	return out;
}

/* Bytes of `"key":value,`; an escape has six at most. */
static size_t size_of(struct rh_str key, struct rh_str value)
{
	size_t size = value.len + 4;

	for (size_t i = 0; i < key.len; i++) {
		unsigned char c = (unsigned char)key.ptr[i];

		size += c < 0x20 ? 6 : c == '"' || c == '\\' ? 2 : 1;
	}
	return size;
}

static bool is_extra(const struct clerk_bucket *bucket, struct rh_str key)
{
	for (size_t i = 0; i < bucket->extra_count; i++) {
		if (bucket->extras[i].json.ptr != NULL && rh_str_eq(bucket->extras[i].key, key)) {
			return true;
		}
	}
	return false;
}

static void keep(struct gathering *gathering, struct rh_str key, struct rh_str value)
{
	gathering->members[gathering->count] = (struct member){
		.key = key,
		.text = value,
		.number = gathering->count,
	};
	gathering->count++;
	gathering->size += size_of(key, value);
}

static int gather(struct gathering *gathering, const struct rh_json_node *root)
{
	const struct clerk_bucket *bucket = gathering->bucket;
	size_t count;
	struct member *own = sorted(root, gathering->arena, &count);

	gathering->members = rh_arena_calloc(gathering->arena, count + bucket->extra_count + 1,
					     sizeof(*gathering->members));
	if (own == NULL || gathering->members == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < bucket->extra_count; i++) {
		if (bucket->extras[i].json.ptr != NULL) {
			keep(gathering, bucket->extras[i].key, bucket->extras[i].json);
		}
	}
	gathering->extras = gathering->count;
	for (size_t i = 0; i < count; i++) {
		struct rh_str value = value_text(gathering, own[i].node);

		if (value.ptr == NULL) {
			return RH_ENOMEM;
		}
		if (is_extra(bucket, own[i].key)) {
			clerk_find(bucket->findings, RH_FINDING_METADATA_KEY_DROPPED, bucket->name,
				   RH_STR("taken"));
		} else if (gathering->size + size_of(own[i].key, value) - 1 > CLERK_METADATA_MAX) {
			gathering->is_over = true;
		} else {
			keep(gathering, own[i].key, value);
		}
	}
	return RH_OK;
}

static int write_members(struct gathering *gathering, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	if (gathering->count == 0) {
		return RH_OK;
	}
	qsort(gathering->members, gathering->count, sizeof(*gathering->members), compare_members);
	rh_buf_init(&text, TEXT_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < gathering->count; i++) {
		rh_json_key_str(&writer, gathering->members[i].key);
		rh_json_put_raw(&writer, gathering->members[i].text);
	}
	rh_json_end_object(&writer);
	return text.failed == RH_OK && rh_arena_copy(gathering->arena, rh_buf_str(&text), out)
		       ? RH_OK
		       : RH_ENOMEM;
}

int clerk_json_parse_copy(struct rh_arena *arena, struct rh_str text, struct rh_json *json)
{
	char *room = rh_arena_alloc(arena, text.len + 1);

	if (room == NULL) {
		return RH_ENOMEM;
	}
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	return rh_json_parse(json, room, text.len, NULL);
}

/* What is ours stands first, and stays. */
static void overflow(struct gathering *gathering)
{
	const struct clerk_bucket *bucket = gathering->bucket;

	if (bucket->overflow == CLERK_OVERFLOW_REJECT) {
		clerk_find(bucket->findings, RH_FINDING_METADATA_TOO_LARGE, bucket->name,
			   RH_STR("8-kb"));
		return;
	}
	if (bucket->overflow == CLERK_OVERFLOW_DROP) {
		gathering->count = gathering->extras;
	}
	clerk_find(bucket->findings, RH_FINDING_METADATA_TOO_MANY, bucket->name, RH_STR("8-kb"));
}

int clerk_metadata_write(const struct clerk_bucket *bucket, struct rh_arena *arena,
			 struct rh_str *out)
{
	struct gathering gathering = {.bucket = bucket, .arena = arena, .size = 2};
	struct rh_json json = {0};
	int code = bucket->text.ptr != NULL ? clerk_json_parse_copy(arena, bucket->text, &json)
					    : RH_OK;

	*out = RH_STR_ABSENT;
	if (code != RH_OK && code != RH_ENOMEM) {
		clerk_find(bucket->findings, RH_FINDING_METADATA_INVALID, bucket->name,
			   RH_STR_ABSENT);
		code = RH_OK;
	}
	if (code == RH_OK) {
		code = gather(&gathering, rh_json_root(&json));
	}
	if (code == RH_OK && gathering.is_over) {
		overflow(&gathering);
	}
	if (code == RH_OK) {
		code = write_members(&gathering, out);
	}
	rh_json_done(&json);
	return code;
}

int clerk_metadata_merge(struct rh_str present, struct rh_str added, struct rh_arena *arena,
			 struct rh_str *out)
{
	struct rh_json json = {0};
	struct rh_str merged = RH_STR_ABSENT;
	int code = rh_metadata_merge(arena, present, added, &merged);

	*out = RH_STR_ABSENT;
	if (code != RH_OK || merged.ptr == NULL) {
		return code;
	}
	code = clerk_json_parse_copy(arena, merged, &json);
	if (code == RH_OK) { /* sorted again */
		code = clerk_metadata_read(rh_json_root(&json), arena, out);
	}
	rh_json_done(&json);
	return code;
}

/* ---- what Clerk has no place for (C-15) --------------------------------------------------------------------- */

/* Keys in their order, as everywhere. */
static void put_identities(struct rh_json_writer *writer, const struct rh_account *account)
{
	rh_json_key(writer, "identities");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < account->identity_count; i++) {
		const struct rh_identity *identity = &account->identities[i];

		rh_json_begin_object(writer);
		rh_json_member(writer, "email", identity->email);
		rh_json_member(writer, "provider", identity->provider);
		rh_json_member(writer, "subject", identity->subject);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_left_out(struct rh_json_writer *writer, const struct clerk_places *places,
			 enum rh_identifier_kind kind, const char *key)
{
	size_t count = 0;

	for (size_t i = 0; i < places->left_out_count; i++) {
		if (places->left_out[i]->kind != kind) {
			continue;
		}
		if (count++ == 0) {
			rh_json_key(writer, key);
			rh_json_begin_array(writer);
		}
		rh_json_put_string(writer, places->left_out[i]->value);
	}
	if (count > 0) {
		rh_json_end_array(writer);
	}
}

int clerk_kept_write(const struct rh_account *account, const struct clerk_places *places,
		     struct rh_arena *arena, struct rh_str *out)
{
	char time[RH_TIME_TEXT_SIZE];
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	*out = RH_STR_ABSENT;
	rh_buf_init(&text, TEXT_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	if (account->identity_count > 0) {
		put_identities(&writer, account);
	}
	if (account->last_sign_in_at != 0) {
		rh_time_format(account->last_sign_in_at, time);
		rh_json_member(&writer, "last_sign_in_at", rh_str_from(time));
	}
	put_left_out(&writer, places, RH_IDENTIFIER_EMAIL, "unverified_emails");
	put_left_out(&writer, places, RH_IDENTIFIER_PHONE, "unverified_phones");
	rh_json_end_object(&writer);
	if (text.failed != RH_OK) {
		return text.failed;
	}
	if (text.len == 2) {
		return RH_OK;
	}
	return rh_arena_copy(arena, rh_buf_str(&text), out) ? RH_OK : RH_ENOMEM;
}
