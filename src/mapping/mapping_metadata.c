/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata buckets: an object as a whole, single members beside it, and what nothing else reads (M5, M11). */
#include "account/metadata.h"
#include "base/buf.h"
#include "base/json_node.h"
#include "base/limits.h"
#include "base/str.h"
#include "mapping/mapping_internal.h"

static void take_whole(struct mapping_run *run, struct mapping_rules rules, struct rh_str *out)
{
	struct mapping_found found;
	int code;

	rh_mapping_find(&run->view, rules, &found);
	if (found.rule == NULL) {
		return;
	}
	if (rh_json_type(found.value.node) == RH_JSON_OBJECT) {
		code = rh_metadata_from_node(run->call->arena, found.value.node, out);
	} else if (found.text.ptr != NULL) {
		code = rh_metadata_from_text(run->call->arena, found.text, out);
	} else {
		code = RH_EINPUT;
	}
	if (code == RH_EINPUT) {
		rh_mapping_report(run, &run->view, &found, RH_FINDING_METADATA_INVALID, NULL);
	} else {
		rh_mapping_keep_status(run, code);
	}
}

static void put_member(struct rh_json_writer *writer, struct rh_str name,
		       const struct mapping_found *found)
{
	rh_json_key_str(writer, name);
	if (found->rule->place == MAPPING_NOWHERE) {
		rh_json_put_raw(writer, found->rule->raw);
	} else if (found->value.node != NULL && found->text.ptr == NULL) {
		rh_json_put_node(writer, found->value.node);
	} else if (found->value.node != NULL && rh_json_type(found->value.node) != RH_JSON_STRING) {
		rh_json_put_raw(writer, found->text); /* number, boolean */
	} else {
		rh_json_put_string(writer, found->text);
	}
}

static void put_members(struct mapping_run *run, const struct mapping_metadata *metadata,
			struct rh_json_writer *writer)
{
	for (size_t i = 0; i < metadata->member_count; i++) {
		const struct mapping_member *member =
			&run->mapping->members[metadata->member_first + i];
		struct mapping_found found;
		rh_mapping_find(&run->view, member->rules, &found);
		if (found.rule == NULL) {
			continue;
		}
		if (found.is_unmapped) {
			rh_mapping_report(run, &run->view, &found, RH_FINDING_FIELD_TYPE, NULL);
		} else {
			put_member(writer, member->name, &found);
		}
	}
}

/* M11 */
static void put_rest(struct mapping_run *run, struct rh_json_writer *writer)
{
	const struct rh_record *record = run->record;
	const struct mapping_scope *scope = run->view.scope;
	const struct rh_json_node *value = NULL;
	struct rh_str name;

	if (record->json != NULL) {
		while ((value = rh_json_next(record->json, value, &name)) != NULL) {
			if (!rh_json_is_null(value) && !rh_mapping_knows(scope, name, false)) {
				rh_json_key_str(writer, name);
				rh_json_put_node(writer, value);
			}
		}
		return;
	}
	for (size_t i = 0; i < record->columns->count; i++) {
		name = record->columns->names[i];
		if (rh_str_is_set(name) && rh_str_is_set(record->cells[i]) &&
		    !rh_mapping_knows(scope, name, true)) {
			rh_json_key_str(writer, name);
			rh_json_put_string(writer, record->cells[i]);
		}
	}
}

/* Members beside what is there already, and in its place. */
static void add_members(struct mapping_run *run, const struct mapping_metadata *metadata,
			bool has_rest, struct rh_str *out)
{
	rh_autobuf made = {0};
	struct rh_json_writer writer;

	rh_buf_init(&made, (size_t)RH_RECORD_MAX * 6);
	rh_json_writer_init(&writer, &made);
	rh_json_begin_object(&writer);
	put_members(run, metadata, &writer);
	if (has_rest) {
		put_rest(run, &writer);
	}
	rh_json_end_object(&writer);
	if (made.failed != 0) {
		rh_mapping_keep_status(run, RH_ENOMEM);
		return;
	}
	if (made.len <= sizeof("{}") - 1) {
		return;
	}
	if (out->ptr == NULL && !(has_rest && run->record->json != NULL)) {
		*out = rh_mapping_keep(run, rh_buf_str(&made));
		return;
	}
	/* Also of one alone: in a record a member may stand twice. */
	int code = rh_metadata_merge(run->call->arena, *out, rh_buf_str(&made), out);
	if (code == RH_EINPUT) {
		const struct mapping_found nowhere = {0};
		rh_mapping_report(run, &run->view, &nowhere, RH_FINDING_METADATA_INVALID, NULL);
	} else {
		rh_mapping_keep_status(run, code);
	}
}

void rh_mapping_metadata(struct mapping_run *run)
{
	for (size_t i = 0; i < RH_METADATA_KINDS && run->status == RH_OK; i++) {
		const struct mapping_metadata *metadata = &run->mapping->metadata[i];
		bool has_rest = run->mapping->has_rest && run->mapping->rest == i;
		struct rh_str *out = &run->account->metadata[i];

		if (rh_mapping_can_give(&run->view, metadata->whole)) {
			take_whole(run, metadata->whole, out);
		}
		if (metadata->member_count > 0 || has_rest) {
			add_members(run, metadata, has_rest, out);
		}
	}
}
