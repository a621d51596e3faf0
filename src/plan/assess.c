/* SPDX-License-Identifier: Apache-2.0 */
/* What one account loses on the way and whether it may go at all: the same answer for plan and for apply. */
#include <stdio.h>
#include <string.h>

#include "account/credential.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "plan/setting.h"

/* Where a record is broken, and nothing of what it says. */
static void find_broken(const struct rh_text_list *files, const struct rh_source_item *item,
			struct rh_collector *collector)
{
	const struct rh_err *why = &item->why;
	struct rh_finding finding = {
		.code = why->code == RH_EMISMATCH ? RH_FINDING_CELL_COUNT
						  : RH_FINDING_RECORD_BROKEN,
		.note = why->code == RH_EMISMATCH ? RH_STR_ABSENT : rh_str_from(why->message),
	};
	const char *file =
		files->count > 1 && item->file < files->count ? files->items[item->file] : NULL;
	const char *slash = file != NULL ? strrchr(file, '/') : NULL;
	char path[RH_COLLECT_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%.60s%sline %llu, column %llu",
		       slash != NULL  ? slash + 1
		       : file != NULL ? file
				      : "",
		       file != NULL ? ", " : "", (unsigned long long)why->line,
		       (unsigned long long)why->column);
	finding.path = rh_str_from(path);
	collector->sink.add(&collector->sink, &finding);
}

static void find_out(struct rh_collector *collector, enum rh_finding_code code, const char *note)
{
	if (!rh_collector_has(collector, code)) {
		collector->sink.add(&collector->sink,
				    &(struct rh_finding){.code = code, .note = rh_str_from(note)});
	}
}

/* A connector speaks of one record; a join may have healed what it found missing.  What counts is the account. */
static void assess_credential(const struct rh_credential *credential,
			      struct rh_collector *collector)
{
	enum rh_finding_code finding = rh_credential_finding(credential->state);

	for (int state = RH_CREDENTIAL_ABSENT;
	     state <= RH_CREDENTIAL_NOT_TOLD && collector->count > 0; state++) {
		enum rh_finding_code other = rh_credential_finding((enum rh_credential_state)state);
		if (other != 0 && other != finding) {
			rh_collector_drop(collector, other);
		}
	}
	if (finding != 0) {
		find_out(collector, finding, "");
		rh_collector_keep_one(collector, finding);
	}
}

static void assess_factors(const struct rh_account *account, struct rh_collector *collector)
{
	bool lacks_secret = false;

	for (size_t i = 0; i < account->factor_count; i++) {
		lacks_secret = lacks_secret || (account->factors[i].kind == RH_FACTOR_TOTP &&
						!account->factors[i].has_secret);
	}
	if (lacks_secret) {
		find_out(collector, RH_FINDING_TOTP_NOT_EXPORTED, "");
	} else {
		rh_collector_drop(collector, RH_FINDING_TOTP_NOT_EXPORTED);
	}
}

/* A blocked account never becomes usable by moving: without a place to block it, it stays or goes unusable. */
static void assess_blocked(const struct rh_plan_inputs *inputs, struct rh_collector *collector)
{
	switch ((enum rh_blocked_policy)inputs->settings->blocked) {
	case RH_BLOCKED_SKIP:
		find_out(collector, RH_FINDING_BLOCKED_SKIPPED, "");
		break;
	case RH_BLOCKED_WITHOUT_PASSWORD:
		find_out(collector, RH_FINDING_BLOCKED_WITHOUT_PASSWORD, "");
		break;
	}
}

/* Without password and with no address proved: nobody can enter before the operator lets them. */
static int disarm(struct rh_arena *arena, struct rh_account *account, struct rh_err *err)
{
	struct rh_identifier *identifiers =
		rh_arena_calloc(arena, account->identifier_count, sizeof(*identifiers));

	if (identifiers == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < account->identifier_count; i++) {
		identifiers[i] = account->identifiers[i];
		identifiers[i].is_verified = false;
	}
	account->identifiers = identifiers;
	account->credential = (struct rh_credential){.state = RH_CREDENTIAL_ABSENT};
	return RH_OK;
}

static struct rh_str field(const struct rh_connector *target, const struct rh_wire *wire,
			   const char *name)
{
	for (size_t i = 0; target->wire_fields[i] != NULL; i++) {
		/* Most names differ in their first letter. */
		if ((wire->present & (1U << i)) != 0 && target->wire_fields[i][0] == name[0] &&
		    strcmp(target->wire_fields[i], name) == 0) {
			return wire->value[i];
		}
	}
	return RH_STR_ABSENT;
}

static int assess_wire(const struct rh_plan_inputs *inputs, const struct rh_account *account,
		       struct rh_arena *arena, struct rh_collector *collector,
		       struct rh_assessed *out, struct rh_err *err)
{
	struct rh_str email;
	int code;

	out->parts = inputs->target->parts(inputs->target_instance, account);
	code = inputs->target->to_wire(inputs->target_instance, account, &inputs->policy,
				       out->parts, arena, &collector->sink, NULL, &out->wire, err);
	if (code != RH_OK) {
		return code;
	}
	if ((out->parts & RH_PART_EXTRAS) != 0 && out->wire.extras == 0) {
		out->parts &= ~(unsigned)RH_PART_EXTRAS; /* the policy leaves none */
	}
	out->external_id = field(inputs->target, &out->wire, "external_id");
	email = field(inputs->target, &out->wire, "email");
	if (email.ptr != NULL && !rh_normalise_key(arena, email, &out->email)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return RH_OK;
}

int rh_plan_assess(const struct rh_plan_inputs *inputs, const struct rh_source_item *item,
		   struct rh_arena *arena, struct rh_collector *collector, struct rh_assessed *out,
		   struct rh_err *err)
{
	struct rh_account *account = &out->account;
	int code = RH_OK;

	out->wire.present = 0; /* its values are the connector's to set */
	out->parts = 0;
	out->external_id = RH_STR_ABSENT;
	out->email = RH_STR_ABSENT;
	out->is_blocked = false;
	if (item->is_bad) {
		*account = (struct rh_account){0};
		find_broken(&inputs->settings->files, item, collector);
		return RH_OK;
	}
	out->is_blocked = rh_account_is_blocked(&item->account) &&
			  (inputs->target->caps.flags & RH_CAP_CAN_BLOCK) == 0;
	if (rh_collector_refusal(collector) != NULL) {
		*account = (struct rh_account){0};
		return RH_OK;
	}
	*account = item->account;
	assess_credential(&account->credential, collector);
	assess_factors(account, collector);
	if ((account->flags & RH_ACCOUNT_PRIMARY_CHOSEN) != 0) {
		find_out(collector, RH_FINDING_PRIMARY_CHOSEN, "");
	}
	if (out->is_blocked) {
		assess_blocked(inputs, collector);
		code = disarm(arena, account, err);
		if (code != RH_OK) {
			return code;
		}
	}
	code = assess_wire(inputs, account, arena, collector, out, err);
	if (code == RH_OK && inputs->settings->require_password &&
	    (out->parts & RH_PART_CREDENTIAL) == 0) {
		find_out(collector, RH_FINDING_PASSWORD_REQUIRED, "");
	}
	if (code == RH_OK && !inputs->settings->only_passwords) {
		rh_setting_assess(inputs, out, collector);
	}
	return code;
}

int rh_plan_without(const struct rh_plan_inputs *inputs, const struct rh_assessed *assessed,
		    unsigned dropped, struct rh_arena *arena, struct rh_wire *out,
		    struct rh_err *err)
{
	if ((assessed->parts & dropped) == 0) {
		*out = assessed->wire;
		return RH_OK;
	}
	return inputs->target->to_wire(inputs->target_instance, &assessed->account, &inputs->policy,
				       assessed->parts & ~dropped, arena, NULL, NULL, out, err);
}
