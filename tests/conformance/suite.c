/* SPDX-License-Identifier: Apache-2.0 */
/* The list of tests, run for one connector. */
#include "suite.h"

const struct subject *suite_subject;

bool suite_can(enum rh_kind kind, enum rh_verb verb)
{
	return suite_subject->connector->ops[kind][verb] != NULL;
}

/* What a test needs of the connector or of its play. */
enum need {
	NEED_NOTHING,
	NEED_TARGET,
	NEED_HTTP,
	NEED_VERB,
	NEED_FIND_EMAIL,
	NEED_FIND_MANY,
	NEED_SIGN_IN,
	NEED_PASSWORD,
	NEED_REFUSED_HASH,
	NEED_SAMPLE,
};

#define TEST(name, needs, of)                                                                \
	{                                                                                    \
		.test = cmocka_unit_test(conformance_##name), .need = (needs), .verb = (of), \
	}

static const struct {
	struct CMUnitTest test;
	enum need need;
	enum rh_verb verb; /* NEED_VERB */
} tests[] = {
	TEST(description, NEED_NOTHING, RH_VERBS),
	TEST(capabilities, NEED_NOTHING, RH_VERBS),
	TEST(options, NEED_NOTHING, RH_VERBS),
	TEST(endpoint, NEED_TARGET, RH_VERBS),
	TEST(probe, NEED_VERB, RH_VERB_PROBE),
	TEST(round_trip, NEED_VERB, RH_VERB_CREATE),
	TEST(twice, NEED_VERB, RH_VERB_CREATE),
	TEST(absent, NEED_VERB, RH_VERB_FIND),
	TEST(find_email, NEED_FIND_EMAIL, RH_VERBS),
	TEST(update, NEED_VERB, RH_VERB_UPDATE),
	TEST(update_ended, NEED_VERB, RH_VERB_UPDATE),
	TEST(update_back, NEED_VERB, RH_VERB_UPDATE),
	TEST(update_parts, NEED_VERB, RH_VERB_UPDATE),
	TEST(remove, NEED_VERB, RH_VERB_REMOVE),
	TEST(remove_in_use, NEED_SIGN_IN, RH_VERBS),
	TEST(list, NEED_VERB, RH_VERB_LIST),
	TEST(list_cut_short, NEED_HTTP, RH_VERBS),
	TEST(list_repeats, NEED_HTTP, RH_VERBS),
	TEST(find_many, NEED_FIND_MANY, RH_VERBS),
	TEST(bulk, NEED_VERB, RH_VERB_BULK),
	TEST(prove, NEED_PASSWORD, RH_VERBS),
	TEST(refused_hash, NEED_REFUSED_HASH, RH_VERBS),
	TEST(unknown_members, NEED_HTTP, RH_VERBS),
	TEST(refusals, NEED_HTTP, RH_VERBS),
	TEST(unreadable, NEED_HTTP, RH_VERBS),
	TEST(cut_bodies, NEED_HTTP, RH_VERBS),
	TEST(other_types, NEED_HTTP, RH_VERBS),
	TEST(little_memory, NEED_TARGET, RH_VERBS),
	TEST(no_memory, NEED_TARGET, RH_VERBS),
	TEST(no_state, NEED_TARGET, RH_VERBS),
	TEST(wire_parts, NEED_TARGET, RH_VERBS),
	TEST(wire_secrets, NEED_TARGET, RH_VERBS),
	TEST(sample, NEED_SAMPLE, RH_VERBS),
	TEST(broken_records, NEED_SAMPLE, RH_VERBS),
};
#define TESTS (sizeof(tests) / sizeof(tests[0]))

static bool has(enum need need, enum rh_verb verb)
{
	const struct rh_connector *connector = suite_subject->connector;
	const struct subject_play *play = suite_subject->play;

	switch (need) {
	case NEED_NOTHING:
		return true;
	case NEED_TARGET:
		return play != NULL;
	case NEED_HTTP:
		return play != NULL && play->answer != NULL;
	case NEED_VERB:
		return play != NULL && suite_can(RH_KIND_USER, verb);
	case NEED_FIND_EMAIL:
		return (connector->caps.flags & RH_CAP_FIND_BY_EMAIL) != 0;
	case NEED_FIND_MANY:
		return connector->caps.rows_max[RH_KIND_USER][RH_VERB_FIND] > 1;
	case NEED_PASSWORD:
		return play != NULL && play->password != NULL;
	case NEED_SIGN_IN:
		return play != NULL && play->sign_in != NULL &&
		       suite_can(RH_KIND_USER, RH_VERB_REMOVE);
	case NEED_REFUSED_HASH:
		return play != NULL && play->refuse_hashes != NULL;
	case NEED_SAMPLE:
		return connector->sample != NULL;
	}
	return false;
}

int suite_run(const struct subject *subject)
{
	struct CMUnitTest chosen[TESTS];
	size_t count = 0;

	suite_subject = subject;
	for (size_t i = 0; i < TESTS; i++) {
		if (has(tests[i].need, tests[i].verb)) {
			chosen[count++] = tests[i].test;
		} else {
			print_message("# %s is not asked for %s\n", subject->connector->name,
				      tests[i].test.name);
		}
	}
	return _cmocka_run_group_tests(subject->connector->name, chosen, count, NULL, NULL);
}
