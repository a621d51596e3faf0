/* SPDX-License-Identifier: Apache-2.0 */
/* What a connector makes of answers that are refusals, broken, cut, of other types; and of too little memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/limits.h"
#include "suite.h"

/* Every verb that users may have, with what it needs. */
static const enum rh_verb verbs[] = {
	RH_VERB_PROBE,  RH_VERB_COUNT,  RH_VERB_LIST,   RH_VERB_GET,  RH_VERB_FIND,
	RH_VERB_CREATE, RH_VERB_UPDATE, RH_VERB_REMOVE, RH_VERB_BULK, RH_VERB_PROVE,
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* A stage with one account at the provider, ready for one operation. */
struct scene {
	struct stage stage;
	struct rh_row row;
	struct stage_op op;
	enum rh_verb verb;
};

static bool needs_row(enum rh_verb verb)
{
	return verb != RH_VERB_PROBE && verb != RH_VERB_COUNT && verb != RH_VERB_LIST;
}

static void set_row(struct scene *scene, struct rh_str id)
{
	struct stage *stage = &scene->stage;

	switch (scene->verb) {
	case RH_VERB_CREATE:
	case RH_VERB_BULK:
		scene->row = stage_row(stage, 1, true);
		break;
	case RH_VERB_UPDATE:
		scene->row = stage_row(stage, 0, true);
		scene->row.target_id = id;
		break;
	case RH_VERB_GET:
	case RH_VERB_REMOVE:
		scene->row = (struct rh_row){
			.target_id = id,
			.external_id = stage->people[0].account.source_id,
		};
		break;
	case RH_VERB_FIND:
		scene->row = (struct rh_row){.external_id = stage->people[0].account.source_id};
		break;
	case RH_VERB_PROVE:
		scene->row = (struct rh_row){
			.email = stage->people[0].email.value,
			.password = rh_str_from(suite_subject->play->password),
		};
		break;
	case RH_VERB_PROBE:
	case RH_VERB_COUNT:
	case RH_VERB_LIST:
	case RH_VERBS:
		break;
	}
}

static void scene_begin(struct scene *scene, enum rh_verb verb)
{
	memset(scene, 0, sizeof(*scene));
	scene->verb = verb;
	stage_begin(&scene->stage);
	set_row(scene, stage_create(&scene->stage, stage_row(&scene->stage, 0, true)));
}

static void scene_run(struct scene *scene)
{
	stage_run(&scene->stage, &scene->op, RH_KIND_USER, scene->verb,
		  needs_row(scene->verb) ? &scene->row : NULL, needs_row(scene->verb) ? 1 : 0);
}

static void scene_end(struct scene *scene)
{
	stage_op_done(&scene->op);
	stage_end(&scene->stage);
}

static bool is_played(enum rh_verb verb)
{
	return suite_can(RH_KIND_USER, verb) &&
	       (verb != RH_VERB_PROVE || suite_subject->play->password != NULL);
}

/* ---- spoiling one answer ----------------------------------------------------------------------------------- */

struct spoilt {
	unsigned n; /* which answer */
	int status;
	const char *body;
	size_t body_len;
};

static bool put_spoilt(struct stage *stage, unsigned n, struct scripted_answer *answer)
{
	const struct spoilt *spoilt = stage->spoil_context;

	if (n != spoilt->n) {
		return false;
	}
	answer->status = spoilt->status;
	rh_buf_add(&answer->body, spoilt->body, spoilt->body_len);
	return true;
}

/* Runs the verb with that answer; what became of it is told, everything else freed. */
struct result {
	enum stage_end end;
	enum rh_outcome outcome;
	enum rh_scope scope;
	bool was_writing; /* the spoilt request */
	bool was_reached;
	bool was_last; /* else a later answer decided */
};

static struct result run_spoilt(enum rh_verb verb, const struct spoilt *spoilt)
{
	struct spoilt own = *spoilt;
	struct scene scene;
	struct result result;

	scene_begin(&scene, verb);
	scene.stage.spoil = put_spoilt;
	scene.stage.spoil_context = &own;
	scene_run(&scene);
	result = (struct result){
		.end = scene.op.end,
		.outcome = scene.op.outcome,
		.scope = scene.op.answer.scope,
		.was_reached = scene.op.request_count > own.n,
		.was_last = scene.op.request_count == own.n + 1,
		.was_writing = scene.op.request_count > own.n &&
			       scene.op.requests[own.n].request.is_writing,
	};
	assert_int_not_equal(result.end, STAGE_CODE);
	scene_end(&scene);
	return result;
}

static bool is_one_of(enum rh_outcome outcome, unsigned set)
{
	return (1U << outcome & set) != 0;
}

#define BIT(name) (1U << RH_OUTCOME_##name)
/* What would say something about the row. */
#define CERTAIN (BIT(DONE) | BIT(ALREADY) | BIT(ABSENT) | BIT(CONFLICT) | BIT(REJECTED))

/* ---- refusals that can be read ---------------------------------------------------------------------------- */

static const int refusals[] = {400, 402, 403, 404, 405, 409, 410, 412, 413, 415, 422, 451};
#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

/* The refusal with something else where its code stands; free it. */
static char *with_code(const char *code)
{
	const char *body = suite_subject->play->refusal;
	const char *at = strstr(body, "some_new_code");
	char *out = NULL;

	assert_non_null(at);
	assert_true(asprintf(&out, "%.*s%s%s", (int)(at - body), body, code,
			     at + strlen("some_new_code")) > 0);
	return out;
}

/* C5, C6: a refusal in the provider's own form is never "unknown" and never success, whatever its code. */
void conformance_refusals(void **state)
{
	static const char *const codes[] = {
		"some_new_code",
		"",
		"two words",
		"ada@example.com",
		"\\u00fcber",
		"\\n",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaa",
	};

	(void)state;
	for (size_t v = 0; v < VERBS; v++) {
		for (size_t i = 0; is_played(verbs[v]) && i < REFUSALS; i++) {
			for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
				char *body = with_code(codes[c]);
				const struct spoilt spoilt = {
					.status = refusals[i],
					.body = body,
					.body_len = strlen(body),
				};
				struct result result = run_spoilt(verbs[v], &spoilt);
				free(body);
				assert_int_not_equal(result.outcome, RH_OUTCOME_ALREADY);
				/* A probe may take a refusal for the proof that the key is one. */
				assert_true(verbs[v] == RH_VERB_PROBE ||
					    result.outcome != RH_OUTCOME_DONE);
				assert_true(c != 0 || result.outcome != RH_OUTCOME_UNKNOWN);
				assert_true(result.outcome != RH_OUTCOME_ABSENT ||
					    refusals[i] == 404 || refusals[i] == 410);
			}
		}
	}
}

/* ---- answers that cannot be read ---------------------------------------------------------------------------- */

static char deep[600];

static const char *const unreadable[] = {
	"",     " ",          "not JSON",    "[]", "[1,2]",   "null",
	"7",    "\"text\"",   "{",           "}",  "{\"a\":", "{\"id\":\"x\"",
	"\xff", "{'id':'x'}", "{\"id\":01}", deep, "[{}]",    "true",
};
#define UNREADABLE (sizeof(unreadable) / sizeof(unreadable[0]))

/*
 * C5: nothing is concluded from it.  What was written has an unknown fate, what was read is to be asked again;
 * nobody is absent, refused or there because of it.
 */
static void check_unreadable(enum rh_verb verb, int status, const struct result *result,
			     const char *body)
{
	bool is_removed = verb == RH_VERB_REMOVE && result->was_writing && status < 300;
	bool is_nobody = suite_subject->play->nobody != NULL && status == 200 &&
			 !result->was_writing && strcmp(body, suite_subject->play->nobody) == 0;

	if (!result->was_last || is_removed || is_nobody || verb == RH_VERB_PROBE) {
		return; /* "gone" is said by the status alone; a probe asks for nothing */
	}
	if (is_one_of(result->outcome, CERTAIN)) {
		fail_msg("%s: %s for status %d with body <%s>", rh_verb_name(verb),
			 rh_outcome_name(result->outcome), status, body);
	}
	if (result->was_writing && status < 300) {
		assert_int_equal(result->outcome, RH_OUTCOME_UNKNOWN);
	}
}

void conformance_unreadable(void **state)
{
	static const int statuses[] = {200, 201, 202, 206, 400, 404, 409, 410, 422};

	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	for (size_t v = 0; v < VERBS; v++) {
		for (unsigned n = 0; is_played(verbs[v]) && n < 3; n++) {
			for (size_t i = 0; i < UNREADABLE * sizeof(statuses) / sizeof(int); i++) {
				const char *body = unreadable[i % UNREADABLE];
				const struct spoilt spoilt = {
					.n = n,
					.status = statuses[i / UNREADABLE],
					.body = body,
					.body_len = strlen(body),
				};
				struct result result = run_spoilt(verbs[v], &spoilt);
				if (!result.was_reached) {
					break;
				}
				check_unreadable(verbs[v], spoilt.status, &result, body);
			}
		}
	}
}

/* ---- good answers, cut and changed --------------------------------------------------------------------------- */

/* The n-th good answer's body of the verb and its status; free it.  NULL: there is none. */
static char *good_body(enum rh_verb verb, unsigned n, int *status)
{
	struct scene scene;
	char *body = NULL;

	scene_begin(&scene, verb);
	scene_run(&scene);
	assert_int_equal(scene.op.end, STAGE_DONE);
	if (n < scene.op.request_count && scene.op.requests[n].body != NULL) {
		body = strdup(scene.op.requests[n].body);
		*status = scene.op.requests[n].status;
	}
	scene_end(&scene);
	return body;
}

/* Cut anywhere: as if it could not be read, for it cannot. */
void conformance_cut_bodies(void **state)
{
	(void)state;
	for (size_t v = 0; v < VERBS; v++) {
		for (unsigned n = 0; is_played(verbs[v]) && n < 4; n++) {
			int status = 0;
			char *body = good_body(verbs[v], n, &status);
			size_t len = body != NULL ? strlen(body) : 0;
			for (size_t cut = 0; cut < len; cut += 1 + len / 150) {
				const struct spoilt spoilt = {
					.n = n,
					.status = status,
					.body = body,
					.body_len = cut,
				};
				struct result result = run_spoilt(verbs[v], &spoilt);
				check_unreadable(verbs[v], status, &result, "cut");
			}
			free(body);
		}
	}
}

static json_t *variant(unsigned number)
{
	switch (number) {
	case 0:
		return json_null();
	case 1:
		return json_integer(7);
	case 2:
		return json_true();
	case 3:
		return json_string("zz");
	case 4:
		return json_array();
	case 5:
		return json_object();
	default:
		return json_string("");
	}
}
#define VARIANTS 7

/* Puts the variant in place of the k-th value, counted as they are met; true: done. */
static bool change_value(json_t *value, unsigned *k, unsigned number)
{
	const char *key;
	json_t *child;
	size_t index;
	void *next;

	json_array_foreach(value, index, child)
	{
		if ((*k)-- == 0) {
			return json_array_set_new(value, index, variant(number)) == 0;
		}
		if (change_value(child, k, number)) {
			return true;
		}
	}
	json_object_foreach_safe(value, next, key, child)
	{
		if ((*k)-- == 0) {
			return json_object_set_new(value, key, variant(number)) == 0;
		}
		if (change_value(child, k, number)) {
			return true;
		}
	}
	return false;
}

/* The text with its k-th value of another type; NULL: it has no k-th value.  Free it. */
static char *changed_body(const char *body, unsigned k, unsigned number)
{
	json_t *root = json_loads(body, JSON_DECODE_ANY, NULL);
	char *out = NULL;

	assert_non_null(root);
	if (change_value(root, &k, number)) {
		out = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
		assert_non_null(out);
	}
	json_decref(root);
	return out;
}

/* Every value of a good answer in every other type: read or not, but never a crash, and no error of the run. */
void conformance_other_types(void **state)
{
	(void)state;
	for (size_t v = 0; v < VERBS; v++) {
		for (unsigned n = 0; is_played(verbs[v]) && n < 4; n++) {
			int status = 0;
			char *body = good_body(verbs[v], n, &status);
			for (unsigned i = 0; body != NULL && i < 100 * VARIANTS; i++) {
				char *changed = changed_body(body, i / VARIANTS, i % VARIANTS);
				struct spoilt spoilt = {.n = n, .status = status, .body = changed};
				if (changed == NULL) {
					break;
				}
				spoilt.body_len = strlen(changed);
				(void)run_spoilt(verbs[v], &spoilt);
				free(changed);
			}
			free(body);
		}
	}
}

/* ---- memory (C10) ------------------------------------------------------------------------------------------------ */

/* With too little it says so; it never takes what it has not read for an answer. */
static void check_little(const struct scene *scene, enum stage_end end, enum rh_outcome outcome)
{
	if (scene->op.end == STAGE_CODE) {
		assert_true(scene->op.code == RH_ENOMEM || scene->op.code == RH_ELIMIT);
		return;
	}
	assert_int_equal(scene->op.end, end);
	assert_int_equal(scene->op.outcome, outcome);
}

void conformance_little_memory(void **state)
{
	struct scene scene;

	(void)state;
	for (size_t v = 0; v < VERBS; v++) {
		enum stage_end end;
		enum rh_outcome outcome;
		size_t used;
		if (!is_played(verbs[v])) {
			continue;
		}
		scene_begin(&scene, verbs[v]);
		scene_run(&scene);
		end = scene.op.end;
		outcome = scene.op.outcome;
		used = scene.op.arena.used;
		scene_end(&scene);
		for (size_t most = 1; most < used; most += 1 + used / 100) {
			scene_begin(&scene, verbs[v]);
			scene.op.arena_max = most;
			scene_run(&scene);
			check_little(&scene, end, outcome);
			scene_end(&scene);
		}
	}
}

/* Every allocation of every step in turn fails. */
void conformance_no_memory(void **state)
{
	struct scene scene;

	(void)state;
	for (size_t v = 0; v < VERBS; v++) {
		for (unsigned step = 1; is_played(verbs[v]) && step <= 4; step++) {
			bool failed = true;
			for (uint64_t from = 1; failed && from < 200; from++) {
				scene_begin(&scene, verbs[v]);
				scene.stage.fail_step = step;
				scene.stage.fail_from = from;
				scene_run(&scene);
				failed = scene.op.end == STAGE_CODE;
				check_little(&scene, STAGE_DONE, scene.op.outcome);
				scene_end(&scene);
			}
			assert_false(failed); /* with enough memory it works */
		}
	}
}

/* ---- no state --------------------------------------------------------------------------------------------------- */

static void check_same_text(struct rh_str a, struct rh_str b)
{
	assert_true(rh_str_eq(a, b));
}

/* The first request is a function of what is asked, and nothing stays behind in the instance. */
void conformance_no_state(void **state)
{
	struct scene scene;

	(void)state;
	for (size_t v = 0; v < VERBS; v++) {
		const size_t size = suite_subject->connector->instance_size;
		struct scene again;
		void *copy = malloc(size);
		assert_non_null(copy);
		if (is_played(verbs[v])) {
			scene_begin(&scene, verbs[v]);
			scene_begin(&again, verbs[v]);
			memcpy(copy, scene.stage.instance, size);
			scene_run(&scene);
			assert_memory_equal(copy, scene.stage.instance, size);
			scene_run(&again);
			assert_int_equal(scene.op.request_count, again.op.request_count);
			check_same_text(scene.op.requests[0].request.path,
					again.op.requests[0].request.path);
			check_same_text(scene.op.requests[0].request.body,
					again.op.requests[0].request.body);
			assert_ptr_equal(scene.op.requests[0].request.sql,
					 again.op.requests[0].request.sql); /* prepared once */
			scene_end(&again);
			scene_end(&scene);
		}
		free(copy);
	}
}
