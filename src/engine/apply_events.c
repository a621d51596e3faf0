/* SPDX-License-Identifier: Apache-2.0 */
/* What apply tells the event log of single accounts. */
#include "base/buf.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "engine/apply.h"

/* The address as a pseudonym, or as it is when the operator asked for it. */
static struct rh_str identifier_of(const struct rh_run *run, struct rh_str email,
				   struct rh_buf *text)
{
	uint8_t digest[RH_SHORT_DIGEST_LEN];

	if (email.ptr == NULL || run->settings->log_identifiers) {
		return email;
	}
	rh_digest_short(run->workspace->pseudonym_key, email, digest);
	rh_hex_encode(text, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	return rh_buf_str(text);
}

static int say(const struct rh_apply *apply, struct rh_account_event event, struct rh_str email,
	       struct rh_err *err)
{
	rh_autobuf text = {0};

	if (apply->run->events == NULL) {
		return RH_OK;
	}
	rh_buf_init(&text, 64);
	event.identifier = identifier_of(apply->run, email, &text);
	return rh_events_account(apply->run->events, &event, err);
}

static enum rh_event_status status_of(enum rh_decision decision)
{
	switch (decision) {
	case RH_DECISION_REFUSE:
	case RH_DECISION_BLOCKED:
		return RH_EVENT_FAIL;
	case RH_DECISION_LINK:
	case RH_DECISION_UPDATE:
	case RH_DECISION_CREATE:
		return RH_EVENT_SUCCESS;
	case RH_DECISION_SKIP:
	case RH_DECISION_LEFT_OUT:
		return RH_EVENT_SKIPPED;
	}
	return RH_EVENT_SKIPPED;
}

int rh_apply_say_exception(struct rh_apply *apply, const struct rh_exception *exception,
			   struct rh_err *err)
{
	const struct rh_finding_info *info = rh_finding_info(exception->code);
	bool is_refused = status_of(exception->decision) == RH_EVENT_FAIL;
	struct rh_account_event event = {
		.status = status_of(exception->decision),
		.source_id = exception->source_id,
		.target_id = exception->target_id,
		.what = exception->decision == RH_DECISION_LINK ? "linked" : NULL,
		.code = info != NULL ? info->id : NULL,
		.error = info != NULL && is_refused ? info->what : NULL,
		.path = exception->path,
		.row = exception->record,
	};

	return say(apply, event, RH_STR_ABSENT, err);
}

int rh_apply_say_slot(const struct rh_slot *slot, enum rh_event_status status, const char *what,
		      const char *code, const char *cause, struct rh_err *err)
{
	struct rh_account_event event = {
		.status = status,
		.source_id = slot->row.source_id,
		.target_id = slot->row.target_id,
		.what = what,
		.code = code,
		.error = cause,
		.row = slot->row.record,
	};

	return say(slot->apply, event, slot->email, err);
}
