/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a request: method, headers and key, checked and put into libcurl's form. */
#ifndef NET_HEAD_H
#define NET_HEAD_H

#include <rehome/types.h>

struct curl_slist;
struct rh_arena;
struct rh_http_send;

/* RH_EINVAL: a method, header or key that cannot be sent; the text never quotes it. */
RH_NODISCARD int rh_head_check(const struct rh_http_send *send, struct rh_err *err);
/* The header list, key and user agent (NULL: none) included.  It lies in the arena, not in libcurl's own memory, because that
 * is never wiped: not for curl_slist_free_all.  False: memory out. */
bool rh_head_make(struct rh_arena *arena, const struct rh_http_send *send, const char *user_agent,
		  struct curl_slist **out);

#endif
