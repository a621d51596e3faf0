/* SPDX-License-Identifier: Apache-2.0 */
/* A connector's HTTP request over net/client. */
#include "engine/transport.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "net/client.h"

#define HEADERS_MAX 3
#define URL_MAX (64U * 1024)

/* What must live while a request flies. */
struct flight {
	struct flight *next; /* of the free list */
	void *tag;
	struct rh_buf url;
	struct rh_http_header headers[HEADERS_MAX];
};

struct http_transport {
	struct rh_transport face;
	struct rh_client *client;
	struct flight *idle;
	struct flight *landed; /* of the last delivery: goes back to idle with the next call */
};

static struct http_transport *http_of(struct rh_transport *transport)
{
	return (struct http_transport *)transport;
}

static struct flight *take_flight(struct http_transport *http)
{
	struct flight *flight = http->idle;

	if (flight != NULL) {
		http->idle = flight->next;
		rh_buf_reset(&flight->url);
		return flight;
	}
	flight = rh_calloc(1, sizeof(*flight));
	if (flight != NULL) {
		rh_buf_init(&flight->url, URL_MAX);
	}
	return flight;
}

static void give_flight(struct http_transport *http, struct flight *flight)
{
	flight->next = http->idle;
	http->idle = flight;
}

static size_t put_headers(struct flight *flight, const struct rh_request *request)
{
	size_t count = 0;

	flight->headers[count++] = (struct rh_http_header){.name = RH_STR("Accept"),
							   .value = RH_STR("application/json")};
	if (request->body.ptr != NULL) {
		flight->headers[count++] = (struct rh_http_header){
			.name = RH_STR("Content-Type"),
			.value = rh_str_from(request->content_type != NULL ? request->content_type
									   : "application/json"),
		};
	}
	if (request->idempotency_key.ptr != NULL) {
		flight->headers[count++] = (struct rh_http_header){
			.name = RH_STR("Idempotency-Key"),
			.value = request->idempotency_key,
		};
	}
	return count;
}

static int http_start(struct rh_transport *transport, const struct rh_request *request,
		      const char *origin, struct rh_str key, void *tag, struct rh_err *err)
{
	struct http_transport *http = http_of(transport);
	struct flight *flight;
	int code;

	if (request->form != RH_REQUEST_HTTP || request->sink != RH_SINK_BUFFER) {
		return rh_err_set(err, RH_EUNSUPPORTED, "this transport cannot carry the request");
	}
	flight = take_flight(http);
	if (flight == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	flight->tag = tag;
	if (request->origin.ptr != NULL) {
		rh_buf_add_str(&flight->url, request->origin);
	} else {
		rh_buf_add_cstr(&flight->url, origin);
	}
	rh_buf_add_str(&flight->url, request->path);
	code = rh_buf_check(&flight->url, "request address", err);
	if (code == RH_OK) {
		struct rh_http_send send = {
			.method = request->method,
			.url = flight->url.ptr,
			.headers = flight->headers,
			.header_count = put_headers(flight, request),
			.body = request->body,
			.bearer = request->auth == RH_AUTH_INSTANCE ? key : RH_STR_ABSENT,
			.response_max = RH_RESPONSE_MAX,
			.sink_fd = -1,
			.user = flight,
		};
		code = rh_client_start(http->client, &send, err);
	}
	if (code != RH_OK) {
		give_flight(http, flight);
	}
	return code;
}

static int http_wait(struct rh_transport *transport, int timeout_ms, int wake_fd,
		     struct rh_err *err)
{
	return rh_client_poll(http_of(transport)->client, timeout_ms, wake_fd, err);
}

static enum rh_delivery delivery_of(enum rh_transfer transfer)
{
	switch (transfer) {
	case RH_TRANSFER_COMPLETE:
		return RH_DELIVERY_ANSWERED;
	case RH_TRANSFER_NOT_SENT:
		return RH_DELIVERY_NOT_SENT;
	case RH_TRANSFER_CUT:
		return RH_DELIVERY_CUT;
	}
	return RH_DELIVERY_CUT;
}

static bool http_next(struct rh_transport *transport, struct rh_delivered *out)
{
	struct http_transport *http = http_of(transport);
	struct rh_http_result result;

	if (http->landed != NULL) {
		give_flight(http, http->landed);
		http->landed = NULL;
	}
	if (!rh_client_next(http->client, &result)) {
		return false;
	}
	http->landed = result.user;
	*out = (struct rh_delivered){
		.tag = http->landed->tag,
		.reason = result.reason,
		.response =
			{
				.delivery = delivery_of(result.transfer),
				.status = result.status,
				.body = result.body_text,
				.body_len = result.body.len,
				.is_json = rh_str_starts(result.content_type, "application/json") ||
					   rh_str_starts(result.content_type,
							 "application/problem+json"),
				.date = result.date,
				.retry_after_us = result.retry_after_us >= 0 ? result.retry_after_us
									     : result.reset_us,
				.request_id = result.request_id,
			},
	};
	return true;
}

static void http_free(struct rh_transport *transport)
{
	struct http_transport *http = http_of(transport);

	rh_client_free(http->client);
	if (http->landed != NULL) {
		give_flight(http, http->landed);
	}
	while (http->idle != NULL) {
		struct flight *flight = http->idle;
		http->idle = flight->next;
		rh_buf_done(&flight->url);
		rh_free(flight);
	}
	rh_free(http);
}

int rh_transport_http(struct rh_transport **out, const struct rh_client_options *options,
		      struct rh_err *err)
{
	struct http_transport *http = rh_calloc(1, sizeof(*http));
	int code;

	if (http == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	http->face = (struct rh_transport){
		.start = http_start,
		.wait = http_wait,
		.next = http_next,
		.free = http_free,
	};
	code = rh_client_new(&http->client, options, err);
	if (code != RH_OK) {
		rh_free(http);
		return code;
	}
	*out = &http->face;
	return RH_OK;
}
