/* SPDX-License-Identifier: Apache-2.0 */
/* rehome providers: who can be moved from and to, and everything that is known of one. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/tables.h"
#include "config/options.h"

#define PAGE_MAX (1U * 1024 * 1024)

static bool has_cap(const struct rh_connector *connector, enum rh_cap cap)
{
	return (connector->caps.flags & cap) != 0;
}

/* What a provider says of itself with nothing set but defaults; false: it cannot without a key. */
static bool describe(const struct rh_connector *connector, void *instance, struct rh_arena *arena,
		     struct rh_endpoint *out)
{
	return connector->describe != NULL &&
	       rh_option_defaults(connector->options, instance, arena, NULL) == RH_OK &&
	       connector->describe(instance, out, NULL) == RH_OK;
}

/* ---- for people ------------------------------------------------------------------------------------- */

static void print_table(struct rh_cli *cli)
{
	const struct rh_connector *connector;

	rh_print(cli, "%-12s %-20s %-6s %-6s %s\n", "provider", "", "files", "live", "target");
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		rh_print(cli, "%-12s %-20s %-6s %-6s %s\n", connector->name, connector->title,
			 has_cap(connector, RH_CAP_SOURCE_FILES) ? "yes" : "-",
			 has_cap(connector, RH_CAP_SOURCE_LIVE) ? "yes" : "-",
			 has_cap(connector, RH_CAP_TARGET) ? "yes" : "-");
	}
	rh_print(cli, "\nfiles, live: accounts can be read from exports, from its API; target: "
		      "accounts can be moved there\n");
}

static void add_options(struct rh_cli *cli, const struct rh_connector *connector,
			struct rh_buf *page, unsigned width)
{
	if (connector->options->name == NULL) {
		return;
	}
	rh_buf_add_cstr(page, "\noptions\n");
	for (const struct rh_option *row = connector->options; row->name != NULL; row++) {
		const char *variable = rh_option_env_name(&cli->arena, connector->name, row->name);

		rh_buf_printf(page, "  --%s-%s%s%s, %s\n    ", connector->name, row->name,
			      row->placeholder != NULL ? " " : "",
			      row->placeholder != NULL ? row->placeholder : "",
			      variable != NULL ? variable : "");
		rh_print_add_wrapped(page, row->help, 4, width);
	}
}

static void add_limits(struct rh_cli *cli, const struct rh_connector *connector,
		       struct rh_buf *page, unsigned width)
{
	void *instance = rh_calloc(1, connector->instance_size);
	struct rh_endpoint endpoint = {0};

	if (instance != NULL && describe(connector, instance, &cli->arena, &endpoint)) {
		for (size_t i = 0; i < endpoint.bucket_count; i++) {
			const struct rh_bucket *bucket = &endpoint.buckets[i];

			rh_buf_add_cstr(page, i == 0 ? "\nlimits\n" : "");
			rh_buf_printf(page, "  %s: ", bucket->name);
			if (bucket->limit > 0) {
				rh_print_add_count(page, bucket->limit);
				rh_buf_printf(page, " requests in %.10g s\n    ",
					      (double)bucket->window_us / (double)RH_SECOND);
			} else {
				rh_buf_add_cstr(page, "none\n    ");
			}
			rh_print_add_wrapped(page, bucket->evidence != NULL ? bucket->evidence : "",
					     4, width);
		}
	}
	rh_free(instance);
}

static void add_troubles(struct rh_buf *page, const struct rh_sample_trouble *troubles)
{
	if (troubles == NULL || troubles->name == NULL) {
		return;
	}
	rh_buf_add_cstr(page, "\ntroubles of samples\n");
	for (; troubles->name != NULL; troubles++) {
		rh_buf_printf(page, "  %-18s %s\n", troubles->name, troubles->help);
	}
}

static void print_one(struct rh_cli *cli, const struct rh_connector *connector)
{
	unsigned width = rh_term_width(stdout);
	rh_autobuf page = {0};

	rh_buf_init(&page, PAGE_MAX);
	rh_buf_printf(&page, "%s (%s)\n\n", connector->title, connector->name);
	rh_print_add_wrapped(&page, connector->doc, 0, width);
	rh_buf_printf(&page,
		      "\nsource from files  %s\nsource live        %s\ntarget             %s\n",
		      has_cap(connector, RH_CAP_SOURCE_FILES) ? "yes" : "no",
		      has_cap(connector, RH_CAP_SOURCE_LIVE) ? "yes" : "no",
		      has_cap(connector, RH_CAP_TARGET) ? "yes" : "no");
	if (connector->shapes != NULL && connector->shapes[0].id != 0) {
		rh_buf_add_cstr(&page, "\nfiles that are recognised\n");
		for (const struct rh_shape *shape = connector->shapes; shape->id != 0; shape++) {
			rh_buf_printf(&page, "  %-16s %s\n", shape->name, shape->title);
		}
	}
	add_options(cli, connector, &page, width);
	add_limits(cli, connector, &page, width);
	add_troubles(&page, connector->sample_troubles);
	if (connector->caps.evidence != NULL) {
		rh_buf_add_cstr(&page, "\nevidence\n  ");
		rh_print_add_wrapped(&page, connector->caps.evidence, 2, width);
	}
	rh_print_bytes(cli, rh_buf_str(&page));
}

/* ---- in the document -------------------------------------------------------------------------------- */

static void put_flag(struct rh_json_writer *json, const char *name, bool value)
{
	rh_json_key(json, name);
	rh_json_put_bool(json, value);
}

static void put_effect(struct rh_json_writer *json, const struct rh_sample_effect *effect)
{
	rh_json_begin_object(json);
	rh_json_key(json, "formats");
	rh_json_begin_array(json);
	for (size_t i = 0; rh_sample_formats[i] != NULL; i++) {
		if ((effect->forms & 1U << i) != 0) {
			rh_json_put_cstr(json, rh_sample_formats[i]);
		}
	}
	rh_json_end_array(json);
	rh_json_member(json, "options", rh_str_from(effect->options));
	put_flag(json, "stopsPlan", effect->stops_plan);
	rh_json_key(json, "findings");
	rh_json_begin_array(json);
	for (size_t i = 0; i < RH_SAMPLE_FINDINGS_MAX && effect->findings[i] != 0; i++) {
		rh_json_put_cstr(json, rh_finding_info(effect->findings[i])->id);
	}
	rh_json_end_array(json);
	rh_json_end_object(json);
}

static void put_troubles(struct rh_json_writer *json, const struct rh_sample_trouble *troubles)
{
	rh_json_key(json, "sampleTroubles");
	rh_json_begin_array(json);
	for (; troubles != NULL && troubles->name != NULL; troubles++) {
		rh_json_begin_object(json);
		rh_json_member(json, "name", rh_str_from(troubles->name));
		rh_json_member(json, "help", rh_str_from(troubles->help));
		rh_json_key(json, "effects");
		rh_json_begin_array(json);
		for (size_t i = 0; troubles->effects[i].forms != 0; i++) {
			put_effect(json, &troubles->effects[i]);
		}
		rh_json_end_array(json);
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
}

static void put_shapes(struct rh_json_writer *json, const struct rh_connector *connector)
{
	rh_json_key(json, "shapes");
	rh_json_begin_array(json);
	for (const struct rh_shape *shape = connector->shapes; shape != NULL && shape->id != 0;
	     shape++) {
		rh_json_begin_object(json);
		rh_json_member(json, "name", rh_str_from(shape->name));
		rh_json_member(json, "title", rh_str_from(shape->title));
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
}

static void put_options(struct rh_cli *cli, const struct rh_connector *connector)
{
	struct rh_json_writer *json = &cli->json;

	rh_json_key(json, "options");
	rh_json_begin_array(json);
	for (const struct rh_option *row = connector->options; row->name != NULL; row++) {
		struct rh_str name =
			rh_arena_printf(&cli->arena, "%s-%s", connector->name, row->name);

		rh_json_begin_object(json);
		rh_json_member(json, "name", name);
		rh_json_member(json, "environment",
			       rh_str_from(rh_option_env_name(&cli->arena, connector->name,
							      row->name)));
		put_flag(json, "isSecret", row->type == RH_OPTION_SECRET);
		rh_json_member(json, "help", rh_str_from(row->help));
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
}

static void put_limits(struct rh_cli *cli, const struct rh_connector *connector)
{
	struct rh_json_writer *json = &cli->json;
	void *instance = rh_calloc(1, connector->instance_size);
	struct rh_endpoint endpoint = {0};

	rh_json_key(json, "limits");
	rh_json_begin_array(json);
	if (instance != NULL && describe(connector, instance, &cli->arena, &endpoint)) {
		for (size_t i = 0; i < endpoint.bucket_count; i++) {
			const struct rh_bucket *bucket = &endpoint.buckets[i];

			rh_json_begin_object(json);
			rh_json_member(json, "name", rh_str_from(bucket->name));
			rh_json_key(json, "requests");
			rh_json_put_u64(json, bucket->limit);
			rh_json_key(json, "windowMs");
			rh_json_put_i64(json, bucket->window_us / RH_MILLISECOND);
			rh_json_member(json, "evidence", rh_str_from(bucket->evidence));
			rh_json_end_object(json);
		}
	}
	rh_json_end_array(json);
	rh_free(instance);
}

static void put_one(struct rh_cli *cli, const struct rh_connector *connector)
{
	struct rh_json_writer *json = &cli->json;

	rh_json_begin_object(json);
	rh_json_member(json, "name", rh_str_from(connector->name));
	rh_json_member(json, "title", rh_str_from(connector->title));
	rh_json_member(json, "doc", rh_str_from(connector->doc));
	put_flag(json, "sourceFiles", has_cap(connector, RH_CAP_SOURCE_FILES));
	put_flag(json, "sourceLive", has_cap(connector, RH_CAP_SOURCE_LIVE));
	put_flag(json, "target", has_cap(connector, RH_CAP_TARGET));
	put_shapes(json, connector);
	put_options(cli, connector);
	put_limits(cli, connector);
	put_troubles(json, connector->sample_troubles);
	rh_json_member(json, "evidence", rh_str_from(connector->caps.evidence));
	rh_json_end_object(json);
}

static void put_providers(struct rh_cli *cli, const struct rh_connector *only)
{
	const struct rh_connector *connector;

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "providers");
	rh_json_begin_array(&cli->json);
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if (only == NULL || only == connector) {
			put_one(cli, connector);
		}
	}
	rh_json_end_array(&cli->json);
}

int rh_cmd_providers(struct rh_cli *cli)
{
	const char *name = cli->word_count > 0 ? cli->words[0] : NULL;
	const struct rh_connector *connector = name != NULL ? rh_connector_find(name) : NULL;

	if (name != NULL && connector == NULL) {
		return rh_cli_usage(cli, "Those there are, are shown by: rehome providers",
				    "there is no provider \"%.40s\"", name);
	}
	if (cli->values.json) {
		put_providers(cli, connector);
	} else if (connector != NULL) {
		print_one(cli, connector);
	} else {
		print_table(cli);
	}
	return RH_EXIT_DONE;
}
