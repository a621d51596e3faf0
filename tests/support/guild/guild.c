/* SPDX-License-Identifier: Apache-2.0 */
/* Guild's connector: mapping and steps of entities. */
#include "guild/guild.h"

#include "account/metadata.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

enum field {
	FIELD_EXTERNAL_ID,
	FIELD_NAME,
	FIELD_SLUG,
	FIELD_DESCRIPTION,
	FIELD_DOMAIN,
	FIELD_ROLES,
	FIELD_PERMISSIONS,
	FIELD_STATE,
	FIELDS,
};

static const char *const fields[] = {"external_id", "name",        "slug",  "description", "domain",
				     "roles",       "permissions", "state", NULL};

/* ---- reading --------------------------------------------------------------------------------------- */

static int texts_of(const struct rh_json_node *list, struct rh_arena *arena,
		    const struct rh_str **out, size_t *count)
{
	struct rh_str *texts = rh_arena_calloc(arena, rh_json_count(list) + 1, sizeof(*texts));
	const struct rh_json_node *node = NULL;

	*count = 0;
	*out = texts;
	while (texts != NULL && (node = rh_json_next(list, node, NULL)) != NULL) {
		if (!rh_arena_copy(arena, rh_json_string(node), &texts[(*count)++])) {
			return RH_ENOMEM;
		}
	}
	return texts != NULL ? RH_OK : RH_ENOMEM;
}

static enum rh_entity_state state_of(struct rh_str text)
{
	for (int state = RH_ENTITY_ACTIVE; state <= RH_ENTITY_OVER; state++) {
		if (rh_str_is(text, rh_entity_state_name((enum rh_entity_state)state))) {
			return (enum rh_entity_state)state;
		}
	}
	return RH_ENTITY_UNSAID;
}

static int read_entity(const struct rh_json_node *json, enum rh_kind kind, struct rh_arena *arena,
		       struct rh_entity *out)
{
	const struct {
		const char *name;
		struct rh_str *to;
	} texts[] = {
		{"id", &out->source_id},
		{"external_id", &out->external_id},
		{"name", &out->name},
		{"slug", &out->slug},
		{"description", &out->description},
		{"organization", &out->organization},
		{"user", &out->user},
		{"email", &out->email},
		{"domain", &out->domain},
	};
	int64_t created_at = 0;
	int code;

	*out = (struct rh_entity){.kind = kind};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!rh_arena_copy(arena, rh_json_get_string(json, texts[i].name), texts[i].to)) {
			return RH_ENOMEM;
		}
	}
	(void)rh_json_get_i64(json, "created_at", &created_at);
	out->created_at = created_at;
	out->state = state_of(rh_json_get_string(json, "state"));
	out->is_built_in = rh_json_get_bool(json, "built_in", false);
	code = texts_of(rh_json_get(json, "roles"), arena, &out->roles, &out->role_count);
	return code == RH_OK ? texts_of(rh_json_get(json, "permissions"), arena, &out->permissions,
					&out->permission_count)
			     : code;
}

static int from_record(const void *instance, enum rh_kind kind, const struct rh_record *record,
		       const struct rh_mapping_policy *policy, struct rh_arena *arena,
		       struct rh_finding_sink *findings, struct rh_entity *out, struct rh_err *err)
{
	int code = read_entity(record->json, kind, arena, out);

	(void)instance;
	(void)policy;
	(void)findings;
	return code == RH_OK ? RH_OK : rh_err_set(err, code, "the record could not be taken");
}

/* ---- slugs: "g:" stands before those of Guild ---------------------------------------------------------- */

static int to_common(enum rh_kind kind, struct rh_str slug, struct rh_arena *arena,
		     struct rh_str *out)
{
	(void)kind;
	(void)arena;
	*out = rh_str_starts(slug, "g:") ? rh_str_sub(slug, 2, slug.len) : slug;
	return 1;
}

static int from_common(enum rh_kind kind, struct rh_str common, struct rh_arena *arena,
		       struct rh_str *out)
{
	(void)kind;
	if (rh_str_index(common, ' ') >= 0) {
		return 0;
	}
	*out = rh_arena_printf(arena, "g:%.*s", RH_STR_ARG(common));
	return out->ptr != NULL ? 1 : RH_ENOMEM;
}

/* ---- fields --------------------------------------------------------------------------------------------- */

static unsigned parts_of(const void *instance, const struct rh_entity *entity)
{
	(void)instance;
	return RH_PART_IDENTITY |
	       (entity->description.ptr != NULL ? (unsigned)RH_PART_PROFILE : 0) |
	       (entity->role_count > 1 ? (unsigned)RH_PART_ROLES : 0) |
	       (entity->permission_count > 0 ? (unsigned)RH_PART_PERMISSIONS : 0);
}

static void expect(struct rh_wire *wire, enum field field, struct rh_str value)
{
	wire->present |= UINT32_C(1) << field;
	wire->value[field] = value;
}

/* In ascending order, joined by a space. */
static bool join(const struct rh_str *given, size_t count, struct rh_arena *arena,
		 struct rh_str *out)
{
	rh_autobuf text = {0};
	struct rh_str last = RH_STR_ABSENT;

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_buf_add_cstr(&text, "");
	for (size_t n = 0; n < count; n++) {
		struct rh_str least = RH_STR_ABSENT;
		for (size_t i = 0; i < count; i++) {
			bool is_later = last.ptr == NULL || rh_str_cmp(given[i], last) > 0;
			if (is_later && (least.ptr == NULL || rh_str_cmp(given[i], least) < 0)) {
				least = given[i];
			}
		}
		if (least.ptr == NULL) {
			break;
		}
		rh_buf_add_cstr(&text, n > 0 ? " " : "");
		rh_buf_add_str(&text, least);
		last = least;
	}
	*out = RH_STR("");
	return text.failed == 0 && (text.len == 0 || rh_arena_copy(arena, rh_buf_str(&text), out));
}

static bool join_links(const struct rh_link *links, size_t count, struct rh_arena *arena,
		       struct rh_str *out)
{
	struct rh_str *slugs = rh_arena_calloc(arena, count + 1, sizeof(*slugs));

	for (size_t i = 0; slugs != NULL && i < count; i++) {
		slugs[i] = links[i].slug;
	}
	return slugs != NULL && join(slugs, count, arena, out);
}

static struct rh_str state_there(const struct rh_entity *entity,
				 const struct rh_mapping_policy *policy)
{
	if (entity->kind == RH_KIND_DOMAIN && !policy->verifies_domains) {
		return RH_STR("pending");
	}
	return rh_str_from(rh_entity_state_name(entity->state));
}

static int to_wire(const void *instance, const struct rh_entity *entity,
		   const struct rh_links *links, const struct rh_mapping_policy *policy,
		   unsigned parts, struct rh_arena *arena, struct rh_finding_sink *findings,
		   struct rh_buf *body, struct rh_wire *out, struct rh_err *err)
{
	size_t roles = (parts & RH_PART_ROLES) != 0 ? links->role_count
		       : links->role_count > 0      ? 1
						    : 0;
	struct rh_str list;

	(void)instance;
	(void)findings;
	(void)body;
	*out = (struct rh_wire){0};
	if (entity->kind == RH_KIND_ORGANIZATION) {
		expect(out, FIELD_EXTERNAL_ID,
		       rh_str_is_set(entity->external_id) ? entity->external_id
							  : entity->source_id);
	}
	if (entity->name.ptr != NULL) {
		expect(out, FIELD_NAME, entity->name);
	}
	if (links->slug.ptr != NULL) {
		expect(out, FIELD_SLUG, links->slug);
	}
	if ((parts & RH_PART_PROFILE) != 0) {
		expect(out, FIELD_DESCRIPTION, entity->description);
	}
	if (entity->domain.ptr != NULL) {
		expect(out, FIELD_DOMAIN, entity->domain);
	}
	if (entity->kind == RH_KIND_MEMBERSHIP || entity->kind == RH_KIND_DOMAIN) {
		expect(out, FIELD_STATE, state_there(entity, policy));
	}
	if (entity->kind == RH_KIND_MEMBERSHIP || entity->kind == RH_KIND_INVITATION) {
		if (!join_links(links->roles, roles, arena, &list)) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		expect(out, FIELD_ROLES, list);
	}
	if (entity->kind == RH_KIND_ROLE && (parts & RH_PART_PERMISSIONS) != 0) {
		if (!join_links(links->permissions, links->permission_count, arena, &list)) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		expect(out, FIELD_PERMISSIONS, list);
		out->extras = 1;
	}
	return RH_OK;
}

static int observe(const void *instance, enum rh_kind kind, const struct rh_record *record,
		   struct rh_arena *arena, struct rh_observed *out, struct rh_err *err)
{
	struct rh_entity *entity = rh_arena_calloc(arena, 1, sizeof(*entity));
	struct rh_wire *wire = &out->wire;
	struct rh_str roles;
	struct rh_str permissions;
	int code = entity != NULL ? read_entity(record->json, kind, arena, entity) : RH_ENOMEM;

	(void)instance;
	*out = (struct rh_observed){0};
	if (code != RH_OK || !join(entity->roles, entity->role_count, arena, &roles) ||
	    !join(entity->permissions, entity->permission_count, arena, &permissions)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (!rh_str_is_set(entity->source_id)) {
		return rh_err_set(err, RH_EINPUT, "not an object");
	}
	out->target_id = entity->source_id;
	out->external_id = entity->external_id;
	out->created_at = entity->created_at;
	out->entity = entity;
	expect(wire, FIELD_EXTERNAL_ID, entity->external_id);
	expect(wire, FIELD_NAME, entity->name);
	expect(wire, FIELD_SLUG, entity->slug);
	expect(wire, FIELD_DESCRIPTION, entity->description);
	expect(wire, FIELD_DOMAIN, entity->domain);
	expect(wire, FIELD_ROLES, roles);
	expect(wire, FIELD_PERMISSIONS, permissions);
	expect(wire, FIELD_STATE, rh_str_from(rh_entity_state_name(entity->state)));
	return RH_OK;
}

/* ---- steps ----------------------------------------------------------------------------------------------- */

static void put_list(struct rh_json_writer *json, const char *name, struct rh_str joined)
{
	rh_json_key(json, name);
	rh_json_begin_array(json);
	while (joined.len > 0) {
		rh_json_put_string(json, rh_str_cut(&joined, ' '));
	}
	rh_json_end_array(json);
}

static int body_of(const void *instance, struct rh_operation *operation, struct rh_str *out)
{
	const struct rh_row *row = &operation->rows[0];
	bool completes = operation->verb == RH_VERB_UPDATE;
	struct rh_json_writer json;
	struct rh_wire wire;
	rh_autobuf text = {0};
	int code = to_wire(instance, row->entity, row->links, row->policy, row->parts,
			   operation->arena, NULL, NULL, &wire, NULL);

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&json, &text);
	rh_json_begin_object(&json);
	for (unsigned i = 0; i < FIELDS && code == RH_OK; i++) {
		bool is_late = i == FIELD_PERMISSIONS;

		if ((wire.present >> i & 1) == 0 || is_late != completes) {
			continue;
		}
		if (i == FIELD_ROLES || i == FIELD_PERMISSIONS) {
			put_list(&json, fields[i], wire.value[i]);
		} else {
			rh_json_member(&json, fields[i], wire.value[i]);
		}
	}
	rh_json_member(&json, "organization", row->links->organization);
	rh_json_member(&json, "user", row->links->user);
	rh_json_member(&json, "email", row->entity->email);
	rh_json_end_object(&json);
	if (code == RH_OK &&
	    (text.failed != 0 || !rh_arena_copy(operation->arena, rh_buf_str(&text), out))) {
		code = RH_ENOMEM;
	}
	return code;
}

/* What is unique of the row's entity. */
static struct rh_str key_of(const struct rh_operation *operation)
{
	const struct rh_row *row = &operation->rows[0];

	if (rh_str_is_set(row->external_id)) {
		return row->external_id;
	}
	if (rh_str_is_set(row->links->slug)) {
		return row->links->slug;
	}
	return rh_arena_printf(operation->arena, "%.*s/%.*s", RH_STR_ARG(row->links->organization),
			       RH_STR_ARG(operation->kind == RH_KIND_MEMBERSHIP ? row->links->user
					  : operation->kind == RH_KIND_DOMAIN
						  ? row->entity->domain
						  : row->entity->email));
}

static int send(const void *instance, struct rh_operation *operation, struct rh_answer *answer)
{
	const char *kind = rh_kind_name(operation->kind);
	struct rh_row *row = operation->row_count > 0 ? &operation->rows[0] : NULL;
	struct rh_str body = RH_STR_ABSENT;
	const char *method = "GET";
	rh_autobuf path = {0};
	struct rh_str kept;
	int code = RH_OK;

	rh_buf_init(&path, RH_REQUEST_MAX);
	rh_buf_printf(&path, "/v1/e/%s", kind);
	switch ((int)operation->verb) {
	case RH_VERB_LIST:
		rh_buf_printf(&path, "?after=%.*s", RH_STR_ARG(operation->cursor));
		break;
	case RH_VERB_FIND:
		rh_buf_add_cstr(&path, "?find=");
		rh_buf_add_str(&path, key_of(operation));
		break;
	case RH_VERB_CREATE:
		method = "POST";
		break;
	default:
		rh_buf_printf(&path, "/%.*s", RH_STR_ARG(row->target_id));
		method = operation->verb == RH_VERB_UPDATE   ? "PUT"
			 : operation->verb == RH_VERB_REMOVE ? "DELETE"
							     : "GET";
		break;
	}
	if (operation->verb == RH_VERB_CREATE || operation->verb == RH_VERB_UPDATE) {
		code = body_of(instance, operation, &body);
	}
	if (code == RH_OK && !rh_arena_copy(operation->arena, rh_buf_str(&path), &kept)) {
		code = RH_ENOMEM;
	}
	if (code == RH_OK) {
		acme_send(answer, method, kept, body);
	}
	return code;
}

static int take_page(struct rh_operation *operation, const struct rh_json_node *root,
		     struct rh_answer *answer)
{
	const struct rh_json_node *data = rh_json_get(root, "data");
	const struct rh_json_node *node = NULL;
	size_t count = rh_json_count(data);

	operation->records =
		rh_arena_calloc(operation->arena, count + 1, sizeof(*operation->records));
	if (operation->records == NULL) {
		return RH_ENOMEM;
	}
	while ((node = rh_json_next(data, node, NULL)) != NULL) {
		operation->records[operation->record_count++].json = node;
	}
	operation->next_cursor = rh_json_get_string(root, "next");
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
	return RH_OK;
}

static int take_object(const void *instance, struct rh_operation *operation,
		       const struct rh_json_node *root, struct rh_answer *answer)
{
	const struct rh_record record = {.json = root};
	struct rh_row *row = &operation->rows[0];
	int code =
		observe(instance, operation->kind, &record, operation->arena, &row->observed, NULL);

	if (code != RH_OK) {
		return code;
	}
	row->has_observed = true;
	row->target_id = row->observed.target_id;
	row->outcome = RH_OUTCOME_DONE;
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
	return RH_OK;
}

static int step(const void *instance, struct rh_operation *operation,
		const struct rh_response *response, rh_time now, uint64_t seed,
		struct rh_answer *answer)
{
	const struct rh_json_node *root;
	struct rh_str name;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		return send(instance, operation, answer);
	}
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status < 300) {
		return operation->verb == RH_VERB_LIST
			       ? take_page(operation, root, answer)
			       : take_object(instance, operation, root, answer);
	}
	name = rh_json_get_string(rh_json_get(root, "error"), "code");
	code = acme_refuse(operation, response, root, operation->verb == RH_VERB_CREATE, answer);
	if (code == RH_OK && answer->kind == RH_ANSWER_DONE && operation->row_count > 0) {
		struct rh_row *row = &operation->rows[0];

		if (response->status == 409) {
			row->outcome = rh_str_is(name, "already_there") ? RH_OUTCOME_ALREADY
									: RH_OUTCOME_CONFLICT;
		}
		row->parts_at_fault = rh_str_is(name, "one_role_only") ? RH_PART_ROLES
				      : rh_str_is(name, "no_description")
					      ? (unsigned)RH_PART_PROFILE
					      : 0;
	}
	return code;
}

static struct rh_entity_rules rules;

void guild_connector_says(unsigned mails, unsigned roles_max)
{
	(void)guild_connector();
	rules.mails = mails;
	rules.roles_max = roles_max;
}

const struct rh_connector *guild_connector(void)
{
	static struct rh_connector guild;

	if (guild.name != NULL) {
		return &guild;
	}
	rules = (struct rh_entity_rules){
		.kinds_read = RH_ENTITY_KINDS,
		.kinds_written = RH_ENTITY_KINDS,
		.from_record = from_record,
		.slug_to_common = to_common,
		.slug_from_common = from_common,
		.parts = parts_of,
		.to_wire = to_wire,
		.observe = observe,
	};
	guild = rh_connector_acme;
	guild.name = "guild";
	guild.entities = &rules;
	for (int kind = 0; kind < RH_KINDS; kind++) {
		if (!rh_kind_is_entity((enum rh_kind)kind)) {
			continue;
		}
		rules.fields[kind] = fields;
		for (int verb = RH_VERB_LIST; verb <= RH_VERB_REMOVE; verb++) {
			guild.ops[kind][verb] = step;
		}
		guild.caps.rows_max[kind][RH_VERB_CREATE] = 0;
	}
	return &guild;
}
