/* SPDX-License-Identifier: Apache-2.0 */
/* A connector's HTTP request over net/client; downloads into sealed spools. */
#include "engine/transport.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "net/client.h"
#include "snapshot/spool.h"

#define HEADERS_MAX 4
#define URL_MAX (64U * 1024)

/* What must live while a request flies. */
struct flight {
	struct flight *next; /* in the list of idle or of flying ones */
	struct flight *previous;
	void *tag;
	struct rh_buf url;
	struct rh_http_header headers[HEADERS_MAX];
	struct rh_spool_writer *download; /* NULL: none */
	uint64_t number;                  /* of the download */
};

struct http_transport {
	struct rh_transport face;
	struct rh_client *client;
	struct flight *idle;
	struct flight *flying;
	struct flight *landed; /* of the last delivery: goes back to idle with the next call */
	/* downloads */
	char *folder; /* NULL: there are none */
	uint8_t key[RH_KEY_LEN];
	uint64_t number; /* the last one given */
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
	} else {
		flight = rh_calloc(1, sizeof(*flight));
		if (flight == NULL) {
			return NULL;
		}
		rh_buf_init(&flight->url, URL_MAX);
	}
	flight->previous = NULL;
	flight->next = http->flying;
	if (http->flying != NULL) {
		http->flying->previous = flight;
	}
	http->flying = flight;
	return flight;
}

/* Out of the list of flying ones. */
static void land_flight(struct http_transport *http, struct flight *flight)
{
	if (flight->previous != NULL) {
		flight->previous->next = flight->next;
	} else {
		http->flying = flight->next;
	}
	if (flight->next != NULL) {
		flight->next->previous = flight->previous;
	}
	flight->next = NULL;
}

static void give_flight(struct http_transport *http, struct flight *flight)
{
	rh_spool_abandon(flight->download);
	flight->download = NULL;
	flight->next = http->idle;
	http->idle = flight;
}

/* ---- downloads ------------------------------------------------------------------------------------------ */

char *rh_download_path(const char *folder, uint64_t number)
{
	char name[48];

	(void)snprintf(name, sizeof(name), "download-%" PRIu64 ".spool", number);
	return rh_path_join(folder, name);
}

static int start_download(struct http_transport *http, struct flight *flight, struct rh_err *err)
{
	for (;;) {
		rh_autofree char *path = rh_download_path(http->folder, ++http->number);
		if (path == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		if (!rh_file_exists(path)) {
			flight->number = http->number;
			return rh_spool_create(&flight->download, path, http->key, err);
		}
	}
}

static bool keep_piece(void *user, const void *bytes, size_t len)
{
	struct flight *flight = user;

	return rh_spool_write(flight->download, bytes, len, NULL) == RH_OK;
}

/* The download of a transfer that ended: its number, or 0 when there is nothing to keep. */
static uint64_t finish_download(struct flight *flight, struct rh_delivered *delivered)
{
	struct rh_response *response = &delivered->response;
	struct rh_spool_writer *download = flight->download;

	if (download == NULL || response->delivery != RH_DELIVERY_ANSWERED ||
	    response->status < 200 || response->status > 299) {
		return 0; /* abandoned with the flight */
	}
	flight->download = NULL;
	if (rh_spool_finish(download, NULL) == RH_OK) {
		return flight->number;
	}
	response->delivery = RH_DELIVERY_CUT;
	delivered->reason = "the download could not be kept";
	return 0;
}

/* ---- requests --------------------------------------------------------------------------------------------- */

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
	if (request->header != NULL) {
		flight->headers[count++] = (struct rh_http_header){
			.name = rh_str_from(request->header),
			.value = rh_str_from(request->header_value),
		};
	}
	return count;
}

static int http_start(struct rh_transport *transport, const struct rh_request *request,
		      const char *origin, struct rh_str key, void *tag, struct rh_err *err)
{
	struct http_transport *http = http_of(transport);
	bool is_download = request->sink == RH_SINK_SNAPSHOT;
	struct flight *flight;
	int code;

	if (request->form != RH_REQUEST_HTTP || (is_download && http->folder == NULL)) {
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
	if (code == RH_OK && is_download) {
		code = start_download(http, flight, err);
	}
	if (code == RH_OK) {
		struct rh_http_send send = {
			.method = request->method,
			.url = flight->url.ptr,
			.headers = flight->headers,
			.header_count = put_headers(flight, request),
			.body = request->body,
			.bearer = request->auth == RH_AUTH_INSTANCE ? key : RH_STR_ABSENT,
			.response_max = is_download ? RH_DOWNLOAD_MAX : RH_RESPONSE_MAX,
			.sink_fd = -1,
			.sink = is_download ? keep_piece : NULL,
			.user = flight,
		};
		code = rh_client_start(http->client, &send, err);
	}
	if (code != RH_OK) {
		land_flight(http, flight);
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

/* "application/json", "text/json", "application/problem+json; charset=utf-8" … */
static bool is_json(struct rh_str content_type)
{
	struct rh_str type = rh_str_trim(rh_str_cut(&content_type, ';'));
	struct rh_str last = rh_str_sub(type, type.len >= 5 ? type.len - 5 : 0, 5);

	return rh_str_is_nocase(last, "/json") || rh_str_is_nocase(last, "+json");
}

/* When the quota begins anew is a wait only where the quota is what was refused for; any answer may name it. */
static int64_t wait_of(const struct rh_http_result *result)
{
	if (result->retry_after_us >= 0 || result->status != 429) {
		return result->retry_after_us;
	}
	return result->reset_us;
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
	land_flight(http, http->landed);
	*out = (struct rh_delivered){
		.tag = http->landed->tag,
		.reason = result.reason,
		.response =
			{
				.delivery = delivery_of(result.transfer),
				.status = result.status,
				.body = result.body_text,
				.body_len = result.body.len,
				.is_json = is_json(result.content_type),
				.date = result.date,
				.retry_after_us = wait_of(&result),
				.request_id = result.request_id,
			},
	};
	out->response.snapshot_ref = finish_download(http->landed, out);
	return true;
}

static void free_flights(struct flight *flight)
{
	while (flight != NULL) {
		struct flight *next = flight->next;
		rh_spool_abandon(flight->download);
		rh_buf_done(&flight->url);
		rh_free(flight);
		flight = next;
	}
}

static void http_free(struct rh_transport *transport)
{
	struct http_transport *http = http_of(transport);

	rh_client_free(http->client);
	free_flights(http->landed);
	free_flights(http->flying);
	free_flights(http->idle);
	rh_free(http->folder);
	explicit_bzero(http->key, sizeof(http->key));
	rh_free(http);
}

int rh_transport_http_keep(struct rh_transport *transport, const char *folder,
			   const uint8_t key[32], struct rh_err *err)
{
	struct http_transport *http = http_of(transport);
	char *copy = rh_strdup(folder);

	if (copy == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_free(http->folder);
	http->folder = copy;
	memcpy(http->key, key, sizeof(http->key));
	return RH_OK;
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
