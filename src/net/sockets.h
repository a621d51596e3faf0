/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for the sockets of libcurl's transfers with epoll, so that a turn costs what happened and not what is open. */
#ifndef NET_SOCKETS_H
#define NET_SOCKETS_H

#include <rehome/types.h>

#include <curl/curl.h>

struct rh_sockets;

/* Takes over the multi's sockets and timer; freed after curl_multi_cleanup. */
RH_NODISCARD int rh_sockets_new(struct rh_sockets **out, CURLM *multi, struct rh_err *err);
void rh_sockets_free(struct rh_sockets *sockets); /* accepts NULL */
/* For each handle before its first transfer: returns how many options failed. */
int rh_sockets_adopt(struct rh_sockets *sockets, CURL *easy);
/* Lets transfers begin and go on whose time has come; some may end by that. */
RH_NODISCARD int rh_sockets_act(struct rh_sockets *sockets, struct rh_err *err);
/* Waits up to timeout_ms for something to happen, or for wake_fd (-1: none), and lets transfers go on. */
RH_NODISCARD int rh_sockets_wait(struct rh_sockets *sockets, int timeout_ms, int wake_fd,
				 struct rh_err *err);

#endif
