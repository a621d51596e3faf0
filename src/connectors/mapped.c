/* SPDX-License-Identifier: Apache-2.0 */
/* Sources whose records are mapped by documents. */
#include "connectors/mapped.h"

#include "base/err.h"
#include "base/json_node.h"
#include "base/str.h"
#include "connectors/social.h"

const char *const mapped_split_choices[] = {"last-blank", "first-blank", "none", NULL};

int mapped_open(struct mapped_instance *instance, const struct mapped_shape *shapes,
		const char *name, bool as_target, struct rh_err *err)
{
	if (as_target) {
		return rh_err_set(err, RH_EUSAGE, "%s cannot be the target yet", name);
	}
	instance->shapes = shapes;
	for (size_t i = 0; shapes[i].id != 0; i++) {
		int code = rh_mapping_compile(&instance->mappings[i],
					      rh_str_from(shapes[i].document), err);
		if (code != RH_OK) {
			mapped_close(instance);
			return code == RH_EINPUT ? rh_err_set(err, RH_EINTERNAL,
							      "a mapping of %s is wrong", name)
						 : code;
		}
	}
	return RH_OK;
}

void mapped_close(void *instance)
{
	struct mapped_instance *mapped = instance;

	for (size_t i = 0; i < MAPPED_SHAPES_MAX; i++) {
		rh_mapping_free(mapped->mappings[i]);
		mapped->mappings[i] = NULL;
	}
}

/* Once for each file, so the documents may as well be compiled for it. */
int mapped_recognise(const struct mapped_shape *shapes, const struct rh_sniff *sniff)
{
	int found = 0;

	for (size_t i = 0; found == 0 && shapes[i].id != 0; i++) {
		struct rh_mapping *mapping = NULL;
		if (rh_mapping_compile(&mapping, rh_str_from(shapes[i].document), NULL) != RH_OK) {
			return 0;
		}
		found = rh_mapping_recognises(mapping, sniff) ? shapes[i].id : 0;
		rh_mapping_free(mapping);
	}
	return found;
}

static size_t find_shape(const struct mapped_instance *mapped, int shape)
{
	size_t found = 0;

	while (mapped->shapes[found].id != shape && mapped->shapes[found + 1].id != 0) {
		found++;
	}
	return found;
}

/* The parameters are the interface's. */
/* NOLINTNEXTLINE(readability-function-size) */
int mapped_from_record(const void *instance, const struct rh_record *record,
		       const struct rh_mapping_policy *policy, struct rh_arena *arena,
		       struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err)
{
	static const enum rh_mapping_split splits[] = {
		RH_MAPPING_SPLIT_LAST_BLANK,
		RH_MAPPING_SPLIT_FIRST_BLANK,
		RH_MAPPING_SPLIT_NONE,
	};
	const struct mapped_instance *mapped = instance;
	size_t shape = find_shape(mapped, record->shape);
	const struct rh_mapping_call call = {
		.policy = policy,
		.arena = arena,
		.findings = findings,
		.hooks = &mapped->shapes[shape].hooks,
		.instance = instance,
		.split = splits[mapped->split],
	};
	int code = rh_mapping_account(mapped->mappings[shape], record, &call, out, err);

	for (size_t i = 0; code == RH_OK && i < out->identity_count; i++) {
		social_name(&out->identities[i]);
	}
	return code;
}

/* ---- for hooks -------------------------------------------------------------------------------------------- */

/* Bits of the lengths of names: most names that nobody wants are passed over by it. */
static uint64_t length_bit(size_t len)
{
	return UINT64_C(1) << len % 64;
}

static void take_member(const struct rh_json_node *member, const struct rh_str *names, size_t count,
			struct mapped_value *out)
{
	for (size_t i = 0; i < count; i++) {
		if (rh_str_eq(names[i], rh_json_name(member))) {
			out[i].node = rh_json_is_null(member + 1) ? NULL : member + 1;
		}
	}
}

static void take_cell(struct rh_str column, struct rh_str cell, const struct rh_str *names,
		      size_t count, struct mapped_value *out)
{
	for (size_t i = 0; i < count; i++) {
		if (rh_str_eq(names[i], column)) {
			out[i].cell = cell;
		}
	}
}

void mapped_values(const struct rh_record *record, const struct rh_str *names, size_t count,
		   struct mapped_value *out)
{
	uint64_t lengths = 0;

	for (size_t i = 0; i < count; i++) {
		out[i] = (struct mapped_value){0};
		lengths |= length_bit(names[i].len);
	}
	if (record->json == NULL) {
		const struct rh_columns *columns = record->columns;
		for (size_t i = 0; i < columns->count; i++) {
			if ((lengths & length_bit(columns->names[i].len)) != 0) {
				take_cell(columns->names[i], record->cells[i], names, count, out);
			}
		}
	} else if (rh_json_type(record->json) == RH_JSON_OBJECT) {
		const struct rh_json_node *end = rh_json_behind(record->json);
		for (const struct rh_json_node *at = record->json + 1; at < end;
		     at = rh_json_behind(at + 1)) {
			if ((lengths & length_bit(at->len)) != 0) {
				take_member(at, names, count, out);
			}
		}
	}
}

struct mapped_value mapped_value(const struct rh_record *record, const char *name)
{
	const struct rh_str wanted = rh_str_from(name);
	struct mapped_value value;

	mapped_values(record, &wanted, 1, &value);
	return value;
}

static struct rh_str text_of(const struct rh_json_node *node)
{
	enum rh_json_type type = rh_json_type(node);

	if (type == RH_JSON_TRUE) {
		return RH_STR("true");
	}
	return type == RH_JSON_STRING || type == RH_JSON_NUMBER ? rh_json_text(node)
								: RH_STR_ABSENT;
}

struct rh_str mapped_value_text(struct mapped_value value)
{
	return value.node != NULL ? text_of(value.node) : value.cell;
}

struct rh_str mapped_text(const struct rh_record *record, const char *name)
{
	return mapped_value_text(mapped_value(record, name));
}

struct rh_str mapped_member(const struct rh_json_node *object, const char *name)
{
	return text_of(rh_json_get(object, name));
}

bool mapped_is_true(struct rh_str text)
{
	static const char *const words[] = {"true", "t", "1", "yes", "y", "on", NULL};

	text = rh_str_trim(text);
	for (size_t i = 0; text.len > 0 && words[i] != NULL; i++) {
		if (rh_str_is_nocase(text, words[i])) {
			return true;
		}
	}
	return false;
}

bool mapped_is_flag(const struct rh_json_node *node)
{
	static const char *const words[] = {"true", "false", "t", "f", "1", "0", NULL};
	enum rh_json_type type = rh_json_type(node);

	if (type == RH_JSON_TRUE || type == RH_JSON_FALSE) {
		return true;
	}
	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is_nocase(text_of(node), words[i])) {
			return true;
		}
	}
	return false;
}
