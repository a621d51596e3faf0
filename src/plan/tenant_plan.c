/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations, roles, memberships … of a source, decided (tenant.h). */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "plan/plan_internal.h"
#include "plan/slugs.h"
#include "plan/tenant_internal.h"

/* Records between two looks at the clock. */
#define TICK 1000
/* A run of hashes of accounts. */
#define PEOPLE_BYTES ((size_t)8 << 20)

static const char sql_tables[] =
	"CREATE TABLE entity (n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, record INTEGER NOT "
	"NULL,"
	" decision INTEGER NOT NULL, code INTEGER NOT NULL, is_done INTEGER NOT NULL,"
	" writes INTEGER NOT NULL, source_id TEXT, target_id TEXT, organization TEXT, user TEXT,"
	" user_target_id TEXT, slug TEXT) STRICT;"
	"CREATE INDEX entity_ids ON entity (source_id, kind);"
	"CREATE INDEX entity_slugs ON entity (kind, slug) WHERE slug IS NOT NULL;"
	/* what the target has: 's:' slug, 'x:' external id, 'n:' and 'd:' keyed digests of a name, a domain */
	"CREATE TABLE there (kind INTEGER NOT NULL, key TEXT NOT NULL, target_id TEXT,"
	" present INTEGER NOT NULL, wire BLOB, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE stream (kind INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT";
static const char sql_add[] =
	"INSERT INTO entity (n, kind, record, decision, code, is_done, writes, source_id, "
	"target_id,"
	" organization, user, slug) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
static const char sql_decision[] = "SELECT decision FROM entity WHERE source_id = ?1 AND kind = ?2"
				   " ORDER BY n LIMIT 1";
static const char sql_slug[] = "SELECT 1 FROM entity WHERE kind = ?1 AND slug = ?2"
			       " AND slug IS NOT NULL AND decision IN (0, 1)";
static const char sql_put_there[] =
	"INSERT OR IGNORE INTO there (kind, key, target_id, present, wire)"
	" VALUES (?1, ?2, ?3, ?4, ?5)";
static const char sql_there[] =
	"SELECT target_id, present, wire FROM there WHERE kind = ?1 AND key = ?2";
static const char sql_stream[] = "INSERT INTO stream (kind, digest) VALUES (?1, ?2)";
static const char sql_count[] = "SELECT kind, decision, is_done, count(*), sum(writes) FROM entity"
				" GROUP BY 1, 2, 3";

/* ---- what stands at the target --------------------------------------------------------------------------- */

/* A name or a domain as it may be kept. */
static struct rh_str digest_key(const struct rh_plan_tenant *plan, char prefix, struct rh_str text,
				struct rh_arena *arena)
{
	uint64_t hash[2];

	rh_digest_key128(plan->builder->inputs.workspace->match_key, text, hash);
	return rh_arena_printf(arena, "%c:%016llx%016llx", prefix, (unsigned long long)hash[0],
			       (unsigned long long)hash[1]);
}

/* *is_new: nothing had this key before. */
static int put_there(struct rh_plan_tenant *plan, enum rh_kind kind, struct rh_str key,
		     const struct there *there, bool *is_new, struct rh_err *err)
{
	struct rh_db *db = plan->builder->exceptions;
	struct rh_statement *put;
	int code = rh_db_prepare(db, sql_put_there, &put, err);

	if (key.ptr == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(put, 1, kind);
	rh_bind_text(put, 2, key);
	rh_bind_text(put, 3, there->target_id);
	rh_bind_i64(put, 4, there->present);
	rh_bind_blob(put, 5, there->wire);
	code = rh_run(put, err);
	*is_new = code == RH_OK && rh_db_changed(db) > 0;
	return code;
}

/* 1: *out, in the arena; 0; < 0. */
static int get_there(struct rh_plan_tenant *plan, enum rh_kind kind, struct rh_str key,
		     struct rh_arena *arena, struct there *out, struct rh_err *err)
{
	struct rh_statement *get;
	int code = rh_db_prepare(plan->builder->exceptions, sql_there, &get, err);

	if (key.ptr == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(get, 1, kind);
	rh_bind_text(get, 2, key);
	code = rh_step(get, err);
	if (code == 1) {
		out->present = (uint32_t)rh_column_i64(get, 1);
		if (!rh_arena_copy(arena, rh_column_text(get, 0), &out->target_id) ||
		    !rh_arena_copy(arena, rh_column_blob(get, 2), &out->wire)) {
			code = rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	}
	rh_reset(get);
	return code;
}

bool rh_plan_tenant_asks(const struct rh_plan_tenant *plan, enum rh_kind kind)
{
	const struct rh_connector *target = plan->builder->inputs.target;
	bool is_matched =
		kind == RH_KIND_PERMISSION || kind == RH_KIND_ROLE || kind == RH_KIND_ORGANIZATION;

	return is_matched && !rh_tenant_is_without(plan->builder->inputs.settings, kind) &&
	       (target->entities->kinds_written >> kind & 1) != 0 &&
	       target->ops[kind][RH_VERB_LIST] != NULL;
}

int rh_plan_tenant_present(struct rh_plan_tenant *plan, const struct rh_observed *observed,
			   struct rh_err *err)
{
	const struct rh_workspace *workspace = plan->builder->inputs.workspace;
	const struct rh_entity *entity = observed->entity;
	struct there there = {.target_id = observed->target_id, .present = observed->wire.present};
	struct rh_str id = observed->external_id;
	bool unused;
	int code;

	rh_arena_reset(&plan->arena);
	code = rh_plan_digest(workspace, &observed->wire, there.present, &plan->arena, &there.wire,
			      err);
	if (code == RH_OK && entity->kind != RH_KIND_ORGANIZATION) {
		plan->tenant.knows_roles = plan->tenant.knows_roles || entity->kind == RH_KIND_ROLE;
		return put_there(plan, entity->kind,
				 rh_arena_printf(&plan->arena, "s:%.*s", RH_STR_ARG(entity->slug)),
				 &there, &unused, err);
	}
	if (code == RH_OK && rh_str_is_set(id)) {
		code = put_there(plan, entity->kind,
				 rh_arena_printf(&plan->arena, "x:%.*s", RH_STR_ARG(id)), &there,
				 &unused, err);
	}
	if (code == RH_OK) {
		code = put_there(plan, entity->kind,
				 digest_key(plan, 'n', entity->name, &plan->arena), &there, &unused,
				 err);
	}
	return code;
}

/* ---- one entity -------------------------------------------------------------------------------------------- */

/* What is decided of one. */
struct decided {
	enum rh_decision decision;
	enum rh_finding_code code;
	struct rh_str target_id;
	bool is_done;
};

static void find(struct rh_collector *collector, enum rh_finding_code code, const char *note)
{
	const struct rh_finding finding = {.code = code, .note = rh_str_from(note)};

	collector->sink.add(&collector->sink, &finding);
}

static void decide(struct rh_plan_tenant *plan, struct decided *out, enum rh_decision decision,
		   enum rh_finding_code code, const char *note)
{
	out->decision = decision;
	out->code = code;
	if (!rh_collector_has(&plan->collector, code)) {
		find(&plan->collector, code, note);
	}
}

/* Decision about the first entity with this id; RH_OK and *found false: there is none. */
static int decision_of(struct rh_plan_tenant *plan, enum rh_kind kind, struct rh_str source_id,
		       bool *found, enum rh_decision *out, struct rh_err *err)
{
	struct rh_statement *get;
	int code = rh_db_prepare(plan->builder->exceptions, sql_decision, &get, err);

	*found = false;
	if (code != RH_OK) {
		return code;
	}
	rh_bind_text(get, 1, source_id);
	rh_bind_i64(get, 2, kind);
	code = rh_step(get, err);
	if (code == 1) {
		*found = true;
		*out = (enum rh_decision)rh_column_i64(get, 0);
	}
	rh_reset(get);
	return code < 0 ? code : RH_OK;
}

/* N4, of the organization. */
static int look_at_home(struct rh_plan_tenant *plan, const struct rh_entity *entity,
			struct decided *out, struct rh_err *err)
{
	enum rh_decision decision = RH_DECISION_REFUSE;
	bool found = false;
	int code;

	if (!rh_str_is_set(entity->organization)) {
		return RH_OK;
	}
	code = decision_of(plan, RH_KIND_ORGANIZATION, entity->organization, &found, &decision,
			   err);
	if (code != RH_OK) {
		return code;
	}
	if (!found) {
		decide(plan, out, RH_DECISION_REFUSE, RH_FINDING_REFERENCE_MISSING, "organization");
	} else if (decision != RH_DECISION_CREATE && decision != RH_DECISION_LINK) {
		decide(plan, out, RH_DECISION_REFUSE, RH_FINDING_REFERENCE_REFUSED, "organization");
	}
	return RH_OK;
}

/* The same id, slug or domain as one before it? */
static int look_for_twin(struct rh_plan_tenant *plan, const struct rh_entity *entity,
			 const struct rh_tenant_judged *judged, struct decided *out,
			 struct rh_err *err)
{
	enum rh_decision unused;
	struct rh_statement *get;
	const struct there nothing = {0};
	bool is_twin = false;
	bool is_new = true;
	int code = decision_of(plan, entity->kind, entity->source_id, &is_twin, &unused, err);

	if (code == RH_OK && judged->links.slug.ptr != NULL &&
	    (code = rh_db_prepare(plan->builder->exceptions, sql_slug, &get, err)) == RH_OK) {
		rh_bind_i64(get, 1, entity->kind);
		rh_bind_text(get, 2, judged->links.slug);
		code = rh_step(get, err);
		is_twin = is_twin || code == 1;
		rh_reset(get);
		code = code < 0 ? code : RH_OK;
	}
	if (code == RH_OK && entity->kind == RH_KIND_DOMAIN) {
		code = put_there(plan, entity->kind,
				 digest_key(plan, 'd', entity->domain, &plan->arena), &nothing,
				 &is_new, err);
	}
	if (code == RH_OK && (is_twin || !is_new)) {
		decide(plan, out, RH_DECISION_REFUSE, RH_FINDING_ENTITY_TWICE,
		       rh_kind_name(entity->kind));
	}
	return code;
}

/* What the ledger has of it, which goes on there; 1: it has a row. */
static int look_at_ledger(struct rh_plan_tenant *plan, const struct rh_entity *entity,
			  struct decided *out, struct rh_err *err)
{
	const struct rh_plan_builder *builder = plan->builder;
	struct rh_ledger_row row;
	int code;

	if (!builder->has_ledger_rows) {
		return 0;
	}
	code = rh_ledger_find(builder->inputs.ledger, entity->kind, entity->source_id, &plan->arena,
			      &row, err);
	if (code == 1) {
		out->is_done = row.state == RH_STATE_DONE || row.state == RH_STATE_VERIFIED ||
			       row.state == RH_STATE_KEPT;
	}
	return code;
}

/* N3. */
static int look_at_target(struct rh_plan_tenant *plan, const struct rh_entity *entity,
			  const struct rh_tenant_judged *judged, struct decided *out,
			  struct rh_err *err)
{
	struct rh_arena *arena = &plan->arena;
	const char *note = rh_kind_name(entity->kind);
	bool is_organization = entity->kind == RH_KIND_ORGANIZATION;
	struct there there = {0};
	int code = 0;

	if (is_organization) {
		code = get_there(plan, entity->kind,
				 rh_arena_printf(arena, "x:%.*s", RH_STR_ARG(judged->external_id)),
				 arena, &there, err);
	} else if (judged->links.slug.ptr != NULL) {
		code = get_there(plan, entity->kind,
				 rh_arena_printf(arena, "s:%.*s", RH_STR_ARG(judged->links.slug)),
				 arena, &there, err);
	}
	if (code == 1) {
		uint32_t said = judged->wire.present & there.present;
		bool differs = (rh_wire_differs(plan->builder->inputs.workspace, &judged->wire,
						there.present, there.wire) &
				said) != 0;

		out->target_id = there.target_id;
		decide(plan, out, RH_DECISION_LINK,
		       differs && !entity->is_built_in ? RH_FINDING_ENTITY_DIFFERS
						       : RH_FINDING_ENTITY_EXISTS,
		       note);
		return RH_OK;
	}
	if (code == 0 && entity->is_built_in) {
		decide(plan, out, RH_DECISION_LEFT_OUT, RH_FINDING_BUILT_IN_MISSING, note);
	} else if (code == 0 && is_organization) {
		code = get_there(plan, entity->kind, digest_key(plan, 'n', entity->name, arena),
				 arena, &there, err);
		if (code == 1) {
			find(&plan->collector, RH_FINDING_SAME_NAME, note);
		}
	}
	return code < 0 ? code : RH_OK;
}

/* Left out or refused before anybody is asked. */
static void look_at_policy(struct rh_plan_tenant *plan, const struct rh_entity *entity,
			   struct decided *out)
{
	static const enum rh_finding_code left_out[] = {
		RH_FINDING_INVITATION_OVER,
		RH_FINDING_INVITATION_KEPT_BACK,
		RH_FINDING_BUILT_IN_MISSING,
	};
	const struct rh_plan_inputs *inputs = &plan->builder->inputs;
	const struct rh_collected *refusal = rh_collector_refusal(&plan->collector);
	const char *note = rh_kind_name(entity->kind);
	bool is_own_role = entity->kind == RH_KIND_ROLE && rh_str_is_set(entity->organization);

	if (rh_tenant_is_without(inputs->settings, entity->kind)) {
		rh_collector_start(&plan->collector);
		decide(plan, out, RH_DECISION_LEFT_OUT, RH_FINDING_ENTITY_LEFT_OUT, note);
		return;
	}
	if (refusal != NULL) {
		decide(plan, out, RH_DECISION_REFUSE, refusal->code, refusal->note);
		return;
	}
	if ((inputs->target->entities->kinds_written >> entity->kind & 1) == 0 || is_own_role) {
		decide(plan, out, RH_DECISION_SKIP, RH_FINDING_KIND_NOT_HELD,
		       is_own_role ? "role of one organization" : note);
		return;
	}
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (rh_collector_has(&plan->collector, left_out[i])) {
			decide(plan, out, RH_DECISION_LEFT_OUT, left_out[i], note);
			return;
		}
	}
}

static int decide_entity(struct rh_plan_tenant *plan, const struct rh_entity *entity,
			 const struct rh_tenant_judged *judged, struct decided *out,
			 struct rh_err *err)
{
	int code = RH_OK;

	look_at_policy(plan, entity, out);
	if (out->code == 0) {
		code = look_for_twin(plan, entity, judged, out, err);
	}
	if (code == RH_OK && out->code == 0) {
		code = look_at_home(plan, entity, out, err);
	}
	if (code == RH_OK && out->code == 0) {
		code = look_at_ledger(plan, entity, out, err);
	}
	return code == 0 && out->code == 0 ? look_at_target(plan, entity, judged, out, err)
	       : code < 0                  ? code
					   : RH_OK;
}

static int add(struct rh_plan_tenant *plan, const struct rh_tenant_item *item,
	       const struct rh_tenant_judged *judged, const struct decided *decided,
	       struct rh_err *err)
{
	const struct rh_entity *entity = &item->entity;
	bool creates = decided->decision == RH_DECISION_CREATE && !decided->is_done;
	struct rh_statement *put;
	int code = rh_db_prepare(plan->builder->exceptions, sql_add, &put, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(put, 1, (int64_t)++plan->ordinal);
	rh_bind_i64(put, 2, entity->kind);
	rh_bind_i64(put, 3, (int64_t)item->record);
	rh_bind_i64(put, 4, decided->decision);
	rh_bind_i64(put, 5, decided->code);
	rh_bind_i64(put, 6, decided->is_done);
	rh_bind_i64(put, 7, creates ? 1 + (int64_t)judged->wire.extras : 0);
	rh_bind_text(put, 8, entity->source_id);
	rh_bind_text(put, 9, decided->target_id);
	rh_bind_text(put, 10, entity->organization);
	rh_bind_text(put, 11, entity->user);
	rh_bind_text(put, 12, judged->links.slug);
	return rh_run(put, err);
}

static int take(struct rh_plan_tenant *plan, const struct rh_tenant_item *item, struct rh_err *err)
{
	const struct rh_entity *entity = &item->entity;
	struct rh_tenant_judged judged = {0};
	struct decided decided = {.decision = RH_DECISION_CREATE};
	int code = rh_tenant_judge(&plan->tenant, entity, &plan->arena, &plan->collector, &judged,
				   err);

	if (code == RH_OK) {
		code = decide_entity(plan, entity, &judged, &decided, err);
	}
	if (code == RH_OK && !decided.is_done &&
	    rh_groups_add(plan->builder->groups, &plan->collector, entity->source_id, item->record,
			  NULL, NULL) != RH_OK) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (code == RH_OK) {
		code = add(plan, item, &judged, &decided, err);
	}
	if (code == RH_OK && entity->kind == RH_KIND_MEMBERSHIP && !decided.is_done &&
	    decided.decision == RH_DECISION_CREATE) {
		code = rh_tenant_want_user(plan, entity->user, err);
	}
	return code;
}

/* ---- all of them --------------------------------------------------------------------------------------------- */

static int note_stream(struct rh_plan_tenant *plan, enum rh_kind kind,
		       const struct rh_tenant_reader *reader, struct rh_err *err)
{
	uint8_t digest[RH_DIGEST_LEN];
	struct rh_statement *put;
	int code = rh_db_prepare(plan->builder->exceptions, sql_stream, &put, err);

	if (code != RH_OK) {
		return code;
	}
	rh_tenant_digest(reader, plan->builder->inputs.workspace, digest);
	rh_bind_i64(put, 1, kind);
	rh_bind_blob(put, 2, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	return rh_run(put, err);
}

static bool goes_on(const struct rh_plan_builder *builder, uint64_t records)
{
	return builder->tick == NULL || records % TICK != 0 ||
	       builder->tick(builder->tick_context, builder->counts.total);
}

static int read_kind(struct rh_plan_tenant *plan, enum rh_kind kind, struct rh_err *err)
{
	struct rh_tenant_reader *reader = NULL;
	struct rh_tenant_item item;
	int code = rh_tenant_open(&reader, plan->tenant.source, kind, &plan->builder->inputs.policy,
				  err);

	if (code != RH_OK || reader == NULL) {
		return code;
	}
	plan->tenant.knows_roles = plan->tenant.knows_roles || kind == RH_KIND_ROLE;
	for (;;) {
		rh_arena_reset(&plan->arena);
		rh_collector_start(&plan->collector);
		code = rh_tenant_next(reader, &plan->arena, &plan->collector.sink, &item, err);
		if (code != 1 || (code = take(plan, &item, err)) != RH_OK) {
			break;
		}
		if (!goes_on(plan->builder, item.record)) {
			code = rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading");
			break;
		}
	}
	if (code == RH_OK) {
		code = note_stream(plan, kind, reader, err);
	}
	rh_tenant_close(reader);
	return code;
}

static void count(struct rh_kind_plan *kind, enum rh_decision decision, bool is_done,
		  uint64_t number)
{
	kind->total += number;
	if (is_done) {
		kind->done += number;
		return;
	}
	switch (decision) {
	case RH_DECISION_LINK:
		kind->link += number;
		break;
	case RH_DECISION_SKIP:
		kind->skip += number;
		break;
	case RH_DECISION_REFUSE:
		kind->refuse += number;
		break;
	case RH_DECISION_LEFT_OUT:
		kind->left_out += number;
		break;
	case RH_DECISION_CREATE:
	case RH_DECISION_UPDATE:
	case RH_DECISION_BLOCKED:
		kind->create += number;
		break;
	}
}

static int count_all(struct rh_plan_tenant *plan, struct rh_err *err)
{
	struct rh_plan_counts *counts = &plan->builder->counts;
	struct rh_statement *all;
	int code = rh_db_prepare(plan->builder->exceptions, sql_count, &all, err);

	while (code >= 0 && (code = rh_step(all, err)) == 1) {
		enum rh_kind kind = (enum rh_kind)rh_column_i64(all, 0);

		count(&counts->kinds[kind], (enum rh_decision)rh_column_i64(all, 1),
		      rh_column_i64(all, 2) != 0, (uint64_t)rh_column_i64(all, 3));
		counts->entity_writes += (uint64_t)rh_column_i64(all, 4);
	}
	return code;
}

int rh_plan_tenant_read(struct rh_plan_tenant *plan, struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < RH_TENANT_KINDS && code == RH_OK; i++) {
		code = read_kind(plan, rh_tenant_kinds[i], err);
	}
	if (code == RH_OK) {
		code = rh_tenant_match_users(plan, err);
	}
	return code == RH_OK ? count_all(plan, err) : code;
}

int rh_plan_tenant_begin(struct rh_plan_tenant **out, struct rh_plan_builder *builder,
			 const struct rh_tenant_source *source, struct rh_err *err)
{
	struct rh_plan_tenant *plan = rh_calloc(1, sizeof(*plan));
	int code;

	if (plan == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	plan->builder = builder;
	rh_arena_init(&plan->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	code = rh_tenant_begin(&plan->tenant, &builder->inputs, source, builder->exceptions, err);
	if (code == RH_OK) {
		code = rh_db_exec(builder->exceptions, sql_tables, err);
	}
	if (code == RH_OK) {
		code = rh_plan_sorter(builder, "people.tmp", PEOPLE_BYTES, &plan->people, err);
	}
	if (code != RH_OK) {
		rh_plan_tenant_end(plan);
		return code;
	}
	builder->has_tenant = true;
	rh_slugs_digest(plan->tenant.slugs, builder->slugs_digest);
	*out = plan;
	return RH_OK;
}

void rh_plan_tenant_end(struct rh_plan_tenant *plan)
{
	if (plan != NULL) {
		rh_sorter_free(plan->people);
		rh_tenant_end(&plan->tenant);
		rh_arena_done(&plan->arena);
		rh_free(plan);
	}
}
