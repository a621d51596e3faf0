/* SPDX-License-Identifier: Apache-2.0 */
/* What a connector says about itself: names, options, capabilities that agree with its operations, endpoint. */
#include <stdlib.h>
#include <string.h>

#include "config/options.h"
#include "suite.h"

static bool is_name(const char *text)
{
	return text != NULL && text[0] != '\0' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

void conformance_description(void **state)
{
	const struct rh_connector *connector = suite_subject->connector;

	(void)state;
	assert_int_equal(connector->abi, RH_CONNECTOR_ABI);
	assert_true(is_name(connector->name));
	assert_true(connector->title != NULL && connector->title[0] != '\0');
	assert_true(connector->doc != NULL && connector->doc[0] != '\0');
	assert_true(connector->instance_size > 0);
	assert_non_null(connector->open);
	assert_non_null(connector->options);
	for (const struct rh_shape *shape = connector->shapes; shape != NULL && shape->id != 0;
	     shape++) {
		assert_true(shape->id > 0);
		assert_true(is_name(shape->name));
		assert_non_null(shape->title);
		for (const struct rh_shape *other = connector->shapes; other != shape; other++) {
			assert_int_not_equal(other->id, shape->id);
			assert_string_not_equal(other->name, shape->name);
		}
	}
}

static void check_option(const struct rh_connector *connector, const struct rh_option *option)
{
	static const size_t sizes[] = {
		[RH_OPTION_TEXT] = sizeof(const char *),
		[RH_OPTION_URL] = sizeof(const char *),
		[RH_OPTION_SECRET] = sizeof(const char *),
		[RH_OPTION_NUMBER] = sizeof(uint64_t),
		[RH_OPTION_BOOL] = sizeof(bool),
		[RH_OPTION_CHOICE] = sizeof(int),
		[RH_OPTION_LIST] = sizeof(struct rh_text_list),
	};

	assert_true(is_name(option->name));
	assert_true(strncmp(option->name, connector->name, strlen(connector->name)) != 0);
	assert_true(option->offset + sizes[option->type] <= connector->instance_size);
	assert_true(option->help != NULL && option->help[0] != '\0');
	assert_int_not_equal(option->help[strlen(option->help) - 1], '.');
	assert_int_equal(option->type == RH_OPTION_CHOICE, option->choices != NULL);
	assert_true(option->type == RH_OPTION_BOOL || option->placeholder != NULL);
	assert_true(option->type != RH_OPTION_SECRET || option->fallback == NULL);
	for (const struct rh_option *other = connector->options; other != option; other++) {
		assert_string_not_equal(other->name, option->name);
		assert_true(other->offset + sizes[other->type] <= option->offset ||
			    option->offset + sizes[option->type] <= other->offset);
	}
}

/* Two secrets and an address that cannot be: none of them shows in what is said about it. */
static void check_errors(const struct rh_connector *connector)
{
	void *instance = calloc(1, connector->instance_size);
	struct rh_err err = {0};
	struct rh_arena arena;

	assert_non_null(instance);
	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	assert_int_equal(rh_option_defaults(connector->options, instance, &arena, &err), RH_OK);
	for (const struct rh_option *option = connector->options; option->name != NULL; option++) {
		if (option->type == RH_OPTION_SECRET) {
			assert_int_equal(rh_option_set(option, instance, NULL, "zz secret\tzz",
						       &arena, &err),
					 RH_OK);
		}
	}
	err = (struct rh_err){0};
	if (connector->open(instance, suite_subject->play != NULL, &err) != RH_OK) {
		assert_int_equal(err.code, RH_EUSAGE);
		assert_null(strstr(err.message, "zz"));
		assert_null(strstr(err.hint, "zz"));
	}
	if (connector->close != NULL) {
		connector->close(instance);
	}
	free(instance);
	rh_arena_done(&arena);
}

void conformance_options(void **state)
{
	const struct rh_connector *connector = suite_subject->connector;

	(void)state;
	for (const struct rh_option *option = connector->options; option->name != NULL; option++) {
		check_option(connector, option);
	}
	check_errors(connector);
}

/* C14: a table where settings are read, each of its rows about something, under a name of its own. */
static void check_settings(const struct rh_connector *connector, unsigned fields)
{
	const struct rh_target_setting *setting = connector->settings;

	assert_int_equal(setting != NULL, suite_can(RH_KIND_SETTING, RH_VERB_GET));
	for (size_t i = 0; setting != NULL && setting[i].name != NULL; i++) {
		assert_true(i < RH_SETTINGS_THERE_MAX);
		assert_true(setting[i].fields != 0 || setting[i].parts != 0);
		assert_int_equal((uint64_t)setting[i].fields >> fields, 0);
		assert_true(setting[i].fix != NULL && setting[i].fix[0] != '\0');
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(setting[i].name, setting[k].name);
		}
	}
}

static void check_target(const struct rh_connector *connector)
{
	unsigned fields = 0;

	assert_non_null(connector->to_wire);
	assert_non_null(connector->parts);
	assert_non_null(connector->observe);
	assert_non_null(connector->describe);
	assert_non_null(connector->redact);
	assert_non_null(connector->wire_fields);
	while (connector->wire_fields[fields] != NULL) {
		fields++;
	}
	assert_in_range(fields, 1, RH_WIRE_FIELDS_MAX);
	/* Without these an UNKNOWN could not be settled, nothing verified and nothing taken back. */
	assert_true(suite_can(RH_KIND_USER, RH_VERB_CREATE) ||
		    suite_can(RH_KIND_USER, RH_VERB_BULK));
	assert_true(suite_can(RH_KIND_USER, RH_VERB_FIND));
	assert_true(suite_can(RH_KIND_USER, RH_VERB_LIST));
	assert_true(suite_can(RH_KIND_USER, RH_VERB_GET));
	assert_true((connector->caps.flags & (RH_CAP_FIND_BY_EXTERNAL_ID | RH_CAP_FIND_BY_EMAIL)) !=
		    0);
	assert_int_equal((connector->caps.flags & RH_CAP_FIND_BY_EXTERNAL_ID) != 0 &&
				 connector->caps.external_id_max == 0,
			 0);
	assert_true(connector->caps.evidence != NULL && connector->caps.evidence[0] != '\0');
	check_settings(connector, fields);
}

void conformance_capabilities(void **state)
{
	const struct rh_connector *connector = suite_subject->connector;
	unsigned flags = connector->caps.flags;

	(void)state;
	assert_true((flags & (RH_CAP_SOURCE_FILES | RH_CAP_SOURCE_LIVE | RH_CAP_TARGET)) != 0);
	assert_int_equal((flags & RH_CAP_TARGET) != 0, suite_subject->play != NULL);
	if ((flags & RH_CAP_TARGET) != 0) {
		check_target(connector);
	}
	if ((flags & RH_CAP_SOURCE_FILES) != 0) {
		assert_non_null(connector->shapes);
		assert_non_null(connector->recognise);
		assert_non_null(connector->from_record);
	}
	if ((flags & RH_CAP_SOURCE_LIVE) != 0) {
		assert_true(suite_can(RH_KIND_USER, RH_VERB_LIST));
		assert_non_null(connector->from_record);
	}
	for (unsigned kind = 0; kind < RH_KINDS; kind++) {
		for (unsigned verb = 0; verb < RH_VERBS; verb++) {
			if (connector->caps.rows_max[kind][verb] > 1) {
				assert_true(suite_can((enum rh_kind)kind, (enum rh_verb)verb));
			}
		}
	}
}

void conformance_endpoint(void **state)
{
	struct stage stage;
	void *copy;

	(void)state;
	stage_begin(&stage);
	assert_true(stage.endpoint.origin != NULL && stage.endpoint.origin[0] != '\0');
	assert_true(stage.endpoint.environment != NULL && stage.endpoint.environment[0] != '\0');
	assert_true(stage.endpoint.bucket_count <= RH_BUCKETS_MAX);
	suite_check_secrets(rh_str_from(stage.endpoint.origin), "the origin");
	suite_check_secrets(rh_str_from(stage.endpoint.environment), "the environment");
	suite_check_secrets(rh_str_from(stage.endpoint.tenant), "the tenant");
	for (size_t i = 0; i < stage.endpoint.bucket_count; i++) {
		const struct rh_bucket *bucket = &stage.endpoint.buckets[i];
		assert_true(bucket->name != NULL && bucket->name[0] != '\0');
		assert_true(bucket->limit == 0 || bucket->window_us > 0);
		assert_true(bucket->limit == 0 || bucket->evidence != NULL);
	}
	/* Describing again says the same and changes nothing. */
	copy = malloc(stage.connector->instance_size);
	assert_non_null(copy);
	memcpy(copy, stage.instance, stage.connector->instance_size);
	assert_int_equal(stage.connector->describe(stage.instance, &stage.endpoint, NULL), RH_OK);
	assert_memory_equal(copy, stage.instance, stage.connector->instance_size);
	free(copy);
	stage_end(&stage);
}
