/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a request: refusing what cannot stand in one, and the header list for libcurl. */
#include "net/head.h"

#include <curl/curl.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "net/client.h"

enum {
	METHOD_MAX = 16,
	LARGE_BODY =
		1024, /* from here on libcurl may wait before it; how many bytes depends on its version */
};

/* Printable, so that a value can end neither its line nor the head. */
static bool is_header_value(struct rh_str value)
{
	unsigned bad = 0;

	for (size_t i = 0; i < value.len; i++) { /* without a branch: many bytes at a time */
		unsigned char byte = (unsigned char)value.ptr[i];

		bad |= (unsigned)(byte < ' ') & (unsigned)(byte != '\t');
		bad |= (unsigned)(byte == 0x7f);
	}
	return bad == 0;
}

static bool is_header_name(struct rh_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char byte = name.ptr[i];

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') &&
		    !(byte >= '0' && byte <= '9') && byte != '-' && byte != '_') {
			return false;
		}
	}
	return name.len > 0;
}

static bool is_method(const char *method)
{
	size_t len = strlen(method);

	return len > 0 && len <= METHOD_MAX && strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

/* Adds name, what stands between, value.  "name;" is libcurl's form for an empty value.  False: memory
 * out. */
static bool add_header(struct rh_arena *arena, struct curl_slist ***end, struct rh_str name,
		       const char *between, struct rh_str value)
{
	struct curl_slist *node = rh_arena_calloc(arena, 1, sizeof(*node));
	size_t between_len = strlen(between);
	char *text = rh_arena_alloc(arena, name.len + between_len + value.len + 1);

	if (node == NULL || text == NULL) {
		return false;
	}
	node->data = text;
	memcpy(text, name.ptr, name.len);
	memcpy(text + name.len, between, between_len);
	if (value.len > 0) {
		memcpy(text + name.len + between_len, value.ptr, value.len);
	}
	text[name.len + between_len + value.len] = '\0';
	**end = node;
	*end = &node->next;
	return true;
}

int rh_head_check(const struct rh_http_send *send, struct rh_err *err)
{
	if (send->method == NULL || !is_method(send->method)) {
		return rh_err_set(err, RH_EINVAL, "not a request method");
	}
	if (send->body.ptr != NULL && (rh_str_is(rh_str_from(send->method), "GET") ||
				       rh_str_is(rh_str_from(send->method), "HEAD"))) {
		return rh_err_set(err, RH_EINVAL, "%s has no body", send->method);
	}
	for (size_t i = 0; i < send->header_count; i++) {
		if (!is_header_name(send->headers[i].name) ||
		    !is_header_value(send->headers[i].value)) {
			return rh_err_set(err, RH_EINVAL, "header %zu cannot be sent", i + 1);
		}
	}
	if (!is_header_value(send->bearer)) {
		return rh_err_set(err, RH_EINVAL, "the key has bytes that a header cannot hold");
	}
	return RH_OK;
}

bool rh_head_make(struct rh_arena *arena, const struct rh_http_send *send, const char *user_agent,
		  struct curl_slist **out)
{
	struct curl_slist *list = NULL;
	struct curl_slist **end = &list;
	bool has_type = false;
	bool is_ok = true;

	for (size_t i = 0; i < send->header_count; i++) {
		struct rh_str name = send->headers[i].name;
		struct rh_str value = send->headers[i].value;

		has_type = has_type || rh_str_is_nocase(name, "content-type");
		is_ok = is_ok && add_header(arena, &end, name, value.len > 0 ? ": " : ";", value);
	}
	if (send->bearer.ptr != NULL) {
		is_ok = is_ok &&
			add_header(arena, &end, RH_STR("Authorization"), ": Bearer ", send->bearer);
	}
	/* As a header of ours libcurl formats it once a request, as an option of its own twice. */
	if (user_agent != NULL) {
		is_ok = is_ok && add_header(arena, &end, RH_STR("User-Agent"), ": ",
					    rh_str_from(user_agent));
	}
	/* Without a value libcurl leaves out what it would add: a wait before a large body, and a
	 * form's type for a body that has none. */
	if (send->body.len >= LARGE_BODY) {
		is_ok = is_ok && add_header(arena, &end, RH_STR("Expect"), ":", RH_STR_ABSENT);
	}
	if (!has_type) {
		is_ok = is_ok &&
			add_header(arena, &end, RH_STR("Content-Type"), ":", RH_STR_ABSENT);
	}
	if (is_ok) {
		*out = list;
	}
	return is_ok;
}
