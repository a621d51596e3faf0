/* SPDX-License-Identifier: Apache-2.0 */
/* Going through a document: where we are in it, and what is wrong with it, told with line and column (M1). */
#include "base/alloc.h"
#include "base/err.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/mapping_compiler.h"

#include <stdarg.h>
#include <stdio.h>

enum { SHOWN_MAX = 60 }; /* bytes of a name that a message shows */

static struct mapping_mark mark(const struct mapping_compiler *compiler)
{
	return (struct mapping_mark){.at = compiler->at, .trail_len = compiler->trail_len};
}

static void add_trail(struct mapping_compiler *compiler, struct rh_str name, size_t index)
{
	char *end = compiler->trail + compiler->trail_len;
	size_t room = sizeof(compiler->trail) - compiler->trail_len;
	int len;

	name = rh_str_clip(name, SHOWN_MAX);
	len = name.ptr != NULL ? snprintf(end, room, "%s%.*s", compiler->trail_len > 0 ? "." : "",
					  RH_STR_ARG(name))
			       : snprintf(end, room, "[%zu]", index);
	if (len > 0 && (size_t)len < room) {
		compiler->trail_len += (size_t)len;
	}
}

struct mapping_mark rh_mapping_enter(struct mapping_compiler *compiler,
				     const struct rh_json_node *member)
{
	struct mapping_mark before = mark(compiler);

	if (member != NULL) {
		struct rh_str name = rh_json_name(member - 1); /* it stands before its value */
		compiler->at = name.ptr;
		add_trail(compiler, name, 0);
	}
	return before;
}

struct mapping_mark rh_mapping_enter_at(struct mapping_compiler *compiler,
					const struct rh_json_node *element, size_t index)
{
	struct mapping_mark before = mark(compiler);
	struct rh_str text = rh_json_text(element);

	if (text.ptr == NULL && rh_json_count(element) > 0 &&
	    rh_json_type(element) == RH_JSON_OBJECT) {
		text = rh_json_name(element + 1);
	}
	if (text.ptr != NULL) {
		compiler->at = text.ptr;
	}
	add_trail(compiler, RH_STR_ABSENT, index);
	return before;
}

void rh_mapping_leave(struct mapping_compiler *compiler, struct mapping_mark before)
{
	compiler->at = before.at;
	compiler->trail_len = before.trail_len;
	compiler->trail[before.trail_len] = '\0';
}

/* Line and column of what the parser has left where it stood. */
static void put_position(const struct mapping_compiler *compiler)
{
	size_t offset = compiler->at != NULL ? (size_t)(compiler->at - compiler->mapping->text) : 0;
	uint64_t line = 1;
	uint64_t column = 1;

	if (offset > 0 && compiler->document.ptr[offset - 1] == '"') {
		offset--; /* of a string, its quote */
	}
	for (size_t i = 0; i < offset && i < compiler->document.len; i++) {
		column = compiler->document.ptr[i] == '\n' ? 1 : column + 1;
		line += compiler->document.ptr[i] == '\n';
	}
	compiler->err->line = line;
	compiler->err->column = column;
}

int rh_mapping_fail(struct mapping_compiler *compiler, const char *hint, const char *fmt, ...)
{
	char message[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	(void)rh_err_set(compiler->err, RH_EINPUT, "%s%s%s", compiler->trail,
			 compiler->trail_len > 0 ? ": " : "", message);
	if (hint != NULL) {
		rh_err_hint(compiler->err, "%s", hint);
	}
	if (compiler->err != NULL) {
		put_position(compiler);
	}
	return RH_EINPUT;
}

/* "It may have: a, b, c." */
static const char *list_words(const char *before, const char *const *words, char *out, size_t size)
{
	size_t len = (size_t)snprintf(out, size, "%s: ", before);

	for (size_t i = 0; words[i] != NULL && len < size; i++) {
		len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	if (len < size) {
		(void)snprintf(out + len, size - len, ".");
	}
	return out;
}

static bool is_one_of(struct rh_str text, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is(text, words[i])) {
			return true;
		}
	}
	return false;
}

/* A word that only ends otherwise: "email" for "emails"; NULL: none does. */
static const char *near(struct rh_str name, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		size_t len = strlen(words[i]);
		size_t common = 0;
		while (common < len && common < name.len && words[i][common] == name.ptr[common]) {
			common++;
		}
		if (common >= 3 && common + 3 >= len && common + 3 >= name.len) {
			return words[i];
		}
	}
	return NULL;
}

static int fail_unknown(struct mapping_compiler *compiler, struct rh_str name,
			const char *const *allowed)
{
	char hint[256];
	const char *meant = near(name, allowed);

	compiler->at = name.ptr;
	name = rh_str_clip(name, SHOWN_MAX);
	return rh_mapping_fail(compiler, list_words("It may have", allowed, hint, sizeof(hint)),
			       "there is no \"%.*s\" here%s%s%s", RH_STR_ARG(name),
			       meant != NULL ? "; perhaps \"" : "", meant != NULL ? meant : "",
			       meant != NULL ? "\" is meant" : "");
}

int rh_mapping_check(struct mapping_compiler *compiler, const struct rh_json_node *object,
		     const char *const *allowed)
{
	const struct rh_json_node *value = NULL;
	struct rh_str name;

	if (rh_json_type(object) != RH_JSON_OBJECT) {
		return rh_mapping_fail(compiler, NULL, "this must be an object: {…}");
	}
	while ((value = rh_json_next(object, value, &name)) != NULL) {
		const struct rh_json_node *other = NULL;
		struct rh_str other_name;
		if (allowed != NULL && !is_one_of(name, allowed)) {
			return fail_unknown(compiler, name, allowed);
		}
		while ((other = rh_json_next(object, other, &other_name)) != value) {
			if (rh_str_eq(name, other_name)) {
				compiler->at = name.ptr;
				name = rh_str_clip(name, SHOWN_MAX);
				return rh_mapping_fail(compiler, "Leave one of the two out.",
						       "\"%.*s\" is there twice", RH_STR_ARG(name));
			}
		}
	}
	return RH_OK;
}

int rh_mapping_word(struct mapping_compiler *compiler, const struct rh_json_node *node,
		    const char *const *choices, struct rh_str *out)
{
	char hint[256];
	struct rh_str text = rh_json_string(node);

	if (!rh_str_is_set(text)) {
		return rh_mapping_fail(compiler, NULL, "this must be a text that is not empty");
	}
	if (choices != NULL && !is_one_of(text, choices)) {
		text = rh_str_clip(text, SHOWN_MAX);
		return rh_mapping_fail(compiler,
				       list_words("It may be", choices, hint, sizeof(hint)),
				       "\"%.*s\" is not known", RH_STR_ARG(text));
	}
	*out = text;
	return RH_OK;
}

int rh_mapping_grow(struct mapping_compiler *compiler, void *list_ptr, size_t count, size_t *cap,
		    size_t size)
{
	void **list = list_ptr;

	if (count < *cap) {
		return RH_OK;
	}
	if (count >= MAPPING_TABLE_MAX) {
		return rh_mapping_fail(compiler, NULL,
				       "the document has more than %d rules or texts",
				       MAPPING_TABLE_MAX);
	}
	size_t wanted = *cap > 0 ? *cap * 2 : 16;
	void *bigger = rh_realloc(*list, wanted * size);
	if (bigger == NULL) {
		return rh_err_set(compiler->err, RH_ENOMEM, "no memory for a mapping document");
	}
	*list = bigger;
	*cap = wanted;
	return RH_OK;
}

/* ---- rules that use others ------------------------------------------------------------------------------- */

static const struct rh_json_node *used_by(const struct mapping_compiler *compiler,
					  const struct rh_json_node *rule)
{
	struct rh_str name = rh_json_get_string(rule, "use");
	const struct rh_json_node *value = NULL;
	struct rh_str other;

	if (name.ptr == NULL) {
		return NULL;
	}
	while ((value = rh_json_next(compiler->shared, value, &other)) != NULL) {
		if (rh_str_eq(name, other)) {
			return value;
		}
	}
	return NULL;
}

const struct rh_json_node *rh_mapping_member(const struct mapping_compiler *compiler,
					     const struct rh_json_node *rule, const char *name)
{
	while (rh_json_type(rule) == RH_JSON_OBJECT) {
		const struct rh_json_node *found = rh_json_get(rule, name);
		if (found != NULL) {
			return found;
		}
		rule = used_by(compiler, rule);
	}
	return NULL;
}

int rh_mapping_check_use(struct mapping_compiler *compiler, const struct rh_json_node *rule)
{
	const struct rh_json_node *use = rh_json_get(rule, "use");
	struct rh_str name = RH_STR_ABSENT;

	if (use == NULL) {
		return RH_OK;
	}
	struct mapping_mark before = rh_mapping_enter(compiler, use);
	int code = rh_mapping_word(compiler, use, NULL, &name);
	if (code == RH_OK && used_by(compiler, rule) == NULL) {
		name = rh_str_clip(name, SHOWN_MAX);
		code = rh_mapping_fail(compiler, "Rules that others use stand in \"shared\".",
				       "there is no shared rule \"%.*s\"", RH_STR_ARG(name));
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static int check_one_shared(struct mapping_compiler *compiler, const struct rh_json_node *rule)
{
	struct mapping_mark before = rh_mapping_enter(compiler, rule);
	const struct rh_json_node *next = rule;
	size_t steps = 0;
	int code = RH_OK;

	if (rh_json_type(rule) != RH_JSON_OBJECT) {
		return rh_mapping_fail(compiler, NULL, "a shared rule must be an object: {…}");
	}
	for (; code == RH_OK && next != NULL; next = used_by(compiler, next)) {
		code = rh_mapping_check_use(compiler, next);
		if (code == RH_OK && steps++ > rh_json_count(compiler->shared)) {
			return rh_mapping_fail(compiler,
					       "Let one of them say what it needs by itself.",
					       "the rule uses others that use it: a cycle");
		}
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

int rh_mapping_check_shared(struct mapping_compiler *compiler)
{
	const struct rh_json_node *rule = NULL;
	struct mapping_mark before = rh_mapping_enter(compiler, compiler->shared);
	int code;

	if (compiler->shared == NULL) {
		return RH_OK;
	}
	code = rh_mapping_check(compiler, compiler->shared, NULL);
	while (code == RH_OK && (rule = rh_json_next(compiler->shared, rule, NULL)) != NULL) {
		code = check_one_shared(compiler, rule);
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}
