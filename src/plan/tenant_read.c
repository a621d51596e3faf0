/* SPDX-License-Identifier: Apache-2.0 */
/* The records of one kind, line by line, as entities (tenant.h, N1). */
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "plan/tenant.h"

const enum rh_kind rh_tenant_kinds[RH_TENANT_KINDS] = {
	RH_KIND_PERMISSION, RH_KIND_ROLE,       RH_KIND_ORGANIZATION,
	RH_KIND_DOMAIN,     RH_KIND_MEMBERSHIP, RH_KIND_INVITATION,
};

bool rh_tenant_is_without(const struct rh_settings *settings, enum rh_kind kind)
{
	for (size_t i = 0; i < settings->without.count; i++) {
		if (strcmp(settings->without.items[i], rh_kind_name(kind)) == 0) {
			return true;
		}
	}
	return false;
}

int rh_tenant_check_without(const struct rh_settings *settings, struct rh_err *err)
{
	for (size_t i = 0; i < settings->without.count; i++) {
		const char *name = settings->without.items[i];
		bool is_kind = false;

		for (size_t n = 0; n < RH_TENANT_KINDS; n++) {
			is_kind = is_kind || strcmp(name, rh_kind_name(rh_tenant_kinds[n])) == 0;
		}
		if (!is_kind) {
			return rh_err_set(err, RH_EUSAGE,
					  "--without takes permission, role, organization, domain, "
					  "membership or invitation, not \"%s\"",
					  name);
		}
	}
	return RH_OK;
}

struct rh_tenant_reader {
	const struct rh_tenant_source *source;
	enum rh_kind kind;
	struct rh_mapping_policy policy;
	struct rh_bytes *bytes;
	bool is_at_end;
	struct rh_buf text; /* read and not handed out; what lies before `at` is */
	size_t at;
	struct rh_json json;
	uint64_t record;
	uint8_t digest[RH_DIGEST_LEN]; /* of the lines so far: each with the digest before it */
};

int rh_tenant_open(struct rh_tenant_reader **out, const struct rh_tenant_source *source,
		   enum rh_kind kind, const struct rh_mapping_policy *policy, struct rh_err *err)
{
	struct rh_bytes *bytes = NULL;
	struct rh_tenant_reader *reader;
	int code = source->open(source->context, kind, &bytes, err);

	*out = NULL;
	if (code != RH_OK || bytes == NULL) {
		return code;
	}
	reader = rh_calloc(1, sizeof(*reader));
	if (reader == NULL) {
		bytes->close(bytes);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	reader->source = source;
	reader->kind = kind;
	reader->policy = *policy;
	reader->bytes = bytes;
	rh_buf_init_secret(&reader->text, RH_RECORD_MAX);
	*out = reader;
	return RH_OK;
}

void rh_tenant_close(struct rh_tenant_reader *reader)
{
	if (reader != NULL) {
		reader->bytes->close(reader->bytes);
		rh_buf_done(&reader->text);
		rh_json_done(&reader->json);
		rh_free(reader);
	}
}

static void add_to_digest(struct rh_tenant_reader *reader, struct rh_str line)
{
	struct rh_sha256 sha;

	rh_sha256_init(&sha);
	rh_sha256_add(&sha, reader->digest, sizeof(reader->digest));
	rh_sha256_add(&sha, line.ptr, line.len);
	rh_sha256_finish(&sha, reader->digest);
}

void rh_tenant_digest(const struct rh_tenant_reader *reader, const struct rh_workspace *workspace,
		      uint8_t out[32])
{
	const struct rh_str whole = {.ptr = (const char *)reader->digest,
				     .len = sizeof(reader->digest)};

	rh_digest_keyed(workspace->digest_key, &whole, 1, out, 32);
}

/* More bytes behind those that are there.  1: some came, 0: the end, < 0 error. */
static int read_more(struct rh_tenant_reader *reader, struct rh_err *err)
{
	struct rh_buf *text = &reader->text;
	ptrdiff_t got;
	char *room;

	rh_buf_consume(text, reader->at);
	reader->at = 0;
	room = rh_buf_reserve(text, RH_READ_CHUNK);
	if (room == NULL) {
		return rh_buf_check(text, "a record", err);
	}
	got = reader->bytes->read(reader->bytes, room, RH_READ_CHUNK, err);
	text->len += got > 0 ? (size_t)got : 0;
	reader->is_at_end = got == 0;
	return got > 0 ? 1 : (int)got;
}

/* The next line that is not blank, which may be written to until the next call.  1, 0, < 0. */
static int next_line(struct rh_tenant_reader *reader, struct rh_str *out, struct rh_err *err)
{
	size_t seen = 0; /* behind `at`, without a line end */

	for (;;) {
		char *from = reader->text.ptr + reader->at;
		size_t left = reader->text.len - reader->at;
		char *end = left > seen ? memchr(from + seen, '\n', left - seen) : NULL;
		int code;

		if (end == NULL && !reader->is_at_end) {
			seen = left;
			if ((code = read_more(reader, err)) < 0) {
				return code;
			}
			continue;
		}
		if (end == NULL && left == 0) {
			return 0;
		}
		*out = rh_str_trim(
			(struct rh_str){.ptr = from,
					.len = end != NULL ? (size_t)(end - from) : left});
		reader->at += end != NULL ? (size_t)(end - from) + 1 : left;
		seen = 0;
		if (out->len > 0) {
			return 1;
		}
	}
}

static void refuse(struct rh_finding_sink *findings, const char *path)
{
	const struct rh_finding finding = {
		.code = RH_FINDING_ENTITY_BROKEN,
		.path = rh_str_from(path),
	};

	findings->add(findings, &finding);
}

int rh_tenant_next(struct rh_tenant_reader *reader, struct rh_arena *arena,
		   struct rh_finding_sink *findings, struct rh_tenant_item *out, struct rh_err *err)
{
	const struct rh_tenant_source *source = reader->source;
	struct rh_record record = {0};
	struct rh_str line;
	int code = next_line(reader, &line, err);

	if (code != 1) {
		return code;
	}
	add_to_digest(reader, line);
	*out = (struct rh_tenant_item){.record = ++reader->record};
	out->entity.kind = reader->kind;
	code = rh_json_parse(&reader->json, (char *)(uintptr_t)line.ptr, line.len, err);
	if (code == RH_EINPUT || code == RH_ELIMIT ||
	    (code == RH_OK && rh_json_type(rh_json_root(&reader->json)) != RH_JSON_OBJECT)) {
		out->is_bad = true;
		refuse(findings, "");
		return 1;
	}
	if (code != RH_OK) {
		return code;
	}
	record.json = rh_json_root(&reader->json);
	record.number = reader->record;
	record.line = reader->record;
	code = source->connector->entities->from_record(source->instance, reader->kind, &record,
							&reader->policy, arena, findings,
							&out->entity, err);
	out->entity.kind = reader->kind;
	if (code == RH_OK && !rh_str_is_set(out->entity.source_id)) {
		refuse(findings, "id");
	}
	return code == RH_OK ? 1 : code;
}
