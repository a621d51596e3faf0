/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that are more than a rule: lists of addresses and links, the password, metadata (M6 to M8). */
#include "base/arena.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/mapping_compiler.h"

/* ---- lists ----------------------------------------------------------------------------------------------- */

static const char *const *allowed_for(enum rh_field field)
{
	static const char *const emails[] = {"from",    "each",       "value", "verified",
					     "primary", "reserved",   "id",    "when",
					     "unless",  "separators", "use",   NULL};
	static const char *const phones[] = {"from",    "each",          "value", "verified",
					     "primary", "reserved",      "id",    "when",
					     "unless",  "separators",    "use",   "plus",
					     "country", "second_factor", NULL};
	static const char *const identities[] = {"each",     "provider",   "subject", "email",
						 "verified", "enterprise", "when",    "unless",
						 "use",      NULL};

	switch ((int)field) {
	case RH_FIELD_EMAILS:
		return emails;
	case RH_FIELD_PHONES:
		return phones;
	default:
		return identities;
	}
}

/* A scope for the entries of a list. */
static int open_scope(struct mapping_compiler *compiler, struct mapping_list *list,
		      const struct rh_json_node *each)
{
	struct rh_mapping *mapping = compiler->mapping;
	struct mapping_mark before = rh_mapping_enter(compiler, each);
	int code = rh_mapping_compile_path(compiler, each, &list->each);

	if (code != RH_OK) {
		return code;
	}
	if (mapping->scope_count == MAPPING_SCOPE_LISTS + MAPPING_LISTS_MAX) {
		return rh_mapping_fail(compiler, NULL, "there are more than %d lists",
				       MAPPING_LISTS_MAX);
	}
	rh_mapping_leave(compiler, before);
	struct mapping_scope *scope = &mapping->scopes[mapping->scope_count];
	*scope = (struct mapping_scope){
		.arena = &mapping->arena,
		.max = MAPPING_ENTRY_PLACES_MAX,
		.is_loose = mapping->scopes[MAPPING_SCOPE_RECORD].is_loose,
		.key = MAPPING_NOWHERE,
	};
	list->scope = (uint16_t)mapping->scope_count++;
	compiler->scope = scope;
	return RH_OK;
}

static int compile_separators(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			      struct rh_str *out)
{
	const struct rh_json_node *node = rh_mapping_member(compiler, rule, "separators");

	*out = compiler->mapping->separators;
	if (node == NULL) {
		return RH_OK;
	}
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	int code = rh_mapping_word(compiler, node, NULL, out);
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static int compile_plus(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			struct mapping_list *list)
{
	static const char *const words[] = {"required", "added", NULL};
	const struct rh_json_node *node = rh_mapping_member(compiler, rule, "plus");
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	struct rh_str word;
	int code = node != NULL ? rh_mapping_word(compiler, node, words, &word) : RH_OK;

	if (code == RH_OK) {
		list->adds_plus = node != NULL && rh_str_is(word, "added");
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static int compile_country(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			   struct mapping_list *list)
{
	const struct rh_json_node *node = rh_mapping_member(compiler, rule, "country");
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	uint64_t number;
	struct rh_str text;

	if (node == NULL) {
		return RH_OK;
	}
	text = rh_json_text(node);
	if (rh_str_starts(text, "+")) {
		text = rh_str_sub(text, 1, SIZE_MAX);
	}
	if (!rh_str_to_u64(text, &number) || number == 0 || number > 999 || text.ptr[0] == '0') {
		return rh_mapping_fail(compiler, NULL,
				       "this must be the calling code of a country, as \"+49\"");
	}
	list->country = text;
	rh_mapping_leave(compiler, before);
	return RH_OK;
}

static int compile_phones(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			  struct mapping_list *list)
{
	int code = compile_plus(compiler, rule, list);

	return code == RH_OK ? compile_country(compiler, rule, list) : code;
}

static int compile_parts(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			 struct mapping_list *list)
{
	const struct {
		const char *name;
		enum mapping_kind kind;
		struct mapping_rules *out;
	} parts[] = {
		{"provider", MAPPING_KIND_TEXT, &list->value},
		{"subject", MAPPING_KIND_TEXT, &list->subject},
		{"email", MAPPING_KIND_TEXT, &list->email},
		{"verified", MAPPING_KIND_BOOL, &list->verified},
		{"primary", MAPPING_KIND_BOOL, &list->primary},
		{"reserved", MAPPING_KIND_BOOL, &list->reserved},
		{"id", MAPPING_KIND_TEXT, &list->id},
		{"second_factor", MAPPING_KIND_BOOL, &list->second_factor},
		{"enterprise", MAPPING_KIND_BOOL, &list->enterprise},
		{"when", MAPPING_KIND_BOOL, &list->when},
		{"unless", MAPPING_KIND_BOOL, &list->unless},
	};
	const struct rh_json_node *from = rh_mapping_member(compiler, rule, "from");
	int code = RH_OK;

	for (size_t i = 0; code == RH_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
		code = rh_mapping_compile_member(compiler, rule, parts[i].name, parts[i].kind,
						 parts[i].out);
	}
	if (code != RH_OK || list->field == RH_FIELD_IDENTITIES) {
		return code;
	}
	code = rh_mapping_compile_member(compiler, rule, from != NULL ? "from" : "value",
					 MAPPING_KIND_TEXT, &list->value);
	return code == RH_OK ? compile_separators(compiler, rule, &list->separators) : code;
}

static int compile_object(struct mapping_compiler *compiler, const struct rh_json_node *rule,
			  struct mapping_list *list)
{
	const struct rh_json_node *each = rh_mapping_member(compiler, rule, "each");
	struct mapping_scope *outer = compiler->scope;
	int code = rh_mapping_check(compiler, rule, allowed_for(list->field));

	if (code == RH_OK) {
		code = rh_mapping_check_use(compiler, rule);
	}
	if (code == RH_OK && each != NULL) {
		code = open_scope(compiler, list, each);
	}
	if (code == RH_OK) {
		code = compile_parts(compiler, rule, list);
	}
	if (code == RH_OK && list->field == RH_FIELD_PHONES) {
		code = compile_phones(compiler, rule, list);
	}
	if (code == RH_OK && list->value.count == 0) {
		code = rh_mapping_fail(compiler, NULL, "there is no \"%s\" here",
				       list->field == RH_FIELD_IDENTITIES ? "provider" : "from");
	}
	if (code == RH_OK && list->field == RH_FIELD_IDENTITIES && list->subject.count == 0 &&
	    list->email.count == 0) {
		code = rh_mapping_fail(compiler, NULL, "there is no \"subject\" and no \"email\"");
	}
	compiler->scope = outer;
	return code;
}

static int compile_list(struct mapping_compiler *compiler, const struct rh_json_node *node,
			enum rh_field field)
{
	struct rh_mapping *mapping = compiler->mapping;
	struct mapping_list list = {
		.field = field,
		.each = MAPPING_NOWHERE,
		.separators = mapping->separators,
	};
	int code =
		field == RH_FIELD_IDENTITIES || rh_json_type(node) != RH_JSON_STRING
			? compile_object(compiler, node, &list)
			: rh_mapping_compile_rules(compiler, node, MAPPING_KIND_TEXT, &list.value);

	if (code == RH_OK) {
		code = rh_mapping_grow(compiler, &mapping->lists, mapping->list_count,
				       &mapping->list_cap, sizeof(*mapping->lists));
	}
	if (code == RH_OK) {
		mapping->lists[mapping->list_count++] = list;
	}
	return code;
}

int rh_mapping_compile_lists(struct mapping_compiler *compiler, const struct rh_json_node *node,
			     enum rh_field field)
{
	const struct rh_json_node *element = NULL;
	size_t index = 0;
	int code = RH_OK;

	if (rh_json_type(node) != RH_JSON_ARRAY) {
		return compile_list(compiler, node, field);
	}
	while (code == RH_OK && (element = rh_json_next(node, element, NULL)) != NULL) {
		struct mapping_mark before = rh_mapping_enter_at(compiler, element, index++);
		code = compile_list(compiler, element, field);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, before);
		}
	}
	return code;
}

/* ---- the password ---------------------------------------------------------------------------------------- */

static int put_part(struct mapping_compiler *compiler, const struct mapping_part *part)
{
	struct rh_mapping *mapping = compiler->mapping;
	int code = rh_mapping_grow(compiler, &mapping->parts, mapping->part_count,
				   &mapping->part_cap, sizeof(*mapping->parts));

	if (code == RH_OK) {
		mapping->parts[mapping->part_count++] = *part;
		mapping->password.part_count++;
	}
	return code;
}

/* {path} up to its brace. */
static int put_path(struct mapping_compiler *compiler, struct rh_str *rest)
{
	struct mapping_part part = {0};
	const char *why = NULL;
	ptrdiff_t end = rh_str_index(*rest, '}');

	if (end < 0) {
		return rh_mapping_fail(compiler, "\"{{\" stands for a brace.",
				       "a brace is not closed");
	}
	int code = rh_mapping_path_add(compiler->scope, rh_str_sub(*rest, 0, (size_t)end),
				       &part.place, &why);
	*rest = rh_str_sub(*rest, (size_t)end + 1, SIZE_MAX);
	if (code == RH_ENOMEM) {
		return code;
	}
	if (code != RH_OK) {
		return rh_mapping_fail(compiler, NULL, "%s",
				       why != NULL ? why : "there are too many paths");
	}
	return put_part(compiler, &part);
}

/* "pbkdf2_sha256${rounds}${salt}${hash}"; "{{" and "}}" are braces. */
static int compile_form(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	struct rh_str rest;
	int code = rh_mapping_word(compiler, node, NULL, &rest);

	compiler->mapping->password.part_first = compiler->mapping->part_count;
	while (code == RH_OK && rest.len > 0) {
		size_t len = 0;
		bool is_open = false;
		while (len < rest.len && rest.ptr[len] != '{' && rest.ptr[len] != '}') {
			len++;
		}
		if (len < rest.len) {
			bool is_double = len + 1 < rest.len && rest.ptr[len + 1] == rest.ptr[len];
			is_open = rest.ptr[len] == '{' && !is_double;
			if (rest.ptr[len] == '}' && !is_double) {
				return rh_mapping_fail(compiler, "\"}}\" stands for a brace.",
						       "a brace is closed that is not open");
			}
			len += is_double ? 1 : 0;
		}
		const struct mapping_part part = {
			.text = rh_str_sub(rest, 0, len),
			.place = MAPPING_NOWHERE,
		};
		code = len > 0 ? put_part(compiler, &part) : RH_OK;
		rest = rh_str_sub(rest, len < rest.len ? len + 1 : len, SIZE_MAX);
		if (code == RH_OK && is_open) {
			code = put_path(compiler, &rest);
		}
	}
	return code;
}

int rh_mapping_compile_password(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	static const char *const allowed[] = {"hash", "label", "salt", "set",
					      "form", "clear", NULL};
	struct mapping_password *password = &compiler->mapping->password;
	const struct {
		const char *name;
		enum mapping_kind kind;
		struct mapping_rules *out;
	} parts[] = {
		{"hash", MAPPING_KIND_TEXT, &password->hash},
		{"label", MAPPING_KIND_LABEL, &password->label},
		{"salt", MAPPING_KIND_TEXT, &password->salt},
		{"set", MAPPING_KIND_BOOL, &password->set},
		{"clear", MAPPING_KIND_TEXT, &password->clear},
	};

	if (rh_json_type(node) == RH_JSON_STRING) {
		return rh_mapping_compile_rules(compiler, node, MAPPING_KIND_TEXT, &password->hash);
	}
	int code = rh_mapping_check(compiler, node, allowed);
	for (size_t i = 0; code == RH_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
		code = rh_mapping_compile_member(compiler, node, parts[i].name, parts[i].kind,
						 parts[i].out);
	}
	const struct rh_json_node *form = rh_json_get(node, "form");
	if (code == RH_OK && form != NULL) {
		struct mapping_mark before = rh_mapping_enter(compiler, form);
		if (password->hash.count > 0) {
			return rh_mapping_fail(compiler, NULL,
					       "a password has either \"hash\" or \"form\"");
		}
		code = compile_form(compiler, form);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, before);
		}
	}
	return code;
}

/* ---- metadata -------------------------------------------------------------------------------------------- */

static int compile_members(struct mapping_compiler *compiler, const struct rh_json_node *node,
			   struct mapping_metadata *metadata)
{
	struct rh_mapping *mapping = compiler->mapping;
	const struct rh_json_node *value = NULL;
	struct mapping_member member;
	int code = rh_mapping_check(compiler, node, NULL);

	metadata->member_first = mapping->member_count;
	while (code == RH_OK && (value = rh_json_next(node, value, &member.name)) != NULL) {
		struct mapping_mark before = rh_mapping_enter(compiler, value);
		code = rh_mapping_compile_rules(compiler, value, MAPPING_KIND_TEXT, &member.rules);
		if (code == RH_OK) {
			code = rh_mapping_grow(compiler, &mapping->members, mapping->member_count,
					       &mapping->member_cap, sizeof(*mapping->members));
		}
		if (code == RH_OK) {
			mapping->members[mapping->member_count++] = member;
			metadata->member_count++;
			rh_mapping_leave(compiler, before);
		}
	}
	return code;
}

int rh_mapping_compile_metadata(struct mapping_compiler *compiler, const struct rh_json_node *node,
				enum rh_metadata_kind kind)
{
	static const char *const allowed[] = {"from", "members", NULL};
	struct mapping_metadata *metadata = &compiler->mapping->metadata[kind];

	if (rh_json_type(node) != RH_JSON_OBJECT) {
		return rh_mapping_compile_rules(compiler, node, MAPPING_KIND_TEXT,
						&metadata->whole);
	}
	const struct rh_json_node *members = rh_json_get(node, "members");
	int code = rh_mapping_check(compiler, node, allowed);
	if (code == RH_OK) {
		code = rh_mapping_compile_member(compiler, node, "from", MAPPING_KIND_TEXT,
						 &metadata->whole);
	}
	if (code == RH_OK && members != NULL) {
		struct mapping_mark before = rh_mapping_enter(compiler, members);
		code = compile_members(compiler, members, metadata);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, before);
		}
	}
	return code;
}
