/* SPDX-License-Identifier: Apache-2.0 */
/* Slugs of roles and permissions from one provider to another. */
#include "plan/slugs.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "config/settings.h"
#include "crypto/digest.h"

/* A file of role names: a tenant has some dozens. */
#define MAP_MAX (1024U * 1024)

struct rh_slugs {
	const struct rh_entity_rules *source;
	const struct rh_entity_rules *target;
	struct rh_arena arena;
	struct rh_map
		*map; /* source's slug -> address of the target's, a struct rh_str in the arena */
	uint8_t digest[RH_DIGEST_LEN];
	struct rh_str *priority;
	size_t priority_count;
};

static int keep(struct rh_slugs *slugs, struct rh_str from, struct rh_str to, struct rh_err *err)
{
	struct rh_str *kept = rh_arena_alloc(&slugs->arena, sizeof(*kept));

	if (!rh_str_is_set(from) || !rh_str_is_set(to)) {
		return rh_err_set(err, RH_EUSAGE,
				  "--role-map: an entry lacks one of its two slugs");
	}
	if (kept == NULL || !rh_arena_copy(&slugs->arena, to, kept) ||
	    rh_map_put(slugs->map, from, (uint64_t)(uintptr_t)kept) != RH_OK) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return RH_OK;
}

static int read_json(struct rh_slugs *slugs, struct rh_buf *text, struct rh_err *err)
{
	__attribute__((cleanup(rh_json_done))) struct rh_json json = {0};
	const struct rh_json_node *node = NULL;
	struct rh_str name;
	int code = rh_json_parse(&json, text->ptr, text->len, err);

	if (code != RH_OK) {
		return rh_err_context(err, RH_EUSAGE, "reading --role-map");
	}
	while (code == RH_OK && (node = rh_json_next(rh_json_root(&json), node, &name)) != NULL) {
		code = keep(slugs, name, rh_json_string(node), err);
	}
	return code;
}

/* Lines of "old,new"; a header of these two words, blank lines and lines with '#' in front are passed over. */
static int read_lines(struct rh_slugs *slugs, struct rh_str rest, struct rh_err *err)
{
	int code = RH_OK;

	while (code == RH_OK && rest.len > 0) {
		ptrdiff_t end = rh_str_index(rest, '\n');
		size_t len = end >= 0 ? (size_t)end : rest.len;
		struct rh_str line = rh_str_trim((struct rh_str){.ptr = rest.ptr, .len = len});
		ptrdiff_t comma = rh_str_index(line, ',');
		struct rh_str from = {.ptr = line.ptr, .len = comma > 0 ? (size_t)comma : 0};
		struct rh_str to = {.ptr = line.ptr + from.len + 1,
				    .len = comma > 0 ? line.len - from.len - 1 : 0};

		if (line.len > 0 && line.ptr[0] != '#' && !rh_str_is(line, "old,new")) {
			code = keep(slugs, rh_str_trim(from), rh_str_trim(to), err);
		}
		len += end >= 0 ? 1 : 0;
		rest = (struct rh_str){.ptr = rest.ptr + len, .len = rest.len - len};
	}
	return code;
}

static int read_map(struct rh_slugs *slugs, const char *path, struct rh_err *err)
{
	rh_autobuf text = {0};
	struct rh_sha256 sha;
	struct rh_str content;
	int code;

	rh_buf_init(&text, MAP_MAX);
	code = rh_file_read(path, &text, err);
	if (code != RH_OK) {
		return rh_err_context(err, RH_EUSAGE, "reading --role-map");
	}
	rh_sha256_init(&sha);
	rh_sha256_add(&sha, text.ptr, text.len);
	rh_sha256_finish(&sha, slugs->digest);
	content = rh_str_trim(rh_buf_str(&text));
	if (content.len > 0 && content.ptr[0] == '{') {
		return read_json(slugs, &text, err);
	}
	return read_lines(slugs, content, err);
}

/* Slugs joined by commas. */
static int read_priority(struct rh_slugs *slugs, const char *text, struct rh_err *err)
{
	struct rh_str rest = rh_str_from(text);
	size_t most = 1;

	for (size_t i = 0; i < rest.len; i++) {
		most += rest.ptr[i] == ',' ? 1 : 0;
	}
	slugs->priority = rh_arena_calloc(&slugs->arena, most, sizeof(*slugs->priority));
	if (slugs->priority == NULL || !rh_arena_copy(&slugs->arena, rest, &rest)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < most; i++) {
		ptrdiff_t comma = rh_str_index(rest, ',');
		size_t len = comma >= 0 ? (size_t)comma : rest.len;
		struct rh_str slug = rh_str_trim((struct rh_str){.ptr = rest.ptr, .len = len});

		if (slug.len > 0) {
			slugs->priority[slugs->priority_count++] = slug;
		}
		len += comma >= 0 ? 1 : 0;
		rest = (struct rh_str){.ptr = rest.ptr + len, .len = rest.len - len};
	}
	return RH_OK;
}

int rh_slugs_open(struct rh_slugs **out, const struct rh_settings *settings,
		  const struct rh_entity_rules *source, const struct rh_entity_rules *target,
		  struct rh_err *err)
{
	struct rh_slugs *slugs = rh_calloc(1, sizeof(*slugs));
	uint64_t seed;
	int code = RH_OK;

	if (slugs == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_random_bytes(&seed, sizeof(seed));
	slugs->source = source;
	slugs->target = target;
	slugs->map = rh_map_new(seed);
	rh_arena_init(&slugs->arena, 4U * MAP_MAX, RH_ARENA_PLAIN);
	if (slugs->map == NULL) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (code == RH_OK && settings->role_map != NULL) {
		code = read_map(slugs, settings->role_map, err);
	}
	if (code == RH_OK && settings->role_priority != NULL) {
		code = read_priority(slugs, settings->role_priority, err);
	}
	if (code != RH_OK) {
		rh_slugs_close(slugs);
		return code;
	}
	*out = slugs;
	return RH_OK;
}

void rh_slugs_close(struct rh_slugs *slugs)
{
	if (slugs != NULL) {
		rh_map_free(slugs->map);
		rh_arena_done(&slugs->arena);
		rh_free(slugs);
	}
}

void rh_slugs_digest(const struct rh_slugs *slugs, uint8_t out[32])
{
	memcpy(out, slugs->digest, sizeof(slugs->digest));
}

int rh_slugs_at_target(const struct rh_slugs *slugs, enum rh_kind kind, struct rh_str slug,
		       struct rh_arena *arena, struct rh_str *out, struct rh_err *err)
{
	struct rh_str common = slug;
	uint64_t mapped;
	int code = 1;

	if (rh_map_find(slugs->map, slug, &mapped)) {
		*out = *(const struct rh_str *)(uintptr_t)mapped;
		return 1;
	}
	if (slugs->source->slug_to_common != NULL) {
		code = slugs->source->slug_to_common(kind, slug, arena, &common);
	}
	*out = common;
	if (code == 1 && slugs->target->slug_from_common != NULL) {
		code = slugs->target->slug_from_common(kind, common, arena, out);
	}
	return code < 0 ? rh_err_set(err, RH_ENOMEM, "out of memory") : code;
}

static size_t rank(const struct rh_slugs *slugs, struct rh_str slug)
{
	size_t i = 0;

	while (i < slugs->priority_count) {
		uint64_t mapped;
		struct rh_str named = slugs->priority[i];

		if (rh_map_find(slugs->map, named, &mapped)) {
			named = *(const struct rh_str *)(uintptr_t)mapped;
		}
		if (rh_str_eq(named, slug) || rh_str_eq(slugs->priority[i], slug)) {
			break;
		}
		i++;
	}
	return i;
}

void rh_slugs_sort(const struct rh_slugs *slugs, struct rh_link *roles, size_t count)
{
	/* by insertion: stable, and there are a few */
	for (size_t i = 1; i < count; i++) {
		struct rh_link moving = roles[i];
		size_t at = i;

		while (at > 0 && rank(slugs, roles[at - 1].slug) > rank(slugs, moving.slug)) {
			roles[at] = roles[at - 1];
			at--;
		}
		roles[at] = moving;
	}
}
