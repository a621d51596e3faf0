/* SPDX-License-Identifier: Apache-2.0 */
/* A document as a whole: read, checked, compiled (M1, M2), and recognising the files that it is for. */
#include "mapping/mapping.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/json_node.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "jq/jq.h"
#include "mapping/mapping_compiler.h"

/* Names, copies and hash tables of a document of the largest size. */
#define ARENA_MAX (16U * 1024 * 1024)

static const char *const members_of_document[] = {
	"mapping", "name",   "title",  "recognise", "names", "separators", "nulls",
	"jq",      "shared", "fields", "leave_out", "rest",  NULL,
};

/* ---- the head -------------------------------------------------------------------------------------------- */

static int check_version(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	struct mapping_mark before = rh_mapping_enter(compiler, node);

	if (node == NULL) {
		return rh_mapping_fail(compiler, "A document begins with {\"mapping\": 1, …",
				       "\"mapping\" is missing");
	}
	if (rh_json_type(node) != RH_JSON_NUMBER || !rh_str_is(rh_json_text(node), "1")) {
		return rh_mapping_fail(compiler, NULL,
				       "this version of a mapping is not known; 1 is");
	}
	rh_mapping_leave(compiler, before);
	return RH_OK;
}

static int compile_name(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	struct rh_str name;

	if (node == NULL) {
		return rh_mapping_fail(compiler, "A name is made of a-z, 0-9 and -.",
				       "\"name\" is missing");
	}
	int code = rh_mapping_word(compiler, node, NULL, &name);
	for (size_t i = 0; code == RH_OK && i < name.len; i++) {
		char byte = name.ptr[i];
		bool is_good =
			(byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
		if (!is_good || name.len > 64) {
			code = rh_mapping_fail(
				compiler, NULL,
				"a name is made of a-z, 0-9 and -, 64 bytes at most");
		}
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

/* A text of the document with a NUL behind it. */
static int keep_text(struct mapping_compiler *compiler, struct rh_str text, const char **out)
{
	struct rh_str copy;

	if (!rh_arena_copy(&compiler->mapping->arena, text, &copy)) {
		return rh_err_set(compiler->err, RH_ENOMEM, "no memory for a mapping document");
	}
	*out = copy.ptr;
	return RH_OK;
}

static int compile_names(struct mapping_compiler *compiler, const struct rh_json_node *root)
{
	static const char *const words[] = {"exact", "loose", NULL};
	struct rh_mapping *mapping = compiler->mapping;
	const struct rh_json_node *title = rh_json_get(root, "title");
	const struct rh_json_node *names = rh_json_get(root, "names");
	struct rh_str text = RH_STR_ABSENT;
	int code = compile_name(compiler, rh_json_get(root, "name"));

	if (code == RH_OK) {
		code = keep_text(compiler, rh_json_get_string(root, "name"), &mapping->name);
	}
	mapping->title = mapping->name;
	struct mapping_mark before = rh_mapping_enter(compiler, title);
	if (code == RH_OK && title != NULL) {
		code = rh_mapping_word(compiler, title, NULL, &text);
		code = code == RH_OK ? keep_text(compiler, text, &mapping->title) : code;
	}
	if (code != RH_OK) {
		return code;
	}
	rh_mapping_leave(compiler, before);
	before = rh_mapping_enter(compiler, names);
	code = names != NULL ? rh_mapping_word(compiler, names, words, &text) : RH_OK;
	if (code != RH_OK) {
		return code;
	}
	rh_mapping_leave(compiler, before);
	mapping->scopes[MAPPING_SCOPE_RECORD].is_loose = names != NULL && rh_str_is(text, "loose");
	mapping->scopes[MAPPING_SCOPE_RECOGNISE].is_loose =
		mapping->scopes[MAPPING_SCOPE_RECORD].is_loose;
	return RH_OK;
}

static int compile_words(struct mapping_compiler *compiler, const struct rh_json_node *root)
{
	const struct rh_json_node *separators = rh_json_get(root, "separators");
	const struct rh_json_node *nulls = rh_json_get(root, "nulls");
	struct mapping_mark before = rh_mapping_enter(compiler, separators);
	int code = RH_OK;

	compiler->mapping->separators = RH_STR("|,;");
	if (separators != NULL) {
		code = rh_mapping_word(compiler, separators, NULL, &compiler->mapping->separators);
	}
	if (code != RH_OK) {
		return code;
	}
	rh_mapping_leave(compiler, before);
	before = rh_mapping_enter(compiler, nulls);
	if (nulls != NULL) {
		code = rh_mapping_compile_texts(compiler, nulls, &compiler->mapping->nulls);
	}
	for (size_t i = 0; code == RH_OK && i < compiler->mapping->nulls.count; i++) {
		struct rh_mapping *mapping = compiler->mapping;
		size_t len = mapping->texts[mapping->nulls.first + i].len;
		mapping->null_len_max = len > mapping->null_len_max ? len : mapping->null_len_max;
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

/* ---- fields ---------------------------------------------------------------------------------------------- */

static int compile_field(struct mapping_compiler *compiler, const struct rh_json_node *node,
			 size_t field)
{
	struct mapping_rules *rules = &compiler->mapping->fields[field];

	switch (rh_field_info(field)->type) {
	case RH_TYPE_EMAILS:
	case RH_TYPE_PHONES:
	case RH_TYPE_IDENTITIES:
		return rh_mapping_compile_lists(compiler, node, (enum rh_field)field);
	case RH_TYPE_PASSWORD:
		return rh_mapping_compile_password(compiler, node);
	case RH_TYPE_METADATA:
		return rh_mapping_compile_metadata(compiler, node,
						   (enum rh_metadata_kind)(
							   field - RH_FIELD_PUBLIC_METADATA));
	case RH_TYPE_NAME:
		return rh_mapping_compile_rules(compiler, node, MAPPING_KIND_NAME, rules);
	case RH_TYPE_BOOL:
	case RH_TYPE_COUNT:
		return rh_mapping_compile_rules(compiler, node, MAPPING_KIND_BOOL, rules);
	case RH_TYPE_TEXT:
	case RH_TYPE_TIME:
		break;
	}
	return rh_mapping_compile_rules(compiler, node, MAPPING_KIND_TEXT, rules);
}

static int compile_fields(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	const char *allowed[RH_FIELDS + 1] = {NULL};
	struct mapping_mark before = rh_mapping_enter(compiler, node);

	for (size_t i = 0; i < RH_FIELDS; i++) {
		allowed[i] = rh_field_info(i)->name;
	}
	if (node == NULL) {
		return rh_mapping_fail(compiler, NULL, "\"fields\" is missing");
	}
	int code = rh_mapping_check(compiler, node, allowed);
	/* In the order of the table: addresses before numbers, whatever the document's. */
	for (size_t i = 0; code == RH_OK && i < RH_FIELDS; i++) {
		const struct rh_json_node *field = rh_json_get(node, allowed[i]);
		if (field == NULL) {
			continue;
		}
		struct mapping_mark inner = rh_mapping_enter(compiler, field);
		code = compile_field(compiler, field, i);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, inner);
		}
	}
	if (code == RH_OK && compiler->mapping->fields[RH_FIELD_SOURCE_ID].count == 0) {
		code = rh_mapping_fail(compiler,
				       "Say which member or column identifies an account.",
				       "\"source_id\" is missing");
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static int read_reason(struct mapping_compiler *compiler, const struct rh_json_node *node,
		       struct rh_str *out)
{
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	int code = rh_mapping_word(compiler, node, NULL, out);

	for (size_t i = 0; code == RH_OK && i < out->len; i++) {
		char byte = out->ptr[i];
		if (out->len > 32 || !((byte >= 'a' && byte <= 'z') || byte == '-')) {
			code = rh_mapping_fail(compiler, NULL,
					       "a reason is a word of a-z and -, 32 bytes at most");
		}
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static int compile_one_leave_out(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	static const char *const allowed[] = {"when", "reason", NULL};
	struct rh_mapping *mapping = compiler->mapping;
	struct mapping_leave_out one = {0};
	struct rh_str reason = RH_STR_ABSENT;
	const char *kept = NULL;
	int code = rh_mapping_check(compiler, node, allowed);

	if (code == RH_OK) {
		code = rh_mapping_compile_member(compiler, node, "when", MAPPING_KIND_BOOL,
						 &one.when);
	}
	if (code == RH_OK && one.when.count == 0) {
		code = rh_mapping_fail(compiler, NULL, "\"when\" is missing");
	}
	if (code == RH_OK) {
		code = read_reason(compiler, rh_json_get(node, "reason"), &reason);
	}
	code = code == RH_OK ? keep_text(compiler, reason, &kept) : code;
	one.reason = (struct rh_str){.ptr = kept, .len = reason.len};
	if (code == RH_OK) {
		code = rh_mapping_grow(compiler, &mapping->leave_outs, mapping->leave_out_count,
				       &mapping->leave_out_cap, sizeof(*mapping->leave_outs));
	}
	if (code == RH_OK) {
		mapping->leave_outs[mapping->leave_out_count++] = one;
	}
	return code;
}

static int compile_leave_out(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	const struct rh_json_node *element = NULL;
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	size_t index = 0;
	int code = RH_OK;

	if (node != NULL && rh_json_type(node) != RH_JSON_ARRAY) {
		code = compile_one_leave_out(compiler, node);
	}
	while (code == RH_OK && rh_json_type(node) == RH_JSON_ARRAY &&
	       (element = rh_json_next(node, element, NULL)) != NULL) {
		struct mapping_mark inner = rh_mapping_enter_at(compiler, element, index++);
		code = compile_one_leave_out(compiler, element);
		if (code == RH_OK) {
			rh_mapping_leave(compiler, inner);
		}
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static int compile_rest(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	static const char *const words[] = {"public_metadata", "private_metadata",
					    "unsafe_metadata", "nowhere", NULL};
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	struct rh_str word = RH_STR_ABSENT;
	int code = node != NULL ? rh_mapping_word(compiler, node, words, &word) : RH_OK;

	for (size_t i = 0; code == RH_OK && i < RH_METADATA_KINDS; i++) {
		if (rh_str_is(word, words[i])) {
			compiler->mapping->has_rest = true;
			compiler->mapping->rest = (enum rh_metadata_kind)i;
		}
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

/* ---- recognise ------------------------------------------------------------------------------------------- */

static int put_place(struct mapping_compiler *compiler, uint16_t place)
{
	struct rh_mapping *mapping = compiler->mapping;
	int code = rh_mapping_grow(compiler, &mapping->recognise_places, mapping->recognise_count,
				   &mapping->recognise_cap, sizeof(*mapping->recognise_places));

	if (code == RH_OK) {
		mapping->recognise_places[mapping->recognise_count++] = place;
	}
	return code;
}

static int compile_places(struct mapping_compiler *compiler, const struct rh_json_node *node,
			  struct mapping_texts *out)
{
	const struct rh_json_node *element = NULL;
	struct mapping_mark before = rh_mapping_enter(compiler, node);
	size_t index = 0;
	uint16_t place;
	int code = RH_OK;

	out->first = (uint16_t)compiler->mapping->recognise_count;
	if (node != NULL && rh_json_type(node) != RH_JSON_ARRAY) {
		return rh_mapping_fail(compiler, NULL, "this must be a list of paths: […]");
	}
	while (code == RH_OK && (element = rh_json_next(node, element, NULL)) != NULL) {
		struct mapping_mark inner = rh_mapping_enter_at(compiler, element, index++);
		code = rh_mapping_compile_path(compiler, element, &place);
		code = code == RH_OK ? put_place(compiler, place) : code;
		if (code == RH_OK) {
			rh_mapping_leave(compiler, inner);
		}
	}
	out->count = (uint16_t)(compiler->mapping->recognise_count - out->first);
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

/* Without `recognise`: what an id can be read from. */
static int recognise_by_id(struct mapping_compiler *compiler)
{
	struct rh_mapping *mapping = compiler->mapping;
	struct mapping_rules rules = mapping->fields[RH_FIELD_SOURCE_ID];
	const char *why;
	uint16_t place;
	int code = RH_OK;

	for (size_t i = 0; code == RH_OK && i < rules.count; i++) {
		uint16_t from = mapping->rules[rules.first + i].place;
		if (from == MAPPING_NOWHERE) {
			continue;
		}
		struct rh_str path = mapping->scopes[MAPPING_SCOPE_RECORD].places[from].path;
		code = rh_mapping_path_add(compiler->scope, path, &place, &why);
		code = code == RH_OK ? put_place(compiler, place) : code;
	}
	mapping->recognise.any.count = (uint16_t)mapping->recognise_count;
	return code;
}

static int compile_recognise(struct mapping_compiler *compiler, const struct rh_json_node *node)
{
	static const char *const allowed[] = {"all", "any", "none", NULL};
	struct mapping_recognise *recognise = &compiler->mapping->recognise;
	struct mapping_mark before = rh_mapping_enter(compiler, node);

	compiler->scope = &compiler->mapping->scopes[MAPPING_SCOPE_RECOGNISE];
	if (node == NULL) {
		/* Where the program makes the id, a record need not have it. */
		return compiler->mapping->program == NULL ? recognise_by_id(compiler) : RH_OK;
	}
	int code = rh_mapping_check(compiler, node, allowed);
	if (code == RH_OK) {
		code = compile_places(compiler, rh_json_get(node, "all"), &recognise->all);
	}
	if (code == RH_OK) {
		code = compile_places(compiler, rh_json_get(node, "any"), &recognise->any);
	}
	if (code == RH_OK) {
		code = compile_places(compiler, rh_json_get(node, "none"), &recognise->none);
	}
	if (code == RH_OK) {
		rh_mapping_leave(compiler, before);
	}
	return code;
}

static bool is_present(const struct mapping_value *value)
{
	return value->node != NULL || value->cell.ptr != NULL;
}

static size_t count_present(const struct rh_mapping *mapping, struct mapping_texts places,
			    const struct mapping_value *values)
{
	size_t count = 0;

	for (size_t i = 0; i < places.count; i++) {
		count += is_present(&values[mapping->recognise_places[places.first + i]]);
	}
	return count;
}

bool rh_mapping_recognises(const struct rh_mapping *mapping, const struct rh_sniff *sniff)
{
	const struct mapping_scope *scope = &mapping->scopes[MAPPING_SCOPE_RECOGNISE];
	const struct mapping_recognise *recognise = &mapping->recognise;
	struct mapping_value room[MAPPING_PLACES_MAX] RH_UNCLEARED;
	struct mapping_values values = {.at = room};
	struct mapping_nested nested RH_UNCLEARED;
	struct rh_arena arena;

	rh_arena_init(&arena, ARENA_MAX, RH_ARENA_WIPE);
	nested.count = 0;
	nested.arena = &arena;
	nested.status = RH_OK;
	if (sniff->json != NULL) {
		rh_mapping_collect(scope, sniff->json, &nested, &values);
	} else if (sniff->columns != NULL) {
		rh_mapping_collect_cells(scope, sniff->columns, NULL, &nested, &values);
	}
	bool is_ours =
		(sniff->json != NULL || sniff->columns != NULL) &&
		count_present(mapping, recognise->all, room) == recognise->all.count &&
		count_present(mapping, recognise->none, room) == 0 &&
		(recognise->any.count == 0 || count_present(mapping, recognise->any, room) > 0);
	rh_mapping_nested_done(&nested);
	rh_arena_done(&arena);
	return is_ours;
}

/* ---- the whole ------------------------------------------------------------------------------------------- */

static int compile(struct mapping_compiler *compiler, const struct rh_json_node *root)
{
	struct rh_mapping *mapping = compiler->mapping;
	int code = rh_mapping_check(compiler, root, members_of_document);

	compiler->shared = rh_json_get(root, "shared");
	if (code == RH_OK) {
		code = check_version(compiler, rh_json_get(root, "mapping"));
	}
	if (code == RH_OK) {
		code = compile_names(compiler, root);
	}
	if (code == RH_OK) {
		code = compile_words(compiler, root);
	}
	if (code == RH_OK) {
		code = rh_mapping_check_shared(compiler);
	}
	if (code == RH_OK) {
		code = compile_fields(compiler, rh_json_get(root, "fields"));
	}
	if (code == RH_OK) {
		code = compile_leave_out(compiler, rh_json_get(root, "leave_out"));
	}
	if (code == RH_OK) {
		code = compile_rest(compiler, rh_json_get(root, "rest"));
	}
	if (code == RH_OK) {
		code = rh_mapping_compile_program(compiler, rh_json_get(root, "jq"));
	}
	if (code == RH_OK) {
		code = compile_recognise(compiler, rh_json_get(root, "recognise"));
	}
	for (size_t i = 0; code == RH_OK && i < mapping->scope_count; i++) {
		code = rh_mapping_scope_finish(&mapping->scopes[i]);
		if (code == RH_OK && i != MAPPING_SCOPE_RECOGNISE) {
			code = rh_mapping_scope_remember(&mapping->scopes[i]);
		}
	}
	return code == RH_OK ? rh_mapping_shapes_init(mapping) : code;
}

/* Setting 0 and the scopes that each document has. */
static int prepare(struct mapping_compiler *compiler)
{
	struct rh_mapping *mapping = compiler->mapping;

	for (size_t i = 0; i < MAPPING_SCOPE_LISTS; i++) {
		mapping->scopes[i] = (struct mapping_scope){
			.arena = &mapping->arena,
			.max = MAPPING_PLACES_MAX,
			.key = MAPPING_NOWHERE,
		};
	}
	mapping->scope_count = MAPPING_SCOPE_LISTS;
	compiler->scope = &mapping->scopes[MAPPING_SCOPE_RECORD];
	int code = rh_mapping_grow(compiler, &mapping->settings, 0, &mapping->setting_cap,
				   sizeof(*mapping->settings));
	if (code == RH_OK) {
		mapping->settings[mapping->setting_count++] = (struct mapping_setting){0};
	}
	return code;
}

static int parse(struct mapping_compiler *compiler)
{
	struct rh_mapping *mapping = compiler->mapping;
	struct rh_str document = compiler->document;

	if (document.len > RH_MAPPING_DOCUMENT_MAX) {
		return rh_err_set(compiler->err, RH_EINPUT,
				  "a mapping document has %u bytes at most",
				  RH_MAPPING_DOCUMENT_MAX);
	}
	mapping->text = rh_malloc(document.len + 1);
	if (mapping->text == NULL) {
		return rh_err_set(compiler->err, RH_ENOMEM, "no memory for a mapping document");
	}
	memcpy(mapping->text, document.ptr, document.len);
	mapping->text[document.len] = '\0';
	int code = rh_json_parse(&mapping->json, mapping->text, document.len, compiler->err);
	if (code == RH_OK && rh_json_type(rh_json_root(&mapping->json)) != RH_JSON_OBJECT) {
		code = rh_mapping_fail(compiler, NULL, "a mapping document is an object: {…}");
	}
	return code == RH_ELIMIT ? RH_EINPUT : code;
}

int rh_mapping_compile(struct rh_mapping **out, struct rh_str document, struct rh_err *err)
{
	struct rh_err own = {0};
	struct mapping_compiler compiler = {.document = document, .err = err != NULL ? err : &own};

	compiler.mapping = rh_calloc(1, sizeof(*compiler.mapping));
	if (compiler.mapping == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a mapping document");
	}
	rh_arena_init(&compiler.mapping->arena, ARENA_MAX, RH_ARENA_PLAIN);
	int code = parse(&compiler);
	if (code == RH_OK) {
		code = prepare(&compiler);
	}
	if (code == RH_OK) {
		code = compile(&compiler, rh_json_root(&compiler.mapping->json));
	}
	if (code != RH_OK) {
		rh_mapping_free(compiler.mapping);
		return code == RH_EINPUT || code == RH_EIO
			       ? code
			       : rh_err_set(err, RH_ENOMEM, "no memory for a mapping document");
	}
	*out = compiler.mapping;
	return RH_OK;
}

void rh_mapping_free(struct rh_mapping *mapping)
{
	if (mapping == NULL) {
		return;
	}
	for (size_t i = 0; i < mapping->scope_count; i++) {
		rh_mapping_scope_done(&mapping->scopes[i]);
	}
	rh_free(mapping->rules);
	rh_free(mapping->settings);
	rh_free(mapping->texts);
	rh_free(mapping->lists);
	rh_free(mapping->members);
	rh_free(mapping->parts);
	rh_free(mapping->leave_outs);
	rh_free(mapping->recognise_places);
	rh_jq_end(mapping->program);
	rh_json_done(&mapping->json);
	rh_free(mapping->text);
	rh_arena_done(&mapping->arena);
	rh_free(mapping);
}

const char *rh_mapping_name(const struct rh_mapping *mapping)
{
	return mapping->name;
}

const char *rh_mapping_title(const struct rh_mapping *mapping)
{
	return mapping->title;
}
