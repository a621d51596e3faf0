/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of the target against one account (connector.h, C14).
 *
 * They are told, and decide who is refused; what is left out otherwise is the target's to refuse and apply's to leave out
 * (apply.c, A4), so that a setting that is switched on between plan and apply counts at once.
 */
#include "plan/setting.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

/* ---- one account -------------------------------------------------------------------------------------------- */

static void find(struct rh_collector *collector, enum rh_finding_code code, const char *note)
{
	collector->sink.add(&collector->sink,
			    &(struct rh_finding){.code = code, .note = rh_str_from(note)});
}

static bool has(const struct rh_assessed *assessed, const struct rh_target_setting *setting)
{
	uint32_t fields = assessed->wire.present & setting->fields;

	for (unsigned i = 0; fields >> i != 0; i++) {
		if ((fields >> i & 1U) != 0 && assessed->wire.value[i].ptr != NULL) {
			return true;
		}
	}
	return (assessed->parts & setting->parts) != 0;
}

/* Has the account an identifier that it would not lose? */
static bool keeps_identifier(const struct rh_connector *target,
			     const struct rh_settings_there *there,
			     const struct rh_assessed *assessed)
{
	for (size_t i = 0; target->settings[i].name != NULL; i++) {
		if (target->settings[i].is_identifier && there->stances[i] != RH_STANCE_DROPPED &&
		    has(assessed, &target->settings[i])) {
			return true;
		}
	}
	return false;
}

static void assess_one(const struct rh_plan_inputs *inputs, size_t index,
		       const struct rh_assessed *assessed, struct rh_collector *collector)
{
	const struct rh_target_setting *setting = &inputs->target->settings[index];
	bool is_there = has(assessed, setting);

	switch (inputs->there->stances[index]) {
	case RH_STANCE_UNKNOWN:
	case RH_STANCE_ALLOWED:
	case RH_STANCES:
		break;
	case RH_STANCE_WANTED:
	case RH_STANCE_REQUIRED:
		if (!is_there) {
			find(collector,
			     inputs->there->stances[index] == RH_STANCE_WANTED
				     ? RH_FINDING_SETTING_WANTS
				     : RH_FINDING_SETTING_REQUIRES,
			     setting->name);
		}
		break;
	case RH_STANCE_IDLE:
		if (is_there) {
			find(collector, RH_FINDING_SETTING_IDLE, setting->name);
		}
		break;
	case RH_STANCE_DROPPED:
		if (is_there) {
			find(collector,
			     setting->is_identifier && !keeps_identifier(inputs->target,
									 inputs->there, assessed)
				     ? RH_FINDING_SETTING_REFUSES
				     : RH_FINDING_SETTING_DROPS,
			     setting->name);
		}
		break;
	case RH_STANCE_OFF:
		if (is_there) {
			find(collector, RH_FINDING_SETTING_REFUSES, setting->name);
		}
		break;
	}
}

/* What of an account, or of its create, the settings refuse: parts, and the fields they are about. */
struct refusal {
	const struct rh_assessed *of;
	unsigned parts;
	uint32_t fields;
};

static struct refusal refusal_of(const struct rh_plan_inputs *inputs,
				 const struct rh_assessed *created)
{
	const struct rh_target_setting *settings = inputs->target->settings;
	struct refusal refusal = {.of = created};

	if (inputs->there == NULL || !inputs->there->is_read || settings == NULL) {
		return refusal;
	}
	for (size_t i = 0; settings[i].name != NULL; i++) {
		if (inputs->there->stances[i] == RH_STANCE_DROPPED && has(created, &settings[i])) {
			refusal.parts |= settings[i].costs;
			refusal.fields |= settings[i].fields;
		}
	}
	return refusal;
}

/* Members of the object that a wire field is. */
static int count_members(struct rh_arena *arena, struct rh_str text, unsigned *out,
			 struct rh_err *err)
{
	__attribute__((cleanup(rh_json_done))) struct rh_json json = {0};
	struct rh_str copy = RH_STR_ABSENT;
	int code;

	if (!rh_arena_copy(arena, text, &copy)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_json_parse(&json, (char *)(uintptr_t)copy.ptr, copy.len, err);
	*out += code == RH_OK ? (unsigned)rh_json_count(rh_json_root(&json)) : 0;
	return code;
}

/* What of it goes one by one behind the create that was sent without: apply_update.c, U8. */
static int count_singly(const struct rh_plan_inputs *inputs, const struct rh_assessed *assessed,
			const struct refusal *refusal, struct rh_arena *arena, unsigned *out,
			struct rh_err *err)
{
	const struct rh_wire *created = &refusal->of->wire;
	const struct rh_connector *target = inputs->target;
	uint32_t fields = refusal->fields & target->caps.fields_added_to & created->present;
	struct rh_wire rest;
	int code = rh_plan_without(inputs, assessed, refusal->parts & target->caps.parts_singly,
				   arena, &rest, err);

	if (code != RH_OK) {
		return code;
	}
	*out = (assessed->parts & RH_PART_EXTRAS) != 0 ? rest.extras : 0;
	for (unsigned i = 0; fields >> i != 0 && code == RH_OK; i++) {
		if ((fields >> i & 1U) != 0) {
			code = count_members(arena, created->value[i], out, err);
		}
	}
	return code;
}

int rh_setting_more_writes(const struct rh_plan_inputs *inputs, const struct rh_assessed *assessed,
			   struct rh_arena *arena, struct rh_more_writes *out, struct rh_err *err)
{
	struct rh_assessed created;
	struct refusal refusal = refusal_of(inputs, assessed);
	int code;

	*out = (struct rh_more_writes){0};
	if ((assessed->parts & RH_PART_EXTRAS) != 0) {
		out->behind = assessed->wire.extras;
	}
	if (refusal.parts == 0) {
		return RH_OK;
	}
	created = *assessed;
	created.parts &= ~(unsigned)RH_PART_EXTRAS;
	code = rh_plan_without(inputs, assessed, RH_PART_EXTRAS, arena, &created.wire, err);
	if (code != RH_OK) {
		return code;
	}
	refusal = refusal_of(inputs, &created);
	out->is_again = refusal.parts != 0;
	return (refusal.parts & inputs->target->caps.parts_singly) != 0
		       ? count_singly(inputs, assessed, &refusal, arena, &out->behind, err)
		       : RH_OK;
}

enum rh_stance rh_setting_of_social(const struct rh_settings_there *there, struct rh_str provider)
{
	enum rh_stance stance = RH_STANCE_UNKNOWN;

	/* A vendor may have two entries for one provider, of which one is old: either will do. */
	for (size_t i = 0; i < there->social_count; i++) {
		if (rh_str_is(provider, there->social[i].provider) &&
		    (stance == RH_STANCE_UNKNOWN || there->social[i].stance == RH_STANCE_ALLOWED)) {
			stance = there->social[i].stance;
		}
	}
	return stance;
}

/* That it will link, or will not for its address, counts where the provider is on; the note is the provider. */
static void assess_social(const struct rh_settings_there *there, const struct rh_assessed *assessed,
			  struct rh_collector *collector)
{
	size_t others = (assessed->parts & RH_PART_CREDENTIAL) != 0 ? 1 : 0; /* ways to sign in */
	size_t off = 0;

	for (size_t i = 0; i < collector->count; i++) {
		struct rh_collected *item = &collector->items[i];
		if ((item->code == RH_FINDING_IDENTITY_LINKS ||
		     item->code == RH_FINDING_IDENTITY_DIFFERS) &&
		    rh_setting_of_social(there, rh_str_from(item->note)) == RH_STANCE_DROPPED) {
			item->code = RH_FINDING_IDENTITY_OFF;
		}
		off += item->code == RH_FINDING_IDENTITY_OFF ? 1 : 0;
		others += item->code == RH_FINDING_IDENTITY_LINKS ||
					  item->code == RH_FINDING_IDENTITY_DIFFERS ||
					  item->code == RH_FINDING_IDENTITY_ENTERPRISE
				  ? 1
				  : 0;
	}
	if (off > 0 && others == 0) {
		find(collector, RH_FINDING_IDENTITY_ONLY_OFF, NULL);
	}
}

void rh_setting_assess(const struct rh_plan_inputs *inputs, const struct rh_assessed *assessed,
		       struct rh_collector *collector)
{
	if (inputs->there == NULL || !inputs->there->is_read || inputs->target->settings == NULL) {
		return;
	}
	for (size_t i = 0; inputs->target->settings[i].name != NULL; i++) {
		assess_one(inputs, i, assessed, collector);
	}
	assess_social(inputs->there, assessed, collector);
}

bool rh_setting_is_finding(enum rh_finding_code code)
{
	return code == RH_FINDING_SETTING_DROPS || code == RH_FINDING_SETTING_REFUSES ||
	       code == RH_FINDING_SETTING_REQUIRES || code == RH_FINDING_SETTING_WANTS ||
	       code == RH_FINDING_SETTING_IDLE || code == RH_FINDING_IDENTITY_OFF ||
	       code == RH_FINDING_IDENTITY_ONLY_OFF;
}

/* ---- in the plan -------------------------------------------------------------------------------------------- */

static void put(struct rh_json_writer *json, const char *name, enum rh_stance stance)
{
	rh_json_key(json, name);
	rh_json_put_cstr(json, rh_stance_name(stance));
}

void rh_setting_save(const struct rh_connector *target, const struct rh_settings_there *there,
		     struct rh_json_writer *json)
{
	if (there == NULL || !there->is_read || target->settings == NULL) {
		return;
	}
	rh_json_key(json, "settings_of");
	rh_json_put_cstr(json, target->name);
	rh_json_key(json, "settings");
	rh_json_begin_object(json);
	for (size_t i = 0; target->settings[i].name != NULL; i++) {
		put(json, target->settings[i].name, there->stances[i]);
	}
	rh_json_end_object(json);
	rh_json_key(json, "social");
	rh_json_begin_array(json);
	for (size_t i = 0; i < there->social_count; i++) {
		rh_json_begin_object(json);
		rh_json_key(json, "provider");
		rh_json_put_cstr(json, there->social[i].provider);
		put(json, "stance", there->social[i].stance);
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
}

static enum rh_stance stance_of(struct rh_str name)
{
	for (int i = 0; i < RH_STANCES; i++) {
		if (rh_str_is(name, rh_stance_name((enum rh_stance)i))) {
			return (enum rh_stance)i;
		}
	}
	return RH_STANCE_UNKNOWN;
}

static const struct rh_connector *find_target(struct rh_str name)
{
	const struct rh_connector *target;

	for (size_t i = 0; (target = rh_connector_at(i)) != NULL; i++) {
		if (rh_str_is(name, target->name) && target->settings != NULL) {
			return target;
		}
	}
	return NULL;
}

const struct rh_connector *rh_setting_load(const struct rh_json_node *node,
					   struct rh_settings_there *out)
{
	const struct rh_connector *target = find_target(rh_json_get_string(node, "settings_of"));
	const struct rh_json_node *settings = rh_json_get(node, "settings");
	const struct rh_json_node *social = rh_json_get(node, "social");
	const struct rh_json_node *item = NULL;

	*out = (struct rh_settings_there){.is_read = target != NULL};
	if (target == NULL) {
		return NULL;
	}
	for (size_t i = 0; target->settings[i].name != NULL; i++) {
		out->stances[i] = stance_of(rh_json_get_string(settings, target->settings[i].name));
	}
	while (rh_json_type(social) == RH_JSON_ARRAY && out->social_count < RH_SOCIAL_THERE_MAX &&
	       (item = rh_json_next(social, item, NULL)) != NULL) {
		struct rh_str name = rh_json_get_string(item, "provider");
		if (name.ptr != NULL && name.len <= RH_SOCIAL_NAME_MAX) {
			memcpy(out->social[out->social_count].provider, name.ptr, name.len);
			out->social[out->social_count++].stance =
				stance_of(rh_json_get_string(item, "stance"));
		}
	}
	return target;
}
