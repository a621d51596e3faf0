/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server: one libmicrohttpd daemon for each tenant, all driven by one loop.
 *
 * The library calls handle() first with the headers, then with each piece of the body, then once more: only
 * then an answer may be queued.  An answer that is to come late suspends its connection and waits in a list
 * of the loop's; when its time has come the connection is resumed and handle() is called again.
 *
 * The daemons have no thread of their own; the loop polls their epoll descriptors and runs them.
 */
#include "rehearsal/rehearsal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "connectors/imitations.h"
#include "rehearsal/state.h"
#include "rehearsal/tenant.h"

enum {
	PORT_ANY = 1,
	PORT_MAX = 65535,
	TENANT_PORT_STEP = 10, /* from one tenant of a provider to its next */
	SETTINGS_MAX = 8,
	CONNECTIONS_MAX = 900, /* below the usual 1,024 descriptors of a process */
	IDLE_SECONDS = 120,
	/* Of one connection: a hundred ids in a query need more than the library's usual 32 KiB. */
	CONNECTION_BYTES = 128 * 1024,
};

/* A request on its way through the library. */
struct exchange {
	struct exchange *next; /* in the list of free or of late ones */
	struct station *station;
	struct MHD_Connection *connection;
	struct rh_call call;
	bool is_counted; /* in flight */
	bool is_answered;
	bool is_waiting; /* suspended */
	rh_time due;     /* when a late answer is sent, on the steady clock */
};

/* A tenant and its port. */
struct station {
	struct rh_rehearsal *rehearsal;
	struct rh_tenant *tenant;
	struct MHD_Daemon *daemon;
	int poll_fd;
	unsigned port;
	char *lines[SETTINGS_MAX + 1];
};

struct rh_rehearsal {
	struct rh_stage stage;
	struct station *stations;
	struct pollfd *poll_fds; /* one more than stations */
	struct exchange *idle;
	struct exchange *late;
};

static struct exchange *take_exchange(struct station *station)
{
	struct rh_rehearsal *rehearsal = station->rehearsal;
	struct exchange *exchange = rehearsal->idle;

	if (exchange != NULL) {
		rehearsal->idle = exchange->next;
	} else {
		exchange = rh_calloc(1, sizeof(*exchange));
		if (exchange == NULL) {
			return NULL;
		}
		rh_call_init(&exchange->call);
	}
	exchange->station = station;
	exchange->is_counted = false;
	exchange->is_answered = false;
	exchange->is_waiting = false;
	return exchange;
}

static enum MHD_Result add_pair(void *cls, enum MHD_ValueKind kind, const char *name,
				size_t name_len, const char *value, size_t value_len)
{
	struct rh_call *call = cls;
	bool is_header = kind == MHD_HEADER_KIND;
	struct rh_pair *pairs = is_header ? call->headers : call->query;
	size_t *count = is_header ? &call->header_count : &call->query_count;
	size_t max = is_header ? RH_CALL_PAIRS : RH_CALL_QUERY;

	(void)name_len; /* there is a NUL behind it */
	if (*count < max) {
		pairs[(*count)++] = (struct rh_pair){
			.name = name,
			.value =
				{
					.ptr = value != NULL ? value : "",
					.len = value != NULL ? value_len : 0,
				},
		};
	}
	return MHD_YES;
}

/* The first call of a request: its headers are there. */
static struct exchange *begin(struct station *station, struct MHD_Connection *connection,
			      const char *url, const char *method)
{
	struct exchange *exchange = take_exchange(station);
	struct rh_call *call;

	if (exchange == NULL) {
		return NULL;
	}
	call = &exchange->call;
	exchange->connection = connection;
	call->method = rh_str_from(method);
	call->path = rh_str_from(url);
	(void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, add_pair, call);
	(void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, add_pair, call);
	if (!rh_tenant_is_control(call->path)) {
		rh_tenant_enter(station->tenant);
		exchange->is_counted = true;
	}
	return exchange;
}

static int64_t steady(const struct rh_rehearsal *rehearsal)
{
	return rehearsal->stage.clock->steady(rehearsal->stage.clock);
}

/* A body that ends in the middle: the library closes the connection. */
static ssize_t read_half(void *cls, uint64_t at, char *out, size_t max)
{
	const struct rh_buf *body = cls;
	size_t half = body->len / 2;
	size_t len = at < half ? half - (size_t)at : 0;

	if (len == 0) {
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	len = len < max ? len : max;
	memcpy(out, body->ptr + at, len);
	return (ssize_t)len;
}

/* The peer gets a reset at once: this is what disconnecting a socket does, and no FIN goes before it. */
static void reset_connection(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const struct sockaddr nowhere = {
		.sa_family = AF_UNSPEC,
	};

	if (info != NULL) {
		(void)connect(info->connect_fd, &nowhere, sizeof(nowhere));
	}
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
	struct rh_call *call = &exchange->call;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (call->effect == RH_EFFECT_RESET) {
		reset_connection(exchange->connection);
		return MHD_NO;
	}
	if (call->effect == RH_EFFECT_CUT && call->out.len > 0) {
		response = MHD_create_response_from_callback(call->out.len, call->out.len,
							     read_half, &call->out, NULL);
	} else {
		/* The buffer lives until completed() is called. */
		response = MHD_create_response_from_buffer(call->out.len, call->out.ptr,
							   MHD_RESPMEM_PERSISTENT);
	}
	if (response == NULL) {
		return MHD_NO;
	}
	result = MHD_YES;
	if (call->content_type != NULL) {
		result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
						 call->content_type);
	}
	for (size_t i = 0; i < call->answer_header_count && result == MHD_YES; i++) {
		/* Values in the arena have a NUL behind them. */
		result = MHD_add_response_header(response, call->answer_headers[i].name,
						 call->answer_headers[i].value.ptr);
	}
	if (result == MHD_YES) {
		result = MHD_queue_response(exchange->connection, call->status, response);
	}
	MHD_destroy_response(response);
	return result;
}

/* The whole request is there. */
static enum MHD_Result finish(struct exchange *exchange)
{
	struct rh_rehearsal *rehearsal = exchange->station->rehearsal;

	if (!exchange->is_answered) {
		exchange->is_answered = true;
		rh_tenant_answer(exchange->station->tenant, &exchange->call);
		if (exchange->call.delay_us > 0) {
			exchange->due = steady(rehearsal) + exchange->call.delay_us;
			exchange->is_waiting = true;
			exchange->next = rehearsal->late;
			rehearsal->late = exchange;
			MHD_suspend_connection(exchange->connection);
			return MHD_YES;
		}
	}
	return exchange->is_waiting ? MHD_YES : send_answer(exchange);
}

/* The library decides how many parameters there are. */
/* NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *data_len, void **connection_cls)
{
	struct station *station = cls;
	struct exchange *exchange = *connection_cls;

	(void)version;
	if (exchange == NULL) {
		exchange = begin(station, connection, url, method);
		*connection_cls = exchange;
		return exchange != NULL ? MHD_YES : MHD_NO;
	}
	if (*data_len > 0) {
		rh_buf_add(&exchange->call.body, data, *data_len);
		*data_len = 0;
		return MHD_YES;
	}
	return finish(exchange);
}

/* The answer has gone, or the connection has. */
static void completed(void *cls, struct MHD_Connection *connection, void **connection_cls,
		      enum MHD_RequestTerminationCode code)
{
	struct station *station = cls;
	struct exchange *exchange = *connection_cls;

	(void)connection;
	(void)code;
	if (exchange == NULL) {
		return;
	}
	if (exchange->is_counted) {
		rh_tenant_leave(station->tenant);
	}
	rh_call_reset(&exchange->call);
	exchange->next = station->rehearsal->idle;
	station->rehearsal->idle = exchange;
	*connection_cls = NULL;
}

/* Paths and queries come as they were sent; rh_url_decode does the rest. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return strlen(text);
}

static int listen_at(struct station *station, unsigned port, struct rh_err *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const union MHD_DaemonInfo *info;

	errno = 0;
	station->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK,
		(uint16_t)port, NULL, NULL, handle, station, MHD_OPTION_SOCK_ADDR,
		(const struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, completed, station,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)CONNECTIONS_MAX, MHD_OPTION_END);
	if (station->daemon == NULL) {
		return rh_err_errno(err, RH_EIO, errno, "could not listen on 127.0.0.1:%u", port);
	}
	info = MHD_get_daemon_info(station->daemon, MHD_DAEMON_INFO_BIND_PORT);
	station->port = info != NULL ? info->port : port;
	info = MHD_get_daemon_info(station->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL) {
		return rh_err_set(err, RH_EINTERNAL, "the HTTP library has no epoll descriptor");
	}
	station->poll_fd = info->epoll_fd;
	return RH_OK;
}

static const struct rh_imitation *imitation_of(const char *name)
{
	for (size_t i = 0; rh_imitations[i] != NULL; i++) {
		if (strcmp(rh_imitations[i]->name, name) == 0) {
			return rh_imitations[i];
		}
	}
	return NULL;
}

/* How many of the providers before `place` are the same, and how many different ones came first. */
static void count_before(const struct rh_rehearsal_options *options, size_t place, unsigned *same,
			 unsigned *different)
{
	*same = 0;
	*different = 0;
	for (size_t i = 0; i < place; i++) {
		bool is_new = true;

		*same += strcmp(options->providers[i], options->providers[place]) == 0 ? 1 : 0;
		for (size_t k = 0; k < i; k++) {
			is_new =
				is_new && strcmp(options->providers[k], options->providers[i]) != 0;
		}
		*different += is_new ? 1 : 0;
	}
	if (*same > 0) {
		/* Its first tenant has fixed its place among the different ones. */
		size_t first = 0;

		while (strcmp(options->providers[first], options->providers[place]) != 0) {
			first++;
		}
		count_before(options, first, &(unsigned){0}, different);
	}
}

static int write_lines(struct station *station)
{
	const struct rh_imitation *imitation = station->tenant->imitation;
	size_t count = imitation->setting_count;

	for (size_t i = 0; i < count && i < SETTINGS_MAX; i++) {
		const struct rh_setting *setting = &imitation->settings[i];
		rh_autobuf line = {0};

		rh_buf_init(&line, 1024);
		rh_buf_printf(&line, "%s=", setting->name);
		if (setting->value != NULL) {
			rh_buf_add_cstr(&line, setting->value);
		} else {
			rh_buf_printf(&line, "http://127.0.0.1:%u", station->port);
		}
		station->lines[i] = line.failed == 0 ? rh_strdup(line.ptr) : NULL;
		if (station->lines[i] == NULL) {
			return RH_ENOMEM;
		}
	}
	return RH_OK;
}

/* Sets up the n-th tenant and its port. */
static int open_station(struct rh_rehearsal *rehearsal, const struct rh_rehearsal_options *options,
			size_t place, struct rh_err *err)
{
	struct station *station = &rehearsal->stations[place];
	const struct rh_imitation *imitation = imitation_of(options->providers[place]);
	unsigned same;
	unsigned different;
	unsigned port;
	int status;

	if (imitation == NULL) {
		return rh_err_set(err, RH_EUSAGE, "provider \"%s\" cannot be rehearsed",
				  options->providers[place]);
	}
	count_before(options, place, &same, &different);
	port = options->port == 0 ? imitation->default_port : options->port + different;
	port = options->port == PORT_ANY ? 0 : port + same * TENANT_PORT_STEP;
	if (port > PORT_MAX) {
		return rh_err_set(err, RH_EUSAGE, "there is no port %u", port);
	}
	station->rehearsal = rehearsal;
	station->tenant = &rehearsal->stage.tenants[place];
	rehearsal->stage.tenant_count++; /* from here on close_stations sees to it */
	status = rh_tenant_init(station->tenant, &rehearsal->stage, imitation, same);
	if (status == RH_OK) {
		status = listen_at(station, port, err);
		if (status != RH_OK) {
			return status;
		}
		status = write_lines(station);
	}
	return status == RH_OK ? RH_OK : rh_err_set(err, status, "%s", rh_error_text(status));
}

static int open_all(struct rh_rehearsal *rehearsal, const struct rh_rehearsal_options *options,
		    struct rh_err *err)
{
	struct rh_stage *stage = &rehearsal->stage;
	size_t count = options->provider_count;

	rh_stage_init(stage, options->clock, options->speed);
	stage->state_path = options->state_path;
	stage->limits = (struct rh_limits_mode){
		.is_enforced = options->limits != RH_LIMITS_OFF,
		.custom_limit = options->limits == RH_LIMITS_CUSTOM ? options->custom_limit : 0,
		.custom_window_us = options->custom_window_us,
	};
	stage->tenants = rh_calloc(count, sizeof(*stage->tenants));
	rehearsal->stations = rh_calloc(count, sizeof(*rehearsal->stations));
	rehearsal->poll_fds = rh_calloc(count + 1, sizeof(*rehearsal->poll_fds));
	if (stage->tenants == NULL || rehearsal->stations == NULL || rehearsal->poll_fds == NULL) {
		return rh_err_set(err, RH_ENOMEM, "%s", rh_error_text(RH_ENOMEM));
	}
	for (size_t i = 0; i < count; i++) {
		int status = open_station(rehearsal, options, i, err);

		if (status != RH_OK) {
			return status;
		}
	}
	return stage->state_path != NULL ? rh_state_load(stage, err) : RH_OK;
}

int rh_rehearsal_start(struct rh_rehearsal **out, const struct rh_rehearsal_options *options,
		       struct rh_err *err)
{
	struct rh_rehearsal *rehearsal;
	int status;

	if (options->provider_count == 0) {
		return rh_err_set(err, RH_EUSAGE, "no provider to rehearse");
	}
	if (options->limits == RH_LIMITS_CUSTOM &&
	    (options->custom_limit == 0 || options->custom_window_us <= 0)) {
		return rh_err_set(err, RH_EUSAGE, "a custom limit needs a number and a window");
	}
	rehearsal = rh_calloc(1, sizeof(*rehearsal));
	if (rehearsal == NULL) {
		return rh_err_set(err, RH_ENOMEM, "%s", rh_error_text(RH_ENOMEM));
	}
	status = open_all(rehearsal, options, err);
	if (status != RH_OK) {
		rh_rehearsal_stop(rehearsal);
		return status;
	}
	*out = rehearsal;
	return RH_OK;
}

size_t rh_rehearsal_tenants(const struct rh_rehearsal *rehearsal)
{
	return rehearsal->stage.tenant_count;
}

void rh_rehearsal_tenant(const struct rh_rehearsal *rehearsal, size_t index,
			 struct rh_rehearsal_tenant *out)
{
	const struct station *station = &rehearsal->stations[index];

	*out = (struct rh_rehearsal_tenant){
		.provider = station->tenant->imitation->name,
		.port = station->port,
		.environment = (const char *const *)station->lines,
		.production_key = station->tenant->imitation->production_key,
	};
}

const char *rh_rehearsal_token(const struct rh_rehearsal *rehearsal)
{
	return rehearsal->stage.token;
}

/* Wakes the connections whose answers are due, all of them when `all`. */
static void resume_late(struct rh_rehearsal *rehearsal, bool all)
{
	struct exchange **link = &rehearsal->late;
	rh_time now = steady(rehearsal);

	while (*link != NULL) {
		struct exchange *exchange = *link;

		if (!all && exchange->due > now) {
			link = &exchange->next;
			continue;
		}
		*link = exchange->next;
		exchange->is_waiting = false;
		MHD_resume_connection(exchange->connection);
	}
}

/* Milliseconds until the loop has something to do without anybody writing; -1: nothing. */
static int next_timeout(const struct rh_rehearsal *rehearsal)
{
	int64_t wait_ms = -1;
	rh_time now = steady(rehearsal);

	for (size_t i = 0; i < rehearsal->stage.tenant_count; i++) {
		MHD_UNSIGNED_LONG_LONG limit;

		if (MHD_get_timeout(rehearsal->stations[i].daemon, &limit) == MHD_YES &&
		    (wait_ms < 0 || limit < (MHD_UNSIGNED_LONG_LONG)wait_ms)) {
			wait_ms = limit < INT_MAX ? (int64_t)limit : INT_MAX;
		}
	}
	for (const struct exchange *late = rehearsal->late; late != NULL; late = late->next) {
		int64_t left = late->due > now ? (late->due - now + 999) / 1000 : 0;

		wait_ms = wait_ms < 0 || left < wait_ms ? left : wait_ms;
	}
	return wait_ms > INT_MAX ? INT_MAX : (int)wait_ms;
}

int rh_rehearsal_serve(struct rh_rehearsal *rehearsal, int stop_fd, struct rh_err *err)
{
	size_t count = rehearsal->stage.tenant_count;
	struct pollfd *fds = rehearsal->poll_fds;

	for (size_t i = 0; i < count; i++) {
		fds[i] = (struct pollfd){
			.fd = rehearsal->stations[i].poll_fd,
			.events = POLLIN,
		};
	}
	fds[count] = (struct pollfd){
		.fd = stop_fd,
		.events = POLLIN,
	};
	while (fds[count].revents == 0) {
		if (poll(fds, count + 1, next_timeout(rehearsal)) < 0 && errno != EINTR) {
			return rh_err_errno(err, RH_EIO, errno, "could not wait for requests");
		}
		resume_late(rehearsal, false);
		for (size_t i = 0; i < count; i++) {
			(void)MHD_run(rehearsal->stations[i].daemon); /* no error it could tell */
		}
	}
	if (rehearsal->stage.state_path != NULL && rehearsal->stage.is_changed) {
		return rh_state_save(&rehearsal->stage, err);
	}
	return RH_OK;
}

static void close_stations(struct rh_rehearsal *rehearsal)
{
	for (size_t i = 0; i < rehearsal->stage.tenant_count; i++) {
		struct station *station = &rehearsal->stations[i];

		if (station->daemon != NULL) {
			MHD_stop_daemon(station->daemon);
		}
		for (size_t k = 0; k <= SETTINGS_MAX; k++) {
			rh_free(station->lines[k]);
		}
		rh_tenant_done(station->tenant);
	}
}

void rh_rehearsal_stop(struct rh_rehearsal *rehearsal)
{
	struct exchange *exchange;

	if (rehearsal == NULL) {
		return;
	}
	if (rehearsal->stage.state_path != NULL && rehearsal->stage.is_changed) {
		/* rh_rehearsal_serve saves and tells; this is for a caller that never came to it. */
		int status = rh_state_save(&rehearsal->stage, NULL);

		(void)status; /* there is nobody left to tell */
	}
	resume_late(rehearsal, true); /* none may be suspended when a daemon stops */
	close_stations(rehearsal);
	while ((exchange = rehearsal->idle) != NULL) {
		rehearsal->idle = exchange->next;
		rh_call_done(&exchange->call);
		rh_free(exchange);
	}
	rh_free(rehearsal->poll_fds);
	rh_free(rehearsal->stations);
	rh_free(rehearsal->stage.tenants);
	rh_free(rehearsal);
}
