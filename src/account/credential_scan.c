/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting the text of a hash into fields: split, numbers, parameter blocks, encoded bytes. */
#include "account/credential_internal.h"

#include "base/arena.h"
#include "base/str.h"

bool rh_scan_split(struct rh_str text, char sep, struct rh_str *parts, size_t count)
{
	struct rh_str rest = text;

	for (size_t i = 0; i < count; i++) {
		if (rest.ptr == NULL) {
			return false;
		}
		parts[i] = rh_str_cut(&rest, sep);
	}
	return rest.ptr == NULL;
}

bool rh_scan_prefix(struct rh_str *text, const char *prefix)
{
	if (!rh_str_starts(*text, prefix)) {
		return false;
	}
	*text = rh_str_sub(*text, strlen(prefix), text->len);
	return true;
}

bool rh_scan_is_radix64(struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];

		if (!((byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
		      (byte >= '.' && byte <= '9'))) {
			return false;
		}
	}
	return true;
}

void rh_scan_require(struct rh_scan *scan, bool is_met)
{
	if (!is_met) {
		scan->is_out_of_range = true;
	}
}

void rh_scan_bound(struct rh_scan *scan, uint64_t value, uint64_t min, uint64_t max)
{
	rh_scan_require(scan, value >= min && value <= max);
}

bool rh_scan_number(struct rh_scan *scan, struct rh_str text, uint64_t min, uint64_t max,
		    uint64_t *out)
{
	uint64_t number = 0;

	if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0')) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return false;
		}
	}
	if (!rh_str_to_u64(text, &number) || number < min || number > max) {
		scan->is_out_of_range = true;
		number = min;
	}
	*out = number;
	return true;
}

/* A decoder says false for a bad digit and for want of memory: asking for the memory again tells which. */
static bool decoded(struct rh_scan *scan, struct rh_str text, bool result)
{
	if (!result && rh_arena_alloc(scan->arena, text.len + 1) == NULL) {
		scan->is_out_of_memory = true;
	}
	return result;
}

bool rh_scan_base64(struct rh_scan *scan, struct rh_str text, struct rh_str *out)
{
	return decoded(scan, text, rh_base64_decode(scan->arena, text, out));
}

bool rh_scan_hex(struct rh_scan *scan, struct rh_str text, struct rh_str *out)
{
	return decoded(scan, text, rh_hex_decode(scan->arena, text, out));
}

bool rh_scan_copy(struct rh_scan *scan, struct rh_str text, struct rh_str *out)
{
	if (!rh_arena_copy(scan->arena, text, out)) {
		scan->is_out_of_memory = true;
		return false;
	}
	return true;
}

char *rh_scan_writable(struct rh_scan *scan, struct rh_str text)
{
	char *copy = rh_arena_alloc(scan->arena, text.len + 1);

	if (copy == NULL) {
		scan->is_out_of_memory = true;
		return NULL;
	}
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return copy;
}

bool rh_scan_derived(struct rh_scan *scan, struct rh_str text, bool is_hex)
{
	struct rh_str *digest = &scan->cred->digest;

	if (is_hex ? !rh_scan_hex(scan, text, digest) : !rh_scan_base64(scan, text, digest)) {
		return false;
	}
	rh_scan_bound(scan, digest->len, RH_SCAN_DERIVED_MIN, RH_SCAN_DERIVED_MAX);
	return true;
}

bool rh_scan_is_derived_len(struct rh_scan *scan, struct rh_str text)
{
	uint64_t len;

	return text.ptr == NULL || (rh_scan_number(scan, text, 1, RH_SCAN_DERIVED_MAX, &len) &&
				    len == scan->cred->digest.len);
}

static bool set_param(struct rh_scan_param *params, size_t count, struct rh_str name,
		      struct rh_str value)
{
	for (size_t i = 0; i < count; i++) {
		if (rh_str_is(name, params[i].name)) {
			if (params[i].value.ptr != NULL) {
				return false;
			}
			params[i].value = value;
			return true;
		}
	}
	return false;
}

bool rh_scan_params(struct rh_str text, char sep, struct rh_scan_param *params, size_t count,
		    size_t required)
{
	struct rh_str rest = text;

	while (rest.ptr != NULL) {
		struct rh_str value = rh_str_cut(&rest, sep);
		struct rh_str name = rh_str_cut(&value, '=');

		if (value.ptr == NULL || !set_param(params, count, name, value)) {
			return false;
		}
	}
	for (size_t i = 0; i < required; i++) {
		if (params[i].value.ptr == NULL) {
			return false;
		}
	}
	return true;
}
