/* SPDX-License-Identifier: Apache-2.0 */
/* Stable names of outcomes, kinds and verbs, as they stand in the ledger, events and messages. */
#include <rehome/entity.h>

const char *rh_outcome_name(enum rh_outcome outcome)
{
	switch (outcome) {
	case RH_OUTCOME_NONE:
		return "none";
	case RH_OUTCOME_DONE:
		return "done";
	case RH_OUTCOME_ALREADY:
		return "already";
	case RH_OUTCOME_ABSENT:
		return "absent";
	case RH_OUTCOME_CONFLICT:
		return "conflict";
	case RH_OUTCOME_REJECTED:
		return "rejected";
	case RH_OUTCOME_THROTTLED:
		return "throttled";
	case RH_OUTCOME_AWAY:
		return "away";
	case RH_OUTCOME_UNKNOWN:
		return "unknown";
	case RH_OUTCOME_DENIED:
		return "denied";
	}
	return "none";
}

const char *rh_kind_name(enum rh_kind kind)
{
	static const char *const names[RH_KINDS] = {
		[RH_KIND_PERMISSION] = "permission",
		[RH_KIND_ROLE] = "role",
		[RH_KIND_ORGANIZATION] = "organization",
		[RH_KIND_DOMAIN] = "domain",
		[RH_KIND_USER] = "user",
		[RH_KIND_IDENTIFIER] = "identifier",
		[RH_KIND_FACTOR] = "factor",
		[RH_KIND_IDENTITY] = "identity",
		[RH_KIND_MEMBERSHIP] = "membership",
		[RH_KIND_GRANT] = "grant",
		[RH_KIND_INVITATION] = "invitation",
		[RH_KIND_SETTING] = "setting",
		[RH_KIND_AUTH] = "auth",
	};

	return kind < RH_KINDS ? names[kind] : "none";
}

const char *rh_entity_state_name(enum rh_entity_state state)
{
	switch (state) {
	case RH_ENTITY_UNSAID:
		return "unsaid";
	case RH_ENTITY_ACTIVE:
		return "active";
	case RH_ENTITY_INACTIVE:
		return "inactive";
	case RH_ENTITY_PENDING:
		return "pending";
	case RH_ENTITY_VERIFIED:
		return "verified";
	case RH_ENTITY_OVER:
		return "over";
	}
	return "unsaid";
}

const char *rh_stance_name(enum rh_stance stance)
{
	static const char *const names[RH_STANCES] = {
		[RH_STANCE_UNKNOWN] = "unknown", [RH_STANCE_ALLOWED] = "allowed",
		[RH_STANCE_WANTED] = "wanted",   [RH_STANCE_REQUIRED] = "required",
		[RH_STANCE_IDLE] = "idle",       [RH_STANCE_DROPPED] = "dropped",
		[RH_STANCE_OFF] = "off",
	};

	return stance < RH_STANCES ? names[stance] : names[RH_STANCE_UNKNOWN];
}

const char *rh_verb_name(enum rh_verb verb)
{
	static const char *const names[RH_VERBS] = {
		[RH_VERB_PROBE] = "probe",   [RH_VERB_COUNT] = "count",
		[RH_VERB_LIST] = "list",     [RH_VERB_GET] = "get",
		[RH_VERB_FIND] = "find",     [RH_VERB_CREATE] = "create",
		[RH_VERB_UPDATE] = "update", [RH_VERB_REMOVE] = "remove",
		[RH_VERB_BULK] = "bulk",     [RH_VERB_PROVE] = "prove",
	};

	return verb < RH_VERBS ? names[verb] : "none";
}
