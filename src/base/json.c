/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a parsed JSON document: types, texts, members by name, elements in order. */
#include "base/json.h"

#include <string.h>

#include "base/json_node.h"
#include "base/str.h"

const struct rh_json_node *rh_json_root(const struct rh_json *json)
{
	return json->count > 0 ? json->nodes : NULL;
}

enum rh_json_type rh_json_type(const struct rh_json_node *node)
{
	return node != NULL ? node->type : RH_JSON_NULL;
}

static struct rh_str text_of(const struct rh_json_node *node)
{
	return (struct rh_str){
		.ptr = node->text,
		.len = node->len,
	};
}

struct rh_str rh_json_text(const struct rh_json_node *node)
{
	enum rh_json_type type = rh_json_type(node);

	return type == RH_JSON_STRING || type == RH_JSON_NUMBER ? text_of(node) : RH_STR_ABSENT;
}

struct rh_str rh_json_string(const struct rh_json_node *node)
{
	return rh_json_type(node) == RH_JSON_STRING ? text_of(node) : RH_STR_ABSENT;
}

static bool is_container(const struct rh_json_node *node)
{
	return node->type == RH_JSON_ARRAY || node->type == RH_JSON_OBJECT;
}

const struct rh_json_node *rh_json_get(const struct rh_json_node *object, const char *name)
{
	const struct rh_json_node *found = NULL;
	const struct rh_json_node *end;
	size_t len = strlen(name);

	if (rh_json_type(object) != RH_JSON_OBJECT) {
		return NULL;
	}
	end = rh_json_behind(object);
	for (const struct rh_json_node *at = object + 1; at < end; at = rh_json_behind(at + 1)) {
		if (at->len == len && memcmp(at->text, name, len) == 0) {
			found = at + 1;
		}
	}
	return found;
}

struct rh_str rh_json_get_string(const struct rh_json_node *object, const char *name)
{
	return rh_json_string(rh_json_get(object, name));
}

bool rh_json_get_bool(const struct rh_json_node *object, const char *name, bool fallback)
{
	return rh_json_bool(rh_json_get(object, name), fallback);
}

bool rh_json_bool(const struct rh_json_node *node, bool fallback)
{
	enum rh_json_type type = rh_json_type(node);

	return type == RH_JSON_TRUE || (fallback && type != RH_JSON_FALSE);
}

bool rh_json_get_i64(const struct rh_json_node *object, const char *name, int64_t *out)
{
	return rh_str_to_i64(rh_json_text(rh_json_get(object, name)), out);
}

bool rh_json_is_null(const struct rh_json_node *node)
{
	return rh_json_type(node) == RH_JSON_NULL;
}

struct rh_str rh_json_compact(const struct rh_json_node *node)
{
	if (rh_json_type(node) != RH_JSON_OBJECT || node->len == 0 || node->size == 0) {
		return RH_STR_ABSENT;
	}
	/* Bracket and quote stand before the first name, which has no escape and so stands in the text. */
	return (struct rh_str){
		.ptr = node[1].text - 2,
		.len = node->size,
	};
}

size_t rh_json_count(const struct rh_json_node *container)
{
	return container != NULL && is_container(container) ? container->len : 0;
}

const struct rh_json_node *rh_json_next(const struct rh_json_node *container,
					const struct rh_json_node *previous, struct rh_str *key_out)
{
	const struct rh_json_node *at;

	if (container == NULL || !is_container(container)) {
		return NULL;
	}
	at = previous != NULL ? rh_json_behind(previous) : container + 1;
	if (at >= rh_json_behind(container)) {
		return NULL;
	}
	if (container->type == RH_JSON_ARRAY) {
		return at;
	}
	if (key_out != NULL) {
		*key_out = text_of(at);
	}
	return at + 1;
}
