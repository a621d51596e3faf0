/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of entities: read from records, put into wire fields. */
#include "connectors/entities.h"

#include <stdlib.h>

#include "account/metadata.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#define DOMAIN_PREFIX "x@"

static struct rh_str keep(struct rh_entity_read *read, struct rh_str text)
{
	struct rh_str out = RH_STR_ABSENT;

	if (rh_str_is_set(text) && !rh_arena_copy(read->arena, text, &out)) {
		read->code = RH_ENOMEM;
	}
	return out;
}

struct rh_str rh_entity_text(struct rh_entity_read *read, const struct rh_json_node *object,
			     const char *name)
{
	return keep(read, rh_json_get_string(object, name));
}

void rh_entity_texts(struct rh_entity_read *read, const struct rh_json_node *array,
		     const char *member, const struct rh_str **out, size_t *count)
{
	const struct rh_json_node *element = NULL;
	struct rh_str *texts;

	*out = NULL;
	*count = 0;
	if (rh_json_type(array) != RH_JSON_ARRAY || rh_json_count(array) == 0) {
		return;
	}
	texts = rh_arena_calloc(read->arena, rh_json_count(array), sizeof(*texts));
	if (texts == NULL) {
		read->code = RH_ENOMEM;
		return;
	}
	while ((element = rh_json_next(array, element, NULL)) != NULL) {
		struct rh_str text = member != NULL ? rh_json_get_string(element, member)
						    : rh_json_string(element);

		if (rh_str_is_set(text)) {
			texts[(*count)++] = keep(read, text);
		}
	}
	*out = texts;
}

rh_time rh_entity_time(const struct rh_json_node *object, const char *name)
{
	int64_t milliseconds = 0;
	rh_time time = 0;

	if (rh_time_parse(rh_json_get_string(object, name), &time)) {
		return time;
	}
	return rh_json_get_i64(object, name, &milliseconds) && milliseconds > 0 &&
			       milliseconds < INT64_MAX / 1000
		       ? milliseconds * 1000
		       : 0;
}

struct rh_str rh_entity_email(struct rh_entity_read *read, const char *name)
{
	struct rh_str text = rh_entity_text(read, read->node, name);
	struct rh_str email = RH_STR_ABSENT;
	struct rh_str key = RH_STR_ABSENT;
	const char *why;

	if (text.ptr == NULL) {
		return text;
	}
	if (!rh_normalise_email(read->arena, text, &email, &why)) {
		email = rh_str_lower(read->arena, text);
	}
	if (email.ptr == NULL || !rh_normalise_key(read->arena, email, &key)) {
		read->code = RH_ENOMEM;
	}
	return key;
}

/* The rules of an address hold for its domain: it is looked at as that of one. */
struct rh_str rh_entity_domain(struct rh_entity_read *read, const char *name)
{
	struct rh_str text = rh_entity_text(read, read->node, name);
	struct rh_str address;
	struct rh_str out = RH_STR_ABSENT;
	const char *why;

	if (text.ptr == NULL) {
		return text;
	}
	address = rh_arena_printf(read->arena, DOMAIN_PREFIX "%.*s", RH_STR_ARG(text));
	if (address.ptr != NULL && rh_normalise_email(read->arena, address, &out, &why)) {
		return rh_str_sub(out, strlen(DOMAIN_PREFIX), out.len);
	}
	out = rh_str_lower(read->arena, text);
	if (out.ptr == NULL) {
		read->code = RH_ENOMEM;
	}
	return out;
}

static void add_finding(struct rh_entity_read *read, enum rh_finding_code code, const char *what)
{
	struct rh_finding finding = {.code = code, .path = rh_str_from(what)};

	if (read->findings != NULL) {
		read->findings->add(read->findings, &finding);
	}
}

void rh_entity_metadata(struct rh_entity_read *read, const char *name, enum rh_metadata_kind kind)
{
	const struct rh_json_node *node = rh_json_get(read->node, name);
	int code = rh_metadata_from_node(read->arena, node, &read->out->metadata[kind]);

	if (code == RH_EINPUT) {
		add_finding(read, RH_FINDING_METADATA_INVALID, name);
	} else if (code != RH_OK) {
		read->code = code;
	}
}

void rh_entity_broken(struct rh_entity_read *read, const char *what)
{
	add_finding(read, RH_FINDING_ENTITY_BROKEN, what);
}

struct rh_str rh_entity_join(struct rh_entity_read *read, struct rh_str a, struct rh_str b)
{
	struct rh_str out;

	if (!rh_str_is_set(a) || !rh_str_is_set(b)) {
		return RH_STR_ABSENT;
	}
	out = rh_arena_printf(read->arena, "%.*s %.*s", RH_STR_ARG(a), RH_STR_ARG(b));
	if (out.ptr == NULL) {
		read->code = RH_ENOMEM;
	}
	return out;
}

/* ---- wire ------------------------------------------------------------------------------------------------- */

void rh_entity_wire_clear(struct rh_wire *wire)
{
	*wire = (struct rh_wire){0};
}

void rh_entity_wire_set(struct rh_wire *wire, unsigned field, struct rh_str value)
{
	if (rh_str_is_set(value)) {
		wire->present |= 1U << field;
		wire->value[field] = value;
	}
}

static int compare(const void *a, const void *b)
{
	return rh_str_cmp(*(const struct rh_str *)a, *(const struct rh_str *)b);
}

int rh_entity_slugs(const struct rh_str *slugs, size_t count, struct rh_arena *arena,
		    struct rh_str *out)
{
	struct rh_str *sorted;
	size_t len = 0;
	char *at;

	*out = RH_STR_ABSENT;
	if (count == 0) {
		return RH_OK;
	}
	sorted = rh_arena_calloc(arena, count, sizeof(*sorted));
	if (sorted == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		sorted[i] = slugs[i];
		len += slugs[i].len + 1;
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	at = rh_arena_alloc(arena, len + 1);
	if (at == NULL) {
		return RH_ENOMEM;
	}
	out->ptr = at;
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && rh_str_eq(sorted[i], sorted[i - 1])) {
			continue;
		}
		if (at != out->ptr) {
			*at++ = ' ';
		}
		memcpy(at, sorted[i].ptr, sorted[i].len);
		at += sorted[i].len;
	}
	*at = '\0';
	out->len = (size_t)(at - out->ptr);
	return RH_OK;
}

int rh_entity_link_slugs(const struct rh_link *links, size_t count, struct rh_arena *arena,
			 struct rh_str *out)
{
	struct rh_str *slugs = rh_arena_calloc(arena, count + 1, sizeof(*slugs));

	if (slugs == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		slugs[i] = links[i].slug;
	}
	return rh_entity_slugs(slugs, count, arena, out);
}

struct rh_str rh_entity_external_id(const struct rh_entity *entity)
{
	return rh_str_is_set(entity->external_id) ? entity->external_id : entity->source_id;
}
