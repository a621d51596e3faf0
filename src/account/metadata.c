/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata buckets: checked to be objects, written compactly. */
#include "account/metadata.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

/* Bytes of a bucket, of nearly every account. */
#define USUAL 500

int rh_metadata_from_node(struct rh_arena *arena, const struct rh_json_node *node,
			  struct rh_str *out)
{
	if (rh_json_is_null(node)) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	if (rh_json_type(node) != RH_JSON_OBJECT) {
		return RH_EINPUT;
	}
	if (rh_json_count(node) == 0) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	struct rh_str compact = rh_json_compact(node);
	if (compact.ptr != NULL) {
		return rh_arena_copy(arena, compact, out) ? RH_OK : RH_ENOMEM;
	}
	rh_autobuf text = {0};
	struct rh_json_writer writer;
	/* Escaping can make a text six times as long as it was read. */
	rh_buf_init(&text, (size_t)RH_RECORD_MAX * 6);
	(void)rh_buf_reserve(&text, USUAL); /* no growing; a failure stays in it */
	rh_json_writer_init(&writer, &text);
	rh_json_put_node(&writer, node);
	if (text.failed != 0 || !rh_arena_copy(arena, rh_buf_str(&text), out)) {
		return RH_ENOMEM;
	}
	return RH_OK;
}

int rh_metadata_from_text(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	struct rh_str copy = RH_STR_ABSENT;
	struct rh_json json = {0};

	if (!rh_str_is_set(rh_str_trim(text))) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	/* The reader of JSON writes into its text. */
	char *room = rh_arena_alloc(arena, text.len + 1);
	if (room == NULL) {
		return RH_ENOMEM;
	}
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	int code = rh_json_parse(&json, room, text.len, NULL);
	if (code == RH_OK) {
		code = rh_metadata_from_node(arena, rh_json_root(&json), &copy);
	}
	rh_json_done(&json);
	if (code == RH_OK) {
		*out = copy;
	}
	return code == RH_ELIMIT ? RH_EINPUT : code;
}

/* ---- two buckets ------------------------------------------------------------------------------ */

/* Two objects, parsed. */
struct pair {
	struct rh_json json[2];
	const struct rh_json_node *root[2]; /* NULL: absent */
};

static int pair_open(struct pair *pair, struct rh_arena *arena, const struct rh_str texts[2])
{
	for (size_t i = 0; i < 2; i++) {
		int code;
		char *room;
		if (!rh_str_is_set(texts[i])) {
			continue;
		}
		room = rh_arena_alloc(arena, texts[i].len + 1);
		if (room == NULL) {
			return RH_ENOMEM;
		}
		memcpy(room, texts[i].ptr, texts[i].len);
		room[texts[i].len] = '\0';
		code = rh_json_parse(&pair->json[i], room, texts[i].len, NULL);
		if (code != RH_OK) {
			return code == RH_ENOMEM ? code : RH_EINPUT;
		}
		pair->root[i] = rh_json_root(&pair->json[i]);
		if (rh_json_type(pair->root[i]) != RH_JSON_OBJECT) {
			return RH_EINPUT;
		}
	}
	return RH_OK;
}

static void pair_done(struct pair *pair)
{
	rh_json_done(&pair->json[0]);
	rh_json_done(&pair->json[1]);
}

/* Of several members of one name the last. */
static const struct rh_json_node *member(const struct rh_json_node *object, struct rh_str name)
{
	const struct rh_json_node *found = NULL;
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	while ((node = rh_json_next(object, node, &key)) != NULL) {
		found = rh_str_eq(key, name) ? node : found;
	}
	return found;
}

static void write_node(struct rh_buf *text, const struct rh_json_node *node)
{
	struct rh_json_writer writer;

	rh_buf_init(text, (size_t)RH_RECORD_MAX * 6);
	rh_json_writer_init(&writer, text);
	rh_json_put_node(&writer, node);
}

static bool is_same_node(const struct rh_json_node *a, const struct rh_json_node *b)
{
	rh_autobuf one = {0};
	rh_autobuf other = {0};

	write_node(&one, a);
	write_node(&other, b);
	return one.failed == 0 && other.failed == 0 &&
	       rh_str_eq(rh_buf_str(&one), rh_buf_str(&other));
}

typedef void write_pair_fn(const struct pair *pair, struct rh_json_writer *writer, size_t *count);

/* Members of root[1] that are not of root[0], or, `with_changed`, differ from it. */
static void write_added(const struct pair *pair, bool with_changed, struct rh_json_writer *writer,
			size_t *count)
{
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	while ((node = rh_json_next(pair->root[1], node, &key)) != NULL) {
		const struct rh_json_node *there = member(pair->root[0], key);
		if (member(pair->root[1], key) == node &&
		    (there == NULL || (with_changed && !is_same_node(there, node)))) {
			rh_json_key_str(writer, key);
			rh_json_put_node(writer, node);
			++*count;
		}
	}
}

static void write_merged(const struct pair *pair, struct rh_json_writer *writer, size_t *count)
{
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	while ((node = rh_json_next(pair->root[0], node, &key)) != NULL) {
		const struct rh_json_node *other = member(pair->root[1], key);
		if (member(pair->root[0], key) == node) {
			rh_json_key_str(writer, key);
			rh_json_put_node(writer, other != NULL ? other : node);
			++*count;
		}
	}
	write_added(pair, false, writer, count);
}

static void write_patch(const struct pair *pair, struct rh_json_writer *writer, size_t *count)
{
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	while ((node = rh_json_next(pair->root[0], node, &key)) != NULL) {
		if (member(pair->root[0], key) == node && member(pair->root[1], key) == NULL) {
			rh_json_key_str(writer, key);
			rh_json_put_null(writer);
			++*count;
		}
	}
	write_added(pair, true, writer, count);
}

static int combine(struct rh_arena *arena, const struct rh_str texts[2], write_pair_fn *write_pair,
		   struct rh_str *out)
{
	struct pair pair = {0};
	struct rh_json_writer writer;
	rh_autobuf text = {0};
	size_t count = 0;
	int code = pair_open(&pair, arena, texts);

	rh_buf_init(&text, (size_t)RH_RECORD_MAX * 6);
	rh_json_writer_init(&writer, &text);
	if (code == RH_OK) {
		rh_json_begin_object(&writer);
		write_pair(&pair, &writer, &count);
		rh_json_end_object(&writer);
		*out = RH_STR_ABSENT;
	}
	pair_done(&pair);
	if (code != RH_OK || count == 0) {
		return code;
	}
	return text.failed == 0 && rh_arena_copy(arena, rh_buf_str(&text), out) ? RH_OK : RH_ENOMEM;
}

int rh_metadata_merge(struct rh_arena *arena, struct rh_str present, struct rh_str added,
		      struct rh_str *out)
{
	const struct rh_str texts[2] = {present, added};

	return combine(arena, texts, write_merged, out);
}

int rh_metadata_patch(struct rh_arena *arena, struct rh_str present, struct rh_str wanted,
		      struct rh_str *out)
{
	const struct rh_str texts[2] = {present, wanted};

	return combine(arena, texts, write_patch, out);
}
