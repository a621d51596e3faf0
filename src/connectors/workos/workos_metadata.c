/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata: everything becomes text, fits the limits or is told, and has one order of keys. */
#include "connectors/workos/workos.h"

#include <stdlib.h>

#include "account/metadata.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json_node.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "connectors/external_id.h"

#define UNSAFE_PREFIX "unsafe_"
/* Nodes of nearly every bucket. */
#define USUAL_NODES 64
/* Keys with other bytes may be data (an address as a key): a finding does not name them. */
#define SHOWN_KEY_MAX WORKOS_METADATA_KEY_MAX
#define PATH_MAX_LEN (SHOWN_KEY_MAX + 32)

struct pair {
	struct rh_str key;
	struct rh_str value;
	const char *bucket; /* where it comes from; NULL: ours */
};

/* Being gathered; what came first wins a key, and a place. */
struct gathering {
	const struct workos_metadata_input *input;
	struct rh_arena *arena;
	struct pair pairs[WORKOS_METADATA_PAIRS_MAX];
	size_t count;
	int status;
};

/* ---- findings ---------------------------------------------------------------------------------------- */

static bool is_shown(struct rh_str key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-')) {
			return false;
		}
	}
	return key.len > 0 && key.len <= SHOWN_KEY_MAX;
}

/* The path of a key, cut where it does not fit; most values of most people come by here. */
struct path {
	char text[PATH_MAX_LEN];
	size_t len;
};

static void add_to_path(struct path *path, struct rh_str text)
{
	size_t left = sizeof(path->text) - path->len;
	size_t len = text.len < left ? text.len : left;

	if (len > 0) {
		memcpy(path->text + path->len, text.ptr, len);
		path->len += len;
	}
}

/* `bucket` NULL: the path is the key alone. */
static void find_key(struct gathering *gathering, enum rh_finding_code code, const char *bucket,
		     struct rh_str key, const char *note)
{
	struct path path RH_UNCLEARED;

	if (gathering->input->findings == NULL) {
		return;
	}
	path.len = 0;
	add_to_path(&path, RH_STR("metadata"));
	if (bucket != NULL) {
		add_to_path(&path, RH_STR("."));
		add_to_path(&path, rh_str_from(bucket));
	}
	if (is_shown(key)) {
		add_to_path(&path, RH_STR("."));
		add_to_path(&path, key);
	}
	workos_find(gathering->input->findings, code,
		    (struct rh_str){.ptr = path.text, .len = path.len}, rh_str_from(note));
}

/* ---- gathering ---------------------------------------------------------------------------------------- */

static struct pair *find_pair(struct gathering *gathering, struct rh_str key)
{
	for (size_t i = 0; i < gathering->count; i++) {
		if (rh_str_eq(gathering->pairs[i].key, key)) {
			return &gathering->pairs[i];
		}
	}
	return NULL;
}

/* Texts must live in the arena.  `key` is the name in the bucket. */
static void add_pair(struct gathering *gathering, const char *bucket, struct rh_str key,
		     struct rh_str sent_key, struct rh_str value)
{
	struct pair *same;

	if (sent_key.len == 0 || sent_key.len > WORKOS_METADATA_KEY_MAX) {
		find_key(gathering, RH_FINDING_METADATA_KEY_DROPPED, bucket, key, "length");
		return;
	}
	if (value.len > WORKOS_METADATA_VALUE_MAX) {
		find_key(gathering, RH_FINDING_METADATA_VALUE_DROPPED, bucket, key, NULL);
		return;
	}
	same = find_pair(gathering, sent_key);
	if (same != NULL && same->bucket == bucket) {
		same->value = value; /* of two members of one name the last counts */
		return;
	}
	if (same != NULL) {
		find_key(gathering, RH_FINDING_METADATA_KEY_DROPPED, bucket, key, "taken");
		return;
	}
	if (gathering->count == WORKOS_METADATA_PAIRS_MAX) {
		find_key(gathering, RH_FINDING_METADATA_TOO_MANY, bucket, key, NULL);
		return;
	}
	gathering->pairs[gathering->count++] = (struct pair){
		.key = sent_key,
		.value = value,
		.bucket = bucket,
	};
}

/* JSON text of a node, in the arena; absent: memory out. */
static struct rh_str node_text(struct rh_arena *arena, const struct rh_json_node *node)
{
	struct rh_str out = RH_STR_ABSENT;
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	rh_buf_init(&text, (size_t)RH_RECORD_MAX * 6);
	rh_json_writer_init(&writer, &text);
	rh_json_put_node(&writer, node);
	if (text.failed != RH_OK || !rh_arena_copy(arena, rh_buf_str(&text), &out)) {
		return RH_STR_ABSENT;
	}
	return out;
}

/* Text of any value, living as long as what was parsed, and in *kind what it was if it was no text; absent: null, or memory out. */
static struct rh_str value_text(struct gathering *gathering, const struct rh_json_node *node,
				const char **kind)
{
	struct rh_str text = RH_STR_ABSENT;

	*kind = NULL;
	switch (rh_json_type(node)) {
	case RH_JSON_NULL:
		return text;
	case RH_JSON_STRING:
		return rh_json_string(node);
	case RH_JSON_FALSE:
		*kind = "boolean";
		return RH_STR("false");
	case RH_JSON_TRUE:
		*kind = "boolean";
		return RH_STR("true");
	case RH_JSON_NUMBER:
		*kind = "number";
		return rh_json_text(node);
	case RH_JSON_ARRAY:
		*kind = "list";
		break;
	case RH_JSON_OBJECT:
		*kind = "object";
		break;
	}
	text = rh_json_compact(node);
	if (text.ptr != NULL) {
		return text;
	}
	text = node_text(gathering->arena, node);
	if (text.ptr == NULL) {
		gathering->status = RH_ENOMEM;
	}
	return text;
}

static void add_member(struct gathering *gathering, const char *bucket, struct rh_str prefix,
		       struct rh_str key, const struct rh_json_node *node)
{
	const char *kind;
	struct rh_str value = value_text(gathering, node, &kind);
	struct rh_str sent_key = key;

	if (value.ptr == NULL) {
		return;
	}
	if (kind != NULL) {
		find_key(gathering, RH_FINDING_METADATA_FLATTENED, bucket, key, kind);
	}
	if (prefix.len > 0) {
		sent_key = rh_arena_printf(gathering->arena, "%.*s%.*s", RH_STR_ARG(prefix),
					   RH_STR_ARG(key));
		if (sent_key.ptr == NULL) {
			gathering->status = RH_ENOMEM;
			return;
		}
	}
	add_pair(gathering, bucket, key, sent_key, value);
}

/* Parses a copy of `text`, whose nodes live as long as `json`, and whose strings as long as the arena. */
static int parse_copy(struct rh_arena *arena, struct rh_str text, struct rh_json *json)
{
	char *room = rh_arena_alloc(arena, text.len + 1);

	if (room == NULL) {
		return RH_ENOMEM;
	}
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	return rh_json_parse(json, room, text.len, NULL);
}

/* Reads the text itself where no string of it must be unescaped, as nearly always; else a copy. */
static int parse_bucket(struct rh_arena *arena, struct rh_str text, struct rh_json *json)
{
	struct rh_json_front found;

	if (rh_json_parse_front(json, text, &found) && found.len == text.len &&
	    json->spare == NULL) {
		return RH_OK;
	}
	return parse_copy(arena, text, json);
}

static void add_bucket(struct gathering *gathering, enum rh_metadata_kind kind, const char *name,
		       struct rh_str prefix)
{
	struct rh_str text = gathering->input->account->metadata[kind];
	struct rh_json_node room[USUAL_NODES] RH_UNCLEARED;
	struct rh_json json = rh_json_lend(room, USUAL_NODES);
	const struct rh_json_node *root;
	const struct rh_json_node *node = NULL;
	struct rh_str key;
	int code;

	if (text.ptr == NULL) {
		return;
	}
	code = parse_bucket(gathering->arena, text, &json);
	root = code == RH_OK ? rh_json_root(&json) : NULL;
	if (code == RH_ENOMEM) {
		gathering->status = RH_ENOMEM;
	} else if (rh_json_type(root) != RH_JSON_OBJECT) {
		find_key(gathering, RH_FINDING_METADATA_INVALID, name, RH_STR_ABSENT, NULL);
	} else {
		while ((node = rh_json_next(root, node, &key)) != NULL) {
			add_member(gathering, name, prefix, key, node);
		}
	}
	rh_json_done(&json);
}

/* ---- what else goes in --------------------------------------------------------------------------------- */

static void add_one(struct gathering *gathering, const char *key, struct rh_str value)
{
	if (rh_str_is_set(value)) {
		add_pair(gathering, NULL, rh_str_from(key), rh_str_from(key), value);
	}
}

/* A JSON list of the identifiers of a kind, but for one. */
static void add_list(struct gathering *gathering, const char *key, enum rh_identifier_kind kind,
		     struct rh_str except)
{
	const struct rh_account *account = gathering->input->account;
	struct rh_str value = RH_STR_ABSENT;
	struct rh_json_writer writer;
	rh_autobuf text = {0};
	size_t count = 0;

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *identifier = &account->identifiers[i];
		if (identifier->kind == kind && !rh_str_eq(identifier->value, except)) {
			rh_json_put_string(&writer, identifier->value);
			count++;
		}
	}
	rh_json_end_array(&writer);
	if (count == 0) {
		return;
	}
	if (text.failed != RH_OK || !rh_arena_copy(gathering->arena, rh_buf_str(&text), &value)) {
		gathering->status = RH_ENOMEM;
		return;
	}
	add_one(gathering, key, value);
}

static void add_other_identifiers(struct gathering *gathering)
{
	const struct rh_account *account = gathering->input->account;
	const struct rh_identifier *username = rh_account_primary(account, RH_IDENTIFIER_USERNAME);
	const struct rh_identifier *phone = rh_account_primary(account, RH_IDENTIFIER_PHONE);

	add_one(gathering, "username", username != NULL ? username->value : RH_STR_ABSENT);
	add_one(gathering, "phone", phone != NULL ? phone->value : RH_STR_ABSENT);
	add_list(gathering, "other_usernames", RH_IDENTIFIER_USERNAME,
		 username != NULL ? username->value : RH_STR_ABSENT);
	add_list(gathering, "other_phones", RH_IDENTIFIER_PHONE,
		 phone != NULL ? phone->value : RH_STR_ABSENT);
	add_list(gathering, "other_emails", RH_IDENTIFIER_EMAIL, gathering->input->sent_email);
}

/* ---- writing ------------------------------------------------------------------------------------------- */

static int compare_pairs(const void *a, const void *b)
{
	return rh_str_cmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

/* No two pairs have one key. */
static int write_pairs(struct pair *pairs, size_t count, struct rh_arena *arena, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	if (count == 0) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	qsort(pairs, count, sizeof(*pairs), compare_pairs);
	rh_buf_init(&text, (size_t)RH_RESPONSE_MAX * 6);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < count; i++) {
		rh_json_key_str(&writer, pairs[i].key);
		rh_json_put_string(&writer, pairs[i].value);
	}
	rh_json_end_object(&writer);
	if (text.failed != RH_OK || !rh_arena_copy(arena, rh_buf_str(&text), out)) {
		return RH_ENOMEM;
	}
	return RH_OK;
}

int workos_metadata_write(const struct workos_metadata_input *input, struct rh_arena *arena,
			  struct rh_str *out)
{
	struct gathering gathering RH_UNCLEARED; /* its pairs are set as they come */

	gathering.input = input;
	gathering.arena = arena;
	gathering.count = 0;
	gathering.status = RH_OK;
	add_one(&gathering, RH_SOURCE_ID_KEY, input->source_id);
	add_bucket(&gathering, RH_METADATA_PUBLIC, "public", RH_STR(""));
	if (input->workos->sends_other_identifiers) {
		add_other_identifiers(&gathering);
	}
	if (input->workos->sends_unsafe_metadata) {
		add_bucket(&gathering, RH_METADATA_UNSAFE, "unsafe", RH_STR(UNSAFE_PREFIX));
	}
	if (gathering.count > WORKOS_METADATA_PAIRS_PROSE) {
		find_key(&gathering, RH_FINDING_METADATA_BEYOND_PROSE, NULL, RH_STR_ABSENT,
			 "pairs");
	}
	if (gathering.status != RH_OK || input->is_glance) {
		*out = RH_STR_ABSENT;
		return gathering.status;
	}
	return write_pairs(gathering.pairs, gathering.count, arena, out);
}

/* ---- reading ------------------------------------------------------------------------------------------- */

/* Later members of one name first, so that the first of each name is the one that counts. */
static int compare_read(const void *a, const void *b)
{
	const struct pair *left = a;
	const struct pair *right = b;
	int order = rh_str_cmp(left->key, right->key);

	if (order != 0) {
		return order;
	}
	return left->key.ptr < right->key.ptr ? 1 : left->key.ptr > right->key.ptr ? -1 : 0;
}

static size_t drop_doubles(struct pair *pairs, size_t count)
{
	size_t kept = 0;

	qsort(pairs, count, sizeof(*pairs), compare_read);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || !rh_str_eq(pairs[kept - 1].key, pairs[i].key)) {
			pairs[kept++] = pairs[i];
		}
	}
	return kept;
}

int workos_metadata_read(const struct rh_json_node *node, struct rh_arena *arena,
			 struct rh_str *out)
{
	struct gathering gathering = {.arena = arena};
	const struct rh_json_node *member = NULL;
	struct pair *pairs;
	struct rh_str key;
	const char *kind;
	size_t count = 0;

	if (rh_json_type(node) != RH_JSON_OBJECT || rh_json_count(node) == 0) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	pairs = rh_arena_calloc(arena, rh_json_count(node), sizeof(*pairs));
	if (pairs == NULL) {
		return RH_ENOMEM;
	}
	while ((member = rh_json_next(node, member, &key)) != NULL) {
		struct rh_str value = value_text(&gathering, member, &kind);
		if (gathering.status != RH_OK) {
			return gathering.status;
		}
		if (value.ptr != NULL) {
			pairs[count++] = (struct pair){.key = key, .value = value};
		}
	}
	return write_pairs(pairs, drop_doubles(pairs, count), arena, out);
}

int workos_metadata_merge(struct rh_str present, struct rh_str added, struct rh_arena *arena,
			  struct rh_str *out)
{
	struct rh_json json = {0};
	struct rh_str merged = RH_STR_ABSENT;
	int code = rh_metadata_merge(arena, present, added, &merged);

	if (code != RH_OK || merged.ptr == NULL) {
		*out = merged;
		return code;
	}
	code = parse_copy(arena, merged, &json);
	if (code == RH_OK) { /* sorted again */
		code = workos_metadata_read(rh_json_root(&json), arena, out);
	}
	rh_json_done(&json);
	return code;
}

/* ---- single questions ---------------------------------------------------------------------------------- */

bool workos_metadata_is_set(const struct rh_account *account, enum rh_metadata_kind kind)
{
	return rh_str_is_set(account->metadata[kind]) && !rh_str_is(account->metadata[kind], "{}");
}
