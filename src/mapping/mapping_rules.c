/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of a document (M4, M5) into the tables. */
#include "base/buf.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/mapping_compiler.h"

enum {
	ALTERNATIVES_MAX = 64,
	DEPTH_MAX = 8,      /* rules in rules */
	NAME_MAX_TOLD = 40, /* bytes of a column's name in a message */
};

/* Alternatives on their way: what they use goes into the table before them. */
struct draft {
	struct mapping_rule rules[ALTERNATIVES_MAX];
	size_t count;
};

int rh_mapping_compile_path(struct mapping_compiler *compiler, const struct rh_json_node *node,
			    uint16_t *out)
{
	const char *why = NULL;
	struct rh_str path;
	int code = rh_mapping_word(compiler, node, NULL, &path);

	if (code != RH_OK) {
		return code;
	}
	switch (rh_mapping_path_add(compiler->scope, path, out, &why)) {
	case RH_OK:
		return RH_OK;
	case RH_EINPUT:
		return rh_mapping_fail(compiler, NULL, "%s", why);
	case RH_ELIMIT:
		return rh_mapping_fail(compiler, NULL, "there are more than %zu paths",
				       compiler->scope->max);
	default:
		return RH_ENOMEM;
	}
}

static int put(struct mapping_compiler *compiler, struct draft *draft,
	       const struct mapping_rule *rule)
{
	if (draft->count == ALTERNATIVES_MAX) {
		return rh_mapping_fail(compiler, NULL, "there are more than %d alternatives",
				       ALTERNATIVES_MAX);
	}
	draft->rules[draft->count++] = *rule;
	return RH_OK;
}

/* ---- constants ------------------------------------------------------------------------------------------- */

static bool is_bool_word(struct rh_str text)
{
	static const char *const words[] = {"true", "t", "1",  "yes", "y",   "on", "false",
					    "f",    "0", "no", "n",   "off", NULL};

	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is_nocase(text, words[i])) {
			return true;
		}
	}
	return false;
}

/* A string, number or boolean as text that fits the kind. */
static int read_constant(struct mapping_compiler *compiler, const struct rh_json_node *node,
			 enum mapping_kind kind, struct rh_str *out)
{
	enum rh_dialect dialect;
	enum rh_json_type type = rh_json_type(node);

	if (type == RH_JSON_TRUE || type == RH_JSON_FALSE) {
		*out = type == RH_JSON_TRUE ? RH_STR("true") : RH_STR("false");
	} else if (type == RH_JSON_STRING || type == RH_JSON_NUMBER) {
		*out = rh_json_text(node);
	} else {
		return rh_mapping_fail(compiler, NULL,
				       "a constant is a text, a number, true or false");
	}
	if (kind == MAPPING_KIND_BOOL && !is_bool_word(*out)) {
		return rh_mapping_fail(compiler, NULL, "this must be true or false");
	}
	if (kind == MAPPING_KIND_LABEL && !rh_mapping_dialect(*out, &dialect)) {
		return rh_mapping_fail(
			compiler,
			"See the list in docs/mapping.md; \"shape\" lets the text decide.",
			"no kind of password hash is called that");
	}
	return RH_OK;
}

static int put_constant(struct mapping_compiler *compiler, struct draft *draft,
			const struct rh_json_node *node, enum mapping_kind kind, uint16_t setting)
{
	struct mapping_rule rule = {.place = MAPPING_NOWHERE, .setting = setting};
	struct rh_json_writer writer;
	rh_autobuf raw = {0};
	int code = read_constant(compiler, node, kind, &rule.constant);

	if (code != RH_OK) {
		return code;
	}
	rh_buf_init(&raw, (size_t)RH_MAPPING_DOCUMENT_MAX * 6);
	rh_json_writer_init(&writer, &raw);
	rh_json_put_node(&writer, node);
	if (raw.failed != 0 ||
	    !rh_arena_copy(&compiler->mapping->arena, rh_buf_str(&raw), &rule.raw)) {
		return RH_ENOMEM;
	}
	return put(compiler, draft, &rule);
}

/* ---- settings -------------------------------------------------------------------------------------------- */

static int put_text(struct mapping_compiler *compiler, struct rh_str text)
{
	struct rh_mapping *mapping = compiler->mapping;
	int code = rh_mapping_grow(compiler, &mapping->texts, mapping->text_count,
				   &mapping->text_cap, sizeof(*mapping->texts));

	if (code == RH_OK) {
		mapping->texts[mapping->text_count++] = text;
	}
	return code;
}

int rh_mapping_compile_texts(struct mapping_compiler *compiler, const struct rh_json_node *node,
			     struct mapping_texts *out)
{
	struct mapping_texts texts = {.first = (uint16_t)compiler->mapping->text_count};
	const struct rh_json_node *element = NULL;
	struct rh_str text;
	size_t index = 0;
	int code = RH_OK;

	if (rh_json_type(node) != RH_JSON_ARRAY) {
		code = read_constant(compiler, node, MAPPING_KIND_TEXT, &text);
		code = code == RH_OK ? put_text(compiler, text) : code;
	}
	while (code == RH_OK && rh_json_type(node) == RH_JSON_ARRAY &&
	       (element = rh_json_next(node, element, NULL)) != NULL) {
		struct mapping_mark before = rh_mapping_enter_at(compiler, element, index++);
		code = read_constant(compiler, element, MAPPING_KIND_TEXT, &text);
		code = code == RH_OK ? put_text(compiler, text) : code;
		if (code == RH_OK) {
			rh_mapping_leave(compiler, before);
		}
	}
	texts.count = (uint16_t)(compiler->mapping->text_count - texts.first);
	*out = texts;
	return code;
}

static int compile_map(struct mapping_compiler *compiler, const struct rh_json_node *node,
		       enum mapping_kind kind, struct mapping_setting *setting)
{
	const struct rh_json_node *value = NULL;
	struct rh_str name;
	struct rh_str text;
	int code = rh_mapping_check(compiler, node, NULL);

	setting->has_map = true;
	setting->map.first = (uint16_t)compiler->mapping->text_count;
	while (code == RH_OK && (value = rh_json_next(node, value, &name)) != NULL) {
		struct mapping_mark before = rh_mapping_enter(compiler, value);
		code = read_constant(compiler, value, kind, &text);
		code = code == RH_OK ? put_text(compiler, name) : code;
		code = code == RH_OK ? put_text(compiler, text) : code;
		if (code == RH_OK) {
			rh_mapping_leave(compiler, before);
		}
	}
	setting->map.count = (uint16_t)(compiler->mapping->text_count - setting->map.first);
	return code;
}

static int compile_flag(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			const char *name, bool *out)
{
	const struct rh_json_node *node = rh_mapping_member(compiler, rule, name);
	enum rh_json_type type = rh_json_type(node);
	struct mapping_mark before = rh_mapping_enter(compiler, node);

	if (node != NULL && type != RH_JSON_TRUE && type != RH_JSON_FALSE) {
		return rh_mapping_fail(compiler, NULL, "this must be true or false");
	}
	*out = type == RH_JSON_TRUE;
	rh_mapping_leave(compiler, before);
	return RH_OK;
}

/* What a member of a rule is made of; `made` is where it goes. */
typedef int make_fn(struct mapping_compiler *compiler, const struct rh_json_node *node,
		    enum mapping_kind kind, struct mapping_setting *setting);

static int make_otherwise(struct mapping_compiler *compiler, const struct rh_json_node *node,
			  enum mapping_kind kind, struct mapping_setting *setting)
{
	return read_constant(compiler, node, kind, &setting->otherwise);
}

static int make_is(struct mapping_compiler *compiler, const struct rh_json_node *node,
		   enum mapping_kind, struct mapping_setting *setting)
{
	setting->has_is = true;
	return rh_mapping_compile_texts(compiler, node, &setting->is);
}

static int make_until(struct mapping_compiler *compiler, const struct rh_json_node *node,
		      enum mapping_kind, struct mapping_setting *setting)
{
	return rh_mapping_compile_rules(compiler, node, MAPPING_KIND_TEXT, &setting->until);
}

static int make_as(struct mapping_compiler *compiler, const struct rh_json_node *node,
		   enum mapping_kind, struct mapping_setting *setting)
{
	static const char *const words[] = {"bool", "until", NULL};
	struct rh_str word;
	int code = rh_mapping_word(compiler, node, words, &word);

	setting->is_moment = code == RH_OK && rh_str_is(word, "until");
	return code;
}

static int make_split(struct mapping_compiler *compiler, const struct rh_json_node *node,
		      enum mapping_kind, struct mapping_setting *setting)
{
	static const char *const words[] = {"none", "last-blank", "first-blank", NULL};
	struct rh_str word;
	int code = rh_mapping_word(compiler, node, words, &word);

	for (size_t i = 0; code == RH_OK && words[i] != NULL; i++) {
		if (rh_str_is(word, words[i])) {
			setting->split = (enum mapping_split)i;
		}
	}
	return code;
}

static int compile_setting(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			   enum mapping_kind kind, uint16_t *out)
{
	static const struct {
		const char *name;
		make_fn *make;
	} parts[] = {
		{"map", compile_map}, {"otherwise", make_otherwise}, {"is", make_is},
		{"as", make_as},      {"until", make_until},         {"split", make_split},
	};
	struct rh_mapping *mapping = compiler->mapping;
	struct mapping_setting setting = {0};
	int code = compile_flag(compiler, rule, "inverted", &setting.is_inverted);

	if (code == RH_OK) {
		code = compile_flag(compiler, rule, "there", &setting.is_presence);
	}
	for (size_t i = 0; code == RH_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct rh_json_node *node = rh_mapping_member(compiler, rule, parts[i].name);
		if (node == NULL) {
			continue;
		}
		struct mapping_mark before = rh_mapping_enter(compiler, node);
		code = parts[i].make(compiler, node, kind, &setting);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, before);
		}
	}
	if (code == RH_OK) {
		code = rh_mapping_grow(compiler, &mapping->settings, mapping->setting_count,
				       &mapping->setting_cap, sizeof(*mapping->settings));
	}
	if (code == RH_OK) {
		*out = (uint16_t)mapping->setting_count;
		mapping->settings[mapping->setting_count++] = setting;
	}
	return code;
}

/* ---- rules ----------------------------------------------------------------------------------------------- */

static int put_path(struct mapping_compiler *compiler, struct draft *draft,
		    const struct rh_json_node *node, uint16_t setting)
{
	struct mapping_rule rule = {.setting = setting};
	int code = rh_mapping_compile_path(compiler, node, &rule.place);

	return code == RH_OK ? put(compiler, draft, &rule) : code;
}

static int put_from(struct mapping_compiler *compiler, struct draft *draft,
		    const struct rh_json_node *from, uint16_t setting)
{
	const struct rh_json_node *element = NULL;
	struct mapping_mark before = rh_mapping_enter(compiler, from);
	size_t index = 0;
	int code = RH_OK;

	if (rh_json_type(from) != RH_JSON_ARRAY) {
		code = put_path(compiler, draft, from, setting);
	}
	while (code == RH_OK && rh_json_type(from) == RH_JSON_ARRAY &&
	       (element = rh_json_next(from, element, NULL)) != NULL) {
		struct mapping_mark inner = rh_mapping_enter_at(compiler, element, index++);
		code = put_path(compiler, draft, element, setting);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, inner);
		}
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static const char *const *allowed_for(enum mapping_kind kind)
{
	static const char *const text[] = {"from",      "value", "default", "map",
					   "otherwise", "use",   NULL};
	static const char *const name[] = {"from",      "value", "default", "map",
					   "otherwise", "use",   "split",   NULL};
	static const char *const boolean[] = {"from",      "value", "default",  "map",
					      "otherwise", "use",   "inverted", "is",
					      "there",     "as",    "until",    NULL};

	switch (kind) {
	case MAPPING_KIND_NAME:
		return name;
	case MAPPING_KIND_BOOL:
		return boolean;
	case MAPPING_KIND_TEXT:
	case MAPPING_KIND_LABEL:
		break;
	}
	return text;
}

/* M4: what a draft left to a person. */
static int refuse_undecided(struct mapping_compiler *compiler, const struct rh_json_node *rule)
{
	const struct rh_json_node *candidates = rh_json_get(rule, "decide");
	const struct rh_json_node *path = NULL;
	rh_autobuf names = {0};

	rh_buf_init(&names, RH_MAPPING_DOCUMENT_MAX);
	while (rh_json_type(candidates) == RH_JSON_ARRAY &&
	       (path = rh_json_next(candidates, path, NULL)) != NULL) {
		struct rh_str text = rh_json_text(path);
		rh_buf_printf(&names, "%s\"%.*s\"", names.len > 0 ? " or " : "",
			      RH_STR_ARG(rh_str_clip(text, NAME_MAX_TOLD)));
	}
	return rh_mapping_fail(compiler,
			       "It must tell people apart and stay the same for ever. An e-mail "
			       "address does where there is nothing else.",
			       "this is yet to be decided: put the path of a column or member in "
			       "place of the object%s%s",
			       names.len > 0 ? ", as " : "", names.len > 0 ? names.ptr : "");
}

static int put_object(struct mapping_compiler *compiler, struct draft *draft,
		      const struct rh_json_node *rule, enum mapping_kind kind)
{
	const struct rh_json_node *from = rh_mapping_member(compiler, rule, "from");
	const struct rh_json_node *value = rh_mapping_member(compiler, rule, "value");
	const struct rh_json_node *fallback = rh_mapping_member(compiler, rule, "default");
	uint16_t setting = 0;
	int code = rh_json_get(rule, "decide") != NULL
			   ? refuse_undecided(compiler, rule)
			   : rh_mapping_check(compiler, rule, allowed_for(kind));

	if (code == RH_OK) {
		code = rh_mapping_check_use(compiler, rule);
	}
	if (code == RH_OK && (from == NULL) == (value == NULL)) {
		code = rh_mapping_fail(compiler, NULL, "a rule has either \"from\" or \"value\"");
	}
	if (code == RH_OK) {
		code = compile_setting(compiler, rule, kind, &setting);
	}
	if (code == RH_OK && from != NULL) {
		code = put_from(compiler, draft, from, setting);
	}
	const struct rh_json_node *constants[] = {value, fallback};
	for (size_t i = 0; code == RH_OK && i < 2; i++) {
		if (constants[i] != NULL) {
			struct mapping_mark before = rh_mapping_enter(compiler, constants[i]);
			code = put_constant(compiler, draft, constants[i], kind, setting);
			if (code == RH_OK) {
				rh_mapping_leave(compiler, before);
			}
		}
	}
	return code;
}

static int put_any(struct mapping_compiler *compiler, struct draft *draft,
		   const struct rh_json_node *node, enum mapping_kind kind)
{
	switch (rh_json_type(node)) {
	case RH_JSON_STRING:
		return put_path(compiler, draft, node, 0);
	case RH_JSON_TRUE:
	case RH_JSON_FALSE:
		return put_constant(compiler, draft, node, kind, 0);
	case RH_JSON_OBJECT:
		return put_object(compiler, draft, node, kind);
	case RH_JSON_NULL:
	case RH_JSON_NUMBER:
	case RH_JSON_ARRAY:
		break;
	}
	return rh_mapping_fail(compiler, NULL,
			       "a rule is a path, true, false, an object, or a list of these");
}

int rh_mapping_compile_rules(struct mapping_compiler *compiler, const struct rh_json_node *node,
			     enum mapping_kind kind, struct mapping_rules *out)
{
	struct rh_mapping *mapping = compiler->mapping;
	struct draft draft = {0};
	const struct rh_json_node *element = NULL;
	size_t index = 0;
	int code = RH_OK;

	if (compiler->depth++ == DEPTH_MAX) {
		/* `until` of a rule that uses the rule, for one. */
		return rh_mapping_fail(compiler, NULL, "rules stand in rules without end: a cycle");
	}
	if (rh_json_type(node) != RH_JSON_ARRAY) {
		code = put_any(compiler, &draft, node, kind);
	}
	while (code == RH_OK && rh_json_type(node) == RH_JSON_ARRAY &&
	       (element = rh_json_next(node, element, NULL)) != NULL) {
		struct mapping_mark before = rh_mapping_enter_at(compiler, element, index++);
		code = put_any(compiler, &draft, element, kind);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, before);
		}
	}
	if (code == RH_OK && draft.count == 0) {
		code = rh_mapping_fail(compiler, NULL, "there is no path in the list");
	}
	struct mapping_rules rules = {.first = (uint16_t)mapping->rule_count,
				      .count = (uint16_t)draft.count};
	for (size_t i = 0; code == RH_OK && i < draft.count; i++) {
		code = rh_mapping_grow(compiler, &mapping->rules, mapping->rule_count,
				       &mapping->rule_cap, sizeof(*mapping->rules));
		if (code == RH_OK) {
			mapping->rules[mapping->rule_count++] = draft.rules[i];
		}
	}
	if (code == RH_OK) {
		compiler->depth--;
		*out = rules;
	}
	return code;
}

int rh_mapping_compile_member(struct mapping_compiler *compiler, const struct rh_json_node *object,
			      const char *name, enum mapping_kind kind, struct mapping_rules *out)
{
	const struct rh_json_node *node = rh_mapping_member(compiler, object, name);

	if (node == NULL) {
		return RH_OK;
	}
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	int code = rh_mapping_compile_rules(compiler, node, kind, out);
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}
