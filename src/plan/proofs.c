/* SPDX-License-Identifier: Apache-2.0 */
/* Known accounts: read from a file, found by id or address, tried against their hashes. */
#include "plan/proofs.h"

#include "account/credential.h"
#include "account/normalise.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "read/reader.h"

#define ARENA_MAX (16U * 1024 * 1024)
#define BODY_MAX (64U * 1024)

struct rh_proofs {
	struct rh_arena arena; /* wiped */
	struct rh_proof items[RH_PROOFS_MAX];
	size_t count;
	struct rh_map *by_id;
	struct rh_map *by_email;
	bool (*tick)(void *context); /* NULL: none */
	void *context;
};

/* ---- reading ------------------------------------------------------------------------------------------- */

static const char *const id_names[] = {"id", "source_id", "user_id", "userId", NULL};
static const char *const email_names[] = {"email", "email_address", "primary_email_address", NULL};
static const char *const password_names[] = {"password", NULL};

static bool is_among(const char *const *names, struct rh_str name)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		if (rh_str_is_nocase(name, names[i])) {
			return true;
		}
	}
	return false;
}

/* The first member or cell that has one of the names and is there. */
static struct rh_str value_of(const struct rh_record *record, const char *const *names)
{
	for (size_t i = 0; record->columns != NULL && i < record->columns->count; i++) {
		if (is_among(names, record->columns->names[i]) && record->cells[i].len > 0) {
			return record->cells[i];
		}
	}
	for (size_t i = 0; record->json != NULL && names[i] != NULL; i++) {
		struct rh_str text = rh_json_get_string(record->json, names[i]);

		if (text.len > 0) {
			return text;
		}
	}
	return RH_STR_ABSENT;
}

static int refuse(const struct rh_record *record, const char *why, struct rh_err *err)
{
	return rh_err_set(err, RH_EINPUT, "record %llu of --prove %s",
			  (unsigned long long)record->number, why);
}

static int take_record(struct rh_proofs *proofs, const struct rh_record *record, struct rh_err *err)
{
	struct rh_proof *proof = &proofs->items[proofs->count];
	struct rh_str id = value_of(record, id_names);
	struct rh_str email = value_of(record, email_names);
	struct rh_str password = value_of(record, password_names);
	const char *why;

	if (proofs->count == RH_PROOFS_MAX) {
		return rh_err_set(err, RH_EINPUT, "--prove has more than %d accounts",
				  RH_PROOFS_MAX);
	}
	if (password.ptr == NULL) {
		return refuse(record, "has no password", err);
	}
	if (id.ptr == NULL && email.ptr == NULL) {
		return refuse(record, "has neither id nor email", err);
	}
	*proof = (struct rh_proof){.number = record->number};
	if (email.ptr != NULL && (!rh_normalise_email(&proofs->arena, email, &email, &why) ||
				  !rh_normalise_key(&proofs->arena, email, &proof->email))) {
		return refuse(record, "has an email that is none", err);
	}
	if (!rh_arena_copy(&proofs->arena, id, &proof->source_id) ||
	    !rh_arena_copy(&proofs->arena, password, &proof->password) ||
	    (id.ptr != NULL &&
	     rh_map_put(proofs->by_id, proof->source_id, proofs->count) != RH_OK) ||
	    (email.ptr != NULL &&
	     rh_map_put(proofs->by_email, proof->email, proofs->count) != RH_OK)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	proofs->count++;
	return RH_OK;
}

/* People do have the password "null". */
static int keep_words(struct rh_reader *reader, struct rh_arena *arena)
{
	const struct rh_columns *columns = rh_reader_columns(reader);
	bool *keep;

	if (columns == NULL) {
		return RH_OK;
	}
	keep = rh_arena_calloc(arena, columns->count, sizeof(*keep));
	for (size_t i = 0; keep != NULL && i < columns->count; i++) {
		keep[i] = is_among(password_names, columns->names[i]);
	}
	if (keep != NULL) {
		rh_reader_keep_null_words(reader, keep, columns->count);
	}
	return keep != NULL ? RH_OK : RH_ENOMEM;
}

static int read_all(struct rh_proofs *proofs, const char *path, struct rh_err *err)
{
	struct rh_bytes *bytes;
	struct rh_reader *reader = NULL;
	struct rh_item item;
	int code = rh_bytes_open(&bytes, path, NULL, err);

	if (code == RH_OK) {
		code = rh_reader_open(&reader, bytes, err);
	}
	if (code != RH_OK) {
		return rh_err_context(err, code, "--prove");
	}
	if (keep_words(reader, &proofs->arena) != RH_OK) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	while (code == RH_OK) {
		code = rh_reader_next(reader, &item, err);
		if (code < 0) {
			(void)rh_err_context(err, code, "--prove");
		}
		if (code != 1) {
			break;
		}
		code = item.is_bad ? rh_err_set(err, RH_EINPUT, "line %u of --prove: %s",
						(unsigned)item.why.line, item.why.message)
				   : take_record(proofs, &item.record, err);
	}
	rh_reader_close(reader);
	if (code == RH_OK && proofs->count == 0) {
		code = rh_err_set(err, RH_EINPUT, "--prove has no account");
	}
	return code;
}

int rh_proofs_open(struct rh_proofs **out, const char *path, struct rh_err *err)
{
	struct rh_proofs *proofs = rh_calloc(1, sizeof(*proofs));
	uint64_t seed;
	int code;

	if (proofs == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_random_bytes(&seed, sizeof(seed));
	rh_arena_init(&proofs->arena, ARENA_MAX, RH_ARENA_WIPE);
	proofs->by_id = rh_map_new(seed);
	proofs->by_email = rh_map_new(seed);
	if (proofs->by_id == NULL || proofs->by_email == NULL) {
		rh_proofs_close(proofs);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = read_all(proofs, path, err);
	if (code != RH_OK) {
		rh_proofs_close(proofs);
		return code;
	}
	*out = proofs;
	return RH_OK;
}

void rh_proofs_close(struct rh_proofs *proofs)
{
	if (proofs == NULL) {
		return;
	}
	rh_map_free(proofs->by_id);
	rh_map_free(proofs->by_email);
	rh_arena_done(&proofs->arena);
	rh_free(proofs);
}

void rh_proofs_on_tick(struct rh_proofs *proofs, bool (*tick)(void *context), void *context)
{
	proofs->tick = tick;
	proofs->context = context;
}

size_t rh_proofs_count(const struct rh_proofs *proofs)
{
	return proofs->count;
}

struct rh_proof *rh_proofs_at(struct rh_proofs *proofs, size_t index)
{
	return &proofs->items[index];
}

struct rh_proof *rh_proofs_of(struct rh_proofs *proofs, struct rh_str source_id,
			      struct rh_str email)
{
	uint64_t index;

	if (proofs != NULL &&
	    ((source_id.ptr != NULL && rh_map_find(proofs->by_id, source_id, &index)) ||
	     (email.ptr != NULL && rh_map_find(proofs->by_email, email, &index)))) {
		return &proofs->items[index];
	}
	return NULL;
}

/* ---- trying ---------------------------------------------------------------------------------------------- */

/* The credential as the target would read it; false: it gets none. */
static int as_sent(const struct rh_plan_inputs *inputs, const struct rh_assessed *assessed,
		   struct rh_credential *out, bool *is_sent)
{
	enum rh_finding_code finding = RH_FINDING_HASH_UNSUPPORTED;
	rh_autobuf body = {0};
	int code;

	*is_sent = false;
	if ((assessed->parts & RH_PART_CREDENTIAL) == 0 ||
	    inputs->target->write_credential == NULL) {
		return RH_OK;
	}
	rh_buf_init_secret(&body, BODY_MAX);
	code = inputs->target->write_credential(inputs->target_instance,
						&assessed->account.credential, &body, out,
						&finding);
	*is_sent = code == RH_OK && (finding == 0 || finding == RH_FINDING_HASH_UNPROVEN);
	return code;
}

int rh_proofs_try(struct rh_proofs *proofs, const struct rh_plan_inputs *inputs,
		  const struct rh_assessed *assessed, struct rh_collector *collector,
		  struct rh_err *err)
{
	static const enum rh_finding_code findings[] = {
		[RH_PASSWORD_MATCH] = RH_FINDING_PROVEN,
		[RH_PASSWORD_MISMATCH] = RH_FINDING_PROOF_FAILED,
		[RH_PASSWORD_UNCHECKABLE] = RH_FINDING_PROOF_IMPOSSIBLE,
	};
	struct rh_proof *proof = rh_proofs_of(proofs, assessed->account.source_id, assessed->email);
	enum rh_password_result result = RH_PASSWORD_UNCHECKABLE;
	const struct rh_credential *cred = &assessed->account.credential;
	struct rh_credential sent;
	bool is_sent;
	int code;

	if (proof == NULL) {
		return RH_OK;
	}
	proof->is_met = true;
	code = as_sent(inputs, assessed, &sent, &is_sent);
	if (code != RH_OK) {
		return rh_err_set(err, code, "a hash could not be written for the target");
	}
	if (is_sent) {
		code = rh_password_check_apart(&sent, proof->password, proofs->tick,
					       proofs->context, &result, err);
	}
	if (code == RH_OK) {
		collector->sink.add(&collector->sink,
				    &(struct rh_finding){
					    .code = findings[result],
					    .note = rh_str_from(rh_scheme_name(cred->scheme)),
				    });
	}
	return code;
}

int rh_proofs_conclude(struct rh_proofs *proofs, struct rh_groups *groups)
{
	int code = RH_OK;

	for (size_t i = 0; proofs != NULL && i < proofs->count && code == RH_OK; i++) {
		const struct rh_proof *proof = &proofs->items[i];

		if (!proof->is_met) {
			struct rh_str name = proof->source_id;

			if (name.ptr == NULL) { /* an address is never shown */
				name = rh_arena_printf(&proofs->arena, "record %llu of --prove",
						       (unsigned long long)proof->number);
			}
			code = rh_groups_add_one(groups, RH_FINDING_PROOF_ABSENT, "", name);
		}
	}
	return code;
}
