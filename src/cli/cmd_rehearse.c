/* SPDX-License-Identifier: Apache-2.0 */
/* rehome rehearse: play providers on 127.0.0.1 until an interrupt. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/print.h"
#include "connectors/imitations.h"
#include "rehearsal/imitation.h"
#include "rehearsal/rehearsal.h"

/* "500/10s", "20/500ms": requests and their window. */
static bool read_custom(struct rh_str text, struct rh_rehearsal_options *options)
{
	struct rh_str rest = text;
	struct rh_str number = rh_str_cut(&rest, '/');
	int64_t unit = RH_SECOND;
	int64_t window;

	if (rh_str_ends(rest, "ms")) {
		unit = RH_MILLISECOND;
		rest.len -= 2;
	} else if (rh_str_ends(rest, "s")) {
		rest.len -= 1;
	}
	if (!rh_str_to_u64(number, &options->custom_limit) || options->custom_limit == 0 ||
	    !rh_str_to_i64(rest, &window) || window <= 0 || window > INT64_MAX / RH_SECOND) {
		return false;
	}
	options->limits = RH_LIMITS_CUSTOM;
	options->custom_window_us = window * unit;
	return true;
}

static bool read_limits(const char *text, struct rh_rehearsal_options *options)
{
	if (strcmp(text, "documented") == 0) {
		options->limits = RH_LIMITS_DOCUMENTED;
		return true;
	}
	if (strcmp(text, "off") == 0) {
		options->limits = RH_LIMITS_OFF;
		return true;
	}
	return read_custom(rh_str_from(text), options);
}

static int read_options(struct rh_cli *cli, struct rh_rehearsal_options *options)
{
	const struct rh_cli_values *values = &cli->values;

	if (!read_limits(values->limits, options)) {
		return rh_cli_usage(cli, "As in --limits 500/10s.",
				    "option \"--limits\" takes documented, off or N/SECONDS");
	}
	if (!rh_str_to_double(rh_str_from(values->speed), &options->speed) ||
	    !(options->speed > 0) || options->speed > 1e6) {
		return rh_cli_usage(cli, NULL, "option \"--speed\" takes a number above 0");
	}
	if (values->port > 65535) {
		return rh_cli_usage(cli, NULL, "option \"--port\" takes a number up to 65535");
	}
	/* For people any free port is 0; 1 says so below. */
	if (rh_cli_given(cli, "port") != NULL) {
		options->port = values->port == 0 ? 1 : (unsigned)values->port;
	}
	options->state_path = values->state_file;
	options->clock = rh_clock_system();
	return RH_EXIT_DONE;
}

/* Those named, or all. */
static int read_providers(struct rh_cli *cli, struct rh_rehearsal_options *options)
{
	size_t count = 0;
	const char **names;

	if (cli->word_count > 0) {
		options->providers = cli->words;
		options->provider_count = cli->word_count;
		return RH_EXIT_DONE;
	}
	while (rh_imitations[count] != NULL) {
		count++;
	}
	names = rh_arena_calloc(&cli->arena, count + 1, sizeof(*names));
	if (names == NULL) {
		int code = rh_err_set(&cli->err, RH_ENOMEM, "no memory for names");

		return rh_cli_fail(cli, code, &cli->err);
	}
	for (size_t i = 0; i < count; i++) {
		names[i] = rh_imitations[i]->name;
	}
	options->providers = names;
	options->provider_count = count;
	return RH_EXIT_DONE;
}

static void print_tenants(struct rh_cli *cli, const struct rh_rehearsal *rehearsal)
{
	struct rh_rehearsal_tenant tenant;

	for (size_t i = 0; i < rh_rehearsal_tenants(rehearsal); i++) {
		rh_rehearsal_tenant(rehearsal, i, &tenant);
		rh_print(cli, "# %s on http://127.0.0.1:%u\n", tenant.provider, tenant.port);
		for (size_t j = 0; tenant.environment[j] != NULL; j++) {
			rh_print(cli, "export %s\n", tenant.environment[j]);
		}
		if (tenant.production_key != NULL) {
			rh_print(cli, "# key of production: %s\n", tenant.production_key);
		}
		rh_print(cli,
			 "# control: curl -H 'X-Rehearsal-Token: %s' "
			 "http://127.0.0.1:%u/_rehearsal/counters\n\n",
			 rh_rehearsal_token(rehearsal), tenant.port);
	}
	rh_print(cli, "# stop with Ctrl-C\n");
}

static void put_tenants(struct rh_cli *cli, const struct rh_rehearsal *rehearsal)
{
	struct rh_json_writer *json = &cli->json;
	struct rh_rehearsal_tenant tenant;

	rh_print_document_begin(cli);
	rh_json_member(json, "token", rh_str_from(rh_rehearsal_token(rehearsal)));
	rh_json_key(json, "tenants");
	rh_json_begin_array(json);
	for (size_t i = 0; i < rh_rehearsal_tenants(rehearsal); i++) {
		rh_rehearsal_tenant(rehearsal, i, &tenant);
		rh_json_begin_object(json);
		rh_json_member(json, "provider", rh_str_from(tenant.provider));
		rh_json_key(json, "port");
		rh_json_put_u64(json, tenant.port);
		rh_json_key(json, "environment");
		rh_json_begin_array(json);
		for (size_t j = 0; tenant.environment[j] != NULL; j++) {
			rh_json_put_cstr(json, tenant.environment[j]);
		}
		rh_json_end_array(json);
		rh_json_member(json, "productionKey", rh_str_from(tenant.production_key));
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
}

/* Signals to stop become bytes of a descriptor, which the server watches; -1: that is not possible. */
static int open_stop(void)
{
	sigset_t stops;

	(void)sigemptyset(&stops); /* these cannot fail */
	(void)sigaddset(&stops, SIGINT);
	(void)sigaddset(&stops, SIGTERM);
	(void)sigaddset(&stops, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &stops, NULL) != 0) {
		return -1;
	}
	return signalfd(-1, &stops, SFD_CLOEXEC);
}

int rh_cmd_rehearse(struct rh_cli *cli)
{
	struct rh_rehearsal_options options = {0};
	struct rh_rehearsal *rehearsal = NULL;
	int exit_code = read_options(cli, &options);
	int code;

	if (exit_code == RH_EXIT_DONE) {
		exit_code = read_providers(cli, &options);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	rh_autoclose int stop_fd = open_stop();
	code = rh_rehearsal_start(&rehearsal, &options, &cli->err);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &cli->err);
	}
	if (cli->values.json) {
		put_tenants(cli, rehearsal);
		/* Who waits for the document does so before the end. */
		rh_print_document_end(cli, RH_EXIT_DONE);
	} else {
		print_tenants(cli, rehearsal);
	}
	(void)fflush(stdout); /* a fault shows at the end */
	code = rh_rehearsal_serve(rehearsal, stop_fd, &cli->err);
	rh_rehearsal_stop(rehearsal);
	return code == RH_OK ? RH_EXIT_DONE : rh_cli_fail(cli, code, &cli->err);
}

bool rh_cmd_rehearse_is_built(void)
{
	return true;
}
