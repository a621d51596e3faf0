/* SPDX-License-Identifier: Apache-2.0 */
/* Faults: read from JSON, matched in the order in which they were set. */
#include "rehearsal/fault.h"

#include <fnmatch.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

enum { PATH_TEXT_MAX = 2048 };

static const char *const kind_names[RH_FAULT_KINDS] = {
	[RH_FAULT_STATUS] = "status",
	[RH_FAULT_RETRY_AFTER_NONE] = "retry-after-none",
	[RH_FAULT_RETRY_AFTER_DATE] = "retry-after-date",
	[RH_FAULT_RESET_BEFORE] = "reset-before",
	[RH_FAULT_RESET_AFTER] = "reset-after",
	[RH_FAULT_SLOW] = "slow",
	[RH_FAULT_CUT] = "cut",
	[RH_FAULT_HTML] = "html",
	[RH_FAULT_EMPTY] = "empty",
};

static bool kind_of(struct rh_str name, enum rh_fault_kind *out)
{
	for (int kind = 0; kind < RH_FAULT_KINDS; kind++) {
		if (rh_str_is(name, kind_names[kind])) {
			*out = (enum rh_fault_kind)kind;
			return true;
		}
	}
	return false;
}

/* Copies into the fixed field; false: too long. */
static bool copy_text(struct rh_str text, char *out, size_t size)
{
	if (text.len >= size) {
		return false;
	}
	if (text.len > 0) {
		memcpy(out, text.ptr, text.len);
	}
	out[text.len] = '\0';
	return true;
}

/* Any value, compact; false: too long. */
static bool copy_body(const struct rh_json_node *node, char out[RH_FAULT_BODY_SIZE])
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	if (node == NULL) {
		return true;
	}
	rh_buf_init(&text, RH_FAULT_BODY_SIZE - 1);
	rh_json_writer_init(&writer, &text);
	rh_json_put_node(&writer, node);
	return text.failed == 0 && copy_text(rh_buf_str(&text), out, RH_FAULT_BODY_SIZE);
}

/* A number that may be left out; false: not a number, or out of 0..max. */
static bool read_number(const struct rh_json_node *input, const char *name, int64_t fallback,
			int64_t max, int64_t *out)
{
	*out = fallback;
	if (rh_json_is_null(rh_json_get(input, name))) {
		return true;
	}
	return rh_json_get_i64(input, name, out) && *out >= 0 && *out <= max;
}

static unsigned usual_status(enum rh_fault_kind kind)
{
	switch (kind) {
	case RH_FAULT_RETRY_AFTER_NONE:
	case RH_FAULT_RETRY_AFTER_DATE:
		return 429;
	case RH_FAULT_HTML:
		return 502;
	case RH_FAULT_EMPTY:
	case RH_FAULT_STATUS:
	case RH_FAULT_RESET_BEFORE:
	case RH_FAULT_RESET_AFTER:
	case RH_FAULT_SLOW:
	case RH_FAULT_CUT:
	case RH_FAULT_KINDS:
		break;
	}
	return 500;
}

static bool is_spent(const struct rh_fault *fault)
{
	return !fault->is_endless && fault->count == 0;
}

/* Spent faults stay in the list for their figures until the place is needed. */
static void drop_spent(struct rh_faults *faults)
{
	size_t kept = 0;

	for (size_t i = 0; i < faults->count; i++) {
		if (!is_spent(&faults->faults[i])) {
			faults->faults[kept++] = faults->faults[i];
		}
	}
	faults->count = kept;
}

int rh_faults_add(struct rh_faults *faults, const struct rh_json_node *input, struct rh_err *err)
{
	struct rh_fault fault = {0};
	int64_t status;
	int64_t count;
	int64_t skip;
	int64_t delay;
	int64_t retry_after;

	if (!kind_of(rh_json_get_string(input, "kind"), &fault.kind)) {
		return rh_err_set(err, RH_EINPUT, "kind is missing or none of the kinds of fault");
	}
	if (!copy_text(rh_json_get_string(input, "method"), fault.method, sizeof(fault.method)) ||
	    !copy_text(rh_json_get_string(input, "path"), fault.path, sizeof(fault.path))) {
		return rh_err_set(err, RH_EINPUT, "method or path is too long");
	}
	if (!read_number(input, "status", usual_status(fault.kind), 599, &status) || status < 200 ||
	    !read_number(input, "count", 1, INT64_MAX, &count) ||
	    !read_number(input, "after", 0, INT64_MAX, &skip) ||
	    !read_number(input, "delay_ms", 0, 3600 * 1000, &delay) ||
	    !read_number(input, "retry_after", 1, 86400, &retry_after)) {
		return rh_err_set(err, RH_EINPUT,
				  "status, count, after, delay_ms or retry_after is out of range");
	}
	if (!copy_body(rh_json_get(input, "body"), fault.body)) {
		return rh_err_set(err, RH_EINPUT, "body is longer than %d bytes",
				  RH_FAULT_BODY_SIZE - 1);
	}
	if (faults->count == RH_FAULTS_MAX) {
		drop_spent(faults);
	}
	if (faults->count == RH_FAULTS_MAX) {
		return rh_err_set(err, RH_ELIMIT, "%d faults are set already", RH_FAULTS_MAX);
	}
	fault.status = (unsigned)status;
	fault.count = (uint64_t)count;
	fault.is_endless = count == 0;
	fault.skip = (uint64_t)skip;
	fault.delay_us = delay * 1000;
	fault.retry_after_s = (uint64_t)retry_after;
	fault.is_done = rh_json_get_bool(input, "done", false);
	faults->faults[faults->count++] = fault;
	return RH_OK;
}

static bool matches(const struct rh_fault *fault, struct rh_str method, struct rh_str path)
{
	char text[PATH_TEXT_MAX];

	if (fault->method[0] != '\0' && !rh_str_is(method, fault->method)) {
		return false;
	}
	if (strchr(fault->path, '*') == NULL) {
		return rh_str_starts(path, fault->path);
	}
	return copy_text(path, text, sizeof(text)) && fnmatch(fault->path, text, 0) == 0;
}

bool rh_faults_take(struct rh_faults *faults, struct rh_str method, struct rh_str path,
		    struct rh_fault *out)
{
	for (size_t i = 0; i < faults->count; i++) {
		struct rh_fault *fault = &faults->faults[i];

		if (is_spent(fault) || !matches(fault, method, path)) {
			continue;
		}
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		fault->count -= fault->is_endless ? 0 : 1;
		fault->fired++;
		*out = *fault;
		return true;
	}
	return false;
}

void rh_faults_reset(struct rh_faults *faults)
{
	faults->count = 0;
}

void rh_faults_write(const struct rh_faults *faults, struct rh_json_writer *writer)
{
	rh_json_begin_array(writer);
	for (size_t i = 0; i < faults->count; i++) {
		const struct rh_fault *fault = &faults->faults[i];

		rh_json_begin_object(writer);
		rh_json_key(writer, "kind");
		rh_json_put_cstr(writer, kind_names[fault->kind]);
		rh_json_key(writer, "method");
		rh_json_put_cstr(writer, fault->method);
		rh_json_key(writer, "path");
		rh_json_put_cstr(writer, fault->path);
		rh_json_key(writer, "left");
		if (fault->is_endless) {
			rh_json_put_null(writer);
		} else {
			rh_json_put_u64(writer, fault->count);
		}
		rh_json_key(writer, "fired");
		rh_json_put_u64(writer, fault->fired);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}
